/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An inbox's settings for the reader.
 */
#include "tickets/convert_terms.h"

#include <string.h>

static struct convert_terms *
terms_empty(void)
{
	struct convert_terms *terms = g_new0(struct convert_terms, 1);

	terms->agents = g_ptr_array_new_with_free_func(g_free);
	return terms;
}

struct convert_terms *
convert_terms_new(const struct conf_section *inbox)
{
	struct convert_terms *terms = terms_empty();
	const char *const *agents;

	if (inbox == NULL)
		return terms;
	terms->subject_tag = g_strdup(conf_string(inbox, "subject-tag"));
	terms->keep_quotes = !conf_flag(inbox, "quote-trim");
	terms->reply_to =
	    strcmp(conf_string(inbox, "requester"), "reply-to") == 0;
	for (agents = conf_list(inbox, "agents"); *agents != NULL; agents++)
		g_ptr_array_add(terms->agents, g_strdup(*agents));
	terms->blocked_files =
	    g_strdupv((char **)conf_list(inbox, "blocked-files"));
	terms->blocked_types =
	    g_strdupv((char **)conf_list(inbox, "blocked-types"));
	return terms;
}

void
convert_terms_free(struct convert_terms **terms)
{
	if (*terms == NULL)
		return;
	g_free((*terms)->subject_tag);
	g_clear_pointer(&(*terms)->agents, g_ptr_array_unref);
	g_strfreev((*terms)->blocked_files);
	g_strfreev((*terms)->blocked_types);
	g_clear_pointer(terms, g_free);
}

static void
set_list(json_t *object, const char *member, char *const *list)
{
	json_t *array;

	if (list == NULL)
		return;
	array = json_array();
	for (; *list != NULL; list++)
		json_array_append_new(array, json_string(*list));
	json_object_set_new(object, member, array);
}

static char **
get_list(const json_t *object, const char *member)
{
	const json_t *array = json_object_get(object, member);
	g_autoptr(GStrvBuilder) list = g_strv_builder_new();
	size_t i;
	json_t *item;

	json_array_foreach(array, i, item) if (json_is_string(item))
	    g_strv_builder_add(list, json_string_value(item));
	return g_strv_builder_end(list);
}

json_t *
convert_terms_to_json(const struct convert_terms *terms)
{
	json_t *object = json_object(), *agents = json_array();

	for (guint i = 0; terms->agents != NULL && i < terms->agents->len; i++)
		json_array_append_new(
		    agents, json_string(terms->agents->pdata[i]));
	json_object_set_new(object, "agents", agents);
	json_object_set_new(object, "reply_to", json_boolean(terms->reply_to));
	if (terms->subject_tag != NULL)
		json_object_set_new(
		    object, "subject_tag", json_string(terms->subject_tag));
	json_object_set_new(
	    object, "keep_quotes", json_boolean(terms->keep_quotes));
	set_list(object, "blocked_files", terms->blocked_files);
	set_list(object, "blocked_types", terms->blocked_types);
	return object;
}

struct convert_terms *
convert_terms_from_json(const json_t *object)
{
	struct convert_terms *terms = terms_empty();
	const json_t *agent;
	size_t i;

	json_array_foreach(json_object_get(object, "agents"), i, agent)
	{
		if (json_is_string(agent))
			g_ptr_array_add(
			    terms->agents, g_strdup(json_string_value(agent)));
	}
	terms->reply_to = json_is_true(json_object_get(object, "reply_to"));
	terms->subject_tag =
	    g_strdup(json_string_value(json_object_get(object, "subject_tag")));
	terms->keep_quotes =
	    json_is_true(json_object_get(object, "keep_quotes"));
	terms->blocked_files = get_list(object, "blocked_files");
	terms->blocked_types = get_list(object, "blocked_types");
	return terms;
}
