/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damaged stores.  The note is written before the store is mended, with
 * "todo" true until all that follows is done, so that whoever is killed in
 * between leaves it to the next start.
 */
#include "tools/damage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifier/repair.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/store/check.h"
#include "tools/models.h"

#define PLACE "damaged"
#define NOTE_MOST 65536
#define NAMES_MOST 10000

/* --- which stores there are --- */

static void
store_free(gpointer pointer)
{
	struct damage_store *store = pointer;

	g_free(store->name);
	g_free(store->folder);
	g_free(store->aside);
	g_free(store);
}

static void
add(GPtrArray *stores, const char *name, const char *folder, const char *place,
    gboolean mends)
{
	struct damage_store *store = g_new0(struct damage_store, 1);

	store->name = g_strdup(name);
	store->folder = g_strdup(folder);
	store->aside = g_build_filename(place, PLACE, NULL);
	store->mends = mends;
	g_ptr_array_add(stores, store);
}

GPtrArray *
damage_stores(const struct paths *paths, const struct conf *conf)
{
	GPtrArray *stores = g_ptr_array_new_with_free_func(store_free);
	g_autoptr(GPtrArray) names = models_names(conf);

	add(stores, "vault", paths->vault, paths->keys, FALSE);
	add(stores, "erased", paths->erased, paths->keys, FALSE);
	add(stores, "standing", paths->standing, paths->state, FALSE);
	add(stores, "operator", paths->operators, paths->state, FALSE);
	add(stores, "privacy", paths->privacy, paths->state, FALSE);
	add(stores, "ledger", paths->ledger, paths->state, TRUE);
	add(stores, "model", paths->model, paths->state, TRUE);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *folder = models_folder(paths, names->pdata[i]);
		g_autofree char *name =
		    g_strconcat("model-", names->pdata[i], NULL);

		add(stores, name, folder, paths->state, TRUE);
	}
	return stores;
}

/* --- notes --- */

static gboolean
write_note(const char *aside, const char *name, json_t *note, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".json", NULL);
	char *text = json_dumps(note, JSON_COMPACT);
	int place OWNED(file_close) = -1;
	gboolean written = FALSE;

	g_assert(text != NULL);
	if (file_make_dir(aside, 0700, (uid_t)-1, (gid_t)-1, error))
		place = file_open_dir(aside, error);
	if (place >= 0)
		written =
		    file_replace(place, file, text, strlen(text), 0600, error);
	free(text);
	return written;
}

static json_t *
read_note(const char *aside, const char *file)
{
	int place OWNED(file_close) = file_open_dir(aside, NULL);
	g_autoptr(GBytes) bytes =
	    place < 0 ? NULL : file_read(place, file, NOTE_MOST, NULL);
	gsize length;
	const char *text;

	if (bytes == NULL)
		return NULL;
	text = g_bytes_get_data(bytes, &length);
	return json_loadb(text != NULL ? text : "", length, 0, NULL);
}

/* Adds the notes of one folder, each with where it lies. */
static void
list_place(const char *parent, json_t *list)
{
	g_autofree char *aside = g_build_filename(parent, PLACE, NULL);
	GDir *folder = g_dir_open(aside, 0, NULL);
	const char *file;

	while (folder != NULL && (file = g_dir_read_name(folder)) != NULL) {
		g_autofree char *name = NULL;
		json_t *note;

		if (!g_str_has_suffix(file, ".json"))
			continue;
		note = read_note(aside, file);
		if (!json_is_object(note)) {
			json_decref(note);
			continue;
		}
		name = g_strndup(file, strlen(file) - strlen(".json"));
		json_object_set_new(note, "name", json_string(name));
		json_object_set_new(note, "folder", json_string(aside));
		json_array_append_new(list, note);
	}
	if (folder != NULL)
		g_dir_close(folder);
}

json_t *
damage_list(const struct paths *paths)
{
	json_t *list = json_array();

	list_place(paths->state, list);
	list_place(paths->keys, list);
	return list;
}

/* --- looking --- */

static json_t *
note_of(const struct damage_store *store, const struct check_report *report)
{
	gint64 now = clock_wall(&clock_system);
	g_autofree char *when = clock_text(now);
	json_t *found = json_array();

	for (guint i = 0; report->shown != NULL && i < report->shown->len; i++)
		json_array_append_new(
		    found, json_string(report->shown->pdata[i]));
	return json_pack("{s:s, s:s, s:I, s:I, s:b, s:o}", "store", store->name,
	    "when", when, "faults", (json_int_t)report->faults, "saved",
	    (json_int_t)report->records, "todo", TRUE, "found", found);
}

static void
tell(const struct damage_store *store, const char *name,
    const struct check_report *report)
{
	g_autofree char *faults = g_strdup_printf("%" PRIu64, report->faults);
	g_autofree char *saved = g_strdup_printf("%" PRIu64, report->records);
	g_autofree char *kept = g_build_filename(store->aside, name, NULL);

	log_event(LOG_LEVEL_ERROR, "store-damaged", "store", store->name,
	    "faults", faults, "saved", saved, "kept", kept, "text",
	    report->shown->len > 0 ? report->shown->pdata[0] : NULL, NULL);
}

