/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedded desk's tables.
 *
 * Whatever names or quotes a person is sealed by that person's data key
 * (columns `sealed` and `bytes`); in clear stand only what lists are filtered
 * and sorted by, keyed digests, and sizes.  So a destroyed data key is enough
 * to erase a person here; the rows may follow at leisure.
 *
 * user_version counts the schema; each step below leads from one to the next
 * and runs in one transaction with its new number.
 */
#include "tickets/desk_local_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

static const char *const steps[] = {
	"CREATE TABLE desk (one INTEGER PRIMARY KEY CHECK (one = 1),"
	"  ident BLOB NOT NULL CHECK (length(ident) = 16));"

	"CREATE TABLE contact (id INTEGER PRIMARY KEY,"
	"  subject BLOB NOT NULL UNIQUE CHECK (length(subject) = 16),"
	"  created INTEGER NOT NULL, sealed BLOB NOT NULL);"

	/* AUTOINCREMENT: the number of a deleted ticket is never given again.
	 */
	"CREATE TABLE ticket (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  status TEXT NOT NULL"
	"    CHECK (status IN ('new', 'open', 'closed', 'spam')),"
	"  inbox TEXT NOT NULL,"
	"  requester INTEGER NOT NULL REFERENCES contact (id),"
	"  created INTEGER NOT NULL, changed INTEGER NOT NULL,"
	"  sealed BLOB NOT NULL);"
	"CREATE INDEX ticket_changed ON ticket (changed);"
	"CREATE INDEX ticket_requester ON ticket (requester);"

	"CREATE TABLE tag ("
	"  ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,"
	"  word TEXT NOT NULL, PRIMARY KEY (ticket, word)) WITHOUT ROWID;"

	/* `entry` is what makes a delivery happen once. */
	"CREATE TABLE message (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  ticket INTEGER NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,"
	"  author TEXT NOT NULL"
	"    CHECK (author IN ('customer', 'agent', 'deskgate')),"
	"  contact INTEGER NOT NULL REFERENCES contact (id),"
	"  entry BLOB UNIQUE CHECK (length(entry) = 16),"
	"  mail BLOB CHECK (length(mail) = 16),"
	"  sent INTEGER NOT NULL, added INTEGER NOT NULL,"
	"  sealed BLOB NOT NULL);"
	"CREATE INDEX message_ticket ON message (ticket);"
	"CREATE INDEX message_contact ON message (contact);"
	"CREATE INDEX message_mail ON message (mail) WHERE mail IS NOT NULL;"

	"CREATE TABLE attachment (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,"
	"  size INTEGER NOT NULL, sealed BLOB NOT NULL, bytes BLOB NOT NULL);"
	"CREATE INDEX attachment_message ON attachment (message);",

	/* What people decided, for who learns from it.  Its ticket may be gone.
	 */
	"CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  ticket INTEGER NOT NULL, status TEXT NOT NULL,"
	"  happened INTEGER NOT NULL);"
	"ALTER TABLE ticket ADD COLUMN priority TEXT;",

	"ALTER TABLE ticket ADD COLUMN department TEXT;",

	/* The ticket that this one was merged into. */
	"ALTER TABLE ticket ADD COLUMN merged INTEGER;",

	/* Of a message on a ticket that others were merged into: the one of
	 * them that it belongs to; null when it is this ticket's own.  What was
	 * merged before can be told for the requesters' alone, by the time. */
	"ALTER TABLE message ADD COLUMN origin INTEGER"
	"  REFERENCES ticket (id) ON DELETE SET NULL;"
	"CREATE INDEX message_origin ON message (origin)"
	"  WHERE origin IS NOT NULL;"
	"UPDATE message SET origin = (SELECT coalesce("
	"    max(t.id) FILTER (WHERE t.created <= message.added), min(t.id))"
	"  FROM ticket t JOIN ticket p ON p.id = t.merged"
	"  WHERE p.id = message.ticket AND t.requester = message.contact"
	"    AND p.requester <> message.contact);",
};

static gboolean
take_steps(struct sql *sql, gint64 from, GError **error)
{
	for (gsize i = (gsize)from; i < G_N_ELEMENTS(steps); i++) {
		g_autofree char *number =
		    g_strdup_printf("PRAGMA user_version = %d;", (int)i + 1);

		if (!sql_script(sql, steps[i], error) ||
		    !sql_script(sql, number, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
give_ident(struct sql *sql, GError **error)
{
	guint8 ident[IDENT_BYTES];

	seal_random(ident, sizeof ident);
	return sql_run(sql,
	    "INSERT INTO desk (one, ident) VALUES (1, ?1)"
	    " ON CONFLICT DO NOTHING",
	    SQL_VALUES(sql_mem(ident, sizeof ident)), error);
}

/* The version is looked at again inside the transaction: another process may
 * have been here first. */
static gboolean
bring_up(struct sql *sql, GError **error)
{
	gint64 version = 0;

	if (!sql_begin(sql, error))
		return FALSE;
	if (!sql_one_int(
		sql, "PRAGMA user_version", SQL_NONE, &version, error) ||
	    (version >= 0 && !take_steps(sql, version, error)) ||
	    !give_ident(sql, error)) {
		sql_abort(sql);
		return FALSE;
	}
	return sql_commit(sql, error);
}

static gboolean
read_ident(struct sql *sql, guint8 ident_r[IDENT_BYTES], GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) bytes = NULL;

	rows = sql_query(sql, "SELECT ident FROM desk", SQL_NONE, error);
	if (rows == NULL)
		return FALSE;
	if (sql_next(rows, &local))
		bytes = sql_column_bytes(rows, 0);
	if (bytes == NULL || g_bytes_get_size(bytes) != IDENT_BYTES)
		return err_set(error, DG_ERROR_IO, "desk without ident: %s",
		    local != NULL ? local->message : "damaged");
	memcpy(ident_r, g_bytes_get_data(bytes, NULL), IDENT_BYTES);
	return TRUE;
}

struct sql *
local_schema_open(const char *path, guint8 ident_r[IDENT_BYTES], GError **error)
{
	struct sql *sql OWNED(sql_close) = sql_open(path, SQL_DURABLE, error);
	gint64 version = 0;

	if (sql == NULL ||
	    !sql_one_int(sql, "PRAGMA user_version", SQL_NONE, &version, error))
		return NULL;
	if (version > (gint64)G_N_ELEMENTS(steps)) {
		err_set(error, DG_ERROR_DENIED,
		    "%s was written by a newer Deskgate (schema %d, this one "
		    "knows %d)",
		    path, (int)version, (int)G_N_ELEMENTS(steps));
		return NULL;
	}
	if (version < (gint64)G_N_ELEMENTS(steps) && !bring_up(sql, error))
		return NULL;
	if (!read_ident(sql, ident_r, error))
		return NULL;
	return g_steal_pointer(&sql);
}
