/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making a backup.  The order of the stages is told in backup.h.
 */
#include "tools/backup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/manifest.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/tree.h"
#include "lib/store/store.h"
#include "tickets/desk_local.h"
#include "tickets/ledger_person.h"
#include "tickets/spool_copy.h"
#include "tools/backup_place.h"
#include "tools/changes.h"
#include "tools/format.h"

/* What is being delivered, or waits for a reader, is waited for so long. */
#define WRAP_USEC ((gint64)60 * G_USEC_PER_SEC)
#define WRAP_LOOK ((gulong)20000)

struct backup {
	struct keeper *keeper;
	struct backup_progress *progress;
	const struct backup_place *place; /* that is being filled */
	char *folder;                     /* in it: state/, or the keys */
	GArray *needed;                   /* intake keys: struct ident */
	gint64 began;
	guint entries, left;
	gint64 changes;
};

static gboolean
is_stopped(const struct backup *backup, GError **error)
{
	return g_atomic_int_get(&backup->progress->stopping) != 0 &&
	       !err_set(error, DG_ERROR_AGAIN,
		   "the backup was stopped: make it again");
}

/* A folder in it, made; the caller frees the path. */
static char *
make_folder(const struct backup *backup, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(backup->folder, name, NULL);

	return file_make_dir(path, 0700, (uid_t)-1, (gid_t)-1, error)
		   ? g_steal_pointer(&path)
		   : NULL;
}

static gboolean
copy_store(const struct backup *backup, struct store *store, const char *name,
    GError **error)
{
	g_autofree char *path = make_folder(backup, name, error);

	return path != NULL && store_copy(store, path, error);
}

/* --- the state --- */

static gboolean
tell_entries(void *self, guint done, guint all, GError **error)
{
	const struct backup *backup = self;

	g_atomic_int_set(&backup->progress->entries, (gint)done);
	g_atomic_int_set(&backup->progress->all, (gint)all);
	return !is_stopped(backup, error);
}

static gboolean
is_wrapped(void *self, const struct ident *key)
{
	const struct backup *backup = self;

	return vaulted_is_wrapped(&backup->keeper->vaulted, key);
}

static guint
count_unwrapped(const struct backup *backup, const GArray *keys)
{
	guint left = 0;

	for (guint i = 0; i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		g_autoptr(GBytes) head = NULL;

		if (vaulted_is_wrapped(&backup->keeper->vaulted, key))
			continue;
		head = spool_head(backup->keeper->spool, key, NULL);
		left += head != NULL;
	}
	return left;
}

/* Until each is wrapped to a person.  One that is not needs its intake key, and
 * another backup's copy of the keys does not have that. */
static gboolean
wrap_them(struct backup *backup, const GArray *keys, GError **error)
{
	gint64 until = clock_mono(&clock_system) + WRAP_USEC;
	guint left;

	while ((backup->left = count_unwrapped(backup, keys)) > 0 &&
	       clock_mono(&clock_system) < until) {
		if (is_stopped(backup, error) ||
		    !deliver_wrap_all(backup->keeper->deliver, &left, error))
			return FALSE;
		g_usleep(WRAP_LOOK);
	}
	return TRUE;
}

/* What comes in from here on is in the next one. */
static gboolean
do_spool(struct backup *backup, GError **error)
{
	g_autofree char *path = make_folder(backup, "spool", error);
	g_autoptr(GArray) keys = NULL;
	struct spool_copy copy = { .is_wrapped = is_wrapped,
		.tell = tell_entries,
		.self = backup,
		.needed = backup->needed };

	if (path != NULL)
		keys = spool_keys(backup->keeper->spool, error);
	if (keys == NULL || !wrap_them(backup, keys, error) ||
	    !spool_copy(backup->keeper->spool, keys, path, &copy, error))
		return FALSE;
	backup->entries = copy.entries;
	return TRUE;
}

static gboolean
do_ledger(struct backup *backup, GError **error)
{
	g_autofree char *path = make_folder(backup, "ledger", error);

	return path != NULL && ledger_copy(backup->keeper->ledger, path, error);
}

static gboolean
do_desk(struct backup *backup, GError **error)
{
	return desk_local_copy(
	    backup->keeper->paths.state, backup->folder, error);
}

static gboolean
do_models(struct backup *backup, GError **error)
{
	struct learn *learn;
	const char *name;

	for (guint i = 0;
	     (learn = faculty_model(backup->keeper->faculty, i, &name)) != NULL;
	     i++) {
		g_autofree char *folder =
		    name == NULL ? g_strdup("model")
				 : g_strconcat("model-", name, NULL);
		g_autofree char *path = make_folder(backup, folder, error);

		if (path == NULL || !learn_copy(learn, path, error))
			return FALSE;
	}
	return TRUE;
}

/* Once with the state and once with the keys, where the newest stands. */
static gboolean
do_requests(struct backup *backup, GError **error)
{
	struct keeper *keeper = backup->keeper;

	return copy_store(backup, standings_store(keeper->standings),
		   "standing", error) &&
	       copy_store(
		   backup, requests_store(keeper->requests), "privacy", error);
}

