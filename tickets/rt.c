/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests to Request Tracker 5.
 *
 * Some things of REST 2 shape them.  A file without a name, a type or content
 * is refused with its whole ticket, and Perl takes "0" and "" for nothing.  A
 * custom field that the queue does not have is dropped without a word.  And
 * what stands in TicketSQL is quoted by a backslash.
 */
#include "tickets/rt.h"

#include <string.h>

#include "lib/mail/addr.h"

/* --- TicketSQL and paths */

char *
rt_quote(const char *text)
{
	GString *quoted = g_string_new("'");

	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\'' || *at == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *at);
	}
	g_string_append_c(quoted, '\'');
	return g_string_free(quoted, FALSE);
}

char *
rt_part(const char *text)
{
	return g_uri_escape_string(text, NULL, FALSE);
}

static char *
query_path(const char *what, const char *query, const char *tail)
{
	g_autofree char *encoded = rt_part(query);

	return g_strconcat("/REST/2.0/", what, "?query=", encoded, tail, NULL);
}

char *
rt_find_path(const char *field, const struct ident *key, const char *message_id)
{
	g_autofree char *value = NULL, *quoted = NULL, *query = NULL;
	char name[IDENT_TEXT];

	if (key != NULL) {
		ident_text(key, name);
		value = g_strconcat(RT_KEY, name, NULL);
	} else {
		value = g_strdup_printf("<%s>", message_id);
	}
	quoted = rt_quote(value);
	query = g_strdup_printf("CF.{%s} = %s", field, quoted);
	return query_path("tickets", query, "&orderby=id&per_page=1");
}

char *
rt_person_path(const char *address)
{
	g_autofree char *quoted = rt_quote(address);
	g_autofree char *query =
	    g_strdup_printf("Requestor.EmailAddress = %s", quoted);

	return query_path(
	    "tickets", query, "&orderby=id&per_page=100&fields=Created");
}

char *
rt_user_path(const char *id)
{
	g_autofree char *quoted = rt_quote(id);
	g_autofree char *query = g_strdup_printf("Requestor.id = %s", quoted);

	return query_path("tickets", query, "&orderby=id&per_page=1");
}

char *
rt_ticket_path(const char *id, const char *tail)
{
	guint64 number = 0;

	if (!g_ascii_string_to_unsigned(id, 10, 1, G_MAXINT64, &number, NULL))
		return NULL;
	return g_strdup_printf(
	    "/REST/2.0/ticket/%" G_GUINT64_FORMAT "%s", number, tail);
}

/* --- a new ticket */

/* One value of To and the like: RT reads it as a header field. */
static json_t *
person(const char *name, const char *address)
{
	g_autofree char *plain = NULL, *whole = NULL;

	if (name == NULL || name[0] == '\0')
		return desk_text(address);
	plain = g_strdelimit(g_strdup(name), "\"\\<>@,;:\r\n", ' ');
	whole = g_strdup_printf("\"%s\" <%s>", g_strstrip(plain), address);
	return desk_text(whole);
}

static json_t *
followers(const struct ticket *ticket)
{
	json_t *list = json_array();

	for (guint i = 0;
	     ticket->followers != NULL && i < ticket->followers->len; i++) {
		const struct addr *one = ticket->followers->pdata[i];

		json_array_append_new(list, person(one->name, one->address));
	}
	return list;
}

/* What Perl must not take for nothing. */
static json_t *
true_text(const char *text, const char *otherwise)
{
	if (text == NULL || text[0] == '\0' || g_str_equal(text, "0"))
		return json_string(otherwise);
	return desk_text(text);
}

/* REST 2 hands the name to a header as it is: each byte of UTF-8 must come as a
 * character of its own, else the whole ticket is refused (RT 5.0.3). */
static json_t *
name_json(const char *name)
{
	g_autoptr(GString) bytes = g_string_new(NULL);

	if (name == NULL || name[0] == '\0' || g_str_equal(name, "0"))
		return json_string("file");
	for (const char *at = name; *at != '\0'; at++)
		g_string_append_unichar(bytes, (guchar)*at);
	return json_string(bytes->str);
}

