/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people do to tickets of the embedded desk: notes, attachments.
 */
#include "tickets/desk_local_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

gboolean
desk_local_count(struct desk *desk, gint64 *tickets_r, GError **error)
{
	return sql_one_int(local_of(desk)->sql, "SELECT count(*) FROM ticket",
	    SQL_NONE, tickets_r, error);
}

/* The requester of a ticket: a note about him is sealed by his key. */
static gboolean
requester_of(struct local *local, gint64 id, struct ident *person_r,
    gint64 *contact_r, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) subject = NULL;

	rows = sql_query(local->sql,
	    "SELECT c.subject, c.id FROM ticket t JOIN contact c"
	    " ON c.id = t.requester WHERE t.id = ?1",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return FALSE;
	if (!sql_next(rows, &fault)) {
		if (fault == NULL)
			return err_set(error, DG_ERROR_NOTFOUND,
			    "no ticket %" G_GINT64_FORMAT, id);
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	subject = sql_column_bytes(rows, 0);
	if (subject == NULL || g_bytes_get_size(subject) != IDENT_BYTES)
		return err_set(error, DG_ERROR_IO, "contact: damaged row");
	memcpy(person_r->bytes, g_bytes_get_data(subject, NULL), IDENT_BYTES);
	*contact_r = sql_column_int(rows, 1);
	return TRUE;
}

static gboolean
put_note(struct local *local, gint64 id, gint64 contact, GBytes *sealed,
    GError **error)
{
	gint64 now = local_now(local);

	if (!sql_begin(local->sql, error))
		return FALSE;
	if (sql_run(local->sql,
		"INSERT INTO message (ticket, author, contact, sent, added,"
		" sealed) VALUES (?1, 'agent', ?2, ?3, ?3, ?4)",
		SQL_VALUES(sql_int(id), sql_int(contact), sql_int(now),
		    sql_bytes(sealed)),
		error) &&
	    sql_run(local->sql,
		"UPDATE ticket SET changed = ?2, status ="
		" CASE status WHEN 'new' THEN 'open' ELSE status END"
		" WHERE id = ?1",
		SQL_VALUES(sql_int(id), sql_int(now)), error))
		return sql_commit(local->sql, error);
	sql_abort(local->sql);
	return FALSE;
}

gboolean
desk_local_note(struct desk *desk, const char *code, const char *actor,
    const char *text, GError **error)
{
	struct local *local = local_of(desk);
	struct secret *key OWNED(secret_free) = NULL;
	g_autoptr(GBytes) sealed = NULL;
	struct ident person;
	gint64 id = 0, contact = 0;
	json_t *note;

	if (text[0] == '\0' || strlen(text) > DESK_NOTE_MAX)
		return err_set(error, DG_ERROR_BAD, "a note has 1 to %d bytes",
		    DESK_NOTE_MAX);
	if (!local_parse_code(code, &id, error) ||
	    !requester_of(local, id, &person, &contact, error))
		return FALSE;
	key = vault_key(local->vault, &person, FALSE, error);
	if (key == NULL) {
		g_prefix_error(error, "the person of this ticket was erased: ");
		return FALSE;
	}
	note = json_pack(
	    "{s:o, s:o}", "text", desk_text(text), "actor", desk_text(actor));
	sealed = local_seal(key, "message", note);
	json_decref(note);
	if (!put_note(local, id, contact, sealed, error))
		return FALSE;
	local_index_update(local, NULL); /* else the next search does it */
	return TRUE;
}

gboolean
local_note(struct desk *desk, const char *id, const char *text, GError **error)
{
	return desk_local_note(desk, id, "deskgate", text, error);
}

static char *
name_of(const struct local *local, const struct ident *person, GBytes *about)
{
	json_t *opened = local_open(local, person, "attachment", about, NULL);
	char *name =
	    g_strdup(json_string_value(json_object_get(opened, "name")));

	json_decref(opened);
	return name;
}

gboolean
desk_local_attachment_owner(
    struct desk *desk, gint64 id, struct ident *subject_r, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GBytes) subject = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(local_of(desk)->sql,
	    "SELECT c.subject FROM attachment a"
	    " JOIN message m ON m.id = a.message"
	    " JOIN contact c ON c.id = m.contact WHERE a.id = ?1",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return FALSE;
	if (sql_next(rows, &fault))
		subject = sql_column_bytes(rows, 0);
	if (subject == NULL || g_bytes_get_size(subject) != IDENT_BYTES)
		return err_set(error,
		    fault != NULL ? DG_ERROR_IO : DG_ERROR_NOTFOUND, "%s",
		    fault != NULL ? fault->message : "no such attachment");
	memcpy(subject_r->bytes, g_bytes_get_data(subject, NULL), IDENT_BYTES);
	return TRUE;
}

GBytes *
desk_local_attachment(
    struct desk *desk, gint64 id, char **name_r, GError **error)
{
	struct local *local = local_of(desk);
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GBytes) subject = NULL, about = NULL, sealed = NULL;
	g_autoptr(GError) fault = NULL;
	struct ident person = { { 0 } };
	GBytes *bytes;

	rows = sql_query(local->sql,
	    "SELECT c.subject, a.sealed, a.bytes FROM attachment a"
	    " JOIN message m ON m.id = a.message"
	    " JOIN contact c ON c.id = m.contact WHERE a.id = ?1",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return NULL;
	if (!sql_next(rows, &fault)) {
		err_set(error, fault != NULL ? DG_ERROR_IO : DG_ERROR_NOTFOUND,
		    "%s",
		    fault != NULL ? fault->message : "no such attachment");
		return NULL;
	}
	subject = sql_column_bytes(rows, 0);
	about = sql_column_bytes(rows, 1);
	sealed = sql_column_bytes(rows, 2);
	memcpy(person.bytes, g_bytes_get_data(subject, NULL),
	    MIN(g_bytes_get_size(subject), IDENT_BYTES));
	bytes = local_open_bytes(local, &person, "bytes", sealed, error);
	if (bytes != NULL && name_r != NULL)
		*name_r = name_of(local, &person, about);
	return bytes;
}
