/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML made harmless by libxml2's SAX events: what is on the lists is written
 * anew, escaped by us, and nothing of the source is copied as it stands.  So a
 * browser that reads broken HTML in another way than libxml2 does has nothing
 * to disagree about.
 *
 * A tree is never built.  Two readings do, as a rule: the first writes, the
 * second finds that it reads back as the same.
 */
#include "lib/mail/html_clean.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "lib/mail/html_clean_lists.h"
#include "lib/mail/html_scan.h"

/* Our own frame, by which it is known again. */
#define FRAME_CLASS "mail"
#define FRAME "<div class=\"" FRAME_CLASS "\">"
/* How often what was written may read back as something else. */
#define READINGS_MOST 4
/* Deeper than this libxml2 itself takes too long for each tag. */
#define NESTING_MOST 500

const struct html_clean_limits html_clean_limits_default = {
	.bytes = 1 << 20,
	.links = 500,
	.tags = 20000,
	.depth = 100,
};

/* An element that the parser has opened; `name` NULL: not written, or closed
 * again already. */
struct element {
	const char *name; /* of the list */
	gboolean paragraph, link;
};

struct cleaner {
	const struct html_clean_limits *limits;
	const GPtrArray *known;
	htmlParserCtxtPtr parser;
	GString *out, *after_link;
	GPtrArray *images;
	GArray *open;  /* struct element */
	guint written; /* of them, with a name */
	guint silent;  /* the depth at which silence began, or 0 */
	guint links, tags;
	gboolean in_link;
	gboolean full; /* the result is as large as it may be */
	glong stopped; /* where the parser was stopped, or -1 */
};

/* --- values --- */

void
html_clean_escape(GString *out, const char *text, gsize length)
{
	static const char special[] = "&<>\"'";
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;",
		"&#34;", "&#39;" };

	for (gsize i = 0; i < length; i++) {
		guchar c = text[i];
		const char *found = c != '\0' ? strchr(special, c) : NULL;

		if (found != NULL)
			g_string_append(out, entities[found - special]);
		else if (c >= ' ' || c == '\n' || c == '\t')
			g_string_append_c(out, (char)c);
	}
}

static void
add_text(GString *out, const char *text)
{
	html_clean_escape(out, text, strlen(text));
}

static const char *
value_of(const xmlChar **attributes, const char *name)
{
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2) {
		if (strcmp((const char *)attributes[0], name) == 0)
			return (const char *)attributes[1];
	}
	return NULL;
}

static void
add_attributes(GString *out, const xmlChar **attributes)
{
	const char *name;

	for (guint i = 0; (name = html_clean_attribute(i)) != NULL; i++) {
		const char *value = value_of(attributes, name);

		if (value == NULL || !html_clean_value(i, value))
			continue;
		g_string_append_printf(out, " %s=\"", name);
		add_text(out, value);
		g_string_append_c(out, '"');
	}
}

/* --- writing --- */

static void
add_link_start(GString *out, const char *target)
{
	g_string_append(out, "<a href=\"");
	add_text(out, target);
	g_string_append(out, "\" rel=\"noopener noreferrer nofollow\">");
}

static void
close_element(struct cleaner *cleaner, struct element *element)
{
	if (element->name == NULL)
		return;
	g_string_append_printf(cleaner->out, "</%s>", element->name);
	cleaner->written--;
	element->name = NULL;
	if (!element->link)
		return;
	cleaner->in_link = FALSE;
	g_string_append_len(cleaner->out, cleaner->after_link->str,
	    (gssize)cleaner->after_link->len);
	g_string_truncate(cleaner->after_link, 0);
}

static void
close_from(struct cleaner *cleaner, guint index)
{
	for (guint i = cleaner->open->len; i > index; i--)
		close_element(cleaner,
		    &g_array_index(cleaner->open, struct element, i - 1));
}

/* A block ends the paragraph that it stands in, as every browser has it. */
static void
close_paragraph(struct cleaner *cleaner)
{
	for (guint i = cleaner->open->len; i > 0; i--) {
		const struct element *element =
		    &g_array_index(cleaner->open, struct element, i - 1);

		if (element->name != NULL && element->paragraph) {
			close_from(cleaner, i - 1);
			return;
		}
	}
}

static gboolean
is_known_image(const struct cleaner *cleaner, const char *id)
{
	for (const char *at = id; *at != '\0'; at++) {
		if (!g_ascii_isgraph(*at) || strchr("\"'<>&%", *at) != NULL)
			return FALSE;
	}
	return cleaner->known != NULL &&
	       g_ptr_array_find_with_equal_func(
		   (GPtrArray *)cleaner->known, id, g_str_equal, NULL);
}

