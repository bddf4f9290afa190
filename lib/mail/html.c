/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML to text by libxml2's SAX events: no tree is built, nothing is fetched,
 * and the ceilings stop the parser; what is left then is read plainly
 * (html_scan.h).  The source is UTF-8 already, so a charset that it declares is
 * ignored (HTML_PARSE_IGNORE_ENC).
 */
#include "lib/mail/html.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail/html_mark.h"
#include "lib/mail/html_effect.h"
#include "lib/mail/html_scan.h"

#define TAGS_BYTES 4096
#define LINK_MOST 4096
#define ALT_MOST 200
#define SHOWN_LINK_MOST 2048

const struct html_limits html_limits_default = {
	.text_bytes = 1 << 20,
	.source_bytes = 2 << 20,
	.links = 500,
	.tags = 50000,
	.depth = 500,
};

struct reader {
	const struct html_limits *limits;
	htmlParserCtxtPtr parser;
	GString *text;
	struct html *html;
	guint tags, depth;
	guint silent;   /* depth in script, style, head ... */
	guint hidden;   /* depth at which hiding began, or 0 */
	guint marked;   /* depth at which the open mark began, or 0 */
	guint pre;      /* depth in pre */
	guint breaks;   /* line ends that are due before the next text */
	gboolean blank; /* a blank is due before the next text */
	char *href;     /* of the open a, or NULL */
	gsize href_at;  /* where its text began */
	glong stopped;  /* where a ceiling stopped the parser, or -1 */
};

/* What is wanted of a tag's attributes; each may be NULL. */
struct wanted {
	const char *href, *src, *action, *background, *alt, *style;
	struct html_mark_hints hints;
	gboolean hidden;
};

/* The parser lower-cases names. */
static void
read_attributes(const xmlChar **attributes, struct wanted *wanted_r)
{
	const struct {
		const char *name;
		const char **slot;
	} slots[] = { { "href", &wanted_r->href }, { "src", &wanted_r->src },
		{ "style", &wanted_r->style }, { "alt", &wanted_r->alt },
		{ "action", &wanted_r->action },
		{ "background", &wanted_r->background },
		{ "id", &wanted_r->hints.id },
		{ "class", &wanted_r->hints.class },
		{ "type", &wanted_r->hints.type } };

	*wanted_r = (struct wanted){ 0 };
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2) {
		const char *name = (const char *)attributes[0];

		if (strcmp(name, "hidden") == 0)
			wanted_r->hidden = TRUE;
		for (gsize i = 0; i < G_N_ELEMENTS(slots); i++) {
			if (name[0] == slots[i].name[0] &&
			    strcmp(name, slots[i].name) == 0)
				*slots[i].slot = (const char *)attributes[1];
		}
	}
}

/* Whether the parser has read as much as it is to. */
static gboolean
is_beyond(const struct reader *reader)
{
	return xmlByteConsumed(reader->parser) >
	       (glong)reader->limits->source_bytes;
}

static void
stop(struct reader *reader)
{
	if (reader->stopped < 0)
		reader->stopped = MAX(xmlByteConsumed(reader->parser), 0);
	xmlStopParser(reader->parser);
}

static void
due_breaks(struct reader *reader, guint breaks)
{
	reader->breaks = MAX(reader->breaks, breaks);
	reader->blank = FALSE;
}

/* Writes the line ends or the blank that are due. */
static void
settle(struct reader *reader)
{
	if (reader->breaks == 0 && !reader->blank)
		return;
	if (reader->text->len > 0) {
		for (guint i = 0; i < reader->breaks; i++)
			g_string_append_c(reader->text, '\n');
		if (reader->breaks == 0)
			g_string_append_c(reader->text, ' ');
	}
	reader->breaks = 0;
	reader->blank = FALSE;
}

/* A mark of ours (a bullet, a rule, an image's text) where text is shown. */
static void
add_mark(struct reader *reader, const char *before, const char *mark,
    const char *after)
{
	if (reader->silent > 0)
		return;
	settle(reader);
	g_string_append(reader->text, before);
	g_string_append(reader->text, mark);
	g_string_append(reader->text, after);
}

static void
add_link(struct reader *reader, const char *target)
{
	if (target != NULL && *target != '\0' && strlen(target) < LINK_MOST &&
	    reader->html->links->len < reader->limits->links)
		g_ptr_array_add(reader->html->links, g_strdup(target));
}