static json_t *
file_json(const struct ticket_file *file)
{
	gsize length = 0;
	const guchar *data = g_bytes_get_data(file->bytes, &length);
	g_autofree char *encoded = NULL;

	encoded = length > 0 ? g_base64_encode(data, length) : g_strdup("====");
	return json_pack("{s:o, s:o, s:s}", "FileName", name_json(file->name),
	    "FileType", true_text(file->type, "application/octet-stream"),
	    "FileContent", encoded);
}

static json_t *
files(const struct ticket *ticket)
{
	json_t *list = json_array();

	for (guint i = 0; ticket->files != NULL && i < ticket->files->len; i++)
		json_array_append_new(list, file_json(ticket->files->pdata[i]));
	return list;
}

static json_t *
field_value(const struct rt_post *post)
{
	char name[IDENT_TEXT];
	g_autofree char *key = NULL, *id = NULL;
	json_t *list = json_array();

	ident_text(post->key, name);
	key = g_strconcat(RT_KEY, name, NULL);
	if (post->ticket->message_id != NULL) {
		id = g_strdup_printf("<%s>", post->ticket->message_id);
		json_array_append_new(list, desk_text(id));
	}
	json_array_append_new(list, json_string(key));
	return json_pack("{s:o}", post->field, list);
}

/* RT leaves out a field of a name that the queue does not know. */
static void
set_tags(json_t *fields, const char *field, const GPtrArray *tags)
{
	json_t *list;

	if (field == NULL || tags == NULL || tags->len == 0)
		return;
	list = json_array();
	for (guint i = 0; i < tags->len; i++)
		json_array_append_new(list, desk_text(tags->pdata[i]));
	json_object_set_new(fields, field, list);
}

static void
add_people(json_t *object, const struct ticket *ticket)
{
	json_object_set_new(object, "Requestor",
	    json_pack("[o]",
		person(ticket_person_name(ticket), ticket->requester_address)));
	json_object_set_new(object, "Cc", followers(ticket));
}

char *
rt_post_json(const struct rt_post *post)
{
	const struct ticket *ticket = post->ticket;
	g_autofree char *text = ticket_full_text(ticket);
	json_t *object = json_pack("{s:s, s:o, s:o, s:s, s:o}", "Queue",
	    post->queue, "Subject", desk_text(ticket->subject), "Content",
	    true_text(text, "(no text)"), "ContentType", "text/plain",
	    "CustomFields", field_value(post));
	json_t *list = files(ticket);

	set_tags(
	    json_object_get(object, "CustomFields"), post->tags, ticket->tags);
	if (post->status != NULL)
		json_object_set_new(object, "Status", desk_text(post->status));
	if (json_array_size(list) > 0)
		json_object_set(object, "Attachments", list);
	json_decref(list);
	if (ticket->priority != NULL && rt_priority(ticket->priority) >= 0)
		json_object_set_new(object, "Priority",
		    json_integer(rt_priority(ticket->priority)));
	if (!ticket_is_silent(ticket))
		add_people(object, ticket);
	return desk_dump(object);
}

char *
rt_silent_json(const struct ticket *ticket, const char *spam)
{
	json_t *object = json_object();

	add_people(object, ticket);
	if (ticket->spam)
		json_object_set_new(object, "Status", desk_text(spam));
	return desk_dump(object);
}

char *
rt_field_json(const struct rt_post *post)
{
	return desk_dump(json_pack("{s:o}", "CustomFields", field_value(post)));
}

char *
rt_comment_json(const char *text)
{
	return desk_dump(json_pack("{s:o, s:s}", "Content", desk_text(text),
	    "ContentType", "text/plain"));
}

/* --- changes */

int
rt_priority(const char *word)
{
	/* RT's own words and numbers for them (PriorityAsString). */
	static const struct {
		const char *word;
		int number;
	} words[] = { { "low", 0 }, { "normal", 50 }, { "medium", 50 },
		{ "high", 100 }, { "urgent", 100 } };
	guint64 number = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(words[i].word, word) == 0)
			return words[i].number;
	if (g_ascii_string_to_unsigned(word, 10, 0, 100, &number, NULL))
		return (int)number;
	return -1;
}

const char *
rt_first_status(const struct rt_states *states, const struct ticket *ticket)
{
	if (ticket->spam || ticket->status == NULL)
		return NULL;
	return g_str_equal(ticket->status, "closed") ? states->closed
						     : states->open;
}

