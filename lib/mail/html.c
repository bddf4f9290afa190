/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML to text by libxml2's SAX events: no tree is built, nothing is fetched,
 * and the ceilings stop the parser.  The source is UTF-8 already, so a charset
 * that it declares is ignored (HTML_PARSE_IGNORE_ENC).
 */
#include "lib/mail/html.h"

#include <libxml/HTMLparser.h>
#include <string.h>

const struct html_limits html_limits_default = {
	.text_bytes = 1 << 20,
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
	guint pre;      /* depth in pre */
	guint breaks;   /* line ends that are due before the next text */
	gboolean blank; /* a blank is due before the next text */
	char *href;     /* of the open a, or NULL */
	gsize href_at;  /* where its text began */
};

enum effect { PLAIN, SILENT, LINE, PARAGRAPH, CELL, ITEM, PRE, RULE, BREAK };

static const struct {
	const char *tag;
	enum effect effect;
} effects[] = {
	{ "script", SILENT },
	{ "style", SILENT },
	{ "head", SILENT },
	{ "title", SILENT },
	{ "template", SILENT },
	{ "noframes", SILENT },
	{ "p", PARAGRAPH },
	{ "h1", PARAGRAPH },
	{ "h2", PARAGRAPH },
	{ "h3", PARAGRAPH },
	{ "h4", PARAGRAPH },
	{ "h5", PARAGRAPH },
	{ "h6", PARAGRAPH },
	{ "blockquote", PARAGRAPH },
	{ "ul", LINE },
	{ "ol", LINE },
	{ "dl", LINE },
	{ "dt", LINE },
	{ "dd", LINE },
	{ "div", LINE },
	{ "table", LINE },
	{ "tr", LINE },
	{ "section", LINE },
	{ "article", LINE },
	{ "header", LINE },
	{ "footer", LINE },
	{ "center", LINE },
	{ "form", LINE },
	{ "address", LINE },
	{ "td", CELL },
	{ "th", CELL },
	{ "li", ITEM },
	{ "pre", PRE },
	{ "hr", RULE },
	{ "br", BREAK },
};

static enum effect
effect_of(const char *tag)
{
	for (gsize i = 0; i < G_N_ELEMENTS(effects); i++) {
		if (strcmp(tag, effects[i].tag) == 0)
			return effects[i].effect;
	}
	return PLAIN;
}

static const char *
attribute(const xmlChar **attributes, const char *name)
{
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2) {
		if (g_ascii_strcasecmp((const char *)attributes[0], name) == 0)
			return (const char *)attributes[1];
	}
	return NULL;
}

/* Styles that take text out of sight; blanks in the style do not matter. */
static gboolean
is_hidden(const xmlChar **attributes)
{
	static const char *const styles[] = { "display:none",
		"visibility:hidden", "font-size:0", "font-size:1px",
		"opacity:0;", "mso-hide:all", "max-height:0" };
	const char *style = attribute(attributes, "style");
	g_autoptr(GString) squeezed = NULL;

	if (attribute(attributes, "hidden") != NULL)
		return TRUE;
	if (style == NULL)
		return FALSE;
	squeezed = g_string_new(NULL);
	for (; *style != '\0' && squeezed->len < 1024; style++) {
		if (!g_ascii_isspace(*style))
			g_string_append_c(squeezed, g_ascii_tolower(*style));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(styles); i++) {
		if (strstr(squeezed->str, styles[i]) != NULL)
			return TRUE;
	}
	return FALSE;
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
	if (reader->text->len > 0) {
		for (guint i = 0; i < reader->breaks; i++)
			g_string_append_c(reader->text, '\n');
		if (reader->breaks == 0 && reader->blank)
			g_string_append_c(reader->text, ' ');
	}
	reader->breaks = 0;
	reader->blank = FALSE;
}

static void
add_link(struct reader *reader, const char *target)
{
	if (target != NULL && *target != '\0' && strlen(target) < 4096 &&
	    reader->html->links->len < reader->limits->links)
		g_ptr_array_add(reader->html->links, g_strdup(target));
}

