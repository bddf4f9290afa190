/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Zammad's requests and answers, as values (zammad.h).
 *
 * The customer is found or made by his address ("guess:"), and the article is
 * his (sender Customer): that also keeps Zammad from mailing it out.
 */
#include "tickets/zammad.h"

#include "lib/base/err.h"
#include "tickets/answer.h"

#define FOUND_MOST 50
#define WHAT "a Zammad"

/* --- requests */

static json_t *
attachments(const struct ticket *ticket)
{
	json_t *list = json_array();

	for (guint i = 0; ticket->files != NULL && i < ticket->files->len;
	     i++) {
		const struct ticket_file *file = ticket->files->pdata[i];
		gsize length = 0;
		const guint8 *data = g_bytes_get_data(file->bytes, &length);
		g_autofree char *content =
		    length > 0 ? g_base64_encode(data, length) : g_strdup("");

		json_array_append_new(
		    list, json_pack("{s:o, s:s, s:o}", "filename",
			      desk_text(file->name), "data", content,
			      "mime-type", desk_text(file->type)));
	}
	return list;
}

static json_t *
article(const struct zammad_post *post)
{
	const struct ticket *ticket = post->ticket;
	char key[IDENT_TEXT];
	g_autofree char *text = ticket_full_text(ticket);
	g_autofree char *body = NULL, *from = NULL, *id = NULL;
	json_t *object;

	ident_text(post->key, key);
	body = g_strdup_printf("%s\n\n" ZAMMAD_MARK "%s\n", text, key);
	from = *ticket_person_name(ticket) != '\0'
		   ? g_strdup_printf("%s <%s>", ticket->requester_name,
			 ticket->requester_address)
		   : g_strdup(ticket->requester_address);
	object = json_pack("{s:o, s:o, s:s, s:s, s:s, s:b, s:o, s:o, s:o}",
	    "subject", desk_text(ticket->subject), "body", desk_text(body),
	    "content_type", "text/plain", "type", "email", "sender", "Customer",
	    "internal", 0, "from", desk_text(from), "to",
	    desk_text(ticket->inbox), "attachments", attachments(ticket));
	/* As Zammad marks what nobody is to be answered about: its triggers
	 * then mail nobody. */
	if (ticket_is_silent(ticket))
		json_object_set_new(object, "preferences",
		    json_pack("{s:b}", "send-auto-response", 0));
	if (ticket->message_id != NULL) {
		id = g_strdup_printf("<%s>", ticket->message_id);
		json_object_set_new(object, "message_id", desk_text(id));
	}
	return object;
}

char *
zammad_article_json(const struct zammad_post *post)
{
	json_t *object = article(post);

	json_object_set_new(object, "ticket_id", json_integer(post->ticket_id));
	return desk_dump(object);
}

char *
zammad_note_json(gint64 ticket_id, const char *text)
{
	return desk_dump(json_pack("{s:I, s:o, s:s, s:s, s:s, s:b}",
	    "ticket_id", (json_int_t)ticket_id, "body", desk_text(text),
	    "content_type", "text/plain", "type", "note", "sender", "Agent",
	    "internal", 1));
}

static const char *
named(const char *const (*pairs)[2], gsize count, const char *word)
{
	for (gsize i = 0; i < count; i++)
		if (g_ascii_strcasecmp(pairs[i][0], word) == 0)
			return pairs[i][1];
	return word;
}

static void
set_words(json_t *object, const char *status, const char *priority)
{
	static const char *const states[][2] = { { "open", "open" },
		{ "closed", "closed" }, { "spam", "closed" },
		{ "not-spam", "open" } };
	static const char *const priorities[][2] = { { "low", "1 low" },
		{ "normal", "2 normal" }, { "high", "3 high" },
		{ "urgent", "3 high" } };

	if (status != NULL)
		json_object_set_new(object, "state",
		    desk_text(named(states, G_N_ELEMENTS(states), status)));
	if (priority != NULL)
		json_object_set_new(object, "priority",
		    desk_text(
			named(priorities, G_N_ELEMENTS(priorities), priority)));
}

char *
zammad_change_json(const char *status, const char *priority)
{
	json_t *object = json_object();

	set_words(object, status, priority);
	if (json_object_size(object) > 0)
		return desk_dump(object);
	json_decref(object);
	return NULL;
}

