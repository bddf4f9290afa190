/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one file that knows SQLite.
 *
 * Why a layer of our own: the desk above it writes statements and values and
 * gets our error codes; result codes, statement lifetimes and pragmas stay
 * here.  Statements are prepared per call: that costs some 10 us, a durable
 * commit some thousand.
 *
 * Promises: a TRUE from sql_commit on a SQL_DURABLE database survives a power
 * cut (WAL with synchronous=FULL syncs the log at each commit); a commit that
 * failed has been rolled back.
 */
#include "tickets/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

struct sql {
	sqlite3 *db;
};

struct sql_rows {
	struct sql *sql;
	sqlite3_stmt *statement;
};

static enum dg_error
code_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
	case SQLITE_TOOBIG:
		return DG_ERROR_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DG_ERROR_AGAIN;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_ERROR:
		return DG_ERROR_BAD;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return DG_ERROR_DENIED;
	default:
		return DG_ERROR_IO;
	}
}

/* SQLite names a full disk at write time SQLITE_FULL, but a disk that is full
 * when the log is made or synced only by errno. */
static gboolean
fail(struct sql *sql, const char *what, GError **error)
{
	int result = sqlite3_extended_errcode(sql->db);
	enum dg_error code = code_of(result);
	int number = sqlite3_system_errno(sql->db);

	if (code == DG_ERROR_IO && (number == ENOSPC || number == EDQUOT))
		code = DG_ERROR_FULL;
	return err_set(error, code, "%s: %s (SQLite %d)", what,
	    sqlite3_errmsg(sql->db), result);
}

/* SQLite gives its log and index files the mode of the database itself. */
static gboolean
make_file(const char *path, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_errno(error, errno, "open %s", path);
	close(fd);
	return TRUE;
}

static gboolean
configure(struct sql *sql, enum sql_use use, GError **error)
{
	sqlite3_busy_timeout(sql->db, SQL_BUSY_MS);
	sqlite3_extended_result_codes(sql->db, 1);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sql_script(sql,
		   "PRAGMA trusted_schema = OFF;"
		   "PRAGMA foreign_keys = ON;"
		   "PRAGMA secure_delete = ON;"
		   "PRAGMA journal_mode = WAL;",
		   error) &&
	       sql_script(sql,
		   use == SQL_DURABLE ? "PRAGMA synchronous = FULL;"
				      : "PRAGMA synchronous = NORMAL;",
		   error);
}

struct sql *
sql_open(const char *path, enum sql_use use, GError **error)
{
	struct sql *sql OWNED(sql_close) = g_new0(struct sql, 1);

	if (!make_file(path, error))
		return NULL;
	if (sqlite3_open_v2(path, &sql->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
		NULL) != SQLITE_OK) {
		fail(sql, path, error);
		return NULL;
	}
	if (!configure(sql, use, error)) {
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	return g_steal_pointer(&sql);
}

void
sql_close(struct sql **sql)
{
	if (*sql == NULL)
		return;
	sqlite3_close_v2((*sql)->db);
	g_free(*sql);
	*sql = NULL;
}

gboolean
sql_remove(const char *path, GError **error)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *name = g_strconcat(path, ends[i], NULL);

		if (unlink(name) < 0 && errno != ENOENT)
			return err_errno(error, errno, "remove %s", name);
	}
	return TRUE;
}

struct sql_value
sql_bytes(GBytes *bytes)
{
	gsize length = 0;
	const void *data = NULL;

	if (bytes == NULL)
		return sql_mem(NULL, 0);
	data = g_bytes_get_data(bytes, &length);
	return sql_mem(data != NULL ? data : "", length);
}

