/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structured tokens of the body: its words, where its links go, how it is
 * built.
 */
#include <stdio.h>
#include <string.h>

#include "classifier/canonical.h"
#include "classifier/features_private.h"

#define WORDS_MOST 4000
#define LINKS_MOST 50
#define TAGS_MOST 400
#define PARTS_MOST 30
/* Bodies above are of one size: a copy may have been cut at max-scan-size. */
#define SIZE_MOST 65536

static gboolean
is_link_end(char c)
{
	return c == '\0' || g_ascii_isspace(c) ||
	       strchr("<>\"'()[]{}", c) != NULL;
}

/* The target as it is followed: browsers drop line ends and tabs within it and
 * blanks around it, and a copy may have CRLF where another has LF. */
static char *
link_target(const char *link, gsize length)
{
	char *target = g_malloc(length + 1);
	gsize n = 0;

	for (gsize i = 0; i < length; i++) {
		if (strchr("\t\r\n", link[i]) == NULL)
			target[n++] = link[i];
	}
	target[n] = '\0';
	return g_strstrip(target);
}

static void
add_once(GHashTable *seen, GPtrArray *links, const char *link, gsize length)
{
	g_autofree char *copy = link_target(link, length);

	if (g_hash_table_contains(seen, copy))
		return;
	g_hash_table_add(seen, copy);
	g_ptr_array_add(links, g_steal_pointer(&copy));
}

static inline gboolean
begins_link(const char *at)
{
	char first = *at | 0x20;

	if (first == 'h')
		return (at[1] | 0x20) == 't' &&
		       (g_ascii_strncasecmp(at, "http://", 7) == 0 ||
			   g_ascii_strncasecmp(at, "https://", 8) == 0);
	return first == 'w' && (at[1] | 0x20) == 'w' &&
	       g_ascii_strncasecmp(at, "www.", 4) == 0;
}

/* Targets in plain text: http://, https://, www. */
static void
scan_text(const char *text, GHashTable *seen, GPtrArray *links)
{
	const char *at = text;

	while (links->len < LINKS_MOST && *at != '\0') {
		gsize length = 0;

		if (begins_link(at)) {
			while (!is_link_end(at[length]))
				length++;
			add_once(seen, links, at, length);
		}
		at += MAX(length, 1);
	}
}

GPtrArray *
tokens_links(struct message *message, const struct html *html)
{
	GPtrArray *links = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0;
	     html != NULL && i < html->links->len && links->len < LINKS_MOST;
	     i++) {
		const char *link = html->links->pdata[i];

		add_once(seen, links, link, strlen(link));
	}
	scan_text(message_text(message), seen, links);
	return links;
}

static void
add_link(struct feature_sink *sink, const char *link)
{
	static const struct feature_kind
	    scheme = { "links", "u:", NULL, TRUE },
	    login = { "links", "u@", "a name before the host", TRUE },
	    domain = { "links", "ud:", "link to ", TRUE },
	    other = { "links", "ud:", "link of kind ", TRUE },
	    word = { "links", "up:", "word in a link: ", TRUE };
	const char *host = strstr(link, "://");
	gsize before = host != NULL ? (gsize)(host - link) : 0;
	gsize length;
	const char *path, *at;

	feature_add(sink, &scheme, link, MIN(before, 10));
	host = host != NULL ? host + 3 : link;
	length = strcspn(host, "/?#:");
	at = memchr(host, '@', length);
	if (at != NULL) {
		feature_add_text(sink, &login, "");
		length -= at + 1 - host;
		host = at + 1;
	}
	/* "mailto:", "tel:" and such have a kind where others have a host. */
	feature_add_domain(sink,
	    before == 0 && host[length] == ':' ? &other : &domain, host,
	    length);
	path = host + length;
	if (*path != '\0')
		feature_add_words(sink, &word, path, 12);
}

static void
add_links(struct feature_sink *sink)
{
	static const struct feature_kind count = { "form", "u#", NULL };

	for (guint i = 0; i < sink->links->len; i++)
		add_link(sink, sink->links->pdata[i]);
	feature_add_number(sink, &count, feature_log2(sink->links->len));
}

