/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of Request Tracker 5.  Numbers come as texts or as numbers, times as
 * "2026-11-28T20:02:34Z".
 */
#include "tickets/rt.h"

#include <string.h>

#include "lib/base/err.h"
#include "tickets/answer.h"

#define RT "a Request Tracker's REST 2"

static json_t *
items_of(const GString *body, json_t **whole_r, GError **error)
{
	json_t *items;

	*whole_r = answer_json(body, JSON_OBJECT, RT, error);
	items = json_object_get(*whole_r, "items");
	if (*whole_r != NULL && !json_is_array(items)) {
		err_set(error, DG_ERROR_IO, "not the list of " RT);
		g_clear_pointer(whole_r, json_decref);
		return NULL;
	}
	return items;
}

static gint64
number_of(const json_t *object, const char *name)
{
	g_autofree char *text = answer_id(object, name);

	return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

gboolean
rt_read_made(const GString *body, struct desk_ticket *made_r, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);

	if (object == NULL)
		return FALSE;
	made_r->id = answer_id(object, "id");
	made_r->code = g_strdup(made_r->id);
	json_decref(object);
	return made_r->id != NULL ||
	       err_set(error, DG_ERROR_IO, "a new ticket without its number");
}

static gboolean
holds(const json_t *values, const char *wanted)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value)
	{
		if (g_strcmp0(json_string_value(value), wanted) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean
rt_read_field(const GString *body, const struct rt_post *post,
    gboolean *there_r, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);
	g_autofree char *wanted = NULL;
	char name[IDENT_TEXT];
	const json_t *field;
	size_t i;

	*there_r = FALSE;
	if (object == NULL)
		return FALSE;
	ident_text(post->key, name);
	wanted = g_strconcat(RT_KEY, name, NULL);
	json_array_foreach(json_object_get(object, "CustomFields"), i, field)
	{
		if (g_strcmp0(answer_text(field, "name"), post->field) == 0 &&
		    holds(json_object_get(field, "values"), wanted))
			*there_r = TRUE;
	}
	json_decref(object);
	return TRUE;
}

GPtrArray *
rt_read_values(const GString *body, const char *field, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);
	GPtrArray *values;
	const json_t *one, *value;
	size_t i, j;

	if (object == NULL)
		return NULL;
	values = g_ptr_array_new_with_free_func(g_free);
	json_array_foreach(json_object_get(object, "CustomFields"), i, one)
	{
		if (!g_str_equal(answer_text(one, "name"), field))
			continue;
		json_array_foreach(json_object_get(one, "values"), j, value)
		{
			if (json_is_string(value))
				g_ptr_array_add(
				    values, g_strdup(json_string_value(value)));
		}
	}
	json_decref(object);
	return values;
}

char *
rt_read_status(const GString *body, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);
	char *status = NULL;

	if (object == NULL)
		return NULL;
	status = answer_id(object, "Status");
	json_decref(object);
	if (status == NULL)
		err_set(error, DG_ERROR_IO, "a ticket without status");
	return status;
}

static gint64
time_of(const json_t *item)
{
	g_autoptr(GDateTime) time =
	    g_date_time_new_from_iso8601(answer_text(item, "Created"), NULL);

	return time != NULL ? g_date_time_to_unix(time) : 0;
}

char *
rt_read_user(const GString *body, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error), *one;
	char *id = NULL;
	size_t i;

	if (object == NULL)
		return NULL;
	json_array_foreach(json_object_get(object, "_hyperlinks"), i, one)
	{
		if (id == NULL && g_str_equal(answer_text(one, "ref"), "self"))
			id = answer_id(one, "id");
	}
	json_decref(object);
	if (id == NULL)
		err_set(error, DG_ERROR_IO, "a user without number");
	return id;
}

GPtrArray *
rt_read_until(const GString *body, gint64 until, guint *later_r, GError **error)
{
	json_t *whole = NULL, *items = items_of(body, &whole, error), *item;
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	size_t i;

	*later_r = 0;
	if (items == NULL)
		return NULL;
	json_array_foreach(items, i, item)
	{
		char *id = answer_id(item, "id");

		if (id != NULL && time_of(item) <= until)
			g_ptr_array_add(ids, g_steal_pointer(&id));
		*later_r += id != NULL;
		g_free(id);
	}
	json_decref(whole);
	return g_steal_pointer(&ids);
}

GPtrArray *
rt_read_ids(const GString *body, GError **error)
{
	json_t *whole = NULL, *items = items_of(body, &whole, error), *item;
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	size_t i;

	if (items == NULL)
		return NULL;
	json_array_foreach(items, i, item)
	{
		char *id = answer_id(item, "id");

		if (id != NULL)
			g_ptr_array_add(ids, id);
	}
	json_decref(whole);
	return g_steal_pointer(&ids);
}

/* RT hands the header out as one text, a field a line. */
static gboolean
bears_key(const json_t *item, const char *name)
{
	g_autofree char *line = g_strconcat(RT_HEADER ": ", name, NULL);
	g_auto(GStrv) lines = g_strsplit(answer_text(item, "Headers"), "\n", 0);

	for (gsize i = 0; lines[i] != NULL; i++)
		if (g_ascii_strcasecmp(g_strchomp(lines[i]), line) == 0)
			return TRUE;
	return FALSE;
}

