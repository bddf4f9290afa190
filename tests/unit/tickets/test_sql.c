/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/sql.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

struct place {
	char *dir;
	char *path;
};

static void
place_init(struct place *place, gconstpointer unused)
{
	(void)unused;
	place->dir = g_dir_make_tmp("deskgate-sql-XXXXXX", NULL);
	g_assert_nonnull(place->dir);
	place->path = g_build_filename(place->dir, "t.sqlite", NULL);
}

static void
place_fini(struct place *place, gconstpointer unused)
{
	(void)unused;
	g_assert_true(sql_remove(place->path, NULL));
	g_assert_cmpint(g_rmdir(place->dir), ==, 0);
	g_free(place->path);
	g_free(place->dir);
}

static struct sql *
open_table(const struct place *place)
{
	g_autoptr(GError) error = NULL;
	struct sql *sql = sql_open(place->path, SQL_DURABLE, &error);

	g_assert_no_error(error);
	g_assert_true(sql_script(sql,
	    "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, word TEXT "
	    "UNIQUE,"
	    " data BLOB)",
	    &error));
	g_assert_no_error(error);
	return sql;
}

static void
test_values(struct place *place, gconstpointer unused)
{
	struct sql *sql OWNED(sql_close) = open_table(place);
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new_static("a\0b", 3);
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
	g_autoptr(GBytes) got = NULL, got_empty = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_true(sql_run(sql, "INSERT INTO t VALUES (?1, ?2, ?3)",
	    SQL_VALUES(sql_int(G_MAXINT64), sql_str("'; DROP TABLE t; --"),
		sql_bytes(bytes)),
	    &error));
	g_assert_cmpint(sql_last_id(sql), ==, G_MAXINT64);
	g_assert_cmpint(sql_changed(sql), ==, 1);
	g_assert_true(sql_run(sql, "INSERT INTO t VALUES (1, ?1, ?2)",
	    SQL_VALUES(sql_str(NULL), sql_bytes(empty)), &error));
	rows = sql_query(sql, "SELECT id, word, data FROM t ORDER BY id DESC",
	    SQL_NONE, &error);
	g_assert_no_error(error);
	g_assert_true(sql_next(rows, &error));
	g_assert_cmpint(sql_column_int(rows, 0), ==, G_MAXINT64);
	g_assert_cmpstr(sql_column_text(rows, 1), ==, "'; DROP TABLE t; --");
	got = sql_column_bytes(rows, 2);
	g_assert_true(g_bytes_equal(got, bytes));
	g_assert_true(sql_next(rows, &error));
	g_assert_true(sql_column_is_null(rows, 1));
	g_assert_null(sql_column_text(rows, 1));
	got_empty = sql_column_bytes(rows, 2);
	g_assert_nonnull(got_empty);
	g_assert_cmpuint(g_bytes_get_size(got_empty), ==, 0);
	g_assert_false(sql_next(rows, &error));
	g_assert_no_error(error);
}

static void
test_transaction(struct place *place, gconstpointer unused)
{
	static const struct {
		const char *name;
		gboolean commit;
		gint64 want;
	} cases[] = { { "abort", FALSE, 0 }, { "commit", TRUE, 1 } };

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sql *sql OWNED(sql_close) = open_table(place);
		g_autoptr(GError) error = NULL;
		gint64 count = -1;

		g_test_message("%s", cases[i].name);
		g_assert_true(sql_begin(sql, &error));
		g_assert_true(sql_run(sql, "INSERT INTO t (word) VALUES ('a')",
		    SQL_NONE, &error));
		if (cases[i].commit)
			g_assert_true(sql_commit(sql, &error));
		sql_abort(sql);
		sql_abort(sql);
		g_assert_true(sql_one_int(
		    sql, "SELECT count(*) FROM t", SQL_NONE, &count, &error));
		g_assert_cmpint(count, ==, cases[i].want);
	}
}

static void
test_errors(struct place *place, gconstpointer unused)
{
	static const struct {
		const char *name, *text;
		enum dg_error want;
	} cases[] = {
		{ "syntax", "SELEC", DG_ERROR_BAD },
		{ "unique", "INSERT INTO t (word) VALUES ('a')", DG_ERROR_BAD },
		{ "full", "INSERT INTO t (data) VALUES (zeroblob(900000))",
		    DG_ERROR_FULL },
		{ "too big", "SELECT zeroblob(2000000000)", DG_ERROR_FULL },
	};
	struct sql *sql OWNED(sql_close) = open_table(place);
	g_autoptr(GError) none = NULL;
	gint64 value = 0;

	(void)unused;
	g_assert_true(
	    sql_run(sql, "INSERT INTO t (word) VALUES ('a')", SQL_NONE, NULL));
	g_assert_true(sql_script(sql, "PRAGMA max_page_count = 20", NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].name);
		g_assert_false(sql_run(sql, cases[i].text, SQL_NONE, &error));
		g_assert_error(error, DG_ERROR, (int)cases[i].want);
	}
	g_assert_false(
	    sql_one_int(sql, "SELECT 1 WHERE 0", SQL_NONE, &value, &none));
	g_assert_error(none, DG_ERROR, DG_ERROR_NOTFOUND);
}

static void
test_files(struct place *place, gconstpointer unused)
{
	struct sql *sql OWNED(sql_close) = open_table(place);
	g_autofree char *log = g_strconcat(place->path, "-wal", NULL);
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)unused;
	g_assert_cmpint(stat(place->path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	g_assert_cmpint(stat(log, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	sql_close(&sql);
	g_assert_true(g_file_set_contents(place->path,
	    "not a database, and longer than a header of one hundred bytes .."
	    "................................................................",
	    -1, NULL));
	g_assert_null(sql_open(place->path, SQL_DURABLE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_clear_error(&error);
	g_assert_null(sql_open("/nonexistent/x.sqlite", SQL_DURABLE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/tickets/sql/values", struct place, NULL, place_init,
	    test_values, place_fini);
	g_test_add("/tickets/sql/transaction", struct place, NULL, place_init,
	    test_transaction, place_fini);
	g_test_add("/tickets/sql/errors", struct place, NULL, place_init,
	    test_errors, place_fini);
	g_test_add("/tickets/sql/files", struct place, NULL, place_init,
	    test_files, place_fini);
	return g_test_run();
}
