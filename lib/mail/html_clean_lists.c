/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lists.
 */
#include "lib/mail/html_clean_lists.h"

#include <stdlib.h>
#include <string.h>

#define TARGET_MOST 2048

/* By name. */
static const struct html_clean_tag tags[] = {
	{ "a", LINK },
	{ "abbr", INLINE },
	{ "address", BLOCK },
	{ "article", BLOCK },
	{ "aside", BLOCK },
	{ "b", INLINE },
	{ "big", INLINE },
	{ "blockquote", BLOCK },
	{ "br", EMPTY },
	{ "caption", INLINE },
	{ "center", BLOCK },
	{ "cite", INLINE },
	{ "code", INLINE },
	{ "col", EMPTY },
	{ "colgroup", INLINE },
	{ "dd", BLOCK },
	{ "del", INLINE },
	{ "dfn", INLINE },
	{ "div", BLOCK },
	{ "dl", BLOCK },
	{ "dt", BLOCK },
	{ "em", INLINE },
	{ "figcaption", BLOCK },
	{ "figure", BLOCK },
	{ "font", INLINE },
	{ "footer", BLOCK },
	{ "h1", BLOCK },
	{ "h2", BLOCK },
	{ "h3", BLOCK },
	{ "h4", BLOCK },
	{ "h5", BLOCK },
	{ "h6", BLOCK },
	{ "header", BLOCK },
	{ "hr", EMPTY },
	{ "i", INLINE },
	{ "iframe", SILENT },
	{ "img", IMAGE },
	{ "ins", INLINE },
	{ "kbd", INLINE },
	{ "li", INLINE },
	{ "main", BLOCK },
	{ "mark", INLINE },
	{ "math", SILENT },
	{ "nav", BLOCK },
	{ "noembed", SILENT },
	{ "noframes", SILENT },
	{ "ol", BLOCK },
	{ "p", BLOCK },
	{ "plaintext", SILENT },
	{ "pre", BLOCK },
	{ "q", INLINE },
	{ "s", INLINE },
	{ "samp", INLINE },
	{ "script", SILENT },
	{ "section", BLOCK },
	{ "small", INLINE },
	{ "span", INLINE },
	{ "strike", INLINE },
	{ "strong", INLINE },
	{ "style", SILENT },
	{ "sub", INLINE },
	{ "sup", INLINE },
	{ "svg", SILENT },
	{ "table", BLOCK },
	{ "tbody", INLINE },
	{ "td", INLINE },
	{ "template", SILENT },
	{ "tfoot", INLINE },
	{ "th", INLINE },
	{ "thead", INLINE },
	{ "time", INLINE },
	{ "title", SILENT },
	{ "tr", INLINE },
	{ "tt", INLINE },
	{ "u", INLINE },
	{ "ul", BLOCK },
	{ "var", INLINE },
	{ "wbr", EMPTY },
	{ "xmp", SILENT },
};

/* What a value may be: a number or share, a word or colour, any text. */
enum value_kind { NUMBER, WORD, TEXT };

static const struct {
	const char *name;
	enum value_kind kind;
} attributes_kept[] = {
	{ "align", WORD },
	{ "bgcolor", WORD },
	{ "border", NUMBER },
	{ "cellpadding", NUMBER },
	{ "cellspacing", NUMBER },
	{ "color", WORD },
	{ "colspan", NUMBER },
	{ "dir", WORD },
	{ "height", NUMBER },
	{ "lang", WORD },
	{ "rowspan", NUMBER },
	{ "size", NUMBER },
	{ "start", NUMBER },
	{ "title", TEXT },
	{ "type", WORD },
	{ "valign", WORD },
	{ "width", NUMBER },
};

static int
by_name(const void *name, const void *entry)
{
	return strcmp(name, ((const struct html_clean_tag *)entry)->name);
}

const struct html_clean_tag *
html_clean_tag(const char *name)
{
	return bsearch(name, tags, G_N_ELEMENTS(tags), sizeof(*tags), by_name);
}

const char *
html_clean_attribute(guint index)
{
	return index < G_N_ELEMENTS(attributes_kept)
		   ? attributes_kept[index].name
		   : NULL;
}

static gboolean
is_value(const char *value, enum value_kind kind)
{
	gsize length = strlen(value);

	if (kind == TEXT)
		return length <= HTML_CLEAN_WORDS_MOST;
	if (kind == NUMBER) {
		gsize digits = strspn(value, "0123456789");

		return digits > 0 && digits < 5 &&
		       (value[digits] == '\0' ||
			   strcmp(value + digits, "%") == 0);
	}
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isalnum(value[i]) && value[i] != '-' &&
		    !(value[i] == '#' && i == 0))
			return FALSE;
	}
	return length > 0 && length <= 30;
}

gboolean
html_clean_value(guint index, const char *value)
{
	return is_value(value, attributes_kept[index].kind);
}

char *
html_clean_target(const char *href)
{
	static const char *const schemes[] = { "http://", "https://",
		"mailto:", "tel:", "ftp://" };
	gboolean known = FALSE;
	GString *target;

	if (href == NULL)
		return NULL;
	href += strspn(href, " \t\r\n");
	for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
		known |= g_ascii_strncasecmp(
			     href, schemes[i], strlen(schemes[i])) == 0;
	if (!known || strlen(href) > TARGET_MOST)
		return NULL;
	target = g_string_new(NULL);
	for (; *href != '\0'; href++) {
		if ((guchar)*href <= ' ' || *href == 0x7f)
			g_string_append_printf(target, "%%%02X", (guchar)*href);
		else
			g_string_append_c(target, *href);
	}
	return g_string_free(target, FALSE);
}