static void
open_effect(struct reader *reader, const char *tag)
{
	switch (effect_of(tag)) {
	case SILENT:
		reader->silent++;
		break;
	case PARAGRAPH:
	case PRE:
		reader->pre += strcmp(tag, "pre") == 0;
		due_breaks(reader, 2);
		break;
	case LINE:
		due_breaks(reader, 1);
		break;
	case BREAK:
		reader->breaks = MIN(reader->breaks + 1, 2);
		reader->blank = FALSE;
		break;
	case CELL:
		reader->blank = TRUE;
		break;
	case ITEM:
		due_breaks(reader, 1);
		settle(reader);
		g_string_append(reader->text, "- ");
		break;
	case RULE:
		due_breaks(reader, 1);
		settle(reader);
		g_string_append(reader->text, "---");
		due_breaks(reader, 1);
		break;
	case PLAIN:
		break;
	}
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	struct reader *reader = data;
	const char *tag = (const char *)name;
	const char *href = attribute(attributes, "href");

	if (++reader->tags > reader->limits->tags ||
	    ++reader->depth > reader->limits->depth ||
	    reader->text->len > reader->limits->text_bytes) {
		xmlStopParser(reader->parser);
		return;
	}
	if (reader->html->tags->len < 4096)
		g_string_append_printf(reader->html->tags, "%s%s",
		    reader->html->tags->len > 0 ? " " : "", tag);
	if (reader->hidden == 0 && is_hidden(attributes))
		reader->hidden = reader->depth;
	add_link(reader, href);
	add_link(reader, attribute(attributes, "src"));
	add_link(reader, attribute(attributes, "action"));
	add_link(reader, attribute(attributes, "background"));
	open_effect(reader, tag);
	if (strcmp(tag, "a") == 0 && href != NULL) {
		g_free(reader->href);
		reader->href = g_strdup(href);
		settle(reader);
		reader->href_at = reader->text->len;
	}
	if (strcmp(tag, "img") == 0 && reader->silent == 0) {
		const char *alt = attribute(attributes, "alt");

		if (alt != NULL && *alt != '\0' && strlen(alt) < 200) {
			settle(reader);
			g_string_append_printf(reader->text, "[%s]", alt);
		}
	}
}

/* `text <url>`, unless the text is the address itself. */
static void
close_link(struct reader *reader)
{
	const char *shown =
	    reader->text->str + MIN(reader->href_at, reader->text->len);
	gboolean web = g_str_has_prefix(reader->href, "http") ||
		       g_str_has_prefix(reader->href, "ftp");

	if (web && strlen(reader->href) < 2048 && *shown != '\0' &&
	    strstr(reader->href, shown) == NULL)
		g_string_append_printf(reader->text, " <%s>", reader->href);
	g_clear_pointer(&reader->href, g_free);
}

static void
on_end(void *data, const xmlChar *name)
{
	struct reader *reader = data;
	const char *tag = (const char *)name;
	enum effect effect = effect_of(tag);

	if (reader->hidden == reader->depth)
		reader->hidden = 0;
	if (reader->depth > 0)
		reader->depth--;
	if (effect == SILENT && reader->silent > 0)
		reader->silent--;
	if (effect == PRE && reader->pre > 0)
		reader->pre--;
	if (effect == PARAGRAPH || effect == PRE)
		due_breaks(reader, 2);
	else if (effect == LINE || effect == ITEM)
		due_breaks(reader, 1);
	else if (effect == CELL)
		reader->blank = TRUE;
	if (strcmp(tag, "a") == 0 && reader->href != NULL)
		close_link(reader);
}

static void
add_flowing(struct reader *reader, const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++) {
		/* U+00A0 is a blank to a reader. */
		gboolean nbsp = i + 1 < length && (guint8)text[i] == 0xc2 &&
				(guint8)text[i + 1] == 0xa0;

		if (nbsp || g_ascii_isspace(text[i])) {
			reader->blank = reader->breaks == 0;
			i += nbsp;
			continue;
		}
		settle(reader);
		g_string_append_c(reader->text, text[i]);
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
		xmlStopParser(reader->parser);
	} else if (reader->pre > 0) {
		settle(reader);
		g_string_append_len(reader->text, text, length);
	} else {
		add_flowing(reader, text, length);
	}
}

struct html *
html_read(const char *source, gsize length, const struct html_limits *limits)
{
	htmlSAXHandler handler = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text };
	struct html *html = g_new0(struct html, 1);
	struct reader reader = {
		.limits = limits, .html = html, .text = g_string_new(NULL)
	};

	html->links = g_ptr_array_new_with_free_func(g_free);
	html->tags = g_string_new(NULL);
	reader.parser = htmlCreatePushParserCtxt(
	    &handler, &reader, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (reader.parser != NULL) {
		htmlCtxtUseOptions(
		    reader.parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
				       HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
				       HTML_PARSE_IGNORE_ENC);
		htmlParseChunk(
		    reader.parser, source, MIN(length, G_MAXINT / 2), 0);
		htmlParseChunk(reader.parser, source, 0, 1);
		htmlFreeParserCtxt(reader.parser);
	}
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
	g_clear_pointer(html, g_free);
}
