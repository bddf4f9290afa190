/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a message comes from, as a value and as JSON.  The JSON comes from a
 * process that met hostile mail, so it is read as strictly as mail.
 */
#include "tickets/origin.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/mail/addr.h"

#define TEXT_MOST 998 /* a line of RFC 5322; nothing here is longer */

static const char *const kinds[] = { "person", "automatic", "absence",
	"report" };
static const char *const auths[] = { "unknown", "passed", "failed" };

static void
failed_free(gpointer data)
{
	struct origin_failed *failed = data;

	g_free(failed->address);
	g_free(failed->status);
	g_free(failed);
}

void
origin_init(struct origin *origin)
{
	*origin = (struct origin){ 0 };
	origin->tokens = g_ptr_array_new_with_free_func(g_free);
	origin->hints = g_ptr_array_new_with_free_func(g_free);
	origin->failed = g_ptr_array_new_with_free_func(failed_free);
}

void
origin_clear(struct origin *origin)
{
	g_clear_pointer(&origin->results, g_free);
	g_clear_pointer(&origin->loop, g_free);
	g_clear_pointer(&origin->own, g_free);
	g_clear_pointer(&origin->marker, g_free);
	g_clear_pointer(&origin->agent, g_free);
	g_clear_pointer(&origin->tokens, g_ptr_array_unref);
	g_clear_pointer(&origin->hints, g_ptr_array_unref);
	g_clear_pointer(&origin->failed, g_ptr_array_unref);
}

void
origin_add_failed(
    struct origin *origin, const char *address, const char *status)
{
	struct origin_failed *failed;

	for (guint i = 0; i < origin->failed->len; i++) {
		failed = origin->failed->pdata[i];
		if (g_ascii_strcasecmp(failed->address, address) == 0)
			return;
	}
	if (origin->failed->len >= ORIGIN_FAILED_MOST)
		return;
	failed = g_new(struct origin_failed, 1);
	failed->address = g_strdup(address);
	failed->status = g_strdup(status);
	g_ptr_array_add(origin->failed, failed);
}

const char *
ticket_kind_word(enum ticket_kind kind)
{
	return kinds[kind];
}

/* --- JSON --- */

static const struct {
	const char *name;
	gsize offset;
} texts[] = {
	{ "results", G_STRUCT_OFFSET(struct origin, results) },
	{ "loop", G_STRUCT_OFFSET(struct origin, loop) },
	{ "own", G_STRUCT_OFFSET(struct origin, own) },
	{ "marker", G_STRUCT_OFFSET(struct origin, marker) },
	{ "agent", G_STRUCT_OFFSET(struct origin, agent) },
};

static const struct {
	const char *name;
	gsize offset;
	guint most;
} lists[] = {
	{ "tokens", G_STRUCT_OFFSET(struct origin, tokens),
	    ORIGIN_TOKENS_MOST },
	{ "hints", G_STRUCT_OFFSET(struct origin, hints), ORIGIN_HINTS_MOST },
};

static json_t *
text_to_json(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	return json_string(valid);
}

static json_t *
failed_to_json(const GPtrArray *failed)
{
	json_t *array = json_array();

	for (guint i = 0; i < failed->len; i++) {
		const struct origin_failed *one = failed->pdata[i];

		json_array_append_new(
		    array, json_pack("{s:o, s:o}", "address",
			       text_to_json(one->address), "status",
			       text_to_json(one->status)));
	}
	return array;
}

json_t *
origin_to_json(const struct origin *origin)
{
	json_t *object =
	    json_pack("{s:s, s:s, s:o}", "kind", kinds[origin->kind], "auth",
		auths[origin->auth], "failed", failed_to_json(origin->failed));

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char *text =
		    G_STRUCT_MEMBER(const char *, origin, texts[i].offset);

		if (text != NULL)
			json_object_set_new(
			    object, texts[i].name, text_to_json(text));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		const GPtrArray *list =
		    G_STRUCT_MEMBER(GPtrArray *, origin, lists[i].offset);
		json_t *array = json_array();

		for (guint j = 0; j < list->len; j++)
			json_array_append_new(
			    array, text_to_json(list->pdata[j]));
		json_object_set_new(object, lists[i].name, array);
	}
	return object;
}

static int
word_index(
    const json_t *object, const char *name, const char *const *words, int n)
{
	const char *word = json_string_value(json_object_get(object, name));

	for (int i = 0; word != NULL && i < n; i++) {
		if (strcmp(word, words[i]) == 0)
			return i;
	}
	return -1;
}

static gboolean
is_line(const char *text)
{
	return text != NULL && strlen(text) <= TEXT_MOST &&
	       strpbrk(text, "\r\n") == NULL;
}

static gboolean
take_texts(const json_t *object, struct origin *origin)
{
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		const json_t *value = json_object_get(object, texts[i].name);
		const char *text = json_string_value(value);

		if (value == NULL)
			continue;
		if (!is_line(text))
			return FALSE;
		G_STRUCT_MEMBER(char *, origin, texts[i].offset) =
		    g_strdup(text);
	}
	return origin->agent == NULL || addr_valid(origin->agent);
}

static gboolean
take_lists(const json_t *object, struct origin *origin)
{
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		GPtrArray *list =
		    G_STRUCT_MEMBER(GPtrArray *, origin, lists[i].offset);
		const json_t *item;
		size_t at;

		json_array_foreach(
		    json_object_get(object, lists[i].name), at, item)
		{
			const char *text = json_string_value(item);

			if (at >= lists[i].most || !is_line(text))
				return FALSE;
			g_ptr_array_add(list, g_strdup(text));
		}
	}
	return TRUE;
}

/* "5.1.1" and the like. */
static gboolean
is_status(const char *text)
{
	return text != NULL && (*text == '2' || *text == '4' || *text == '5') &&
	       text[1] == '.' && strlen(text) <= 9 &&
	       text[strspn(text, "0123456789.")] == '\0';
}

static gboolean
take_failed(const json_t *object, struct origin *origin)
{
	const json_t *item;
	size_t at;

	json_array_foreach(json_object_get(object, "failed"), at, item)
	{
		const char *address =
		    json_string_value(json_object_get(item, "address"));
		const char *status =
		    json_string_value(json_object_get(item, "status"));

		if (address == NULL || !addr_valid(address) ||
		    !is_status(status))
			return FALSE;
		origin_add_failed(origin, address, status);
	}
	return TRUE;
}

gboolean
origin_from_json(const json_t *object, struct origin *origin, GError **error)
{
	int kind = word_index(object, "kind", kinds, G_N_ELEMENTS(kinds));
	int auth = word_index(object, "auth", auths, G_N_ELEMENTS(auths));

	if (object == NULL) /* nothing is known of it */
		return TRUE;
	if (kind < 0 || auth < 0 || !take_texts(object, origin) ||
	    !take_lists(object, origin) || !take_failed(object, origin))
		return err_set(
		    error, DG_ERROR_BAD, "an origin that makes no sense");
	origin->kind = kind;
	origin->auth = auth;
	return TRUE;
}
