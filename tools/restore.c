/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Putting a backup back: look, lock, stage, move.
 */
#include "tools/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/manifest.h"
#include "lib/base/owned.h"
#include "lib/base/secret.h"
#include "lib/base/seal.h"
#include "lib/base/tree.h"
#include "tickets/control.h"
#include "tools/backup.h"
#include "tools/backup_place.h"
#include "tools/format.h"
#include "tools/home_restore.h"
#include "tools/restore_private.h"

static void
restore_clear(struct restore *restore)
{
	int *fds[] = { &restore->state, &restore->vault, &restore->to_state,
		&restore->to_keys, &restore->lock, &restore->spool };

	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		file_close(fds[i]);
	json_decref(restore->facts);
	json_decref(restore->keys);
}

/* --- looking --- */

const char *
restore_text(const json_t *manifest, const char *member)
{
	const char *text = json_string_value(json_object_get(manifest, member));

	return text != NULL ? text : "";
}

void
restore_installation(int keys, char text_r[IDENT_TEXT])
{
	struct secret *key OWNED(secret_free) = secret_load_key(
	    keys, "ledger.key", SEAL_KEY_BYTES, FALSE, FALSE, NULL);

	text_r[0] = '\0';
	if (key != NULL)
		backup_installation(key, text_r);
}

