/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/table.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

/* More than the smallest table takes. */
#define MANY 60000

/* Digests as they are: spread over all 64 bits; never the same for two. */
static guint64
digest_of(guint64 i)
{
	return (i + 1) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
}

static struct table *
make(const char *path)
{
	g_autoptr(GError) error = NULL;
	struct table *table = table_create(path, 0, &error);

	g_assert_no_error(error);
	g_assert_true(table_publish(table, &error));
	g_assert_no_error(error);
	return table;
}

static struct table_reader *
map(const char *path)
{
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = table_open(path, &error);
	struct table_reader *reader = table_map(fd, &error);

	g_assert_no_error(error);
	return reader;
}

static void
set(struct table *table, guint64 digest, guint32 spam, guint32 ham)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(table_set(table, digest, spam, ham, &error));
	g_assert_no_error(error);
}

/* Reader and writer see these counts; either may be NULL. */
static void
assert_counts(const struct table *table, const struct table_reader *reader,
    guint64 digest, guint32 spam, guint32 ham)
{
	guint32 s = spam, h = ham;

	if (table != NULL)
		table_look(table, digest, &s, &h);
	g_assert_cmpuint(s, ==, spam);
	g_assert_cmpuint(h, ==, ham);
	if (reader != NULL) {
		table_prefetch(reader, digest);
		table_get(reader, digest, &s, &h);
	}
	g_assert_cmpuint(s, ==, spam);
	g_assert_cmpuint(h, ==, ham);
}

static void
test_counts(struct folder *folder, gconstpointer unused)
{
	/* The last two begin at one slot; 0 is kept as another key. */
	static const guint64 digests[] = { 0, G_MAXUINT64, 1u << 20,
		(guint64)1 << 63 | 7, 7, (guint64)1 << 40 | 7 };
	g_autofree char *path = folder_path(folder, "table");
	struct table *table = make(path);
	struct table_reader *reader = map(path);

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(digests); i++) {
		assert_counts(table, reader, digests[i], 0, 0);
		set(table, digests[i], i + 1, G_MAXUINT32 - i);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(digests); i++)
		assert_counts(
		    table, reader, digests[i], i + 1, G_MAXUINT32 - i);
	set(table, 7, 0, 0);
	assert_counts(table, reader, 7, 0, 0);
	/* What comes after it in its row is still found. */
	assert_counts(table, reader, (guint64)1 << 40 | 7, 6, G_MAXUINT32 - 5);
	g_assert_false(table_superseded(reader));
	table_unmap(&reader);
	table_free(&table);
	g_assert_null(table);
	g_assert_cmpuint(folder_names(folder), ==, 1);
}

static void
test_unpublished(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "table");
	g_autoptr(GError) error = NULL;
	struct table *table = table_create(path, 10, &error);

	(void)unused;
	g_assert_no_error(error);
	g_assert_cmpint(table_open(path, &error), ==, -1);
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	table_free(&table);
	g_assert_cmpuint(folder_names(folder), ==, 0);
}

static void
test_totals(struct folder *folder, gconstpointer unused)
{
	const struct table_totals want = { G_MAXUINT32, 2, 3, 1u << 31 };
	struct table_totals got;
	g_autofree char *path = folder_path(folder, "table");
	struct table *table = make(path);
	struct table_reader *reader = map(path);

	(void)unused;
	table_totals(reader, &got);
	g_assert_cmpuint(
	    got.spam | got.ham | got.label_spam | got.label_ham, ==, 0);
	table_set_totals(table, &want);
	table_totals(reader, &got);
	g_assert_cmpmem(&got, sizeof(got), &want, sizeof(want));
	table_unmap(&reader);
	table_free(&table);
}

static void
test_growth(struct folder *folder, gconstpointer unused)
{
	const struct table_totals want = { 1, 2, 3, 4 };
	struct table_totals got;
	g_autofree char *path = folder_path(folder, "table");
	struct table *table = make(path);
	struct table_reader *old = map(path), *reader;

	(void)unused;
	table_set_totals(table, &want);
	for (guint i = 0; i < MANY; i++)
		set(table, digest_of(i), i, i + 1);
	g_assert_true(table_superseded(old));
	/* It still answers, as of then. */
	assert_counts(NULL, old, digest_of(100), 100, 101);
	reader = map(path);
	g_assert_false(table_superseded(reader));
	table_totals(reader, &got);
	g_assert_cmpmem(&got, sizeof(got), &want, sizeof(want));
	for (guint i = 0; i < MANY; i++)
		assert_counts(table, reader, digest_of(i), i, i + 1);
	assert_counts(table, reader, digest_of(MANY), 0, 0);
	table_unmap(&old);
	table_unmap(&reader);
	table_free(&table);
	g_assert_cmpuint(folder_names(folder), ==, 1);
}

/* Records come and go: the new file has room for what is left only. */
static void
test_churn(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "table");
	struct table *table = make(path);
	GStatBuf before, after;

	(void)unused;
	g_assert_cmpint(g_stat(path, &before), ==, 0);
	for (guint i = 0; i < 3 * MANY; i++) {
		set(table, digest_of(i), 1, 0);
		if (i >= 100)
			set(table, digest_of(i - 100), 0, 0);
	}
	g_assert_cmpint(g_stat(path, &after), ==, 0);
	g_assert_cmpint(after.st_size, ==, before.st_size);
	assert_counts(table, NULL, digest_of(3 * MANY - 1), 1, 0);
	assert_counts(table, NULL, digest_of(3 * MANY - 101), 0, 0);
	table_free(&table);
}

