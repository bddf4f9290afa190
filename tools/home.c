/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folders, owners and keys.  One table says what each folder is and whose, so
 * that a person can check it against `ls -l`, and both daemons, the command and
 * `deskgate run` make the same things.
 */
#include "tools/home.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tickets/spool.h"
#include "tools/home_restore.h"

static gboolean
find_user(const char *name, const char *option, uid_t *uid_r, gid_t *gid_r,
    GError **error)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (getpwnam_r(name, &entry, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "%s: there is no user \"%s\"; make it with "
		    "\"adduser --system --group %s\"",
		    option, name, name);
	*uid_r = found->pw_uid;
	*gid_r = found->pw_gid;
	return TRUE;
}

static gboolean
find_group(const char *name, const char *option, gid_t *gid_r, GError **error)
{
	struct group entry, *found = NULL;
	char buffer[16384];

	if (getgrnam_r(name, &entry, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "%s: there is no group \"%s\"", option, name);
	*gid_r = found->gr_gid;
	return TRUE;
}

static const char *
first_set(const char *a, const char *b)
{
	return a != NULL ? a : b;
}

/* Root takes users from the settings; any other user owns everything himself.
 */
static gboolean
root_owners(const struct conf_section *global, struct home_owners *owners,
    GError **error)
{
	const char *user = conf_string(global, "user");
	const char *group = conf_string(global, "group");
	const char *mta_group = conf_string(global, "milter-group");
	gid_t ignored;

	owners->keeper_name =
	    first_set(conf_string(global, "deliver-user"), user);
	owners->milter_name =
	    first_set(conf_string(global, "milter-user"), user);
	if (owners->keeper_name == NULL || owners->milter_name == NULL)
		return err_set(error, DG_ERROR_DENIED,
		    "started as root without a user: set user = \"deskgate\"");
	if (!find_user(owners->keeper_name, "deliver-user", &owners->keeper,
		&owners->group, error) ||
	    !find_user(owners->milter_name, "milter-user", &owners->milter,
		&ignored, error))
		return FALSE;
	if (group != NULL && !find_group(group, "group", &owners->group, error))
		return FALSE;
	owners->mta_group = owners->group;
	return mta_group == NULL ||
	       find_group(mta_group, "milter-group", &owners->mta_group, error);
}

/* A command of root's leaves nothing of its own in a state that is another's.
 */
static gboolean
state_is_ours(const struct conf_section *global, GError **error)
{
	const char *folder = conf_string(global, "state-dir");
	struct stat status;

	if (geteuid() != 0 || stat(folder, &status) != 0 || status.st_uid == 0)
		return TRUE;
	return err_set(error, DG_ERROR_DENIED,
	    "%s belongs to the user with id %u: name him by user = in the "
	    "settings",
	    folder, status.st_uid);
}

gboolean
home_owners(const struct conf *conf, gboolean daemon,
    struct home_owners *owners_r, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	const char *mta_group = conf_string(global, "milter-group");
	gboolean named = conf_string(global, "user") != NULL ||
			 conf_string(global, "deliver-user") != NULL;

	*owners_r = (struct home_owners){ 0 };
	if (geteuid() == 0 && (daemon || named))
		return root_owners(global, owners_r, error);
	owners_r->keeper = owners_r->milter = geteuid();
	owners_r->group = owners_r->mta_group = getegid();
	if (!state_is_ours(global, error))
		return FALSE;
	return mta_group == NULL || find_group(mta_group, "milter-group",
					&owners_r->mta_group, error);
}

/* Makes a folder and its missing parents; the parents are ordinary ones. */
static gboolean
make_with_parents(
    const char *path, mode_t mode, uid_t owner, gid_t group, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);

	if (g_mkdir_with_parents(parent, 0755) != 0)
		return err_errno(
		    error, errno, "cannot make the folder %s", parent);
	return file_make_dir(path, mode, owner, group, error);
}

static gboolean
make_spool(const struct paths *paths, uid_t keeper, gid_t group, GError **error)
{
	if (!file_make_dir(paths->spool, 02770, keeper, group, error))
		return FALSE;
	for (const char *const *name = spool_folders(); *name != NULL; name++) {
		g_autofree char *path =
		    g_build_filename(paths->spool, *name, NULL);

		if (!file_make_dir(path, 02770, keeper, group, error))
			return FALSE;
	}
	return TRUE;
}

