/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The states of tickets of the embedded desk: who sets them, and who is told.
 *
 * What a person sets (desk_local_close and the like) is kept as an event for
 * `changes`, in the transaction that sets it; what Deskgate sets by itself
 * (`change`) is not, so that a decision of ours never comes back as a lesson.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

/* Events kept: whoever polls is behind by minutes, not by this many. */
#define EVENTS_KEPT 10000

/* Where ?3 is the status asked for; "not spam" of a ticket that is none leaves
 * its status alone. */
static const char set_sql[] =
    "UPDATE ticket SET changed = ?2, status = CASE"
    " WHEN ?3 <> 'not-spam' THEN ?3 WHEN status = 'spam' THEN 'open'"
    " ELSE status END WHERE id = ?1";

static gboolean
put_status(struct local *local, gint64 id, const char *status, GError **error)
{
	if (!sql_run(local->sql, set_sql,
		SQL_VALUES(
		    sql_int(id), sql_int(local_now(local)), sql_str(status)),
		error))
		return FALSE;
	if (sql_changed(local->sql) == 1)
		return TRUE;
	return err_set(
	    error, DG_ERROR_NOTFOUND, "no ticket %" G_GINT64_FORMAT, id);
}

static gboolean
put_event(struct local *local, gint64 id, GError **error)
{
	return sql_run(local->sql,
		   "INSERT INTO event (ticket, status, happened)"
		   " SELECT id, status, changed FROM ticket WHERE id = ?1",
		   SQL_VALUES(sql_int(id)), error) &&
	       sql_run(local->sql, "DELETE FROM event WHERE id <= ?1",
		   SQL_VALUES(sql_int(sql_last_id(local->sql) - EVENTS_KEPT)),
		   error);
}

/* What a person says. */
static gboolean
decide(struct desk *desk, const char *code, const char *status, GError **error)
{
	struct local *local = local_of(desk);
	gint64 id = 0;

	if (!local_parse_code(code, &id, error) ||
	    !sql_begin(local->sql, error))
		return FALSE;
	if (put_status(local, id, status, error) && put_event(local, id, error))
		return sql_commit(local->sql, error);
	sql_abort(local->sql);
	return FALSE;
}

gboolean
desk_local_close(struct desk *desk, const char *code, GError **error)
{
	return decide(desk, code, "closed", error);
}

gboolean
desk_local_reopen(struct desk *desk, const char *code, GError **error)
{
	return decide(desk, code, "open", error);
}

gboolean
desk_local_spam(
    struct desk *desk, const char *code, gboolean spam, GError **error)
{
	return decide(desk, code, spam ? "spam" : "not-spam", error);
}

/* --- what Deskgate sets */

static gboolean
put_change(struct local *local, gint64 id, const struct desk_change *change,
    GError **error)
{
	gint64 there = 0;

	if (!sql_one_int(local->sql, "SELECT id FROM ticket WHERE id = ?1",
		SQL_VALUES(sql_int(id)), &there, error))
		return FALSE;
	if (change->status != NULL &&
	    !put_status(local, id, change->status, error))
		return FALSE;
	if (change->priority != NULL &&
	    !sql_run(local->sql,
		"UPDATE ticket SET priority = ?2 WHERE id = ?1",
		SQL_VALUES(sql_int(id), sql_str(change->priority)), error))
		return FALSE;
	for (gsize i = 0; change->tags != NULL && change->tags[i] != NULL; i++)
		if (!sql_run(local->sql,
			"INSERT OR IGNORE INTO tag VALUES (?1, ?2)",
			SQL_VALUES(sql_int(id), sql_str(change->tags[i])),
			error))
			return FALSE;
	return TRUE;
}

gboolean
local_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error)
{
	struct local *local = local_of(desk);
	gint64 number = 0;

	if (!desk_change_check(change, error) ||
	    !local_parse_code(id, &number, error) ||
	    !sql_begin(local->sql, error))
		return FALSE;
	if (put_change(local, number, change, error))
		return sql_commit(local->sql, error);
	sql_abort(local->sql);
	return FALSE;
}

/* --- what Deskgate is told */

/* The event's row; a status that people can set is one of these. */
static struct desk_event *
read_event(struct sql_rows *rows)
{
	static const char *const words[] = { "new", "open", "closed", "spam" };
	const char *status = sql_column_text(rows, 2);
	struct desk_event *event = desk_event_new();

	event->id = g_strdup(sql_column_text(rows, 1));
	event->code = g_strdup(event->id);
	event->status = "open";
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_strcmp0(words[i], status) == 0)
			event->status = words[i];
	event->when = sql_column_int(rows, 3) / G_USEC_PER_SEC;
	return event;
}

static gboolean
read_events(
    struct local *local, gint64 *last, GPtrArray *events, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(local->sql,
	    "SELECT id, ticket, status, happened FROM event WHERE id > ?1"
	    " ORDER BY id LIMIT ?2",
	    SQL_VALUES(sql_int(*last), sql_int(DESK_EVENTS_MAX)), error);
	if (rows == NULL)
		return FALSE;
	while (sql_next(rows, &fault)) {
		g_ptr_array_add(events, read_event(rows));
		*last = sql_column_int(rows, 0);
	}
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static void
set_cursor(struct desk_cursor *cursor, gint64 last)
{
	(void)g_snprintf(
	    cursor->text, sizeof cursor->text, "%" G_GINT64_FORMAT, last);
}

gboolean
local_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error)
{
	struct local *local = local_of(desk);
	guint before = events_r->len;
	gint64 last = 0;

	if (cursor->text[0] == '\0') {
		if (!sql_one_int(local->sql,
			"SELECT coalesce(max(id), 0) FROM event", SQL_NONE,
			&last, error))
			return FALSE;
	} else {
		last = g_ascii_strtoll(cursor->text, NULL, 10);
		if (!read_events(local, &last, events_r, error)) {
			g_ptr_array_set_size(events_r, (gint)before);
			return FALSE;
		}
	}
	set_cursor(cursor, last);
	return TRUE;
}
