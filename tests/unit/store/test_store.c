/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/store/store.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

enum { NAMES, NUMBERS };

static const struct store_table tables[] = {
	[NAMES] = { "names", FALSE },
	[NUMBERS] = { "numbers", TRUE },
	{ NULL, FALSE },
};

struct place {
	char *folder;
	struct store *store;
};

static void
open_place(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;

	place->folder = g_dir_make_tmp("deskgate-store-XXXXXX", NULL);
	place->store = store_open(place->folder, tables,
	    map != NULL ? GPOINTER_TO_UINT(map) : 16 << 20, &error);
	g_assert_no_error(error);
}

static void
close_place(struct place *place, gconstpointer map)
{
	g_autofree char *data =
	    g_build_filename(place->folder, "data.mdb", NULL);
	g_autofree char *lock =
	    g_build_filename(place->folder, "lock.mdb", NULL);

	(void)map;
	store_close(&place->store);
	g_unlink(data);
	g_unlink(lock);
	g_rmdir(place->folder);
	g_free(place->folder);
}

static void
put_text(struct store_txn *txn, const char *key, const char *value)
{
	store_put(txn, NAMES, key, strlen(key), value, strlen(value));
}

static void
assert_text(struct store *store, const char *key, const char *want)
{
	g_autoptr(GError) error = NULL;
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(store, FALSE, &error);
	struct store_value value;

	g_assert_no_error(error);
	if (!store_get(txn, NAMES, key, strlen(key), &value)) {
		g_assert_null(want);
		return;
	}
	g_assert_nonnull(want);
	if (want == NULL)
		return;
	g_assert_cmpmem(value.data, value.length, want, strlen(want));
}

static void
test_commit_and_abort(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;
	struct store_txn *txn = store_begin(place->store, TRUE, &error);

	(void)map;
	put_text(txn, "a", "1");
	g_assert_true(store_commit(&txn, &error));
	g_assert_null(txn);
	txn = store_begin(place->store, TRUE, &error);
	put_text(txn, "a", "2");
	put_text(txn, "b", "2");
	store_abort(&txn);
	assert_text(place->store, "a", "1");
	assert_text(place->store, "b", NULL);
	txn = store_begin(place->store, TRUE, &error);
	g_assert_true(store_del(txn, NAMES, "a", 1));
	g_assert_false(store_del(txn, NAMES, "a", 1));
	g_assert_true(store_commit(&txn, &error));
	assert_text(place->store, "a", NULL);
	txn = store_begin(place->store, TRUE, &error);
	store_put(txn, NAMES, "c", 1, "3", 1);
	store_clear(txn, NAMES);
	store_put(txn, NAMES, "d", 1, "4", 1);
	g_assert_true(store_commit(&txn, &error));
	assert_text(place->store, "b", NULL);
	assert_text(place->store, "c", NULL);
	assert_text(place->store, "d", "4");
}

static void
test_reopen(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;
	struct store_txn *txn = store_begin(place->store, TRUE, &error);

	(void)map;
	put_text(txn, "kept", "yes");
	g_assert_true(store_commit(&txn, &error));
	store_close(&place->store);
	place->store = store_open(place->folder, tables, 16 << 20, &error);
	g_assert_no_error(error);
	assert_text(place->store, "kept", "yes");
}

static void
test_cursor(struct place *place, gconstpointer map)
{
	static const guint64 numbers[] = { 300, 2, 70000, 1 };
	static const guint64 sorted[] = { 2, 300, 70000 };
	g_autoptr(GError) error = NULL;
	struct store_txn *txn = store_begin(place->store, TRUE, &error);
	struct store_cursor *cursor;
	struct store_value key, value;
	guint64 from = 2, records = 0;
	guint seen = 0;

	(void)map;
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		store_put(txn, NUMBERS, &numbers[i], 8, "x", 1);
	cursor = store_cursor_begin(txn, NUMBERS, &from, sizeof(from));
	while (store_cursor_next(cursor, &key, &value))
		g_assert_cmpmem(key.data, key.length, &sorted[seen++], 8);
	store_cursor_end(&cursor);
	g_assert_cmpuint(seen, ==, 3);
	g_assert_true(store_commit(&txn, &error));
	g_assert_true(store_count(place->store, NUMBERS, &records, &error));
	g_assert_cmpuint(records, ==, 4);
}

