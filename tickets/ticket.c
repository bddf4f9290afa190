/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ticket as a value and as JSON.  Files' bytes travel apart, as memory
 * files.
 */
#include "tickets/ticket.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/mail/html_clean.h"

struct ticket_file *
ticket_file_new(const char *name, const char *type, GBytes *bytes)
{
	struct ticket_file *file = g_new0(struct ticket_file, 1);

	file->name = g_strdup(name);
	file->type = g_strdup(type);
	file->bytes = bytes != NULL ? g_bytes_ref(bytes) : NULL;
	return file;
}

void
ticket_file_free(gpointer data)
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
	ticket->files = g_ptr_array_new_with_free_func(ticket_file_free);
	ticket->references = g_ptr_array_new_with_free_func(g_free);
	ticket->tags = g_ptr_array_new_with_free_func(g_free);
	ticket->rules = g_ptr_array_new_with_free_func(g_free);
	ticket->undecided = g_ptr_array_new_with_free_func(g_free);
	origin_init(&ticket->origin);
	verdict_init(&ticket->verdict, VERDICT_UNSURE, VERDICT_NO_MODEL, NULL);
	return ticket;
}

void
ticket_add_note(struct ticket *ticket, const char *format, ...)
{
	char *old = ticket->note;
	g_autofree char *line = NULL;
	va_list args;

	va_start(args, format);
	line = g_strdup_vprintf(format, args);
	va_end(args);
	ticket->note = old == NULL ? g_steal_pointer(&line)
				   : g_strdup_printf("%s\n%s", old, line);
	g_free(old);
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
	g_free(ticket->quoted);
	g_free(ticket->html);
	g_ptr_array_unref(ticket->files);
	g_free(ticket->message_id);
	g_ptr_array_unref(ticket->references);
	g_free(ticket->subject_tag);
	g_free(ticket->from);
	g_free(ticket->priority);
	g_free(ticket->department);
	g_free(ticket->status);
	g_free(ticket->desk);
	g_ptr_array_unref(ticket->tags);
	g_ptr_array_unref(ticket->rules);
	g_ptr_array_unref(ticket->undecided);
	origin_clear(&ticket->origin);
	g_free(ticket->note);
	g_clear_pointer(&ticket->source, g_bytes_unref);
	g_clear_pointer(address, g_free);
}

const char *
ticket_person_name(const struct ticket *ticket)
{
	return strcmp(ticket->requester_address, TICKET_NOBODY) == 0
		   ? ""
		   : ticket->requester_name;
}

gboolean
ticket_is_silent(const struct ticket *ticket)
{
	return ticket->spam || ticket->automatic || ticket->imported;
}

char *
ticket_full_text(const struct ticket *ticket)
{
	if (ticket->quoted == NULL)
		return g_strdup(ticket->text);
	return g_strconcat(ticket->text,
	    "\n\n--- quoted text and signature ---\n", ticket->quoted, NULL);
}

void
ticket_add_lines(struct ticket *ticket, const char *lines)
{
	static const char end[] = "</div>";
	g_autofree char *text = g_steal_pointer(&ticket->text);
	g_autoptr(GString) html = NULL;

	g_strchomp(text);
	ticket->text =
	    g_strconcat(text, *text != '\0' ? "\n\n" : "", lines, NULL);
	if (ticket->html == NULL)
		return;
	html = g_string_new(ticket->html);
	if (g_str_has_suffix(html->str, end))
		g_string_truncate(html, html->len - strlen(end));
	g_string_append(html, "<pre>");
	html_clean_escape(html, lines, strlen(lines));
	g_string_append_printf(html, "</pre>%s", end);
	g_free(ticket->html);
	ticket->html = g_strdup(html->str);
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
	set_text(object, "quoted", ticket->quoted);
	set_text(object, "html", ticket->html);
	json_object_set_new(object, "files", files_to_json(ticket->files));
	set_text(object, "message_id", ticket->message_id);
	json_object_set_new(
	    object, "references", texts_to_json(ticket->references));
	set_text(object, "subject_tag", ticket->subject_tag);
	json_object_set_new(object, "date", json_integer(ticket->date));
	json_object_set_new(
	    object, "automatic", json_boolean(ticket->automatic));
	json_object_set_new(object, "origin", origin_to_json(&ticket->origin));
	json_object_set_new(object, "unread", json_boolean(ticket->unread));
	json_object_set_new(object, "partial", json_boolean(ticket->partial));
	json_object_set_new(object, "spam", json_boolean(ticket->spam));
	json_object_set_new(
	    object, "verdict", verdict_to_json(&ticket->verdict));
	set_text(object, "from", ticket->from);
	set_text(object, "priority", ticket->priority);
	set_text(object, "department", ticket->department);
	set_text(object, "status", ticket->status);
	json_object_set_new(object, "tags", texts_to_json(ticket->tags));
	json_object_set_new(object, "rules", texts_to_json(ticket->rules));
	json_object_set_new(
	    object, "undecided", texts_to_json(ticket->undecided));
	set_text(object, "note", ticket->note);
	return object;
}

static char *
get_text(const json_t *object, const char *member)
{
	return g_strdup(json_string_value(json_object_get(object, member)));
}

static void
get_texts(const json_t *object, const char *member, GPtrArray *texts)
{
	size_t i;
	json_t *item;

	json_array_foreach(json_object_get(object, member), i, item)
	{
		if (json_is_string(item))
			g_ptr_array_add(
			    texts, g_strdup(json_string_value(item)));
	}
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
	get_texts(object, "references", ticket->references);
	get_texts(object, "tags", ticket->tags);
	get_texts(object, "rules", ticket->rules);
	get_texts(object, "undecided", ticket->undecided);
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
	ticket->quoted = get_text(object, "quoted");
	ticket->html = get_text(object, "html");
	ticket->message_id = get_text(object, "message_id");
	ticket->subject_tag = get_text(object, "subject_tag");
	ticket->from = get_text(object, "from");
	ticket->priority = get_text(object, "priority");
	ticket->department = get_text(object, "department");
	ticket->status = get_text(object, "status");
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
	else if (origin_from_json(json_object_get(object, "origin"),
		     &ticket->origin, error) &&
		 verdict_from_json(json_object_get(object, "verdict"),
		     &ticket->verdict, error))
		return ticket;
	ticket_free(&ticket);
	return NULL;
}