gboolean
sql_script(struct sql *sql, const char *text, GError **error)
{
	if (sqlite3_exec(sql->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return fail(sql, "SQL script", error);
	return TRUE;
}

static int
bind(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
	if (value->kind == SQL_INTEGER)
		return sqlite3_bind_int64(statement, place, value->integer);
	if (value->data == NULL)
		return sqlite3_bind_null(statement, place);
	if (value->kind == SQL_TEXT)
		return sqlite3_bind_text64(statement, place, value->data,
		    value->length, SQLITE_STATIC, SQLITE_UTF8);
	return sqlite3_bind_blob64(
	    statement, place, value->data, value->length, SQLITE_STATIC);
}

struct sql_rows *
sql_query(struct sql *sql, const char *text, const struct sql_value *values,
    GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = g_new0(struct sql_rows, 1);

	rows->sql = sql;
	if (sqlite3_prepare_v2(sql->db, text, -1, &rows->statement, NULL) !=
	    SQLITE_OK) {
		fail(sql, "prepare", error);
		return NULL;
	}
	for (int i = 0; values[i].kind != SQL_END; i++)
		if (bind(rows->statement, i + 1, &values[i]) != SQLITE_OK) {
			fail(sql, "bind", error);
			return NULL;
		}
	return g_steal_pointer(&rows);
}

gboolean
sql_next(struct sql_rows *rows, GError **error)
{
	switch (sqlite3_step(rows->statement)) {
	case SQLITE_ROW:
		return TRUE;
	case SQLITE_DONE:
		return FALSE;
	default:
		return fail(rows->sql, "run", error);
	}
}

void
sql_rows_free(struct sql_rows **rows)
{
	if (*rows == NULL)
		return;
	sqlite3_finalize((*rows)->statement);
	g_free(*rows);
	*rows = NULL;
}

gint64
sql_column_int(struct sql_rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

const char *
sql_column_text(struct sql_rows *rows, int column)
{
	return (const char *)sqlite3_column_text(rows->statement, column);
}

GBytes *
sql_column_bytes(struct sql_rows *rows, int column)
{
	const void *data;

	if (sql_column_is_null(rows, column))
		return NULL;
	data = sqlite3_column_blob(rows->statement, column);
	return g_bytes_new(
	    data, (gsize)sqlite3_column_bytes(rows->statement, column));
}

gboolean
sql_column_is_null(struct sql_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

gboolean
sql_run(struct sql *sql, const char *text, const struct sql_value *values,
    GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) local = NULL;

	rows = sql_query(sql, text, values, error);
	if (rows == NULL)
		return FALSE;
	while (sql_next(rows, &local))
		;
	if (local != NULL) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return TRUE;
}

gint64
sql_last_id(struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->db);
}

gint64
sql_changed(struct sql *sql)
{
	return sqlite3_changes64(sql->db);
}

gboolean
sql_begin(struct sql *sql, GError **error)
{
	return sql_run(sql, "BEGIN IMMEDIATE", SQL_NONE, error);
}

gboolean
sql_commit(struct sql *sql, GError **error)
{
	if (sql_run(sql, "COMMIT", SQL_NONE, error))
		return TRUE;
	sql_abort(sql);
	return FALSE;
}

void
sql_abort(struct sql *sql)
{
	if (!sqlite3_get_autocommit(sql->db))
		sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
}

gboolean
sql_one_int(struct sql *sql, const char *text, const struct sql_value *values,
    gint64 *value_r, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) local = NULL;

	rows = sql_query(sql, text, values, error);
	if (rows == NULL)
		return FALSE;
	if (sql_next(rows, &local)) {
		*value_r = sql_column_int(rows, 0);
		return TRUE;
	}
	if (local != NULL)
		g_propagate_error(error, g_steal_pointer(&local));
	else
		err_set(error, DG_ERROR_NOTFOUND, "no such row");
	return FALSE;
}

gboolean
sql_compact(struct sql *sql, GError **error)
{
	return sql_run(sql, "VACUUM", SQL_NONE, error) &&
	       sql_empty_log(sql, error);
}

gboolean
sql_empty_log(struct sql *sql, GError **error)
{
	gint64 busy = 0;

	if (!sql_one_int(
		sql, "PRAGMA wal_checkpoint(TRUNCATE)", SQL_NONE, &busy, error))
		return FALSE;
	return busy == 0 || err_set(error, DG_ERROR_AGAIN,
				"the log is in use and could not be emptied");
}

gboolean
sql_copy(const char *path, const char *copy, GError **error)
{
	struct sql *sql OWNED(sql_close) = sql_open(path, SQL_DURABLE, error);

	return sql != NULL && make_file(copy, error) &&
	       sql_run(sql, "VACUUM INTO ?1", SQL_VALUES(sql_str(copy)), error);
}
