/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the embedded desk's file is whole, by SQLite's own check. */
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/desk_local_private.h"

/* Of SQLite's complaints. */
#define SHOWN_MOST 10

static gboolean
ask(struct local *local, GPtrArray *found, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct sql_rows *rows OWNED(sql_rows_free) = sql_query(
	    local->sql, "PRAGMA integrity_check(10)", SQL_NONE, &fault);

	while (rows != NULL && sql_next(rows, &fault)) {
		const char *text = sql_column_text(rows, 0);

		if (text != NULL && strcmp(text, "ok") != 0 &&
		    found->len < SHOWN_MOST)
			g_ptr_array_add(found, g_strdup(text));
	}
	/* So broken that it cannot be looked at. */
	if (err_is(fault, DG_ERROR_IO) || err_is(fault, DG_ERROR_BAD))
		g_ptr_array_add(found, g_strdup(fault->message));
	else if (fault != NULL)
		g_propagate_error(error, g_steal_pointer(&fault));
	return error == NULL || *error == NULL;
}

gboolean
desk_local_check(struct desk *desk, gboolean mend, GPtrArray *found,
    GPtrArray *left, GError **error)
{
	struct local *local = local_of(desk);

	if (!ask(local, found, error))
		return FALSE;
	if (found->len == 0)
		return TRUE;
	/* Indexes are made of the tables, and that is all that can be. */
	if (mend)
		(void)sql_script(local->sql, "REINDEX", NULL);
	return ask(local, left, error);
}