static void
open_effect(struct reader *reader, enum html_effect effect)
{
	switch (effect) {
	case HTML_SILENT:
		reader->silent++;
		break;
	case HTML_PARAGRAPH:
		due_breaks(reader, 2);
		break;
	case HTML_PRE:
		reader->pre++;
		due_breaks(reader, 2);
		break;
	case HTML_LINE:
		due_breaks(reader, 1);
		break;
	case HTML_BREAK:
		reader->breaks = MIN(reader->breaks + 1, 2);
		reader->blank = FALSE;
		break;
	case HTML_CELL:
		reader->blank = TRUE;
		break;
	case HTML_ITEM:
		due_breaks(reader, 1);
		add_mark(reader, "", "- ", "");
		break;
	case HTML_RULE:
		due_breaks(reader, 1);
		add_mark(reader, "", "---", "");
		due_breaks(reader, 1);
		break;
	case HTML_PLAIN:
		break;
	}
}

static void
add_tag(GString *tags, const char *tag)
{
	if (tags->len >= TAGS_BYTES)
		return;
	if (tags->len > 0)
		g_string_append_c(tags, ' ');
	g_string_append(tags, tag);
}

static void
open_mark(struct reader *reader, const char *tag, struct wanted *wanted)
{
	struct html_mark mark = { .from = reader->text->len, .to = G_MAXSIZE };

	wanted->hints.style = wanted->style;
	if (reader->marked > 0 ||
	    !html_mark_find(tag, &wanted->hints, &mark.kind))
		return;
	if (reader->html->marks == NULL)
		reader->html->marks =
		    g_array_new(FALSE, FALSE, sizeof(struct html_mark));
	g_array_append_val(reader->html->marks, mark);
	/* A rest is never closed. */
	reader->marked =
	    mark.kind == HTML_MARK_REST ? G_MAXUINT : reader->depth;
}

static void
close_mark(struct reader *reader)
{
	GArray *marks = reader->html->marks;

	g_array_index(marks, struct html_mark, marks->len - 1).to =
	    reader->text->len;
	reader->marked = 0;
}

/* Whether a ceiling is met.  A style or script is still taken in: what is in it
 * is no text. */
static gboolean
is_over(const struct reader *reader, const char *tag)
{
	if (reader->tags > reader->limits->tags ||
	    reader->depth > reader->limits->depth ||
	    reader->text->len > reader->limits->text_bytes)
		return TRUE;
	return is_beyond(reader) && strcmp(tag, "style") != 0 &&
	       strcmp(tag, "script") != 0;
}

static void
add_links(struct reader *reader, const struct wanted *wanted)
{
	add_link(reader, wanted->href);
	add_link(reader, wanted->src);
	add_link(reader, wanted->action);
	add_link(reader, wanted->background);
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	struct reader *reader = data;
	const char *tag = (const char *)name;
	struct wanted wanted;

	reader->tags++;
	reader->depth++;
	read_attributes(attributes, &wanted);
	add_links(reader, &wanted);
	if (is_over(reader, tag)) {
		stop(reader);
		return;
	}
	add_tag(reader->html->tags, tag);
	if (reader->hidden == 0 &&
	    (wanted.hidden || html_style_hides(wanted.style)))
		reader->hidden = reader->depth;
	open_mark(reader, tag, &wanted);
	open_effect(reader, html_effect_of(tag));
	if (wanted.href != NULL && strcmp(tag, "a") == 0) {
		g_free(reader->href);
		reader->href = g_strdup(wanted.href);
		settle(reader);
		reader->href_at = reader->text->len;
	}
	if (wanted.alt != NULL && *wanted.alt != '\0' &&
	    strlen(wanted.alt) < ALT_MOST && strcmp(tag, "img") == 0)
		add_mark(reader, "[", wanted.alt, "]");
}

/* An address as people compare it: without scheme and closing slash. */
static const char *
bare_link(const char *link, gsize *length_r)
{
	const char *scheme = strstr(link, "://");

	if (scheme != NULL)
		link = scheme + 3;
	*length_r = strlen(link);
	if (*length_r > 0 && link[*length_r - 1] == '/')
		(*length_r)--;
	return link;
}

/* `text <url>`, unless the text is the address itself. */
static void
close_link(struct reader *reader)
{
	gsize shown_length, target_length;
	const char *shown = bare_link(
	    reader->text->str + MIN(reader->href_at, reader->text->len),
	    &shown_length);
	const char *target = bare_link(reader->href, &target_length);
	gboolean web = g_str_has_prefix(reader->href, "http") ||
		       g_str_has_prefix(reader->href, "ftp");
	gboolean blank = reader->blank;

	if (web && strlen(reader->href) < SHOWN_LINK_MOST && shown_length > 0 &&
	    (shown_length != target_length ||
		g_ascii_strncasecmp(shown, target, shown_length) != 0)) {
		reader->blank = reader->breaks == 0;
		add_mark(reader, "<", reader->href, ">");
		reader->blank = blank;
	}
	g_clear_pointer(&reader->href, g_free);
}

