/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structured tokens of the body: its words, where its links go, how it is
 * built.
 */
#include <string.h>

#include "classifier/features_private.h"
#include "lib/mail/html.h"

#define WORDS_MOST 4000
#define LINKS_MOST 50
#define TAGS_MOST 400

static gboolean
is_link_end(char c)
{
	return c == '\0' || g_ascii_isspace(c) ||
	       strchr("<>\"'()[]{}", c) != NULL;
}

/* Targets in plain text: http://, https://, www. */
static void
scan_text(const char *text, guint most, GPtrArray *links)
{
	const char *at = text;

	while (links->len < most && *at != '\0') {
		gsize length = 0;

		if ((*at == 'h' || *at == 'H' || *at == 'w' || *at == 'W') &&
		    (g_ascii_strncasecmp(at, "http://", 7) == 0 ||
			g_ascii_strncasecmp(at, "https://", 8) == 0 ||
			g_ascii_strncasecmp(at, "www.", 4) == 0)) {
			while (!is_link_end(at[length]))
				length++;
			g_ptr_array_add(links, g_strndup(at, length));
		}
		at += MAX(length, 1);
	}
}

GPtrArray *
tokens_links(struct message *message, guint most)
{
	GPtrArray *links = g_ptr_array_new_with_free_func(g_free);
	const struct html *html = message_markup(message);

	for (guint i = 0;
	     html != NULL && i < html->links->len && links->len < most; i++)
		g_ptr_array_add(links, g_strdup(html->links->pdata[i]));
	scan_text(message_text(message), most, links);
	return links;
}

static void
add_link(struct feature_sink *sink, const char *link)
{
	const char *host = strstr(link, "://");
	gsize scheme = host != NULL ? (gsize)(host - link) : 0;
	gsize length;
	const char *path, *at;

	feature_add(sink, "links", "u:", link, MIN(scheme, 10));
	host = host != NULL ? host + 3 : link;
	length = strcspn(host, "/?#:");
	at = memchr(host, '@', length);
	if (at != NULL) {
		feature_add(sink, "links", "u@", "@", 1);
		length -= at + 1 - host;
		host = at + 1;
	}
	feature_add_domain(sink, "links", "ud:", host, length);
	path = host + length;
	if (*path != '\0')
		feature_add_words(sink, "links", "up:", path, 12);
}

static void
add_links(struct feature_sink *sink, struct message *message)
{
	g_autoptr(GPtrArray) links = tokens_links(message, LINKS_MOST);
	g_autofree char *count = NULL;
	guint log2 = 0;

	for (guint i = 0; i < links->len; i++)
		add_link(sink, links->pdata[i]);
	while (links->len >> log2 > 0)
		log2++;
	count = g_strdup_printf("%u", log2);
	feature_add(sink, "structure", "u#", count, strlen(count));
}

static void
add_tags(struct feature_sink *sink, struct message *message)
{
	const struct html *html = message_markup(message);
	g_auto(GStrv) tags = NULL;

	if (html == NULL)
		return;
	tags = g_strsplit(html->tags->str, " ", TAGS_MOST + 1);
	if (html->hidden > 0)
		feature_add(sink, "structure", "hidden", "text", 4);
	for (guint i = 0; tags[i] != NULL && i < TAGS_MOST; i++) {
		feature_add(sink, "structure", "tag:", tags[i],
		    MIN(strlen(tags[i]), 20));
		if (i > 0) {
			g_autofree char *pair = g_strdup_printf(
			    "%.20s>%.20s", tags[i - 1], tags[i]);

			feature_add(
			    sink, "structure", "tg:", pair, strlen(pair));
		}
	}
}

static guint
log2_of(gsize value)
{
	guint log2 = 0;

	while (value >> log2 > 0)
		log2++;
	return log2;
}

static void
add_number(struct feature_sink *sink, const char *prefix, gsize value)
{
	g_autofree char *text = g_strdup_printf("%u", log2_of(value));

	feature_add(sink, "structure", prefix, text, strlen(text));
}

static void
add_parts(struct feature_sink *sink, struct message *message)
{
	g_autoptr(GString) shape = g_string_new(NULL);
	gsize body;

	for (guint i = 0; i < MIN(message_part_count(message), 30); i++) {
		const struct part *part = message_part(message, i);
		const char *dot = part->filename != NULL
				      ? strrchr(part->filename, '.')
				      : NULL;

		g_string_append_printf(
		    shape, "%u%.30s;", part->depth, part->type);
		feature_add(
		    sink, "structure", "pt:", part->type, strlen(part->type));
		if (part->charset != NULL)
			feature_add(sink, "structure", "pc:", part->charset,
			    strlen(part->charset));
		if (part->filename != NULL)
			feature_add(sink, "structure", "pf:", part->filename,
			    strlen(part->filename));
		if (dot != NULL)
			feature_add(sink, "structure", "pe:", dot, strlen(dot));
	}
	feature_add(sink, "structure", "ps:", shape->str, shape->len);
	add_number(sink, "odd", message_oddities(message));
	message_body_block(message, &body);
	add_number(sink, "size", body);
	add_number(sink, "text#", strlen(message_text(message)));
}

void
tokens_body(struct feature_sink *sink, struct message *message)
{
	feature_add_words(
	    sink, "wording", "b:", message_text(message), WORDS_MOST);
	add_links(sink, message);
	add_tags(sink, message);
	add_parts(sink, message);
}