guint
home_folders(const struct paths *paths, const struct home_owners *owners,
    struct home_folder folders_r[HOME_FOLDERS])
{
	gboolean root = geteuid() == 0;
	uid_t none = (uid_t)-1, keeper = root ? owners->keeper : none;
	uid_t milter = root ? owners->milter : none;
	gid_t group = root ? owners->group : (gid_t)-1;
	gid_t mta = owners->mta_group == getegid() && !root ? (gid_t)-1
							    : owners->mta_group;
	const struct home_folder folders[] = {
		{ paths->state, 0750, keeper, group },
		{ paths->keys, 0750, keeper, group },
		{ paths->runtime, 0755, none, (gid_t)-1 },
		{ paths->model, 0700, keeper, group },
		{ paths->ledger, 0700, keeper, group },
		{ paths->audit, 0700, keeper, group },
		{ paths->privacy, 0700, keeper, group },
		{ paths->operators, 0700, keeper, group },
		{ paths->standing, 0700, keeper, group },
		{ paths->vault, 0700, keeper, group },
		{ paths->intake, 0700, keeper, group },
		{ paths->erased, 0700, keeper, group },
		{ paths->keeper, 0750, keeper, group },
		/* setgid: the socket gets the MTA's group */
		{ paths->milter, 02750, milter, mta },
		/* setgid: the keeper reads what the milter counted */
		{ paths->watch, 02750, milter, group },
	};

	G_STATIC_ASSERT(G_N_ELEMENTS(folders) == HOME_FOLDERS);
	memcpy(folders_r, folders, sizeof(folders));
	return HOME_FOLDERS;
}

gboolean
home_prepare(
    const struct paths *paths, const struct home_owners *owners, GError **error)
{
	gboolean root = geteuid() == 0;
	struct home_folder folders[HOME_FOLDERS];
	guint n = home_folders(paths, owners, folders);

	if (!home_restore_go_on(paths, error))
		return FALSE;
	for (guint i = 0; i < n; i++) {
		if (!make_with_parents(folders[i].path, folders[i].mode,
			folders[i].owner, folders[i].group, error))
			return FALSE;
	}
	return make_spool(paths, root ? owners->keeper : (uid_t)-1,
	    root ? owners->group : (gid_t)-1, error);
}

gboolean
home_is_new(const struct paths *paths)
{
	g_autofree char *ledger =
	    g_build_filename(paths->ledger, "data.mdb", NULL);
	g_autofree char *vault =
	    g_build_filename(paths->vault, "data.mdb", NULL);

	return access(ledger, F_OK) != 0 && access(vault, F_OK) != 0;
}

static void
say_where_from(gboolean make, GError **error)
{
	if (!make && error != NULL && err_is(*error, DG_ERROR_NOTFOUND))
		g_prefix_error(error,
		    "the keys are made by the keeper at its first start "
		    "(start deskgate-deliver); where they are lost, put "
		    "key-dir back from its backup: ");
}

gboolean
home_load_keys(
    int key_dir, gboolean make, struct home_keys *keys_r, GError **error)
{
	*keys_r = (struct home_keys){ 0 };
	keys_r->entry = secret_load_key(
	    key_dir, "entry.key", SEAL_KEY_BYTES, make, TRUE, error);
	if (keys_r->entry != NULL)
		keys_r->feature = secret_load_key(key_dir, "feature.key",
		    SEAL_SHORT_KEY_BYTES, make, TRUE, error);
	if (keys_r->feature != NULL)
		keys_r->log = secret_load_key(key_dir, "log.key",
		    SEAL_SHORT_KEY_BYTES, make, TRUE, error);
	if (keys_r->log != NULL)
		return TRUE;
	home_keys_clear(keys_r);
	say_where_from(make, error);
	return FALSE;
}

void
home_keys_clear(struct home_keys *keys)
{
	secret_free(&keys->entry);
	secret_free(&keys->feature);
	secret_free(&keys->log);
}

gboolean
home_load_keeper_keys(int key_dir, const struct safe *safe, gboolean make,
    struct home_keeper_keys *keys_r, GError **error)
{
	*keys_r = (struct home_keeper_keys){ 0 };
	keys_r->subject = secret_load_key(
	    key_dir, "subject.key", SEAL_KEY_BYTES, make, FALSE, error);
	if (keys_r->subject != NULL)
		keys_r->vault =
		    safe_load(safe, key_dir, "vault.key", make, error);
	if (keys_r->vault != NULL)
		keys_r->ledger = secret_load_key(
		    key_dir, "ledger.key", SEAL_KEY_BYTES, make, FALSE, error);
	if (keys_r->ledger != NULL)
		return TRUE;
	home_keeper_keys_clear(keys_r);
	say_where_from(make, error);
	return FALSE;
}

void
home_keeper_keys_clear(struct home_keeper_keys *keys)
{
	secret_free(&keys->subject);
	secret_free(&keys->vault);
	secret_free(&keys->ledger);
}
