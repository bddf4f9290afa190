/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the embedded desk: lists, one ticket with its messages, attachments.
 *
 * Answers are JSON, ready for the control socket.  What was sealed to a person
 * who has been erased is null there, with "erased": true beside it; an erased
 * person is no error.
 */
#include "tickets/desk_local_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define DEFAULT_LIMIT 50
#define MAX_LIMIT 10000

static json_t *
time_json(gint64 wall)
{
	g_autofree char *text = clock_text(wall);

	return json_string(text);
}

/*
 * Opens the sealed column; *value_r is NULL when its person was erased.  FALSE
 * only for faults.
 */
static gboolean
open_column(struct local *local, struct sql_rows *rows, int subject,
    const char *kind, json_t **value_r, GError **error)
{
	g_autoptr(GBytes) who = sql_column_bytes(rows, subject);
	g_autoptr(GBytes) sealed = sql_column_bytes(rows, subject + 1);
	g_autoptr(GError) unopened = NULL;
	struct ident person;

	*value_r = NULL;
	if (who == NULL || sealed == NULL ||
	    g_bytes_get_size(who) != IDENT_BYTES)
		return err_set(error, DG_ERROR_IO, "%s: damaged row", kind);
	memcpy(person.bytes, g_bytes_get_data(who, NULL), IDENT_BYTES);
	*value_r = local_open(local, &person, kind, sealed, &unopened);
	json_object_del(*value_r, "instead_of"); /* local_contact's alone */
	if (*value_r != NULL || err_is(unopened, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&unopened));
	return FALSE;
}

/* `name` of the opened object, or null. */
static void
copy_from(
    json_t *target, const char *name, const json_t *opened, const char *from)
{
	json_t *value = json_object_get(opened, from);

	if (value != NULL)
		json_object_set(target, name, value);
	else
		json_object_set_new(target, name, json_null());
}

static json_t *
tags_json(struct local *local, gint64 id, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;
	json_t *list;

	rows = sql_query(local->sql,
	    "SELECT word FROM tag WHERE ticket = ?1 ORDER BY word",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return NULL;
	list = json_array();
	while (sql_next(rows, &fault))
		json_array_append_new(
		    list, desk_text(sql_column_text(rows, 0)));
	if (fault == NULL)
		return list;
	json_decref(list);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

#define TICKET_COLUMNS \
	"SELECT t.id, t.status, t.inbox, t.created, t.changed," \
	" (SELECT count(*) FROM message m WHERE m.ticket = t.id)," \
	" c.subject, t.sealed, c.subject, c.sealed, t.priority, t.department" \
	" FROM ticket t JOIN contact c ON c.id = t.requester "

static json_t *
ticket_row(struct local *local, struct sql_rows *rows, GError **error)
{
	gint64 id = sql_column_int(rows, 0);
	g_autofree char *code = g_strdup_printf("%" G_GINT64_FORMAT, id);
	json_t *ticket = NULL, *about = NULL, *contact = NULL, *tags;

	if (!open_column(local, rows, 6, "ticket", &about, error) ||
	    !open_column(local, rows, 8, "contact", &contact, error) ||
	    (tags = tags_json(local, id, error)) == NULL) {
		json_decref(about);
		json_decref(contact);
		return NULL;
	}
	ticket = json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:I, s:o, s:b}",
	    "id", (json_int_t)id, "code", code, "status",
	    desk_text(sql_column_text(rows, 1)), "inbox",
	    desk_text(sql_column_text(rows, 2)), "created",
	    time_json(sql_column_int(rows, 3)), "changed",
	    time_json(sql_column_int(rows, 4)), "messages",
	    (json_int_t)sql_column_int(rows, 5), "tags", tags, "erased",
	    about == NULL);
	json_object_set_new(
	    ticket, "priority", desk_text(sql_column_text(rows, 10)));
	json_object_set_new(
	    ticket, "department", desk_text(sql_column_text(rows, 11)));
	copy_from(ticket, "subject", about, "subject");
	copy_from(ticket, "followers", about, "followers");
	json_object_set_new(
	    ticket, "requester", contact != NULL ? contact : json_null());
	json_decref(about);
	return ticket;
}