static void
on_end(void *data, const xmlChar *name)
{
	struct reader *reader = data;
	const char *tag = (const char *)name;
	enum html_effect effect = html_effect_of(tag);

	if (reader->hidden == reader->depth)
		reader->hidden = 0;
	if (reader->marked > 0 && reader->marked == reader->depth)
		close_mark(reader);
	if (reader->depth > 0)
		reader->depth--;
	if (effect == HTML_SILENT && reader->silent > 0)
		reader->silent--;
	if (effect == HTML_PRE && reader->pre > 0)
		reader->pre--;
	if (reader->href != NULL && strcmp(tag, "a") == 0)
		close_link(reader);
	if (effect == HTML_PARAGRAPH || effect == HTML_PRE)
		due_breaks(reader, 2);
	else if (effect == HTML_LINE || effect == HTML_ITEM)
		due_breaks(reader, 1);
	else if (effect == HTML_CELL)
		reader->blank = TRUE;
}

/* U+00A0 is a blank to a reader. */
static gsize
blank_length(const char *at, const char *end)
{
	if (g_ascii_isspace(*at))
		return 1;
	return end - at > 1 && (guint8)at[0] == 0xc2 && (guint8)at[1] == 0xa0
		   ? 2
		   : 0;
}

static void
add_flowing(struct reader *reader, const char *text, gsize length)
{
	const char *at = text, *end = text + length;

	while (at < end) {
		const char *word = at;
		gsize blank;

		while (at < end && (blank = blank_length(at, end)) == 0)
			at++;
		if (at > word) {
			settle(reader);
			g_string_append_len(reader->text, word, at - word);
		}
		if (at < end) {
			reader->blank = reader->breaks == 0;
			at += blank;
		}
	}
}

static void
on_text(void *data, const xmlChar *characters, int length)
{
	struct reader *reader = data;
	const char *text = (const char *)characters;

	if (reader->silent > 0)
		return;
	if (reader->hidden > 0)
		reader->html->hidden += length;
	if (reader->text->len > reader->limits->text_bytes) {
		stop(reader);
	} else if (reader->pre > 0) {
		settle(reader);
		g_string_append_len(reader->text, text, length);
	} else {
		add_flowing(reader, text, length);
	}
}

/* What the parser was not given, or gave up at a ceiling. */
static void
read_rest(struct reader *reader, const char *source, gsize length, gsize given)
{
	gsize from = given;

	if (reader->stopped >= 0)
		from = MIN((gsize)reader->stopped, given);
	/* It stops within a tag, in front of its end. */
	if (reader->stopped >= 0 && from < length && source[from] == '/')
		from++;
	if (reader->stopped >= 0 && from < length && source[from] == '>')
		from++;
	if (from < length)
		html_scan_rest(source + from, length - from, reader->text,
		    reader->limits->text_bytes, reader->html->links,
		    reader->limits->links);
}

static void
parse(struct reader *reader, const char *source, gsize length)
{
	htmlSAXHandler handler = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.ignorableWhitespace = on_text };

	/* Not the push parser: it drops the text of a source that begins with
	 * closing tags. */
	reader->parser = htmlCreateMemoryParserCtxt(source, length);
	if (reader->parser == NULL)
		return;
	*reader->parser->sax = handler;
	reader->parser->userData = reader;
	reader->parser->charset = XML_CHAR_ENCODING_UTF8;
	htmlCtxtUseOptions(reader->parser,
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	htmlParseDocument(reader->parser);
	htmlFreeParserCtxt(reader->parser);
}

struct html *
html_read(const char *source, gsize length, const struct html_limits *limits)
{
	struct html *html = g_new0(struct html, 1);
	struct reader reader = { .limits = limits,
		.html = html,
		.text = g_string_new(NULL),
		.stopped = -1 };
	g_autofree char *mended = NULL;
	gsize given;

	length = MIN(length, G_MAXINT / 2);
	mended = html_scan_comments(source, length);
	if (mended != NULL)
		source = mended;
	given = html_scan_sane(source, length);
	html->links = g_ptr_array_new_with_free_func(g_free);
	html->tags = g_string_new(NULL);
	parse(&reader, source, given);
	read_rest(&reader, source, length, given);
	g_free(reader.href);
	html->text = g_string_free(reader.text, FALSE);
	return html;
}

void
html_free(struct html **html)
{
	if (*html == NULL)
		return;
	g_free((*html)->text);
	g_ptr_array_unref((*html)->links);
	g_string_free((*html)->tags, TRUE);
	g_clear_pointer(&(*html)->marks, g_array_unref);
	g_clear_pointer(html, g_free);
}