static void
test_full_sticks(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *big = g_malloc0(100000);
	struct store_txn *txn = store_begin(place->store, TRUE, &error);
	struct store_value value;

	(void)map;
	put_text(txn, "a", "1");
	for (guint64 i = 0; i < 100; i++)
		store_put(txn, NUMBERS, &i, sizeof(i), big, 100000);
	g_assert_true(store_failed(txn));
	g_assert_false(store_get(txn, NAMES, "a", 1, &value));
	g_assert_false(store_commit(&txn, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_FULL);
	assert_text(place->store, "a", NULL);
	g_clear_error(&error);
	txn = store_begin(place->store, TRUE, &error);
	put_text(txn, "b", "goes on");
	g_assert_true(store_commit(&txn, &error));
	assert_text(place->store, "b", "goes on");
}

/* A full store still reads, deletes, and takes again what fits then. */
static void
test_full_heals(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *block = g_strnfill(50000, 'b');
	guint64 stored = 0, used, most;
	struct store_txn *txn;

	(void)map;
	for (;; stored++) {
		txn = store_begin(place->store, TRUE, NULL);
		store_put(txn, NUMBERS, &stored, sizeof(stored), block, 50000);
		if (!store_commit(&txn, &error))
			break;
	}
	g_assert_error(error, DG_ERROR, DG_ERROR_FULL);
	g_assert_nonnull(strstr(error->message, "map size"));
	g_assert_cmpuint(stored, >, 3);
	store_size(place->store, &used, &most);
	g_assert_cmpuint(most, ==, 1 << 20);
	g_assert_cmpuint(used, >, most / 2);
	g_assert_cmpuint(used, <=, most);
	for (guint64 i = 0; i < stored; i++) {
		g_clear_error(&error);
		txn = store_begin(place->store, TRUE, &error);
		g_assert_true(store_del(txn, NUMBERS, &i, sizeof(i)));
		g_assert_true(store_commit(&txn, &error));
		g_assert_no_error(error);
	}
	txn = store_begin(place->store, TRUE, &error);
	store_put(txn, NUMBERS, &stored, sizeof(stored), block, 50000);
	g_assert_true(store_commit(&txn, &error));
	g_assert_no_error(error);
}

/* Opened with a larger map, a full store has room again. */
static void
test_larger_map(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *block = g_strnfill(900000, 'b');
	guint64 one = 1, two = 2, records = 0;
	struct store_txn *txn = store_begin(place->store, TRUE, &error);

	(void)map;
	store_put(txn, NUMBERS, &one, sizeof(one), block, 900000);
	g_assert_true(store_commit(&txn, &error));
	txn = store_begin(place->store, TRUE, &error);
	store_put(txn, NUMBERS, &two, sizeof(two), block, 900000);
	g_assert_false(store_commit(&txn, NULL));
	store_close(&place->store);
	place->store = store_open(place->folder, tables, 4 << 20, &error);
	g_assert_no_error(error);
	txn = store_begin(place->store, TRUE, &error);
	store_put(txn, NUMBERS, &two, sizeof(two), block, 900000);
	g_assert_true(store_commit(&txn, &error));
	g_assert_true(store_count(place->store, NUMBERS, &records, NULL));
	g_assert_cmpuint(records, ==, 2);
}

/* What is at `offset` of both meta pages of the file (a page is 4 KiB). */
static void
change_meta(struct place *place, gsize offset, char byte)
{
	g_autofree char *path =
	    g_build_filename(place->folder, "data.mdb", NULL);
	g_autofree char *bytes = NULL;
	gsize length;

	store_close(&place->store);
	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	bytes[offset] = byte;
	bytes[4096 + offset] = byte;
	g_assert_true(g_file_set_contents(path, bytes, length, NULL));
}

static void
assert_bad(struct place *place)
{
	g_autoptr(GError) error = NULL;

	place->store = store_open(place->folder, tables, 16 << 20, &error);
	g_assert_null(place->store);
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_nonnull(strstr(error->message, "another format"));
}

/* LMDB of another version (the word behind the magic one), or no LMDB at all.
 */
static void
test_other_version(struct place *place, gconstpointer map)
{
	(void)map;
	change_meta(place, 20, 99);
	assert_bad(place);
}

static void
test_no_store(struct place *place, gconstpointer map)
{
	(void)map;
	change_meta(place, 16, 99);
	assert_bad(place);
}

/* A table whose keys were of another kind is not opened as if they were not. */
static void
test_other_table(struct place *place, gconstpointer map)
{
	static const struct store_table others[] = { { "names", TRUE },
		{ NULL, FALSE } };
	g_autoptr(GError) error = NULL;
	struct store_txn *txn = store_begin(place->store, TRUE, &error);

	(void)map;
	put_text(txn, "a", "1");
	g_assert_true(store_commit(&txn, &error));
	store_close(&place->store);
	place->store = store_open(place->folder, others, 16 << 20, &error);
	g_assert_null(place->store);
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

static void
test_copy(struct place *place, gconstpointer map)
{
	g_autoptr(GError) error = NULL;
	struct place copy = { g_dir_make_tmp("deskgate-store-XXXXXX", NULL),
		NULL };
	struct store_txn *txn = store_begin(place->store, TRUE, &error);

	(void)map;
	put_text(txn, "a", "1");
	g_assert_true(store_commit(&txn, &error));
	g_assert_true(store_copy(place->store, copy.folder, &error));
	copy.store = store_open(copy.folder, tables, 16 << 20, &error);
	g_assert_no_error(error);
	assert_text(copy.store, "a", "1");
	close_place(&copy, NULL);
}

/* --- compact --- */

#define MARKER "a marker of which no byte may stay"

static gboolean
file_has_marker(const struct place *place)
{
	g_autofree char *path =
	    g_build_filename(place->folder, "data.mdb", NULL);
	g_autofree char *bytes = NULL;
	gsize length = 0;

	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	return memmem(bytes, length, MARKER, strlen(MARKER)) != NULL;
}

/* Makes a record with the marker and one without, and deletes the first. */
static void
put_and_delete(struct place *place)
{
	struct store_txn *txn = store_begin(place->store, TRUE, NULL);

	put_text(txn, "gone", MARKER);
	put_text(txn, "kept", "yes");
	g_assert_true(store_commit(&txn, NULL));
	txn = store_begin(place->store, TRUE, NULL);
	g_assert_true(store_del(txn, NAMES, "gone", 4));
	g_assert_true(store_commit(&txn, NULL));
}

/* What was deleted is in the file before, and not after; the store goes on,
 * and so does the next start. */
static void
test_compact(struct place *place, gconstpointer map)
{
	g_autofree char *left =
	    g_build_filename(place->folder, "compact", NULL);
	g_autoptr(GError) error = NULL;
	struct store_txn *txn;

	(void)map;
	put_and_delete(place);
	g_assert_true(file_has_marker(place));
	for (guint i = 0; i < 3; i++) {
		g_assert_true(store_compact(place->store, &error));
		g_assert_no_error(error);
	}
	g_assert_false(file_has_marker(place));
	assert_text(place->store, "kept", "yes");
	txn = store_begin(place->store, TRUE, &error);
	put_text(txn, "new", "too");
	g_assert_true(store_commit(&txn, &error));
	store_close(&place->store);
	/* As a crash in the copy leaves it. */
	g_assert_cmpint(g_mkdir(left, 0700), ==, 0);
	place->store = store_open(place->folder, tables, 16 << 20, &error);
	g_assert_no_error(error);
	g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
	assert_text(place->store, "new", "too");
}

struct busy {
	struct store *store;
	gint stop;
	guint64 written;
};

static void *
write_on(void *self)
{
	struct busy *busy = self;

	while (!g_atomic_int_get(&busy->stop)) {
		struct store_txn *read = store_begin(busy->store, FALSE, NULL);
		struct store_txn *txn = store_begin(busy->store, TRUE, NULL);
		guint64 key = busy->written + 1;

		store_put(txn, NUMBERS, &key, sizeof(key), "x", 1);
		store_abort(&read);
		if (store_commit(&txn, NULL))
			busy->written++;
	}
	return NULL;
}

/* Nothing that was kept while it was made compact is lost. */
static void
test_compact_busy(struct place *place, gconstpointer map)
{
	struct busy busy = { .store = place->store };
	g_autoptr(GError) error = NULL;
	guint64 records = 0;
	pthread_t thread;

	(void)map;
	g_assert_cmpint(pthread_create(&thread, NULL, write_on, &busy), ==, 0);
	for (guint i = 0; i < 10; i++) {
		g_assert_true(store_compact(place->store, &error));
		g_assert_no_error(error);
		g_usleep(2000);
	}
	g_atomic_int_set(&busy.stop, 1);
	pthread_join(thread, NULL);
	g_assert_cmpuint(busy.written, >, 0);
	g_assert_true(store_count(place->store, NUMBERS, &records, &error));
	g_assert_cmpuint(records, ==, busy.written);
}

/* Killed anywhere: the next start has all of it. */
static void
test_compact_killed(struct place *place, gconstpointer map)
{
	(void)map;
	put_and_delete(place);
	for (guint i = 0; i < 25; i++) {
		g_autoptr(GError) error = NULL;
		pid_t child;

		store_close(&place->store);
		child = fork();
		if (child == 0) {
			place->store =
			    store_open(place->folder, tables, 16 << 20, NULL);
			while (store_compact(place->store, NULL))
				continue;
			_exit(1);
		}
		g_usleep((gulong)g_random_int_range(500, 15000));
		kill(child, SIGKILL);
		g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
		place->store =
		    store_open(place->folder, tables, 16 << 20, &error);
		g_assert_no_error(error);
		assert_text(place->store, "kept", "yes");
	}
	g_assert_true(store_compact(place->store, NULL));
	g_assert_false(file_has_marker(place));
}

static void
test_no_folder(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(
	    store_open("/nonexistent/folder", tables, 1 << 20, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		gconstpointer map;
		void (*run)(struct place *, gconstpointer);
	} cases[] = {
		{ "/store/commit-and-abort", NULL, test_commit_and_abort },
		{ "/store/reopen", NULL, test_reopen },
		{ "/store/cursor", NULL, test_cursor },
		{ "/store/full-sticks", GUINT_TO_POINTER(1 << 20),
		    test_full_sticks },
		{ "/store/full-heals", GUINT_TO_POINTER(1 << 20),
		    test_full_heals },
		{ "/store/larger-map", GUINT_TO_POINTER(1 << 20),
		    test_larger_map },
		{ "/store/other-version", NULL, test_other_version },
		{ "/store/no-store", NULL, test_no_store },
		{ "/store/other-table", NULL, test_other_table },
		{ "/store/copy", NULL, test_copy },
		{ "/store/compact", NULL, test_compact },
		{ "/store/compact-busy", NULL, test_compact_busy },
		{ "/store/compact-killed", NULL, test_compact_killed },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_test_add(cases[i].name, struct place, cases[i].map,
		    open_place, cases[i].run, close_place);
	g_test_add_func("/store/no-folder", test_no_folder);
	return g_test_run();
}