static json_t *
ticket_rows(struct local *local, struct sql_rows *rows, GError **error)
{
	g_autoptr(GError) fault = NULL;
	json_t *list = json_array();

	while (sql_next(rows, &fault)) {
		json_t *ticket = ticket_row(local, rows, &fault);

		if (ticket == NULL)
			break;
		json_array_append_new(list, ticket);
	}
	if (fault == NULL)
		return list;
	json_decref(list);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

static gboolean
status_known(const char *status)
{
	static const char *const words[] = { "new", "open", "closed", "spam",
		NULL };

	return status == NULL || g_strv_contains(words, status);
}

json_t *
desk_local_list(
    struct desk *desk, const struct desk_local_filter *filter, GError **error)
{
	struct local *local = local_of(desk);
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	guint limit =
	    filter->limit != 0 ? MIN(filter->limit, MAX_LIMIT) : DEFAULT_LIMIT;

	if (!status_known(filter->status)) {
		err_set(error, DG_ERROR_BAD,
		    "the status of a ticket is new, open, closed or spam");
		return NULL;
	}
	rows = sql_query(local->sql,
	    TICKET_COLUMNS
	    "WHERE (t.status = ?1 OR (?1 IS NULL AND t.status <> 'spam'))"
	    " AND (?2 IS NULL OR t.inbox = ?2 COLLATE NOCASE)"
	    " ORDER BY t.changed DESC, t.id DESC LIMIT ?3",
	    SQL_VALUES(sql_str(filter->status), sql_str(filter->inbox),
		sql_int(limit)),
	    error);
	return rows != NULL ? ticket_rows(local, rows, error) : NULL;
}

json_t *
local_ticket_json(struct local *local, gint64 id, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(local->sql, TICKET_COLUMNS "WHERE t.id = ?1",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return NULL;
	if (sql_next(rows, &fault))
		return ticket_row(local, rows, error);
	if (fault != NULL)
		g_propagate_error(error, g_steal_pointer(&fault));
	else
		err_set(error, DG_ERROR_NOTFOUND, "no ticket %" G_GINT64_FORMAT,
		    id);
	return NULL;
}

static gboolean
add_attachment(
    struct local *local, struct sql_rows *rows, json_t *list, GError **error)
{
	json_t *about = NULL, *one;

	if (!open_column(local, rows, 2, "attachment", &about, error))
		return FALSE;
	one = json_pack("{s:I, s:I}", "id", (json_int_t)sql_column_int(rows, 0),
	    "size", (json_int_t)sql_column_int(rows, 1));
	copy_from(one, "name", about, "name");
	copy_from(one, "type", about, "type");
	copy_from(one, "content_id", about, "content_id");
	json_decref(about);
	json_array_append_new(list, one);
	return TRUE;
}

static json_t *
attachments_json(struct local *local, gint64 message, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;
	json_t *list;

	rows = sql_query(local->sql,
	    "SELECT a.id, a.size, c.subject, a.sealed FROM attachment a"
	    " JOIN message m ON m.id = a.message JOIN contact c"
	    " ON c.id = m.contact WHERE a.message = ?1 ORDER BY a.id",
	    SQL_VALUES(sql_int(message)), error);
	if (rows == NULL)
		return NULL;
	list = json_array();
	while (fault == NULL && sql_next(rows, &fault))
		add_attachment(local, rows, list, &fault);
	if (fault == NULL)
		return list;
	json_decref(list);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

/* The key of the entry a message came by; null for a note. */
static json_t *
entry_json(struct sql_rows *rows, int column)
{
	g_autoptr(GBytes) bytes = sql_column_bytes(rows, column);
	char text[IDENT_TEXT];
	struct ident key;

	if (bytes == NULL || g_bytes_get_size(bytes) != IDENT_BYTES)
		return json_null();
	memcpy(key.bytes, g_bytes_get_data(bytes, NULL), IDENT_BYTES);
	ident_text(&key, text);
	return json_string(text);
}

static json_t *
message_json(struct local *local, struct sql_rows *rows, GError **error)
{
	static const char *const copied[] = { "text", "quoted", "html",
		"message_id", "actor" };
	json_t *message, *opened = NULL, *contact = NULL, *files;
	gint64 id = sql_column_int(rows, 0);

	if (!open_column(local, rows, 4, "message", &opened, error) ||
	    !open_column(local, rows, 6, "contact", &contact, error) ||
	    (files = attachments_json(local, id, error)) == NULL) {
		json_decref(opened);
		json_decref(contact);
		return NULL;
	}
	message = json_pack("{s:I, s:o, s:o, s:o, s:b, s:o, s:o}", "id",
	    (json_int_t)id, "author", desk_text(sql_column_text(rows, 1)),
	    "sent", time_json(sql_column_int(rows, 2)), "added",
	    time_json(sql_column_int(rows, 3)), "erased", opened == NULL,
	    "attachments", files, "from",
	    contact != NULL ? contact : json_null());
	for (gsize i = 0; i < G_N_ELEMENTS(copied); i++)
		copy_from(message, copied[i], opened, copied[i]);
	json_object_set_new(message, "entry", entry_json(rows, 9));
	json_decref(opened);
	return message;
}

#define MESSAGE_COLUMNS \
	"SELECT m.id, m.author, m.sent, m.added, c.subject, m.sealed," \
	" c.subject, c.sealed, m.ticket, m.entry FROM message m" \
	" JOIN contact c ON c.id = m.contact "

static gboolean
add_messages(struct local *local, gint64 id, json_t *list, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(local->sql,
	    MESSAGE_COLUMNS "WHERE m.ticket = ?1 ORDER BY m.id",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return FALSE;
	while (sql_next(rows, &fault)) {
		json_t *message = message_json(local, rows, &fault);

		if (message == NULL)
			break;
		json_array_append_new(list, message);
	}
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

gboolean
local_message_json(struct local *local, gint64 id, json_t **ticket_r,
    json_t **message_r, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(local->sql, MESSAGE_COLUMNS "WHERE m.id = ?1",
	    SQL_VALUES(sql_int(id)), error);
	if (rows == NULL)
		return FALSE;
	if (!sql_next(rows, &fault)) {
		if (fault == NULL)
			return err_set(error, DG_ERROR_NOTFOUND,
			    "no message %" G_GINT64_FORMAT, id);
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	*message_r = message_json(local, rows, error);
	if (*message_r == NULL)
		return FALSE;
	*ticket_r = local_ticket_json(local, sql_column_int(rows, 8), error);
	if (*ticket_r != NULL)
		return TRUE;
	g_clear_pointer(message_r, json_decref);
	return FALSE;
}

json_t *
desk_local_show(struct desk *desk, const char *code, GError **error)
{
	struct local *local = local_of(desk);
	json_t *ticket, *list;
	gint64 id = 0;

	if (!local_parse_code(code, &id, error))
		return NULL;
	ticket = local_ticket_json(local, id, error);
	if (ticket == NULL)
		return NULL;
	list = json_array();
	json_object_set_new(ticket, "messages", list);
	if (add_messages(local, id, list, error))
		return ticket;
	json_decref(ticket);
	return NULL;
}
