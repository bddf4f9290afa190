/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing out what the embedded desk holds of a person: the tickets he asked
 * for, with the messages he wrote and what this program noted; and the messages
 * he wrote on tickets of others, alone.
 *
 * The rights of others stand against more (GDPR Article 15(4)): messages of
 * others, who follows a ticket, and the subject of another's ticket are left
 * out, and how many messages that were is told.  Notes of agents are about him,
 * but may name others, so that somebody has to read them first: they are left
 * out and counted unless they are asked for.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/handout.h"

struct export
{
	struct local *local;
	const struct person *person;
	const struct handout *handout;
};

static gboolean
is_his(const struct export *export, struct sql_rows *rows, int column)
{
	g_autoptr(GBytes) bytes = sql_column_bytes(rows, column);
	struct ident subject;

	if (bytes == NULL || g_bytes_get_size(bytes) != IDENT_BYTES)
		return FALSE;
	memcpy(subject.bytes, g_bytes_get_data(bytes, NULL), IDENT_BYTES);
	return person_has(export->person, &subject);
}

static void
count_one(json_t *object, const char *name)
{
	json_object_set_new(object, name,
	    json_integer(
		json_integer_value(json_object_get(object, name)) + 1));
}

static gboolean
put_files(const struct export *export, json_t *message, GError **error)
{
	json_t *file;
	size_t i;

	if (export->handout->put == NULL)
		return TRUE;
	json_array_foreach(json_object_get(message, "attachments"), i, file)
	{
		json_int_t id = json_integer_value(json_object_get(file, "id"));
		const char *name =
		    json_string_value(json_object_get(file, "name"));
		g_autofree char *path = handout_path(
		    "attachments", id, name != NULL ? name : "file");
		g_autoptr(GBytes) bytes = desk_local_attachment(
		    &export->local->desk, id, NULL, error);

		if (bytes == NULL ||
		    !handout_put(export->handout, file, path, bytes, error))
			return FALSE;
	}
	return TRUE;
}

/* One that is his, or about him. */
static gboolean
add_message(
    const struct export *export, gint64 id, json_t *list, GError **error)
{
	json_t *ticket = NULL, *message = NULL;

	if (!local_message_json(export->local, id, &ticket, &message, error))
		return FALSE;
	json_object_set(message, "ticket", json_object_get(ticket, "code"));
	json_decref(ticket);
	json_array_append_new(list, message);
	return json_is_true(json_object_get(message, "erased")) ||
	       put_files(export, message, error);
}

/* What becomes of one message on a ticket of his. */
static gboolean
sort_message(const struct export *export, struct sql_rows *rows, json_t *ticket,
    GError **error)
{
	json_t *list = json_object_get(ticket, "messages");
	const char *author = sql_column_text(rows, 1);

	if (!is_his(export, rows, 2))
		count_one(ticket, "messages_of_others_left_out");
	else if (g_strcmp0(author, "agent") == 0 && !export->handout->notes)
		count_one(ticket, "notes_left_out");
	else
		return add_message(
		    export, sql_column_int(rows, 0), list, error);
	return TRUE;
}

static gboolean
add_ticket(const struct export *export, gint64 id, json_t *list, GError **error)
{
	json_t *ticket = local_ticket_json(export->local, id, error);
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	if (ticket == NULL)
		return FALSE;
	json_object_del(ticket, "followers");
	json_object_set_new(ticket, "messages", json_array());
	json_array_append_new(list, ticket);
	rows = sql_query(export->local->sql,
	    "SELECT m.id, m.author, c.subject FROM message m"
	    " JOIN contact c ON c.id = m.contact"
	    " WHERE m.ticket = ?1 ORDER BY m.id",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return FALSE;
	while (fault == NULL && sql_next(rows, &fault))
		sort_message(export, rows, ticket, &fault);
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
add_tickets(const struct export *export, const struct ident *subject,
    json_t *list, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(export->local->sql,
	    "SELECT t.id FROM ticket t JOIN contact c ON c.id = t.requester"
	    " WHERE c.subject = ?1 ORDER BY t.id",
	    SQL_VALUES(sql_mem(subject->bytes, IDENT_BYTES)), error);
	if (rows == NULL)
		return FALSE;
	while (fault == NULL && sql_next(rows, &fault))
		add_ticket(export, sql_column_int(rows, 0), list, &fault);
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* What he wrote on tickets of others. */
static gboolean
add_elsewhere(const struct export *export, const struct ident *subject,
    json_t *list, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(export->local->sql,
	    "SELECT m.id, r.subject FROM message m"
	    " JOIN contact c ON c.id = m.contact"
	    " JOIN ticket t ON t.id = m.ticket"
	    " JOIN contact r ON r.id = t.requester"
	    " WHERE c.subject = ?1 AND m.author = 'customer' ORDER BY m.id",
	    SQL_VALUES(sql_mem(subject->bytes, IDENT_BYTES)), error);
	if (rows == NULL)
		return FALSE;
	while (fault == NULL && sql_next(rows, &fault)) {
		if (!is_his(export, rows, 1))
			add_message(
			    export, sql_column_int(rows, 0), list, &fault);
	}
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

gboolean
desk_local_export(struct desk *desk, const struct person *person,
    const struct handout *handout, GError **error)
{
	const struct export export = { local_of(desk), person, handout };
	json_t *tickets = json_array(), *elsewhere = json_array();

	json_object_set_new(handout->data, "tickets", tickets);
	json_object_set_new(
	    handout->data, "messages_on_tickets_of_others", elsewhere);
	for (guint i = 0; i < person->subjects->len; i++) {
		const struct ident *subject =
		    &g_array_index(person->subjects, struct ident, i);

		if (!add_tickets(&export, subject, tickets, error) ||
		    !add_elsewhere(&export, subject, elsewhere, error))
			return FALSE;
	}
	return TRUE;
}
