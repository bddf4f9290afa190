/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tickets that are past their time.
 *
 * A ticket is as old as its last change; others that were merged into it go
 * with it, by its time.  It stays while anybody who wrote there has restricted
 * the use of his data (GDPR Article 18(2)).
 *
 * The index holds words in clear, and a word cannot be taken out of it without
 * the text: it is emptied before the deletion is kept, so that no crash leaves
 * words of what is gone, and made anew from what is left.  In the tables freed
 * pages are overwritten (sql.h); once the log is emptied nothing is left.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/standing.h"

/* In one go: the desk takes nothing in meanwhile. */
#define GONE_MOST 500

struct past {
	gint64 id, changed;
	struct kept *kept;
};

struct expiring {
	struct local *local;
	const struct holder_expiry *expiry;
	struct kept_inboxes *kept;
	GArray *past; /* struct past, oldest first */
};

static gboolean
look(struct expiring *expiring, GError **error)
{
	const gint64 now = expiring->expiry->now;
	struct sql_rows *rows OWNED(sql_rows_free) =
	    sql_query(expiring->local->sql,
		"SELECT id, inbox, changed FROM ticket"
		" WHERE merged IS NULL ORDER BY changed",
		SQL_NONE, error);
	g_autoptr(GError) fault = NULL;

	if (rows == NULL)
		return FALSE;
	while (sql_next(rows, &fault)) {
		struct past one = { sql_column_int(rows, 0),
			sql_column_int(rows, 2),
			kept_inboxes_of(
			    expiring->kept, sql_column_text(rows, 1)) };

		if (kept_is_past(one.kept, one.changed, now))
			g_array_append_val(expiring->past, one);
		else
			kept_count(one.kept, one.changed, now, FALSE);
	}
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* Of anybody who asked or wrote there. */
static gboolean
is_restricted(
    struct expiring *expiring, gint64 id, gboolean *answer_r, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) =
	    sql_query(expiring->local->sql,
		"SELECT subject FROM contact WHERE id IN"
		" (SELECT requester FROM ticket WHERE id = ?1 OR merged = ?1"
		"  UNION SELECT contact FROM message WHERE ticket = ?1)",
		SQL_VALUES(sql_int(id)), error);
	g_autoptr(GError) fault = NULL;

	*answer_r = FALSE;
	if (rows == NULL)
		return FALSE;
	while (!*answer_r && sql_next(rows, &fault)) {
		g_autoptr(GBytes) bytes = sql_column_bytes(rows, 0);
		struct ident subject;

		if (bytes == NULL || g_bytes_get_size(bytes) != IDENT_BYTES)
			continue;
		memcpy(
		    subject.bytes, g_bytes_get_data(bytes, NULL), IDENT_BYTES);
		*answer_r =
		    standings_restricts(expiring->expiry->standings, &subject);
	}
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* Keeps those that stay in the count, the others in the list. */
static gboolean
sort_out(struct expiring *expiring, GError **error)
{
	const struct holder_expiry *expiry = expiring->expiry;
	guint left = 0;

	for (guint i = 0; i < expiring->past->len; i++) {
		struct past one = g_array_index(expiring->past, struct past, i);
		gboolean restricted;

		if (!is_restricted(expiring, one.id, &restricted, error))
			return FALSE;
		if (expiry->run && !restricted && left < GONE_MOST)
			g_array_index(expiring->past, struct past, left++) =
			    one;
		else
			kept_count(
			    one.kept, one.changed, expiry->now, restricted);
		*expiry->more |= expiry->run && left == GONE_MOST;
	}
	g_array_set_size(expiring->past, left);
	return TRUE;
}

static gboolean
delete_one(struct local *local, gint64 id, GError **error)
{
	static const char *const steps[] = {
		("DELETE FROM event WHERE ticket = ?1 OR ticket IN"
		 " (SELECT id FROM ticket WHERE merged = ?1)"),
		"DELETE FROM message WHERE ticket = ?1",
		"DELETE FROM ticket WHERE merged = ?1",
		"DELETE FROM ticket WHERE id = ?1",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
		if (!sql_run(
			local->sql, steps[i], SQL_VALUES(sql_int(id)), error))
			return FALSE;
	return TRUE;
}

static gboolean
delete_all(struct expiring *expiring, GError **error)
{
	struct local *local = expiring->local;

	for (guint i = 0; i < expiring->past->len; i++)
		if (!delete_one(local,
			g_array_index(expiring->past, struct past, i).id,
			error))
			return FALSE;
	/* People of whom nothing is left. */
	return sql_run(local->sql,
		   "DELETE FROM contact WHERE"
		   " id NOT IN (SELECT requester FROM ticket) AND"
		   " id NOT IN (SELECT contact FROM message)",
		   SQL_NONE, error) &&
	       local_index_forget(local, error);
}

static gboolean
let_go(struct expiring *expiring, GError **error)
{
	struct local *local = expiring->local;

	if (expiring->past->len == 0)
		return TRUE;
	if (!sql_begin(local->sql, error))
		return FALSE;
	if (!delete_all(expiring, error)) {
		sql_abort(local->sql);
		return FALSE;
	}
	if (!sql_commit(local->sql, error))
		return FALSE;
	for (guint i = 0; i < expiring->past->len; i++)
		g_array_index(expiring->past, struct past, i).kept->gone++;
	local_index_update(local, NULL); /* else the next search does it */
	return TRUE;
}

gboolean
desk_local_expire(struct desk *desk, const struct holder_expiry *expiry,
    json_t *rows, GError **error)
{
	struct expiring expiring = { .local = local_of(desk),
		.expiry = expiry,
		.kept = kept_inboxes_new(
		    expiry->conf, "tickets", "ticket-retention"),
		.past = g_array_new(FALSE, FALSE, sizeof(struct past)) };
	gboolean good =
	    look(&expiring, error) && sort_out(&expiring, error) &&
	    let_go(&expiring, error) &&
	    (!expiry->run || sql_empty_log(expiring.local->sql, error));

	kept_inboxes_end(&expiring.kept, good ? rows : NULL);
	g_array_unref(expiring.past);
	return good;
}

GArray *
desk_local_subjects(struct desk *desk, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) =
	    sql_query(local_of(desk)->sql, "SELECT subject FROM contact",
		SQL_NONE, error);
	g_autoptr(GArray) subjects =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_autoptr(GError) fault = NULL;

	if (rows == NULL)
		return NULL;
	while (sql_next(rows, &fault)) {
		g_autoptr(GBytes) bytes = sql_column_bytes(rows, 0);

		if (bytes != NULL && g_bytes_get_size(bytes) == IDENT_BYTES)
			g_array_append_vals(
			    subjects, g_bytes_get_data(bytes, NULL), 1);
	}
	if (fault == NULL)
		return g_steal_pointer(&subjects);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}