/* A list with commas; a comma within a tag would make two of it. */
static char *
tag_list(const struct ticket *ticket)
{
	GString *list = g_string_new(ticket->spam ? ZAMMAD_SPAM : "");

	for (guint i = 0; ticket->tags != NULL && i < ticket->tags->len; i++) {
		g_autofree char *tag = g_strdup(ticket->tags->pdata[i]);

		g_strdelimit(tag, ",", ' ');
		if (list->len > 0)
			g_string_append_c(list, ',');
		g_string_append(list, tag);
	}
	return g_string_free(list, FALSE);
}

char *
zammad_ticket_json(const struct zammad_post *post)
{
	const struct ticket *ticket = post->ticket;
	const char *group =
	    ticket->department != NULL ? ticket->department : post->group;
	g_autofree char *customer =
	    g_strconcat("guess:", ticket->requester_address, NULL);
	g_autofree char *tags = tag_list(ticket);
	json_t *object = json_pack("{s:o, s:o, s:o, s:s, s:o}", "title",
	    desk_text(ticket->subject), "group", desk_text(group),
	    "customer_id", desk_text(customer), "state", "new", "article",
	    article(post));

	set_words(
	    object, ticket->spam ? "spam" : ticket->status, ticket->priority);
	if (tags[0] != '\0')
		json_object_set_new(object, "tags", desk_text(tags));
	return desk_dump(object);
}

char *
zammad_tag_json(gint64 ticket_id, const char *tag)
{
	return desk_dump(json_pack("{s:o, s:s, s:I}", "item", desk_text(tag),
	    "object", "Ticket", "o_id", (json_int_t)ticket_id));
}

char *
zammad_erase_json(const char *type, gint64 id)
{
	return desk_dump(json_pack("{s:s, s:I}", "deletable_type", type,
	    "deletable_id", (json_int_t)id));
}

/* A phrase of the search language: what ends it is left out. */
static char *
phrase(const char *field, const char *value)
{
	GString *text = g_string_new(field);

	g_string_append(text, field[0] != '\0' ? ":\"" : "\"");
	for (const char *at = value; *at != '\0'; at++)
		if (*at != '"' && *at != '\\')
			g_string_append_c(text, *at);
	g_string_append_c(text, '"');
	return g_string_free(text, FALSE);
}

char *
zammad_search_path(const char *field, const char *value)
{
	g_autofree char *query = phrase(field, value);
	g_autofree char *encoded = g_uri_escape_string(query, NULL, FALSE);

	return g_strdup_printf("/tickets/search?query=%s&limit=%d"
			       "&sort_by=created_at&order_by=desc",
	    encoded, FOUND_MOST);
}

char *
zammad_customer_path(const char *address, guint page)
{
	g_autofree char *path = zammad_search_path("customer.email", address);

	return g_strdup_printf("%s&page=%u", path, page);
}

char *
zammad_users_path(const char *address)
{
	g_autofree char *query = phrase("email", address);
	g_autofree char *encoded = g_uri_escape_string(query, NULL, FALSE);

	return g_strdup_printf(
	    "/users/search?query=%s&limit=%d", encoded, FOUND_MOST);
}

gint64
zammad_id(const char *text)
{
	guint64 id = 0;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &id, NULL))
		return 0;
	return (gint64)id;
}

/* --- answers */

gboolean
zammad_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, WHAT, error);

	if (object == NULL)
		return FALSE;
	made_r->id = answer_id(object, "id");
	made_r->code = answer_id(object, "number");
	json_decref(object);
	if (made_r->id == NULL || zammad_id(made_r->id) == 0) {
		desk_ticket_clear(made_r);
		return err_set(
		    error, DG_ERROR_IO, "the answer names no ticket id");
	}
	if (made_r->code == NULL)
		made_r->code = g_strdup(made_r->id);
	return TRUE;
}

static void
found_free(gpointer item)
{
	desk_ticket_clear(item);
	g_free(item);
}

