/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ticket as a value and as JSON.  Files' bytes travel apart, as memory
 * files.
 */
#include "tickets/ticket.h"

#include "lib/base/err.h"

static void
file_free(gpointer data)
{
	struct ticket_file *file = data;

	g_free(file->name);
	g_free(file->type);
	g_free(file->content_id);
	g_clear_pointer(&file->bytes, g_bytes_unref);
	g_free(file);
}

struct ticket *
ticket_new(void)
{
	struct ticket *ticket = g_new0(struct ticket, 1);

	ticket->followers =
	    g_ptr_array_new_with_free_func((GDestroyNotify)addr_free);
	ticket->files = g_ptr_array_new_with_free_func(file_free);
	ticket->references = g_ptr_array_new_with_free_func(g_free);
	verdict_init(&ticket->verdict, VERDICT_UNSURE, VERDICT_NO_MODEL, NULL);
	return ticket;
}

void
ticket_free(struct ticket **address)
{
	struct ticket *ticket = *address;

	if (ticket == NULL)
		return;
	g_free(ticket->inbox);
	g_free(ticket->requester_address);
	g_free(ticket->requester_name);
	g_ptr_array_unref(ticket->followers);
	g_free(ticket->subject);
	g_free(ticket->text);
	g_free(ticket->html);
	g_ptr_array_unref(ticket->files);
	g_free(ticket->message_id);
	g_ptr_array_unref(ticket->references);
	g_free(ticket->subject_tag);
	g_free(ticket->note);
	g_clear_pointer(address, g_free);
}

static void
set_text(json_t *object, const char *member, const char *text)
{
	g_autofree char *valid = NULL;

	if (text == NULL)
		return;
	valid = g_utf8_make_valid(text, -1);
	json_object_set_new(object, member, json_string(valid));
}

static json_t *
followers_to_json(const GPtrArray *followers)
{
	json_t *array = json_array();

	for (guint i = 0; i < followers->len; i++) {
		const struct addr *addr = followers->pdata[i];
		json_t *item = json_object();

		set_text(item, "name", addr->name);
		set_text(item, "address", addr->address);
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *
files_to_json(const GPtrArray *files)
{
	json_t *array = json_array();

	for (guint i = 0; i < files->len; i++) {
		const struct ticket_file *file = files->pdata[i];
		json_t *item = json_object();

		set_text(item, "name", file->name);
		set_text(item, "type", file->type);
		set_text(item, "content_id", file->content_id);
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *
texts_to_json(const GPtrArray *texts)
{
	json_t *array = json_array();

	for (guint i = 0; i < texts->len; i++) {
		g_autofree char *valid = g_utf8_make_valid(texts->pdata[i], -1);

		json_array_append_new(array, json_string(valid));
	}
	return array;
}

json_t *
ticket_to_json(const struct ticket *ticket)
{
	json_t *object = json_object();

	set_text(object, "inbox", ticket->inbox);
	set_text(object, "requester_address", ticket->requester_address);
	set_text(object, "requester_name", ticket->requester_name);
	json_object_set_new(
	    object, "followers", followers_to_json(ticket->followers));
	set_text(object, "subject", ticket->subject);
	set_text(object, "text", ticket->text);
	set_text(object, "html", ticket->html);
	json_object_set_new(object, "files", files_to_json(ticket->files));
	set_text(object, "message_id", ticket->message_id);
	json_object_set_new(
	    object, "references", texts_to_json(ticket->references));
	set_text(object, "subject_tag", ticket->subject_tag);
	json_object_set_new(object, "date", json_integer(ticket->date));
	json_object_set_new(
	    object, "automatic", json_boolean(ticket->automatic));
	json_object_set_new(object, "unread", json_boolean(ticket->unread));
	json_object_set_new(object, "partial", json_boolean(ticket->partial));
	json_object_set_new(object, "spam", json_boolean(ticket->spam));
	json_object_set_new(
	    object, "verdict", verdict_to_json(&ticket->verdict));
	set_text(object, "note", ticket->note);
	return object;
}

static char *
get_text(const json_t *object, const char *member)
{
	return g_strdup(json_string_value(json_object_get(object, member)));
}

static void
get_lists(const json_t *object, struct ticket *ticket)
{
	size_t i;
	json_t *item;

	json_array_foreach(json_object_get(object, "followers"), i, item)
	{
		struct addr *addr = g_new(struct addr, 1);

		addr->name = get_text(item, "name");
		addr->address = get_text(item, "address");
		if (addr->name == NULL)
			addr->name = g_strdup("");
		if (addr->address != NULL)
			g_ptr_array_add(ticket->followers, addr);
		else
			addr_free(addr);
	}
	json_array_foreach(json_object_get(object, "files"), i, item)
	{
		struct ticket_file *file = g_new0(struct ticket_file, 1);

		file->name = get_text(item, "name");
		file->type = get_text(item, "type");
		file->content_id = get_text(item, "content_id");
		g_ptr_array_add(ticket->files, file);
	}
	json_array_foreach(json_object_get(object, "references"), i,
	    item) if (json_is_string(item)) g_ptr_array_add(ticket->references,
	    g_strdup(json_string_value(item)));
}

static gboolean
is_whole(const struct ticket *ticket)
{
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		if (file->name == NULL || file->type == NULL)
			return FALSE;
	}
	return ticket->inbox != NULL && ticket->requester_address != NULL &&
	       ticket->subject != NULL && ticket->text != NULL;
}

struct ticket *
ticket_from_json(const json_t *object, GError **error)
{
	struct ticket *ticket = ticket_new();

	ticket->inbox = get_text(object, "inbox");
	ticket->requester_address = get_text(object, "requester_address");
	ticket->requester_name = get_text(object, "requester_name");
	ticket->subject = get_text(object, "subject");
	ticket->text = get_text(object, "text");
	ticket->html = get_text(object, "html");
	ticket->message_id = get_text(object, "message_id");
	ticket->subject_tag = get_text(object, "subject_tag");
	ticket->note = get_text(object, "note");
	ticket->date = json_integer_value(json_object_get(object, "date"));
	ticket->automatic = json_is_true(json_object_get(object, "automatic"));
	ticket->unread = json_is_true(json_object_get(object, "unread"));
	ticket->partial = json_is_true(json_object_get(object, "partial"));
	ticket->spam = json_is_true(json_object_get(object, "spam"));
	if (ticket->requester_name == NULL)
		ticket->requester_name = g_strdup("");
	get_lists(object, ticket);
	if (!is_whole(ticket))
		err_set(error, DG_ERROR_BAD,
		    "a ticket needs inbox, requester, subject, text and named "
		    "files");
	else if (verdict_from_json(json_object_get(object, "verdict"),
		     &ticket->verdict, error))
		return ticket;
	ticket_free(&ticket);
	return NULL;
}
