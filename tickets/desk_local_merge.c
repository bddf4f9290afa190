/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Merged tickets of the embedded desk: the messages stand in the one that they
 * were merged into, and the other, closed, says which that is.  Each message
 * keeps the first ticket that it stood in as its origin, so that it can go back
 * there when the person of the other is erased.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static gboolean
find_parent(struct local *local, gint64 id, gint64 *parent_r, GError **error)
{
	if (sql_one_int(local->sql,
		"SELECT coalesce(merged, 0) FROM ticket WHERE id = ?1",
		SQL_VALUES(sql_int(id)), parent_r, error))
		return TRUE;
	g_prefix_error(error, "no ticket %" G_GINT64_FORMAT ": ", id);
	return FALSE;
}

static gboolean
move_all(struct local *local, gint64 from, gint64 into, GError **error)
{
	const struct sql_value *both =
	    SQL_VALUES(sql_int(from), sql_int(into), sql_int(local_now(local)));

	return sql_run(local->sql,
		   "UPDATE message SET ticket = ?2,"
		   " origin = coalesce(origin, ?1)"
		   " WHERE ticket = ?1 AND ?3 > 0",
		   both, error) &&
	       sql_run(local->sql,
		   "UPDATE ticket SET merged = ?2, status = 'closed',"
		   " changed = ?3 WHERE id = ?1 OR merged = ?1",
		   both, error) &&
	       sql_run(local->sql,
		   "UPDATE ticket SET changed = ?3 WHERE id = ?2 AND ?1 > 0",
		   both, error);
}

static gboolean
merge(struct local *local, gint64 from, gint64 into, GError **error)
{
	gint64 done = 0, parent = 0;

	if (!find_parent(local, from, &done, error) ||
	    !find_parent(local, into, &parent, error))
		return FALSE;
	if (done != 0)
		return err_set(error, DG_ERROR_BAD,
		    "ticket %" G_GINT64_FORMAT
		    " was merged into %" G_GINT64_FORMAT " before",
		    from, done);
	into = parent != 0 ? parent : into;
	if (from == into)
		return err_set(
		    error, DG_ERROR_BAD, "a ticket is not merged into itself");
	return move_all(local, from, into, error);
}

gboolean
desk_local_merge(
    struct desk *desk, const char *code, const char *into, GError **error)
{
	struct local *local = local_of(desk);
	gint64 from = 0, to = 0;

	if (!local_parse_code(code, &from, error) ||
	    !local_parse_code(into, &to, error) ||
	    !sql_begin(local->sql, error))
		return FALSE;
	if (merge(local, from, to, error))
		return sql_commit(local->sql, error);
	sql_abort(local->sql);
	return FALSE;
}

static const char *
status_word(const char *status)
{
	static const char *const words[] = { "new", "open", "closed", "spam" };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(words[i], status) == 0)
			return words[i];
	}
	return "open";
}

gboolean
local_look(struct desk *desk, const char *id, struct desk_state *state_r,
    GError **error)
{
	struct local *local = local_of(desk);
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;
	gint64 number = 0, parent;

	if (!local_parse_code(id, &number, error))
		return FALSE;
	rows = sql_query(local->sql,
	    "SELECT status, coalesce(merged, 0) FROM ticket WHERE id = ?1",
	    SQL_VALUES(sql_int(number)), error);
	if (rows == NULL)
		return FALSE;
	if (!sql_next(rows, &fault)) {
		if (fault == NULL)
			return err_set(
			    error, DG_ERROR_NOTFOUND, "no such ticket");
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	state_r->status = status_word(sql_column_text(rows, 0));
	parent = sql_column_int(rows, 1);
	if (parent != 0) {
		state_r->parent = g_strdup_printf("%" G_GINT64_FORMAT, parent);
		state_r->parent_code = g_strdup(state_r->parent);
	}
	return TRUE;
}
