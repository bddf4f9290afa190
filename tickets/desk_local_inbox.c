/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Erasing an inbox from the embedded desk: its tickets with all that is in
 * them, and who has nothing else there.  A ticket on which mail of another
 * inbox stands becomes that inbox's, without the mail of this one; tickets of
 * others that were merged into one of its own stand alone again.
 */
#include "tickets/desk_local_private.h"

#include "lib/base/owned.h"
#include "tickets/ledger_inbox.h"

#define OURS "(SELECT id FROM ticket WHERE inbox = ?1 COLLATE NOCASE)"

static gboolean
run(struct sql *sql, const char *text, const char *inbox, GError **error)
{
	return sql_run(sql, text, SQL_VALUES(sql_str(inbox)), error);
}

static gboolean
hand_over(struct sql *sql, const struct ledger_shared *shared, GError **error)
{
	gint64 id;

	if (!local_parse_code(shared->ticket, &id, error) ||
	    !sql_run(sql, "UPDATE ticket SET inbox = ?2 WHERE id = ?1",
		SQL_VALUES(sql_int(id), sql_str(shared->inbox)), error))
		return FALSE;
	for (guint i = 0; i < shared->entries->len; i++) {
		const struct ident *entry =
		    &g_array_index(shared->entries, struct ident, i);

		if (!sql_run(sql, "DELETE FROM message WHERE entry = ?1",
			SQL_VALUES(sql_mem(entry->bytes, IDENT_BYTES)), error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
delete_rows(
    struct sql *sql, const char *inbox, gint64 *tickets_r, GError **error)
{
	if (!run(sql,
		"UPDATE message SET ticket = origin, origin = NULL"
		" WHERE ticket IN " OURS " AND origin IS NOT NULL"
		" AND origin NOT IN " OURS,
		inbox, error) ||
	    !run(sql, "UPDATE ticket SET merged = NULL WHERE merged IN " OURS,
		inbox, error) ||
	    !run(sql, "DELETE FROM message WHERE origin IN " OURS, inbox,
		error) ||
	    !run(
		sql, "DELETE FROM event WHERE ticket IN " OURS, inbox, error) ||
	    !run(sql, "DELETE FROM ticket WHERE inbox = ?1 COLLATE NOCASE",
		inbox, error))
		return FALSE;
	*tickets_r = sql_changed(sql);
	return sql_run(sql,
	    "DELETE FROM contact WHERE id NOT IN (SELECT requester FROM ticket)"
	    " AND id NOT IN (SELECT contact FROM message)",
	    SQL_NONE, error);
}

static gboolean
erase_rows(struct sql *sql, const char *inbox, const GPtrArray *shared,
    gint64 *tickets_r, GError **error)
{
	gboolean good = TRUE;

	if (!sql_begin(sql, error))
		return FALSE;
	for (guint i = 0; good && i < shared->len; i++)
		good = hand_over(sql, shared->pdata[i], error);
	if (good && delete_rows(sql, inbox, tickets_r, error))
		return sql_commit(sql, error);
	sql_abort(sql);
	return FALSE;
}

GArray *
desk_local_inbox_people(struct desk *desk, const char *inbox, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) =
	    sql_query(local_of(desk)->sql,
		"SELECT DISTINCT subject FROM contact WHERE id IN"
		" (SELECT requester FROM ticket"
		"   WHERE inbox = ?1 COLLATE NOCASE"
		"  UNION SELECT contact FROM message WHERE ticket IN " OURS ")",
		SQL_VALUES(sql_str(inbox)), error);
	GArray *people = g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_autoptr(GError) fault = NULL;

	while (rows != NULL && sql_next(rows, &fault)) {
		g_autoptr(GBytes) subject = sql_column_bytes(rows, 0);

		if (subject != NULL && g_bytes_get_size(subject) == IDENT_BYTES)
			g_array_append_vals(
			    people, g_bytes_get_data(subject, NULL), 1);
	}
	if (rows != NULL && fault == NULL)
		return people;
	if (fault != NULL)
		g_propagate_error(error, g_steal_pointer(&fault));
	g_array_unref(people);
	return NULL;
}

gboolean
desk_local_erase_inbox(struct desk *desk, const char *inbox,
    const GPtrArray *shared, gint64 *tickets_r, GError **error)
{
	struct local *local = local_of(desk);
	gboolean good;

	*tickets_r = 0;
	if (!erase_rows(local->sql, inbox, shared, tickets_r, error))
		return FALSE;
	/* A deleted row still stands in the log, and its words in the index. */
	good =
	    local_index_forget(local, error) && sql_compact(local->sql, error);
	local_index_update(local, NULL);
	return good;
}