static void
add_own_image(struct cleaner *cleaner, const char *id, const char *alt,
    const xmlChar **attributes)
{
	g_string_append_printf(cleaner->out, "<img src=\"cid:%s\" alt=\"", id);
	add_text(cleaner->out, alt);
	g_string_append_c(cleaner->out, '"');
	add_attributes(cleaner->out, attributes);
	g_string_append_c(cleaner->out, '>');
	if (!g_ptr_array_find_with_equal_func(
		cleaner->images, id, g_str_equal, NULL))
		g_ptr_array_add(cleaner->images, g_strdup(id));
}

static void
add_image_words(GString *out, const char *alt)
{
	g_string_append(out, *alt != '\0' ? "[image: " : "[image");
	add_text(out, alt);
	g_string_append_c(out, ']');
}

/* A link to it; behind the link that it stands in, since links do not nest. */
static void
add_foreign_image(struct cleaner *cleaner, const char *src, const char *alt)
{
	g_autofree char *target = html_clean_target(src);
	GString *out = cleaner->in_link ? cleaner->after_link : cleaner->out;

	if (target == NULL || !g_str_has_prefix(target, "http") ||
	    cleaner->links >= cleaner->limits->links) {
		if (*alt != '\0')
			add_image_words(cleaner->out, alt);
		return;
	}
	cleaner->links++;
	if (cleaner->in_link)
		add_image_words(cleaner->out, alt);
	if (cleaner->in_link)
		g_string_append_c(out, ' ');
	add_link_start(out, target);
	add_image_words(out, alt);
	g_string_append(out, "</a>");
}

static void
add_image(struct cleaner *cleaner, const xmlChar **attributes)
{
	const char *src = value_of(attributes, "src");
	const char *alt = value_of(attributes, "alt");
	g_autofree char *id = NULL;

	if (alt == NULL || strlen(alt) > HTML_CLEAN_WORDS_MOST)
		alt = "";
	if (src != NULL && g_ascii_strncasecmp(src, "cid:", 4) == 0)
		id = g_uri_unescape_string(src + 4, NULL);
	if (id != NULL && *id != '\0' && is_known_image(cleaner, id))
		add_own_image(cleaner, id, alt, attributes);
	else
		add_foreign_image(cleaner, src, alt);
}

static void
add_link(struct cleaner *cleaner, const xmlChar **attributes,
    struct element *element)
{
	g_autofree char *target =
	    html_clean_target(value_of(attributes, "href"));

	if (target == NULL || cleaner->in_link ||
	    cleaner->links >= cleaner->limits->links)
		return;
	cleaner->links++;
	cleaner->in_link = TRUE;
	element->name = "a";
	element->link = TRUE;
	add_link_start(cleaner->out, target);
}

static gboolean
is_frame(const char *name, const xmlChar **attributes)
{
	return strcmp(name, "div") == 0 &&
	       g_strcmp0(value_of(attributes, "class"), FRAME_CLASS) == 0;
}

static void
add_tag(struct cleaner *cleaner, const struct html_clean_tag *tag,
    const xmlChar **attributes, struct element *element)
{
	if (tag->kind == IMAGE) {
		add_image(cleaner, attributes);
	} else if (tag->kind == LINK) {
		add_link(cleaner, attributes, element);
	} else {
		if (tag->kind == BLOCK)
			close_paragraph(cleaner);
		if (tag->kind != EMPTY)
			element->name = tag->name;
		element->paragraph = strcmp(tag->name, "p") == 0;
		g_string_append_printf(cleaner->out, "<%s", tag->name);
		add_attributes(cleaner->out, attributes);
		g_string_append_c(cleaner->out, '>');
	}
	if (element->name != NULL)
		cleaner->written++;
}

/* --- reading --- */

static void
stop(struct cleaner *cleaner)
{
	if (cleaner->stopped < 0)
		cleaner->stopped = MAX(xmlByteConsumed(cleaner->parser), 0);
	xmlStopParser(cleaner->parser);
}

/* Nothing more fits. */
static gboolean
is_full(struct cleaner *cleaner)
{
	if (cleaner->out->len + cleaner->after_link->len <=
	    cleaner->limits->bytes)
		return FALSE;
	cleaner->full = TRUE;
	stop(cleaner);
	return TRUE;
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	struct cleaner *cleaner = data;
	const struct html_clean_tag *tag = html_clean_tag((const char *)name);
	struct element element = { NULL };

	if (cleaner->stopped >= 0)
		return;
	if (cleaner->open->len >= NESTING_MOST) {
		stop(cleaner);
		return;
	}
	if (tag != NULL && tag->kind == SILENT && cleaner->silent == 0)
		cleaner->silent = cleaner->open->len + 1;
	if (cleaner->silent == 0 && tag != NULL &&
	    cleaner->written < cleaner->limits->depth &&
	    ++cleaner->tags <= cleaner->limits->tags && !is_full(cleaner) &&
	    !is_frame(tag->name, attributes))
		add_tag(cleaner, tag, attributes, &element);
	g_array_append_val(cleaner->open, element);
}

