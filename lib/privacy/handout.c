/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing out: files, and the page to read.
 *
 * The page shows any JSON, so that what a holder adds is in it without another
 * word here: objects are tables of name and value, arrays are lists, what has
 * "file" is linked.  What came from mail is text there and nothing else.
 */
#include "lib/privacy/handout.h"

#include <string.h>

#define NAME_MOST 80
/* Deeper than anything of ours; the rest is in data.json. */
#define DEPTH_MOST 12

gboolean
handout_put(const struct handout *handout, json_t *row, const char *path,
    GBytes *bytes, GError **error)
{
	if (handout->put == NULL)
		return TRUE;
	json_object_set_new(row, "file", json_string(path));
	return handout->put(handout->self, path, bytes, error);
}

char *
handout_path(const char *folder, gint64 number, const char *name)
{
	GString *path = g_string_new(NULL);
	gsize start;

	g_string_append_printf(
	    path, "%s/%" G_GINT64_FORMAT "-", folder, number);
	start = path->len;
	for (; *name != '\0' && path->len - start < NAME_MOST; name++) {
		/* Of a longer letter, its first byte alone. */
		if (((guchar)*name & 0xc0) != 0x80)
			g_string_append_c(
			    path, g_ascii_isalnum(*name) || strchr("._-", *name)
				      ? *name
				      : '_');
	}
	return g_string_free(path, FALSE);
}

static void
add_text(GString *page, const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	g_string_append(page, escaped);
}

static void add_value(GString *page, const json_t *value, guint depth);

static void
add_name(GString *page, const char *name)
{
	g_autofree char *words = g_strdelimit(g_strdup(name), "_", ' ');

	add_text(page, words);
}

static void
add_object(GString *page, const json_t *object, guint depth)
{
	const char *name;
	json_t *value;

	g_string_append(page, "<table>\n");
	json_object_foreach((json_t *)object, name, value)
	{
		/* Beside the text it would be read twice. */
		if (json_is_null(value) || strcmp(name, "html") == 0)
			continue;
		g_string_append(page, "<tr><th>");
		add_name(page, name);
		g_string_append(page, "</th><td>");
		if (strcmp(name, "file") == 0 && json_is_string(value)) {
			g_string_append(page, "<a href=\"");
			add_text(page, json_string_value(value));
			g_string_append(page, "\">");
			add_text(page, json_string_value(value));
			g_string_append(page, "</a>");
		} else
			add_value(page, value, depth + 1);
		g_string_append(page, "</td></tr>\n");
	}
	g_string_append(page, "</table>\n");
}

static void
add_array(GString *page, const json_t *array, guint depth)
{
	json_t *value;
	size_t i;

	if (json_array_size(array) == 0) {
		g_string_append(page, "none");
		return;
	}
	g_string_append(page, "<ol>\n");
	json_array_foreach(array, i, value)
	{
		g_string_append(page, "<li>");
		add_value(page, value, depth + 1);
		g_string_append(page, "</li>\n");
	}
	g_string_append(page, "</ol>\n");
}

static void
add_value(GString *page, const json_t *value, guint depth)
{
	if (depth > DEPTH_MOST)
		g_string_append(page, "(see data.json)");
	else if (json_is_object(value))
		add_object(page, value, depth);
	else if (json_is_array(value))
		add_array(page, value, depth);
	else if (json_is_string(value))
		add_text(page, json_string_value(value));
	else if (json_is_boolean(value))
		g_string_append(page, json_is_true(value) ? "yes" : "no");
	else {
		char *text = json_dumps(value, JSON_ENCODE_ANY);

		g_string_append(page, text != NULL ? text : "");
		free(text);
	}
}

GBytes *
handout_page(const char *title, const json_t *data)
{
	GString *page = g_string_new(
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\""
	    " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<style>body { font: 16px/1.5 sans-serif; margin: 2em }"
	    " table { border-collapse: collapse }"
	    " th, td { border: 1px solid #999; padding: 0.2em 0.5em;"
	    " text-align: left; vertical-align: top }"
	    " td { white-space: pre-wrap; overflow-wrap: anywhere }"
	    "</style>\n<title>");

	add_text(page, title);
	g_string_append(page, "</title>\n</head>\n<body>\n<h1>");
	add_text(page, title);
	g_string_append(page, "</h1>\n");
	add_value(page, data, 0);
	g_string_append(page, "</body>\n</html>\n");
	return g_string_free_to_bytes(page);
}