static gboolean
do_audit(struct backup *backup, GError **error)
{
	g_autofree char *path = make_folder(backup, "audit", error);
	int folder OWNED(file_close) = -1;

	if (path != NULL)
		folder = file_open_dir(path, error);
	return folder >= 0 && audit_copy(backup->keeper->audit, folder, error);
}

/* --- the keys --- */

/* Those that never change; vault.key comes with the vault. */
static const char *const key_files[] = { "entry.key", "feature.key",
	"ledger.key", "log.key", "subject.key", NULL };

static gboolean
copy_if_there(int from, const char *name, int to, GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (copy_file(from, name, to, name, &fault) ||
	    err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
do_keys(struct backup *backup, GError **error)
{
	g_autofree char *keys = make_folder(backup, "keys", error);
	g_autofree char *intake =
	    keys == NULL ? NULL : make_folder(backup, "keys/intake", error);
	int from OWNED(file_close) =
	    file_open_dir(backup->keeper->paths.keys, error);
	int to OWNED(file_close) = -1, pairs OWNED(file_close) = -1;

	if (intake == NULL || from < 0)
		return FALSE;
	to = file_open_dir(keys, error);
	pairs = to < 0 ? -1 : file_open_dir(intake, error);
	if (pairs < 0)
		return FALSE;
	for (guint i = 0; key_files[i] != NULL; i++)
		if (!copy_file(from, key_files[i], to, key_files[i], error))
			return FALSE;
	return copy_if_there(from, FORMAT_NAME, to, error) &&
	       copy_if_there(from, "inboxes.json", to, error) &&
	       copy_if_there(from, CHANGES_NAME, to, error) &&
	       intake_copy(
		   backup->keeper->intake, backup->needed, pairs, error);
}

static gboolean
do_vault(struct backup *backup, GError **error)
{
	g_autofree char *path = make_folder(backup, "keys/vault", error);
	g_autofree char *folder =
	    g_build_filename(backup->folder, "keys", NULL);
	int keys OWNED(file_close) = -1;

	if (path != NULL)
		keys = file_open_dir(folder, error);
	return keys >= 0 &&
	       vault_copy(backup->keeper->vault, path, keys, error);
}

static gboolean
do_list(struct backup *backup, GError **error)
{
	return copy_store(backup, suppress_store(backup->keeper->suppress),
	    "keys/erased", error);
}

/* They stand in clear, and can be deleted: no older copy may have them. */
static gboolean
do_names(struct backup *backup, GError **error)
{
	return copy_store(backup, operators_store(backup->keeper->operators),
	    "operator", error);
}

/* --- the whole --- */

struct stage {
	const char *words;
	gboolean (*run)(struct backup *backup, GError **error);
};
static const struct stage stages[] = {
	{ "messages", do_spool },
	{ "ledger", do_ledger },
	{ "embedded desk", do_desk },
	{ "models", do_models },
	{ "requests", do_requests },
	{ "audit trail", do_audit },
	{ "keys", do_keys },
	{ "requests", do_requests },
	{ "vault", do_vault },
	{ "list of the erased", do_list },
	{ "names of operators", do_names },
};
#define FIRST_OF_KEYS 6
G_STATIC_ASSERT(G_N_ELEMENTS(stages) == BACKUP_STAGES);

const char *
backup_stage(gint stage)
{
	return stages[CLAMP(stage, 0, BACKUP_STAGES - 1)].words;
}

static gboolean
run_stages(struct backup *backup, guint from, guint to, GError **error)
{
	for (guint i = from; i < to; i++) {
		if (is_stopped(backup, error))
			return FALSE;
		if (!stages[i].run(backup, error)) {
			g_prefix_error(error, "%s: ", stages[i].words);
			return FALSE;
		}
		g_atomic_int_set(&backup->progress->stage, (gint)i + 1);
	}
	return TRUE;
}

static json_t *
facts_of(const struct backup *backup, const char *part, gint64 time)
{
	g_autofree char *made = clock_text(time);
	char installation[IDENT_TEXT];

	backup_installation(backup->keeper->own.ledger, installation);
	return json_pack("{s:s, s:s, s:s, s:s, s:I}", "part", part, "program",
	    VERSION, "installation", installation, "made", made, "time",
	    (json_int_t)time);
}

/* When each of a person's subjects was put on the list of the erased. */
static gboolean
add_times(const struct backup *backup, const struct person *person,
    json_t *times, GError **error)
{
	for (guint i = 0; i < person->subjects->len; i++) {
		gint64 when;

		if (!suppress_when(backup->keeper->suppress,
			&g_array_index(person->subjects, struct ident, i),
			&when, error))
			return FALSE;
		if (when != 0 && when < backup->began)
			json_array_append_new(times, json_integer(when));
	}
	return TRUE;
}

/* Whose addresses cannot be read any more is erased. */
static gboolean
add_erasing(const struct backup *backup, const json_t *request, json_t *times,
    GError **error)
{
	struct keeper *keeper = backup->keeper;
	const char *kind = json_string_value(json_object_get(request, "kind"));
	guint64 id =
	    (guint64)json_integer_value(json_object_get(request, "id"));
	struct person *person OWNED(person_free) = NULL;
	g_autoptr(GError) fault = NULL;

	if (g_strcmp0(kind, request_kind_word(REQUEST_ERASE)) != 0 ||
	    json_is_true(json_object_get(request, "by_hand")) ||
	    json_object_get(request, "compacted") != NULL)
		return TRUE;
	person =
	    requests_person(keeper->requests, id, keeper->own.subject, &fault);
	if (person != NULL)
		return add_times(backup, person, times, error);
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* Erasures from its beginning on are not in the state.  Of one that was going
 * on by then it has a part: its people are told by when they were put on the
 * list, which names nobody.  The caller's. */
static json_t *
find_erasing(const struct backup *backup, GError **error)
{
	json_t *open = requests_list(backup->keeper->requests, TRUE, error);
	json_t *times = json_array();
	gboolean good = open != NULL;
	const json_t *one;
	size_t i;

	json_array_foreach(open, i, one) good =
	    good && add_erasing(backup, one, times, error);
	json_decref(open);
	if (good)
		return times;
	json_decref(times);
	return NULL;
}

static gboolean
make_state(struct backup *backup, GError **error)
{
	json_t *erasing = find_erasing(backup, error);
	json_t *facts;

	if (erasing == NULL)
		return FALSE;
	backup->folder = g_build_filename(backup->place->path, "state", NULL);
	if (!file_make_dir(backup->folder, 0700, (uid_t)-1, (gid_t)-1, error) ||
	    !run_stages(backup, 0, FIRST_OF_KEYS, error)) {
		json_decref(erasing);
		return FALSE;
	}
	facts = facts_of(backup, "state", backup->began);
	json_object_set_new(facts, "cut", json_integer(backup->began));
	json_object_set_new(facts, "erasing", erasing);
	json_object_set_new(facts, "entries", json_integer(backup->entries));
	json_object_set_new(facts, "unread", json_integer(backup->left));
	return manifest_write(backup->place->fd, "state", facts, error);
}

static gboolean
make_vault(struct backup *backup, GError **error)
{
	gint64 now = clock_wall(&clock_system);
	int keys OWNED(file_close) =
	    file_open_dir(backup->keeper->paths.keys, error);
	json_t *facts;

	if (keys < 0 || !changes_count(keys, &backup->changes, error))
		return FALSE;
	g_free(backup->folder);
	backup->folder = g_build_filename(backup->place->path, "vault", NULL);
	if (!file_make_dir(backup->folder, 0700, (uid_t)-1, (gid_t)-1, error) ||
	    !run_stages(backup, FIRST_OF_KEYS, BACKUP_STAGES, error))
		return FALSE;
	facts = facts_of(backup, "vault", now);
	json_object_set_new(facts, "changes", json_integer(backup->changes));
	return manifest_write(backup->place->fd, "vault", facts, error);
}

static void
backup_clear(struct backup *backup)
{
	g_free(backup->folder);
	g_array_unref(backup->needed);
}

static gboolean
make_both(struct backup *backup, struct backup_places *places, GError **error)
{
	struct backup_place next OWNED(backup_place_clear) = { .fd = -1 };
	gboolean made;

	backup->place = &places->state;
	if (!backup_place_begin(&places->state, error))
		return FALSE;
	if (!make_state(backup, error)) {
		backup_place_undo(&places->state);
		return FALSE;
	}
	backup_place_end(&places->state);
	backup->place = &next;
	made = backup_vault_begin(&places->vault, &next, error) &&
	       make_vault(backup, error) &&
	       backup_vault_end(&places->vault, error);
	backup->place = NULL;
	/* Without keys of its own it opens with none. */
	if (!made)
		backup_place_undo(&places->state);
	return made;
}

json_t *
backup_make(struct keeper *keeper, const struct backup_wish *wish,
    struct backup_progress *progress, GError **error)
{
	struct backup_places places OWNED(
	    backup_places_clear) = { .state.fd = -1, .vault.fd = -1 };
	struct backup backup OWNED(backup_clear) = { .keeper = keeper,
		.progress = progress,
		.needed = g_array_new(FALSE, FALSE, sizeof(struct ident)),
		.began = clock_wall(&clock_system) };
	g_autofree char *made = clock_text(backup.began);
	g_autoptr(GError) fault = NULL;

	if (!backup_places_open(
		&places, &keeper->paths, wish->state, wish->vault, error) ||
	    !make_both(&backup, &places, error))
		return NULL;
	/* It is whole; only that it is known of is missing. */
	if (!backup_note(keeper, wish, made, backup.changes, &fault))
		log_error(LOG_LEVEL_WARN, fault, "backup-note", NULL);
	return json_pack("{s:s, s:s, s:s, s:i, s:i}", "state", wish->state,
	    "vault", wish->vault, "made", made, "entries", (int)backup.entries,
	    "unread", (int)backup.left);
}