static void
on_end(void *data, const xmlChar *name)
{
	struct cleaner *cleaner = data;
	guint last = cleaner->open->len;

	(void)name;
	if (cleaner->stopped >= 0 || last == 0)
		return;
	close_element(
	    cleaner, &g_array_index(cleaner->open, struct element, last - 1));
	g_array_set_size(cleaner->open, last - 1);
	if (cleaner->silent == last)
		cleaner->silent = 0;
}

static void
on_text(void *data, const xmlChar *characters, int length)
{
	struct cleaner *cleaner = data;

	if (cleaner->stopped < 0 && cleaner->silent == 0 && !is_full(cleaner))
		html_clean_escape(
		    cleaner->out, (const char *)characters, length);
}

static void
parse(struct cleaner *cleaner, const char *source, gsize length)
{
	htmlSAXHandler handler = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text };

	cleaner->parser = htmlCreateMemoryParserCtxt(source, (int)length);
	if (cleaner->parser == NULL)
		return;
	*cleaner->parser->sax = handler;
	cleaner->parser->userData = cleaner;
	cleaner->parser->charset = XML_CHAR_ENCODING_UTF8;
	htmlCtxtUseOptions(
	    cleaner->parser, HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
				 HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	htmlParseDocument(cleaner->parser);
	htmlFreeParserCtxt(cleaner->parser);
}

/* Text alone, of a source that cannot be read as HTML in good time. */
static void
add_plain(struct cleaner *cleaner, const char *source, gsize length)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
	gsize left = cleaner->limits->bytes -
		     MIN(cleaner->out->len, cleaner->limits->bytes);

	html_scan_rest(source, length, text, left, links, 0);
	g_strstrip(text->str);
	if (*text->str == '\0')
		return;
	g_string_append(cleaner->out, "<pre>");
	add_text(cleaner->out, text->str);
	g_string_append(cleaner->out, "</pre>");
}

/* Blanks at the ends are not read back as they were. */
static void
trim_end(GString *out)
{
	while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
}

/* One reading; the length may be as large as an int. */
static void
read_once(struct cleaner *cleaner, const char *source, gsize length)
{
	gsize given = html_scan_sane(source, length), rest = given;

	cleaner->out = g_string_new(FRAME);
	parse(cleaner, source, given);
	close_from(cleaner, 0);
	if (cleaner->stopped >= 0)
		rest = MIN((gsize)cleaner->stopped, given);
	if (!cleaner->full && rest < length)
		add_plain(cleaner, source + rest, length - rest);
	if (cleaner->full)
		g_string_append(cleaner->out, "<p>[...]</p>");
	trim_end(cleaner->out);
	g_string_append(cleaner->out, "</div>");
}

static gboolean
clean_once(struct html_clean *clean, const char *source, gsize length,
    const GPtrArray *known, const struct html_clean_limits *limits)
{
	struct cleaner cleaner = { .limits = limits,
		.known = known,
		.after_link = g_string_new(NULL),
		.images = g_ptr_array_new_with_free_func(g_free),
		.open = g_array_new(FALSE, FALSE, sizeof(struct element)),
		.stopped = -1 };

	read_once(&cleaner, source, length);
	g_string_free(cleaner.after_link, TRUE);
	g_array_unref(cleaner.open);
	g_clear_pointer(&clean->images, g_ptr_array_unref);
	g_free(clean->html);
	clean->images = cleaner.images;
	clean->html = g_string_free(cleaner.out, FALSE);
	return cleaner.full;
}

static void
give_text(
    struct html_clean *clean, const char *source, gsize length, gsize bytes)
{
	struct html_clean_limits limits = { .bytes = bytes };
	struct cleaner cleaner = { .limits = &limits };

	cleaner.out = g_string_new(FRAME);
	add_plain(&cleaner, source, length);
	g_string_append(cleaner.out, "</div>");
	g_free(clean->html);
	clean->html = g_string_free(cleaner.out, FALSE);
	g_ptr_array_set_size(clean->images, 0);
}

struct html_clean *
html_clean_read(const char *source, gsize length, const GPtrArray *known,
    const struct html_clean_limits *limits)
{
	struct html_clean *clean = g_new0(struct html_clean, 1);

	length = MIN(length, G_MAXINT / 2);
	clean->cut = clean_once(clean, source, length, known, limits);
	for (guint i = 0; i < READINGS_MOST; i++) {
		g_autofree char *before = g_strdup(clean->html);

		clean_once(clean, before, strlen(before), known, limits);
		if (strcmp(before, clean->html) == 0)
			return clean;
	}
	give_text(clean, source, length, limits->bytes);
	return clean;
}

void
html_clean_free(struct html_clean **clean)
{
	if (*clean == NULL)
		return;
	g_free((*clean)->html);
	g_ptr_array_unref((*clean)->images);
	g_clear_pointer(clean, g_free);
}