static void
add_tags(struct feature_sink *sink)
{
	static const struct feature_kind tag = { "structure",
		"tag:", "HTML tag " },
					 pair = { "form", "tg:", NULL },
					 hidden = { "structure", "hidden",
						 "hidden text" };
	g_auto(GStrv) tags = NULL;

	if (sink->html == NULL)
		return;
	tags = g_strsplit(sink->html->tags->str, " ", TAGS_MOST + 1);
	if (sink->html->hidden > 0)
		feature_add_text(sink, &hidden, "");
	for (guint i = 0; tags[i] != NULL && i < TAGS_MOST; i++) {
		char text[48];

		feature_add(sink, &tag, tags[i], MIN(strlen(tags[i]), 20));
		if (i == 0)
			continue;
		snprintf(
		    text, sizeof(text), "%.20s>%.20s", tags[i - 1], tags[i]);
		feature_add_text(sink, &pair, text);
	}
}

static void
add_part(struct feature_sink *sink, const struct part *part)
{
	static const struct feature_kind
	    type = { "structure", "pt:", "part of type " },
	    charset = { "structure", "pc:", "charset " },
	    name = { "structure", "pf:", "attachment " },
	    ending = { "structure", "pe:", "attachment ending in " };
	const char *dot =
	    part->filename != NULL ? strrchr(part->filename, '.') : NULL;

	feature_add_text(sink, &type, part->type);
	if (part->charset != NULL)
		feature_add_text(sink, &charset, part->charset);
	if (part->filename != NULL)
		feature_add_text(sink, &name, part->filename);
	if (dot != NULL)
		feature_add_text(sink, &ending, dot);
}

static void
add_parts(struct feature_sink *sink)
{
	static const struct feature_kind shape = { "form", "ps:", NULL };
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0;
	     i < MIN(message_part_count(sink->message), PARTS_MOST); i++) {
		const struct part *part = message_part(sink->message, i);

		g_string_append_printf(
		    all, "%u%.30s;", part->depth, part->type);
		add_part(sink, part);
	}
	feature_add(sink, &shape, all->str, all->len);
}

/* Oddities that say something of the sender: not those that depend on a
 * ceiling, on the clock or on how this copy was kept. */
static void
add_oddities(struct feature_sink *sink)
{
	static const struct {
		enum message_oddity bit;
		struct feature_kind kind;
	} odd[] = {
		{ MESSAGE_ODD_DUPLICATE,
		    { "structure", "odd:twice", "a field stands twice" } },
		{ MESSAGE_ODD_CHARSET,
		    { "structure", "odd:charset", "wrong charset" } },
		{ MESSAGE_ODD_BOUNDARY,
		    { "structure", "odd:boundary", "broken MIME parts" } },
		{ MESSAGE_ODD_ENCODING,
		    { "structure", "odd:encoding", "broken encoding" } },
		{ MESSAGE_ODD_NUL, { "structure", "odd:nul", "NUL bytes" } },
	};
	guint oddities = message_oddities(sink->message);

	for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
		if ((oddities & odd[i].bit) != 0)
			feature_add_text(sink, &odd[i].kind, "");
	}
}

/* Lengths in powers of two, of what does not change from copy to copy. */
static void
add_sizes(struct feature_sink *sink)
{
	static const struct feature_kind body = { "form", "size", NULL },
					 text = { "form", "text", NULL };
	g_autoptr(GByteArray) bytes = g_byte_array_sized_new(8192);
	const char *words = message_text(sink->message);
	gsize length = strlen(words);

	canonical_body(sink->message, SIZE_MOST, bytes);
	feature_add_number(sink, &body, feature_log2(bytes->len));
	while (length > 0 && g_ascii_isspace(words[length - 1]))
		length--;
	feature_add_number(sink, &text, feature_log2(MIN(length, SIZE_MOST)));
}

void
tokens_body(struct feature_sink *sink)
{
	static const struct feature_kind word = { "wording", "b:", "", TRUE };

	/* The many last: what room there is is then used up by none but them.
	 */
	add_parts(sink);
	add_oddities(sink);
	add_sizes(sink);
	add_links(sink);
	add_tags(sink);
	feature_add_words(sink, &word, message_text(sink->message), WORDS_MOST);
	if (sink->other_text != NULL)
		feature_add_words(sink, &word, sink->other_text, WORDS_MOST);
}