/* After a mend that failed: what is kept nothing of needs no note. */
static void
drop_note(const char *aside, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".mdb", NULL);
	g_autofree char *note = g_strconcat(name, ".json", NULL);
	int place OWNED(file_close) = file_open_dir(aside, NULL);

	if (place >= 0 &&
	    faccessat(place, file, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		(void)unlinkat(place, note, 0);
}

static gboolean
mend(struct keeper *keeper, const struct damage_store *store,
    enum check_unread unread, const struct check_report *report, GError **error)
{
	g_autofree char *name = g_strdup_printf("%s-%" PRId64, store->name,
	    clock_wall(&clock_system) / G_USEC_PER_SEC);
	g_autofree char *file = g_strconcat(name, ".mdb", NULL);
	json_t *note = note_of(store, report);
	struct check_report again;
	gboolean done;

	done = write_note(store->aside, name, note, error) &&
	       check_mend(
		   store->folder, store->aside, file, unread, &again, error);
	if (!done) {
		json_decref(note);
		drop_note(store->aside, name);
		g_prefix_error(error,
		    "%s is damaged and cannot be mended: ", store->folder);
		return FALSE;
	}
	tell(store, file, &again);
	json_array_append(keeper->mended, note);
	json_object_set_new(
	    note, "saved", json_integer((json_int_t)again.records));
	done = write_note(store->aside, name, note, error);
	json_decref(note);
	check_report_clear(&again);
	return done;
}

/* The ledger's file is lost; what it said is asked of the desks. */
static gboolean
note_lost(
    struct keeper *keeper, const struct damage_store *store, GError **error)
{
	g_autofree char *name = g_strdup_printf("%s-%" PRId64, store->name,
	    clock_wall(&clock_system) / G_USEC_PER_SEC);
	g_autoptr(GPtrArray) shown = g_ptr_array_new();
	const struct check_report report = { .faults = 1, .shown = shown };
	json_t *note;
	gboolean written;

	g_ptr_array_add(shown, (gpointer) "its file is lost");
	note = note_of(store, &report);
	tell(store, name, &report);
	json_array_append(keeper->mended, note);
	written = write_note(store->aside, name, note, error);
	json_decref(note);
	return written;
}

/* A store that is not there.  The ledger of a state that was used before is
 * lost where the spool has something that it knew. */
static gboolean
look_for(
    struct keeper *keeper, const struct damage_store *store, GError **error)
{
	g_autoptr(GArray) keys = NULL;

	if (strcmp(store->name, "ledger") != 0 || home_is_new(&keeper->paths))
		return TRUE;
	keys = spool_keys(keeper->spool, error);
	return keys != NULL &&
	       (keys->len == 0 || note_lost(keeper, store, error));
}

static gboolean
refuse(const struct damage_store *store, const struct check_report *report,
    GError **error)
{
	return err_set(error, DG_ERROR_IO,
	    "%s is damaged (%" PRIu64
	    " faults: %s); mail waits in the spool meanwhile.  Put a backup "
	    "back (\"deskgate restore --help\"), or let what can be read be "
	    "saved: stop deskgate-deliver, then \"deskgate check --deep "
	    "--mend\"",
	    store->folder, report->faults,
	    report->shown->len > 0 ? (char *)report->shown->pdata[0] : "");
}

/* Takes the fault. */
static gboolean
refuse_unread(const struct damage_store *store, GError **fault, GError **error)
{
	g_propagate_prefixed_error(error, g_steal_pointer(fault),
	    "%s cannot be looked at, so nothing of it was changed, and mail "
	    "waits in the spool meanwhile.  Look after its disk and start "
	    "anew; where that does not help, put a backup back (\"deskgate "
	    "restore --help\"), or let what can be read be saved: stop "
	    "deskgate-deliver, then \"deskgate check --deep --mend\": ",
	    store->folder);
	return FALSE;
}

static gboolean
look_at(struct keeper *keeper, const struct damage_store *store, gboolean all,
    GError **error)
{
	/* What the disk does not give now it may give later: no start mends
	 * that by itself. */
	enum check_unread unread = all ? CHECK_UNREAD_LOST : CHECK_UNREAD_FAILS;
	struct check_report report;
	g_autoptr(GError) fault = NULL;
	gboolean good = TRUE;

	if (!check_store(store->folder, unread, &report, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return look_for(keeper, store, error);
		return refuse_unread(store, &fault, error);
	}
	if (report.faults > 0)
		good = store->mends || all
			   ? mend(keeper, store, unread, &report, error)
			   : refuse(store, &report, error);
	check_report_clear(&report);
	return good;
}

gboolean
damage_look(struct keeper *keeper, gboolean mend_all, GError **error)
{
	g_autoptr(GPtrArray) stores =
	    damage_stores(&keeper->paths, keeper->conf);

	for (guint i = 0; i < stores->len; i++) {
		if (!look_at(keeper, stores->pdata[i], mend_all, error))
			return FALSE;
	}
	return TRUE;
}

/* --- working out again --- */

static gboolean
settle_ledger(struct keeper *keeper, GError **error)
{
	g_autofree char *text = NULL;
	struct deliver_restored found;
	guint sought;

	if (!deliver_look_again(keeper->deliver, &found, &sought, error))
		return FALSE;
	text = g_strdup_printf(
	    "%u messages are asked for at their desks before they are "
	    "delivered, and %u that were delivered",
	    found.waiting - MIN(found.waiting, sought), sought);
	log_event(LOG_LEVEL_WARN, "ledger-mended", "text", text, NULL);
	return TRUE;
}

static gboolean
settle_model(struct keeper *keeper, const char *store, GError **error)
{
	const char *wanted =
	    strcmp(store, "model") == 0 ? NULL : store + strlen("model-");
	struct repair_report report;
	struct learn *learn;
	const char *name;

	for (guint i = 0;
	     (learn = faculty_model(keeper->faculty, i, &name)) != NULL; i++) {
		if (g_strcmp0(name, wanted) != 0)
			continue;
		if (!repair_model(learn, &report, error))
			return FALSE;
		log_event(LOG_LEVEL_WARN, "model-mended", "store", store,
		    "text",
		    "its counts were made anew from its journal; teach again "
		    "what it has forgotten",
		    NULL);
	}
	return TRUE;
}

static gboolean
settle_one(struct keeper *keeper, json_t *note, GError **error)
{
	const char *store = json_string_value(json_object_get(note, "store"));
	const char *name = json_string_value(json_object_get(note, "name"));
	const char *folder = json_string_value(json_object_get(note, "folder"));

	if (store == NULL || !json_is_true(json_object_get(note, "todo")))
		return TRUE;
	if (strcmp(store, "ledger") == 0 && !settle_ledger(keeper, error))
		return FALSE;
	if (g_str_has_prefix(store, "model") &&
	    !settle_model(keeper, store, error))
		return FALSE;
	json_object_del(note, "todo");
	return write_note(folder, name, note, error);
}

gboolean
damage_settle(struct keeper *keeper, GError **error)
{
	json_t *list = damage_list(&keeper->paths), *note;
	gboolean good = TRUE;
	size_t i;

	json_array_foreach(list, i, note) good =
	    good && settle_one(keeper, note, error);
	json_decref(list);
	return good;
}

struct store *
damage_store(const struct keeper *keeper, const char *name)
{
	const struct {
		const char *name;
		struct store *store;
	} others[] = {
		{ "vault", vault_store(keeper->vault) },
		{ "erased", suppress_store(keeper->suppress) },
		{ "standing", standings_store(keeper->standings) },
		{ "operator", operators_store(keeper->operators) },
		{ "privacy", requests_store(keeper->requests) },
		{ "ledger", ledger_store(keeper->ledger) },
	};
	struct learn *learn;
	const char *own;

	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(others[i].name, name) == 0)
			return others[i].store;
	for (guint i = 0;
	     (learn = faculty_model(keeper->faculty, i, &own)) != NULL; i++) {
		g_autofree char *full = own == NULL
					    ? g_strdup("model")
					    : g_strconcat("model-", own, NULL);

		if (strcmp(full, name) == 0)
			return learn_store(learn);
	}
	return NULL;
}

gboolean
damage_lost(const struct keeper *keeper)
{
	g_autoptr(GPtrArray) stores =
	    damage_stores(&keeper->paths, keeper->conf);

	for (guint i = 0; i < stores->len; i++) {
		const struct damage_store *one = stores->pdata[i];
		struct store *store = damage_store(keeper, one->name);

		if (store != NULL && store_lost(store))
			return TRUE;
	}
	return FALSE;
}

/* --- what is no store --- */

static gboolean
note_piece(const char *aside, const char *name,
    const struct damage_piece *piece, GError **error)
{
	g_autofree char *when = clock_text(clock_wall(&clock_system));
	json_t *note =
	    json_pack("{s:s, s:s, s:i, s:i, s:[s]}", "store", piece->what,
		"when", when, "faults", 1, "saved", 0, "found", piece->why);
	gboolean written = write_note(aside, name, note, error);

	json_decref(note);
	return written;
}

gboolean
damage_keep(
    const struct paths *paths, const struct damage_piece *piece, GError **error)
{
	g_autofree char *aside = g_build_filename(paths->state, PLACE, NULL);
	g_autoptr(GError) fault = NULL;
	int place OWNED(file_close) = -1;

	if (!file_make_dir(aside, 0700, (uid_t)-1, (gid_t)-1, error))
		return FALSE;
	place = file_open_dir(aside, error);
	if (place < 0)
		return FALSE;
	for (guint i = 1; i < NAMES_MOST; i++) {
		g_autofree char *to =
		    i == 1 ? g_strdup(piece->name)
			   : g_strdup_printf("%s.%u", piece->name, i);

		g_clear_error(&fault);
		if (file_create(
			place, to, piece->data, piece->length, 0600, &fault))
			return note_piece(aside, to, piece, error);
		if (!err_is(fault, DG_ERROR_BAD))
			break;
	}
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}