gboolean
restore_has(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
restore_tell(void *self, GError **error)
{
	struct restore *restore = self;

	(void)error;
	restore->done++;
	restore->progress->tell(
	    restore->progress->self, restore->done, restore->all);
	return TRUE;
}

static gboolean
open_vault(struct restore *restore, GError **error)
{
	int folder OWNED(file_close) = -1;

	if (restore->wish->vault == NULL)
		return TRUE;
	folder = file_open_dir(restore->wish->vault, error);
	if (folder < 0)
		return FALSE;
	restore->vault = backup_vault_newest(folder, &restore->keys, error);
	if (restore->vault >= 0)
		return TRUE;
	g_prefix_error(error, "%s: ", restore->wish->vault);
	return FALSE;
}

static gboolean
open_backup(struct restore *restore, GError **error)
{
	g_autoptr(GError) fault = NULL;

	restore->state = file_open_dir(restore->wish->state, error);
	if (restore->state < 0)
		return FALSE;
	restore->facts = manifest_read(restore->state, &fault);
	if (restore->facts == NULL && err_is(fault, DG_ERROR_NOTFOUND))
		return err_set(error, DG_ERROR_BAD,
		    "%s has no %s: it is no backup, or one that was never "
		    "finished",
		    restore->wish->state, MANIFEST_NAME);
	if (restore->facts == NULL) {
		g_propagate_prefixed_error(error, g_steal_pointer(&fault),
		    "%s: ", restore->wish->state);
		return FALSE;
	}
	if (strcmp(restore_text(restore->facts, "part"), "state") != 0)
		return err_set(error, DG_ERROR_BAD,
		    "%s has keys and not a state: the state's folder comes "
		    "first, the vault's behind --vault",
		    restore->wish->state);
	return open_vault(restore, error);
}

/* Who was erased is remembered for so long. */
static gboolean
is_young(const struct restore *restore, GError **error)
{
	gint64 time =
	    json_integer_value(json_object_get(restore->facts, "time"));

	return time / G_USEC_PER_SEC >=
		   clock_wall(&clock_system) / G_USEC_PER_SEC -
		       restore->wish->keep ||
	       err_set(error, DG_ERROR_BAD,
		   "%s is of %s, and older than backup-keep: who was erased "
		   "before that is not remembered any more, and would stand "
		   "again; take a newer one, and remove this",
		   restore->wish->state, restore_text(restore->facts, "made"));
}

static gboolean
belong_together(const struct restore *restore, GError **error)
{
	const char *wanted = restore_text(restore->facts, "installation");
	char here[IDENT_TEXT];

	if (restore->keys == NULL) {
		restore_installation(restore->to_keys, here);
		return strcmp(here, wanted) == 0 ||
		       err_set(error, DG_ERROR_BAD,
			   "%s has no keys that open this backup: name the "
			   "vault's copy by --vault",
			   restore->paths->keys);
	}
	if (strcmp(restore_text(restore->keys, "installation"), wanted) != 0)
		return err_set(error, DG_ERROR_BAD,
		    "the keys in %s are another installation's",
		    restore->wish->vault);
	return json_integer_value(json_object_get(restore->keys, "time")) >=
		   json_integer_value(
		       json_object_get(restore->facts, "time")) ||
	       err_set(error, DG_ERROR_BAD,
		   "the vault in %s, of %s, is older than the state, of %s: it "
		   "lacks keys, use the newest",
		   restore->wish->vault, restore_text(restore->keys, "made"),
		   restore_text(restore->facts, "made"));
}

/* --- what is there, and who is at it --- */

static int
open_home(const struct restore *restore, const char *path, GError **error)
{
	gboolean root = geteuid() == 0;
	g_autofree char *parent = g_path_get_dirname(path);

	if (g_mkdir_with_parents(parent, 0755) != 0) {
		err_errno(error, errno, "cannot make the folder %s", parent);
		return -1;
	}
	if (!file_make_dir(path, 0750,
		root ? restore->owners->keeper : (uid_t)-1,
		root ? restore->owners->group : (gid_t)-1, error))
		return -1;
	return file_open_dir(path, error);
}

static gboolean
open_homes(struct restore *restore, GError **error)
{
	restore->to_state = open_home(restore, restore->paths->state, error);
	if (restore->to_state >= 0)
		restore->to_keys =
		    open_home(restore, restore->paths->keys, error);
	return restore->to_keys >= 0;
}

/* Their owner is the keeper, whoever makes it first. */
static gboolean
lock_state(struct restore *restore, GError **error)
{
	restore->lock = file_lock(restore->to_state, HOME_LOCK, error);
	if (restore->lock < 0)
		return FALSE;
	return geteuid() != 0 ||
	       fchown(restore->lock, restore->owners->keeper,
		   restore->owners->group) == 0 ||
	       err_errno(error, errno, HOME_LOCK);
}

static gboolean
lock_out(struct restore *restore, GError **error)
{
	struct control_client *client OWNED(control_client_free) =
	    control_connect(restore->paths->control, NULL);

	if (client != NULL || !lock_state(restore, error)) {
		g_clear_error(error);
		return err_set(error, DG_ERROR_AGAIN,
		    "deskgate-deliver, or a command, is at work on %s: stop it "
		    "first",
		    restore->paths->state);
	}
	restore->spool = openat(restore->to_state, "spool",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (restore->spool < 0 && errno != ENOENT)
		return err_errno(error, errno, "spool");
	return restore->spool < 0 ||
	       file_lock_folder(restore->spool, TRUE, NULL) ||
	       err_set(error, DG_ERROR_AGAIN,
		   "deskgate-milter, or \"deskgate accept\", takes mail into "
		   "%s: stop it first",
		   restore->paths->spool);
}

/* Whether there is anything to lose: mail, tickets, or keys that are replaced.
 */
static gboolean
is_free(const struct restore *restore, GError **error)
{
	const char *path = restore->paths->state;
	gboolean state = restore_has(restore->to_state, "ledger/data.mdb");
	gboolean keys = restore->keys != NULL &&
			restore_has(restore->to_keys, "ledger.key");

	if ((state || keys) && !restore->wish->replace)
		return err_set(error, DG_ERROR_BAD,
		    "%s is in use: --replace sets aside what is there",
		    state ? path : restore->paths->keys);
	return (!restore_has(restore->to_state, HOME_BEFORE) &&
		   (restore->keys == NULL ||
		       !restore_has(restore->to_keys, HOME_BEFORE))) ||
	       err_set(error, DG_ERROR_BAD,
		   "%s still has %s, set aside by a restore before this: "
		   "remove it",
		   restore_has(restore->to_state, HOME_BEFORE)
		       ? path
		       : restore->paths->keys,
		   HOME_BEFORE);
}

/* --- staging --- */

static mode_t
state_mode(const char *path, gboolean folder)
{
	if (strcmp(path, "spool") == 0 || g_str_has_prefix(path, "spool/"))
		return folder ? 02770 : 0640;
	return folder ? 0700 : 0600;
}

/* Those that the milter reads too. */
static mode_t
key_mode(const char *path, gboolean folder)
{
	static const char *const shared[] = { "entry.key", "feature.key",
		"log.key", FORMAT_NAME, NULL };

	if (folder)
		return 0700;
	if (strcmp(path, "inboxes.json") == 0)
		return 0644;
	return g_strv_contains(shared, path) ? 0640 : 0600;
}

/* A folder that only we can enter until it is given away; an old one goes. */
static int
stage_begin(int dir, GError **error)
{
	int fd;

	if (!tree_remove(dir, HOME_STAGED, TRUE, error))
		return -1;
	if (mkdirat(dir, HOME_STAGED, 0700) != 0) {
		err_errno(error, errno, "cannot make %s", HOME_STAGED);
		return -1;
	}
	fd = openat(
	    dir, HOME_STAGED, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		err_errno(error, errno, "cannot open %s", HOME_STAGED);
	return fd;
}

static gboolean
stage_give(const struct restore *restore, int staged,
    mode_t (*mode)(const char *path, gboolean folder), GError **error)
{
	gboolean root = geteuid() == 0;
	const struct tree_owner owner = {
		.owner = root ? restore->owners->keeper : (uid_t)-1,
		.group = root ? restore->owners->group : (gid_t)-1,
		.mode = mode,
	};

	return tree_give(staged, &owner, error) && tree_sync(staged, error);
}

static gboolean
stage_keys(struct restore *restore, GError **error)
{
	const struct manifest_copy copy = { "vault/keys/", restore_tell,
		restore };
	int staged OWNED(file_close) = -1;

	/* One that was given up before would be moved along. */
	if (restore->keys == NULL)
		return tree_remove(restore->to_keys, HOME_STAGED, TRUE, error);
	staged = stage_begin(restore->to_keys, error);
	return staged >= 0 &&
	       manifest_copy(
		   restore->vault, restore->keys, &copy, staged, error) &&
	       restore_keep(restore, staged, error) &&
	       stage_give(restore, staged, key_mode, error);
}

/* What the keeper's start has to do (restored.h). */
static gboolean
write_mark(const struct restore *restore, int data, GError **error)
{
	json_t *mark = json_pack("{s:O, s:O, s:O, s:b, s:O*}", "made",
	    json_object_get(restore->facts, "made"), "time",
	    json_object_get(restore->facts, "time"), "cut",
	    json_object_get(restore->facts, "cut"), "kept", restore->kept,
	    "erasing", json_object_get(restore->facts, "erasing"));
	g_autofree char *text =
	    mark == NULL ? NULL : json_dumps(mark, JSON_COMPACT);

	json_decref(mark);
	if (text == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "%s does not say of when the backup is", MANIFEST_NAME);
	return file_replace(
	    data, "restored.json", text, strlen(text), 0600, error);
}

static mode_t
staged_mode(const char *path, gboolean folder)
{
	return g_str_has_prefix(path, "data/")
		   ? state_mode(path + strlen("data/"), folder)
	       : folder ? 0700
			: 0600;
}

static gboolean
stage_state(struct restore *restore, GError **error)
{
	const struct manifest_copy copy = { "state/", restore_tell, restore };
	int staged OWNED(file_close) = stage_begin(restore->to_state, error);
	int data OWNED(file_close) = -1;

	if (staged < 0)
		return FALSE;
	if (mkdirat(staged, "data", 0700) != 0)
		return err_errno(error, errno, "cannot make data");
	data = openat(staged, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (data < 0)
		return err_errno(error, errno, "cannot open data");
	/* The keys first, so that the mark in the state is the last word. */
	return manifest_copy(
		   restore->state, restore->facts, &copy, data, error) &&
	       restore_newest(restore, data, error) &&
	       write_mark(restore, data, error) && stage_keys(restore, error) &&
	       stage_give(restore, staged, staged_mode, error) &&
	       file_sync(restore->to_keys, error) &&
	       file_create(staged, HOME_READY, "", 0, 0600, error);
}

/* --- the whole --- */

static guint
count_of(const json_t *manifest)
{
	return (guint)json_array_size(json_object_get(manifest, "files"));
}

static gboolean
put(struct restore *restore, GError **error)
{
	if (!open_backup(restore, error) || !is_young(restore, error) ||
	    !open_homes(restore, error) || !belong_together(restore, error) ||
	    !lock_out(restore, error) ||
	    !home_restore_finish(restore->paths, error) ||
	    !is_free(restore, error) || !restore_look(restore, error))
		return FALSE;
	restore->all = count_of(restore->facts) + count_of(restore->keys);
	if (!stage_state(restore, error)) {
		(void)tree_remove(restore->to_keys, HOME_STAGED, TRUE, NULL);
		(void)tree_remove(restore->to_state, HOME_STAGED, FALSE, NULL);
		return FALSE;
	}
	return home_restore_finish(restore->paths, error);
}

json_t *
restore_put(const struct paths *paths, const struct home_owners *owners,
    const struct restore_wish *wish, const struct restore_progress *progress,
    GError **error)
{
	struct restore restore OWNED(restore_clear) = { .paths = paths,
		.owners = owners,
		.wish = wish,
		.progress = progress,
		.state = -1,
		.vault = -1,
		.to_state = -1,
		.to_keys = -1,
		.lock = -1,
		.spool = -1 };

	if (!put(&restore, error))
		return NULL;
	json_object_del(restore.facts, "files");
	return json_incref(restore.facts);
}