char *
rt_read_transaction(
    const GString *body, const struct ident *key, GError **error)
{
	json_t *whole = NULL, *items = items_of(body, &whole, error), *item;
	char name[IDENT_TEXT] = "";
	char *found = NULL;
	size_t i;

	if (items == NULL)
		return NULL;
	if (key != NULL)
		ident_text(key, name);
	json_array_foreach(items, i, item)
	{
		if (found == NULL && (key == NULL || bears_key(item, name)))
			found = answer_id(item, "TransactionId");
	}
	json_decref(whole);
	return found;
}

gboolean
rt_read_owner(const GString *body, struct desk_ticket *found_r, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);
	const json_t *owner = json_object_get(object, "Object");

	if (object == NULL)
		return FALSE;
	if (g_str_equal(answer_text(owner, "type"), "ticket"))
		found_r->id = answer_id(owner, "id");
	found_r->code = g_strdup(found_r->id);
	json_decref(object);
	return found_r->id != NULL ||
	       err_set(error, DG_ERROR_NOTFOUND, "it became no ticket");
}

/* Always "200 OK": the first line decides. */
gboolean
rt_read_gateway(const GString *body, GError **error)
{
	g_autofree char *words = answer_words(body->str, body->len);

	if (g_str_has_prefix(body->str, "ok\n"))
		return TRUE;
	if (g_str_has_prefix(body->str, "temporary failure"))
		return err_set(error, DG_ERROR_AGAIN,
		    "the mail gateway put it off: %s", words);
	if (g_str_has_prefix(body->str, "not ok"))
		return err_set(error, DG_ERROR_NOTFOUND,
		    "the mail gateway refused it: %s", words);
	return err_set(
	    error, DG_ERROR_IO, "not the answer of RT's mail gateway");
}

/* --- the queue */

char *
rt_read_queue_field(const GString *body, const char *field, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);
	const json_t *one;
	char *id = NULL;
	size_t i;

	if (object == NULL)
		return NULL;
	json_array_foreach(
	    json_object_get(object, "TicketCustomFields"), i, one)
	{
		if (id == NULL && g_str_equal(answer_text(one, "name"), field))
			id = answer_id(one, "id");
	}
	json_decref(object);
	return id != NULL ? id : g_strdup("");
}

gboolean
rt_read_multiple(const GString *body, gboolean *many_r, GError **error)
{
	json_t *object = answer_json(body, JSON_OBJECT, RT, error);

	if (object == NULL)
		return FALSE;
	*many_r = number_of(object, "MaxValues") != 1;
	json_decref(object);
	return TRUE;
}

/* --- what was changed */

const char *
rt_word(const struct rt_states *states, const char *status)
{
	/* RT's default lifecycle, after what the settings say. */
	const char *const words[][2] = { { states->spam, "spam" },
		{ states->closed, "closed" }, { states->open, "open" },
		{ "new", "new" }, { "resolved", "closed" },
		{ "rejected", "closed" }, { "deleted", "deleted" } };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(words[i][0], status) == 0)
			return words[i][1];
	return "open";
}

/* The Message-ID of mail that RT sent, "<...>". */
static void
add_sent(struct desk_event *event, const char *data)
{
	gsize length = strlen(data);

	if (length > 2 && data[0] == '<' && data[length - 1] == '>')
		g_ptr_array_add(
		    event->message_ids, g_strndup(data + 1, length - 2));
}

static struct desk_event *
read_event(const json_t *item, const struct rt_states *states)
{
	struct desk_event *event = desk_event_new();

	event->id = answer_id(item, "ObjectId");
	event->code = g_strdup(event->id);
	event->who = answer_id(json_object_get(item, "Creator"), "id");
	event->when = time_of(item);
	if (g_str_equal(answer_text(item, "Type"), "EmailRecord"))
		add_sent(event, answer_text(item, "Data"));
	else
		event->status = rt_word(states, answer_text(item, "NewValue"));
	return event;
}

/* RT_System opens a ticket when its customer writes: nobody decided that. */
static gboolean
is_told(const struct desk_event *event)
{
	if (event->id == NULL)
		return FALSE;
	return event->status != NULL ? g_strcmp0(event->who, "RT_System") != 0
				     : event->message_ids->len > 0;
}

GPtrArray *
rt_read_changes(const GString *body, const struct rt_states *states,
    gint64 until, gint64 *last, GError **error)
{
	json_t *whole = NULL, *items = items_of(body, &whole, error), *item;
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func(desk_event_free);
	gboolean late = FALSE;
	size_t i;

	if (items == NULL)
		return NULL;
	json_array_foreach(items, i, item)
	{
		struct desk_event *event = read_event(item, states);

		late = late || event->when >= until;
		if (!late)
			*last = MAX(*last, number_of(item, "id"));
		if (!late && is_told(event))
			g_ptr_array_add(events, event);
		else
			desk_event_free(event);
	}
	json_decref(whole);
	return g_steal_pointer(&events);
}