/* No room for a new file: nothing has changed. */
static void
test_no_growth(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "table");
	g_autofree char *block = folder_path(folder, "table.new");
	g_autofree char *inside = g_build_filename(block, "file", NULL);
	g_autoptr(GError) error = NULL;
	struct table *table = make(path);
	struct table_reader *reader = map(path);
	guint i = 0;

	(void)unused;
	g_assert_cmpint(g_mkdir_with_parents(inside, 0700), ==, 0);
	while (i < MANY && table_set(table, digest_of(i), 5, 6, &error))
		i++;
	g_assert_cmpuint(i, <, MANY);
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_assert_false(table_superseded(reader));
	assert_counts(table, reader, digest_of(i), 0, 0);
	assert_counts(table, reader, digest_of(i - 1), 5, 6);
	g_rmdir(inside);
	g_rmdir(block);
	set(table, digest_of(i), 5, 6);
	g_assert_true(table_superseded(reader));
	assert_counts(table, NULL, digest_of(i), 5, 6);
	table_unmap(&reader);
	table_free(&table);
}

static void
test_replaced(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "table");
	struct table *first = make(path), *second;
	struct table_reader *reader = map(path);

	(void)unused;
	/* What a keeper that died leaves is marked by the next one. */
	table_free(&first);
	g_assert_false(table_superseded(reader));
	second = make(path);
	g_assert_true(table_superseded(reader));
	table_unmap(&reader);
	reader = map(path);
	table_retire(second);
	g_assert_true(table_superseded(reader));
	folder_assert(folder, "table", NULL);
	table_unmap(&reader);
	table_free(&second);
}

static void
assert_no_table(const char *path)
{
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = table_open(path, &error);

	g_assert_no_error(error);
	g_assert_null(table_map(fd, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

static void
test_no_table(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "table");
	g_autofree char *text = g_strnfill(8192, 'x');
	struct table *table = make(path);
	GStatBuf status;

	(void)unused;
	g_assert_cmpint(g_stat(path, &status), ==, 0);
	g_assert_cmpint(truncate(path, status.st_size - 1), ==, 0);
	assert_no_table(path);
	g_assert_cmpint(truncate(path, 100), ==, 0);
	assert_no_table(path);
	g_assert_cmpint(truncate(path, 0), ==, 0);
	assert_no_table(path);
	table_free(&table);
	folder_put(folder, "table", text, 0600);
	assert_no_table(path);
	/* It is replaced by a table all the same. */
	table = make(path);
	table_free(&table);
}

/* --- a writer and its readers --- */

struct crowd {
	const char *path;
	gint ready, done;
};

/* Each digest has but these counts in its life: 0 and 0, then n and n+i. */
static gpointer
read_on(gpointer self)
{
	struct crowd *crowd = self;
	struct table_reader *reader = map(crowd->path);
	guint opened = 1;

	g_atomic_int_inc(&crowd->ready);
	for (guint64 i = 0; !g_atomic_int_get(&crowd->done); i++) {
		guint32 spam, ham;

		if (table_superseded(reader)) {
			table_unmap(&reader);
			reader = map(crowd->path);
			opened++;
		}
		table_get(reader, digest_of(i % MANY), &spam, &ham);
		if (spam != 0 || ham != 0)
			g_assert_cmpuint(ham, ==, spam + i % MANY);
		table_get(reader, digest_of(MANY + i % MANY), &spam, &ham);
		g_assert_cmpuint(spam | ham, ==, 0);
	}
	opened += table_superseded(reader);
	table_unmap(&reader);
	return GUINT_TO_POINTER(opened);
}

static void
test_threads(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "table");
	struct crowd crowd = { .path = path };
	struct table *table = make(path);
	GThread *threads[3];

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("reader", read_on, &crowd);
	/* Each has the small table before it grows. */
	while (g_atomic_int_get(&crowd.ready) < (gint)G_N_ELEMENTS(threads))
		g_usleep(1000);
	for (guint i = 0; i < MANY; i++) {
		set(table, digest_of(i), 1, 1 + i);
		set(table, digest_of(i / 2), 2, 2 + i / 2);
		if (i % 4096 == 0)
			g_usleep(1000);
	}
	g_atomic_int_set(&crowd.done, TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		g_assert_cmpuint(
		    GPOINTER_TO_UINT(g_thread_join(threads[i])), >=, 2);
	table_free(&table);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct folder *, gconstpointer);
	} rows[] = {
		{ "/table/counts", test_counts },
		{ "/table/unpublished", test_unpublished },
		{ "/table/totals", test_totals },
		{ "/table/growth", test_growth },
		{ "/table/churn", test_churn },
		{ "/table/no-growth", test_no_growth },
		{ "/table/replaced", test_replaced },
		{ "/table/no-table", test_no_table },
		{ "/table/threads", test_threads },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_test_add(rows[i].name, struct folder, NULL, folder_init,
		    rows[i].run, folder_fini);
	return g_test_run();
}