static struct desk_ticket *
found_one(const json_t *id, const json_t *tickets)
{
	struct desk_ticket *one = g_new0(struct desk_ticket, 1);

	one->id =
	    g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(id));
	one->code = answer_id(json_object_get(tickets, one->id), "number");
	if (one->code == NULL)
		one->code = g_strdup(one->id);
	return one;
}

GPtrArray *
zammad_read_found(const GString *body, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, WHAT, error);
	const json_t *tickets =
	    json_object_get(json_object_get(object, "assets"), "Ticket");
	const json_t *id;
	GPtrArray *found;
	size_t i;

	if (object == NULL)
		return NULL;
	found = g_ptr_array_new_with_free_func(found_free);
	json_array_foreach(json_object_get(object, "tickets"), i, id)
	{
		if (json_integer_value(id) > 0 && found->len < FOUND_MOST)
			g_ptr_array_add(found, found_one(id, tickets));
	}
	json_decref(object);
	return found;
}

static gint64
made_at(const json_t *ticket)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(
	    answer_text(ticket, "created_at"), NULL);

	return time != NULL ? g_date_time_to_unix(time) : 0;
}

gboolean
zammad_read_owned(
    const GString *body, struct zammad_owned *owned, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, WHAT, error);
	const json_t *list = json_object_get(object, "tickets"), *one;
	const json_t *tickets =
	    json_object_get(json_object_get(object, "assets"), "Ticket");
	size_t i;

	if (object == NULL)
		return FALSE;
	json_array_foreach(list, i, one)
	{
		gint64 id = json_integer_value(one);
		g_autofree char *name =
		    g_strdup_printf("%" G_GINT64_FORMAT, id);
		const json_t *ticket = json_object_get(tickets, name);

		if (json_integer_value(
			json_object_get(ticket, "customer_id")) != owned->user)
			continue;
		if (made_at(ticket) > owned->until)
			owned->later++;
		else
			g_array_append_val(owned->ids, id);
	}
	owned->full = json_array_size(list) >= FOUND_MOST;
	json_decref(object);
	return TRUE;
}

static gboolean
article_is_ours(
    const json_t *object, const struct ticket *ticket, const struct ident *key)
{
	const char *body = answer_text(object, "body");
	const char *mark = g_strrstr(body, ZAMMAD_MARK);
	char hex[IDENT_TEXT];
	struct ident found;
	g_autofree char *id = NULL;

	if (mark != NULL) {
		g_strlcpy(hex, mark + strlen(ZAMMAD_MARK), sizeof hex);
		if (ident_parse(hex, &found))
			return ident_equal(&found, key);
	}
	if (ticket->message_id == NULL)
		return FALSE;
	id = g_strdup_printf("<%s>", ticket->message_id);
	return g_str_equal(answer_text(object, "message_id"), id);
}

gboolean
zammad_read_is_ours(const GString *body, const struct ticket *ticket,
    const struct ident *key, gboolean *ours_r, GError **error)
{
	json_t *list = answer_json(body, JSON_ARRAY, WHAT, error), *one;
	size_t i;

	*ours_r = FALSE;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, one) *ours_r =
	    *ours_r || article_is_ours(one, ticket, key);
	json_decref(list);
	return TRUE;
}

/* What a search finds may only be alike. */
GArray *
zammad_read_users(const GString *body, const char *address, GError **error)
{
	json_t *list = answer_json(body, JSON_ARRAY, WHAT, error), *one;
	GArray *ids;
	size_t i;

	if (list == NULL)
		return NULL;
	ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	json_array_foreach(list, i, one)
	{
		gint64 id = json_integer_value(json_object_get(one, "id"));

		if (id > 0 &&
		    g_ascii_strcasecmp(answer_text(one, "email"), address) == 0)
			g_array_append_val(ids, id);
	}
	json_decref(list);
	return ids;
}

gboolean
zammad_read_groups(const GString *body, const char *group, GError **error)
{
	json_t *list = answer_json(body, JSON_ARRAY, WHAT, error), *one;
	gboolean found = FALSE;
	size_t i;

	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, one) found =
	    found || g_str_equal(answer_text(one, "name"), group);
	i = json_array_size(list);
	json_decref(list);
	return found ||
	       err_set(error, DG_ERROR_BAD,
		   "\"%s\" is none of the %d groups it may see", group, (int)i);
}
