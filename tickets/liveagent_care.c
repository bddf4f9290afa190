/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LiveAgent's tickets as they stand, their tags and their people, as values
 * (liveagent.h).
 */
#include "tickets/liveagent.h"

#include "lib/base/err.h"

#define TICKETS_LISTED 500

void
liveagent_row_free(gpointer item)
{
	struct liveagent_row *row = item;

	if (row == NULL)
		return;
	g_free(row->id);
	g_free(row->code);
	g_free(row->changed);
	g_ptr_array_unref(row->tags);
	g_free(row);
}

/* "2026-11-28 20:00:00", also from the form with a T. */
static char *
date_of(const json_t *value)
{
	const char *text = json_string_value(value);
	static const char shape[] = "dddd-dd-dd dd:dd:dd";
	char *date;

	if (text == NULL || strlen(text) < strlen(shape))
		return NULL;
	date = g_strndup(text, strlen(shape));
	if (date[10] == 'T')
		date[10] = ' ';
	for (gsize i = 0; shape[i] != '\0'; i++) {
		if (shape[i] == 'd' ? g_ascii_isdigit(date[i])
				    : date[i] == shape[i])
			continue;
		g_free(date);
		return NULL;
	}
	return date;
}

static struct liveagent_row *
row_of(const json_t *object)
{
	const char *status =
	    json_string_value(json_object_get(object, "status"));
	char *id = liveagent_id(json_object_get(object, "id"));
	struct liveagent_row *row;
	const json_t *tag;
	size_t i;

	if (id == NULL)
		return NULL;
	row = g_new0(struct liveagent_row, 1);
	row->id = id;
	row->code = liveagent_id(json_object_get(object, "code"));
	if (row->code == NULL)
		row->code = g_strdup(id);
	row->status = status != NULL ? status[0] : '\0';
	row->changed = date_of(json_object_get(object, "date_changed"));
	row->tags = g_ptr_array_new_with_free_func(g_free);
	json_array_foreach(json_object_get(object, "tags"), i, tag)
	{
		char *word = liveagent_id(tag);

		if (word != NULL)
			g_ptr_array_add(row->tags, word);
	}
	return row;
}

struct liveagent_row *
liveagent_read_row(const GString *body, GError **error)
{
	json_t *object = liveagent_load(body, JSON_OBJECT, error);
	struct liveagent_row *row;

	if (object == NULL)
		return NULL;
	row = row_of(object);
	json_decref(object);
	if (row == NULL)
		err_set(error, DG_ERROR_IO, "the answer names no ticket id");
	return row;
}

GPtrArray *
liveagent_read_rows(const GString *body, GError **error)
{
	json_t *list = liveagent_load(body, JSON_ARRAY, error), *one;
	GPtrArray *rows;
	size_t i;

	if (list == NULL)
		return NULL;
	rows = g_ptr_array_new_with_free_func(liveagent_row_free);
	json_array_foreach(list, i, one)
	{
		struct liveagent_row *row = row_of(one);

		if (row != NULL)
			g_ptr_array_add(rows, row);
	}
	json_decref(list);
	return rows;
}

const char *
liveagent_status_word(char status)
{
	switch (status) {
	case 'B':
		return "spam";
	case 'X':
		return "deleted";
	case 'R':
	case 'L':
		return "closed";
	case 'I':
	case 'N':
		return "new";
	default: /* chatting, calling, answered, open, postponed */
		return "open";
	}
}

/* --- tags */

char *
liveagent_tags_json(const GPtrArray *ids)
{
	json_t *list = json_array();

	for (guint i = 0; i < ids->len; i++)
		json_array_append_new(list, desk_text(ids->pdata[i]));
	return desk_dump(json_pack("{s:o}", "tags", list));
}

char *
liveagent_tag_json(const char *name)
{
	return desk_dump(json_pack("{s:o}", "name", desk_text(name)));
}

gboolean
liveagent_read_tags(
    const GString *body, const char *name, char **id_r, GError **error)
{
	json_t *list = liveagent_load(body, JSON_ARRAY, error), *one;
	g_autofree char *wanted = g_utf8_casefold(name, -1);
	size_t i;

	*id_r = NULL;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, one)
	{
		const char *text =
		    json_string_value(json_object_get(one, "name"));
		g_autofree char *folded =
		    g_utf8_casefold(text != NULL ? text : "", -1);

		if (*id_r == NULL && g_str_equal(folded, wanted))
			*id_r = liveagent_id(json_object_get(one, "id"));
	}
	json_decref(list);
	return TRUE;
}

/* --- people */

static char *
filtered(const char *list, const char *column, const char *address)
{
	/* Capital letters were not found once (#7773). */
	g_autofree char *lower = g_ascii_strdown(address, -1);
	g_autofree char *filters =
	    desk_dump(json_pack("[[s,s,o]]", column, "=", desk_text(lower)));
	g_autofree char *encoded = g_uri_escape_string(filters, NULL, FALSE);

	return g_strdup_printf("/%s?_page=1&_perPage=%d&_filters=%s", list,
	    TICKETS_LISTED, encoded);
}

char *
liveagent_owned_path(const char *address)
{
	return filtered("tickets", "owner_email", address);
}

char *
liveagent_contacts_path(const char *address)
{
	return filtered("contacts", "emails", address);
}

char *
liveagent_contact_look_path(const char *id)
{
	g_autofree char *encoded = g_uri_escape_string(id, NULL, FALSE);

	return g_strdup_printf("/contacts/%s", encoded);
}

char *
liveagent_contact_path(const char *id)
{
	g_autofree char *encoded = g_uri_escape_string(id, NULL, FALSE);

	return g_strdup_printf("/contacts/%s?deleteTickets=true", encoded);
}

static gboolean
has_address(const json_t *contact, const char *address)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(contact, "emails"), i, one)
	{
		const char *text = json_string_value(one);

		if (text != NULL && g_ascii_strcasecmp(text, address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* A filter that the desk ignores must not erase everybody. */
GPtrArray *
liveagent_read_contacts(
    const GString *body, const char *address, GError **error)
{
	json_t *list = liveagent_load(body, JSON_ARRAY, error), *one;
	GPtrArray *ids;
	size_t i;

	if (list == NULL)
		return NULL;
	ids = g_ptr_array_new_with_free_func(g_free);
	json_array_foreach(list, i, one)
	{
		char *id = has_address(one, address)
			       ? liveagent_id(json_object_get(one, "id"))
			       : NULL;

		if (id != NULL)
			g_ptr_array_add(ids, id);
	}
	json_decref(list);
	return ids;
}
