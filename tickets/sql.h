/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_SQL_H
#define DESKGATE_TICKETS_SQL_H

#include <glib.h>

/*
 * SQLite behind our own nouns: a database, statements with values, rows.
 * Values are always bound, never written into the statement's text.  One thread
 * at a time uses a database.
 *
 * Errors: FULL (disk or ceiling), AGAIN (locked by another for longer than
 * SQL_BUSY_MS), BAD (a constraint refused it, or the statement is wrong),
 * DENIED (rights), IO (all else, a damaged file included).
 */
#define SQL_BUSY_MS 10000

struct sql;

enum sql_use {
	SQL_DURABLE,    /* WAL, synchronous=FULL: what was committed stays */
	SQL_REBUILDABLE /* WAL, synchronous=NORMAL: may lose the last commits */
};

/*
 * Opens the database file `path`, made with mode 0600 when it is not there.
 * Foreign keys are on, freed pages are overwritten.
 */
struct sql *sql_open(const char *path, enum sql_use use, GError **error);
/* Closes *sql, NULL included; rows must be freed before. */
void sql_close(struct sql **sql);

/* Removes a database file and the files SQLite keeps beside it. */
gboolean sql_remove(const char *path, GError **error);

/* Writes the database anew and empties its log, so that what was deleted stands
 * in neither; no transaction or rows may be open. */
gboolean sql_compact(struct sql *sql, GError **error);

/* Writes a database as it stands into the file `copy`, which is made, mode
 * 0600; whoever else writes to it goes on.  Not brought to the disk. */
gboolean sql_copy(const char *path, const char *copy, GError **error);

/* Empties its log alone: since freed pages are overwritten, what was deleted
 * stands nowhere then.  AGAIN when the log is in use. */
gboolean sql_empty_log(struct sql *sql, GError **error);

/* A value to bind.  What it points to must live until the call returns; for
 * sql_query until sql_rows_free. */
struct sql_value {
	enum { SQL_END, SQL_INTEGER, SQL_TEXT, SQL_BLOB } kind;
	gint64 integer;
	const void *data; /* NULL is bound as NULL */
	gsize length;
};

/* A number. */
static inline struct sql_value
sql_int(gint64 integer)
{
	return (struct sql_value){ SQL_INTEGER, integer, NULL, 0 };
}

/* A text, or NULL. */
static inline struct sql_value
sql_str(const char *text)
{
	return (struct sql_value){ SQL_TEXT, 0, text, text ? strlen(text) : 0 };
}

/* Bytes, or NULL. */
static inline struct sql_value
sql_mem(const void *data, gsize length)
{
	return (struct sql_value){ SQL_BLOB, 0, data, length };
}

/* All of `bytes`, or NULL. */
struct sql_value sql_bytes(GBytes *bytes);

/* The values of a statement's ?1, ?2, ... in order; SQL_NONE for none. */
#define SQL_VALUES(...) \
	((const struct sql_value[]){ __VA_ARGS__, { SQL_END, 0, NULL, 0 } })
#define SQL_NONE ((const struct sql_value[]){ { SQL_END, 0, NULL, 0 } })

/* Runs one or more statements without values or rows (a schema). */
gboolean sql_script(struct sql *sql, const char *text, GError **error);

/* Runs one statement to its end; rows are thrown away. */
gboolean sql_run(struct sql *sql, const char *text,
    const struct sql_value *values, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The row id of the last INSERT. */
gint64 sql_last_id(struct sql *sql);
/* How many rows the last statement changed. */
gint64 sql_changed(struct sql *sql);

/* A write transaction from here on (BEGIN IMMEDIATE). */
gboolean sql_begin(struct sql *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends it; when that fails it is rolled back. */
gboolean sql_commit(struct sql *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Rolls back; nothing to do when no transaction is open. */
void sql_abort(struct sql *sql);

/* The rows of a query. */
struct sql_rows;
/* Begins one: `while (sql_next(rows, &error))`, then look at the error. */
struct sql_rows *sql_query(struct sql *sql, const char *text,
    const struct sql_value *values, GError **error);
/* TRUE: a row stands there.  FALSE: the end, or *error is set. */
gboolean sql_next(struct sql_rows *rows, GError **error);
/* Ends the query; NULL included. */
void sql_rows_free(struct sql_rows **rows);

/* A column of the row, from 0, as a number; 0 for NULL. */
gint64 sql_column_int(struct sql_rows *rows, int column);
/* As text, borrowed until the next sql_next; NULL for NULL. */
const char *sql_column_text(struct sql_rows *rows, int column);
/* As bytes, the caller's; NULL for NULL. */
GBytes *sql_column_bytes(struct sql_rows *rows, int column);
/* Whether it is NULL. */
gboolean sql_column_is_null(struct sql_rows *rows, int column);

/* The first column of the first row as a number.  NOTFOUND when there is no
 * row. */
gboolean sql_one_int(struct sql *sql, const char *text,
    const struct sql_value *values, gint64 *value_r, GError **error);

#endif