GPtrArray *
rt_merge_tags(const GPtrArray *had, const char *const *more)
{
	g_autoptr(GPtrArray) tags = g_ptr_array_new();

	for (guint i = 0; i < had->len; i++)
		g_ptr_array_add(tags, had->pdata[i]);
	for (; *more != NULL; more++) {
		if (!g_ptr_array_find_with_equal_func(
			tags, *more, g_str_equal, NULL))
			g_ptr_array_add(tags, (gpointer)*more);
	}
	return tags->len > had->len ? g_steal_pointer(&tags) : NULL;
}

char *
rt_change_json(const struct rt_plan *plan)
{
	json_t *object = json_object();
	int number = plan->priority != NULL ? rt_priority(plan->priority) : -1;

	if (plan->status != NULL)
		json_object_set_new(object, "Status", desk_text(plan->status));
	if (number >= 0)
		json_object_set_new(object, "Priority", json_integer(number));
	if (plan->tags != NULL) {
		json_t *fields = json_object();

		set_tags(fields, plan->field, plan->tags);
		json_object_set_new(object, "CustomFields", fields);
	}
	if (json_object_size(object) > 0)
		return desk_dump(object);
	json_decref(object);
	return NULL;
}

/* --- follow-ups by mail */

static char *
made_id(const struct ident *key)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	return g_strconcat(name, "@", RT_DOMAIN, NULL);
}

GBytes *
rt_mail(const struct ticket *ticket, const struct ident *key)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(ticket->source, &length);
	const char *feed = length > 0 ? memchr(data, '\n', length) : NULL;
	const char *end =
	    feed != NULL && feed > data && feed[-1] == '\r' ? "\r\n" : "\n";
	GString *mail = g_string_sized_new(length + 256);
	g_autofree char *id = made_id(key);
	char name[IDENT_TEXT];

	ident_text(key, name);
	g_string_append_printf(mail, RT_HEADER ": %s%s", name, end);
	if (ticket->message_id == NULL)
		g_string_append_printf(mail, "Message-ID: <%s>%s", id, end);
	if (ticket->imported)
		g_string_append_printf(mail, RT_QUIET "%s", end);
	if (length > 0)
		g_string_append_len(mail, data, (gssize)length);
	return g_string_free_to_bytes(mail);
}

char *
rt_attachments_json(const struct ticket *ticket, const struct ident *key)
{
	g_autofree char *id = NULL;

	if (ticket->message_id != NULL)
		id = g_strdup(ticket->message_id);
	else
		id = made_id(key);
	return desk_dump(json_pack("[{s:s, s:s, s:o}]", "field", "MessageId",
	    "operator", "=", "value", desk_text(id)));
}

/* --- what was changed */

static char *
transactions_path(const char *query, const char *tail)
{
	g_autofree char *end = g_strconcat("&orderby=id",
	    "&fields=Type,Creator,Created,NewValue,ObjectId,Data", tail, NULL);

	return query_path("transactions", query, end);
}

/* "(TicketQueue = 'A' OR TicketQueue = 'B')" */
static char *
queues_sql(const char *const *queues)
{
	GString *sql = g_string_new("(");

	for (gsize i = 0; queues[i] != NULL; i++) {
		g_autofree char *quoted = rt_quote(queues[i]);

		g_string_append_printf(
		    sql, "%sTicketQueue = %s", i > 0 ? " OR " : "", quoted);
	}
	g_string_append_c(sql, ')');
	return g_string_free(sql, FALSE);
}

char *
rt_changes_path(const char *const *queues, gint64 last, gboolean sent)
{
	g_autofree char *wanted = queues_sql(queues);
	g_autofree char *query =
	    g_strdup_printf("id > %" G_GINT64_FORMAT " AND %s AND (Type = "
			    "'Status'%s) AND Creator != '__CurrentUser__'",
		last, wanted, sent ? " OR Type = 'EmailRecord'" : "");
	g_autofree char *tail = g_strdup_printf("&per_page=%d", RT_CHANGES_MAX);

	return transactions_path(query, tail);
}

char *
rt_newest_path(const char *queue)
{
	g_autofree char *quoted = rt_quote(queue);
	g_autofree char *query = g_strdup_printf(
	    "TicketQueue = %s AND (Type = 'Create' OR Type = 'Status')",
	    quoted);

	return transactions_path(query, "&order=DESC&per_page=1");
}
