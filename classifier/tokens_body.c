/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structured tokens of the body: its words, where its links go, how it is
 * built.
 */
#include <stdio.h>
#include <string.h>

#include "classifier/canonical.h"
#include "classifier/features_private.h"

#define WORDS_MOST 1000
#define LINKS_MOST 50
#define TAGS_MOST 400
#define TAG_BYTES 20
#define PARTS_MOST 30
/* Bodies above are of one size: a copy may have been cut at max-scan-size. */
#define SIZE_MOST 65536

/* Where a link in plain text ends. */
static const char link_ends[] = " \t\n\f\r<>\"'()[]{}";

/* The target as it is followed: browsers drop line ends and tabs within it and
 * blanks around it, and a copy may have CRLF where another has LF. */
static char *
link_target(const char *link, gsize length)
{
	char *target = g_malloc(length + 1);
	gsize n = 0;

	for (gsize i = 0; i < length; i++) {
		char c = link[i];

		target[n] = c;
		n += c != '\t' && c != '\r' && c != '\n';
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

/* Whether `name` ends at `end`, and begins no earlier than `start`. */
static gboolean
stands_before(const char *start, const char *end, const char *name)
{
	gsize length = strlen(name);

	return (gsize)(end - start) >= length &&
	       g_ascii_strncasecmp(end - length, name, length) == 0;
}

/* Where the link begins whose first ":" or "." is at `sign`, or NULL. */
static const char *
link_start(const char *start, const char *sign)
{
	if (*sign == '.')
		return stands_before(start, sign, "www") ? sign - 3 : NULL;
	if (sign[1] != '/' || sign[2] != '/')
		return NULL;
	if (stands_before(start, sign, "https"))
		return sign - 5;
	return stands_before(start, sign, "http") ? sign - 4 : NULL;
}

/* Targets in plain text: http://, https://, www. */
static void
scan_text(const char *text, GHashTable *seen, GPtrArray *links)
{
	const char *start = text, *sign = strpbrk(text, ".:");

	while (links->len < LINKS_MOST && sign != NULL) {
		const char *link = link_start(start, sign);

		if (link != NULL) {
			gsize length = strcspn(link, link_ends);

			add_once(seen, links, link, length);
			start = link + length;
		}
		sign = strpbrk(link != NULL ? start : sign + 1, ".:");
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
	    scheme = { "form", "u:", NULL, TRUE },
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
	char text[2 * TAG_BYTES + 1];
	gsize before = 0;
	const char *at;

	if (sink->html == NULL)
		return;
	if (sink->html->hidden > 0)
		feature_add_text(sink, &hidden, "");
	at = sink->html->tags->str;
	for (guint i = 0; i < TAGS_MOST && *at != '\0'; i++) {
		gsize whole = strcspn(at, " "), length = MIN(whole, TAG_BYTES);

		/* `text` has the tag in front of it, with its ">". */
		memcpy(text + before, at, length);
		feature_add(sink, &tag, at, length);
		if (i > 0)
			feature_add(sink, &pair, text, before + length);
		memmove(text, text + before, length);
		text[length] = '>';
		before = length + 1;
		at += whole + (at[whole] == ' ');
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
	const char *words = message_text(sink->message);
	gsize length = strlen(words);

	feature_add_number(sink, &body,
	    feature_log2(canonical_body_length(sink->message, SIZE_MOST)));
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
