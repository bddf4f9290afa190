/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tags that a reader of text has to know.
 */
#include "lib/mail/html_effect.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct tag_effect {
	const char *tag;
	enum html_effect effect;
};

/* By name. */
static const struct tag_effect effects[] = {
	{ "address", HTML_LINE },
	{ "article", HTML_LINE },
	{ "blockquote", HTML_PARAGRAPH },
	{ "br", HTML_BREAK },
	{ "center", HTML_LINE },
	{ "dd", HTML_LINE },
	{ "div", HTML_LINE },
	{ "dl", HTML_LINE },
	{ "dt", HTML_LINE },
	{ "footer", HTML_LINE },
	{ "form", HTML_LINE },
	{ "h1", HTML_PARAGRAPH },
	{ "h2", HTML_PARAGRAPH },
	{ "h3", HTML_PARAGRAPH },
	{ "h4", HTML_PARAGRAPH },
	{ "h5", HTML_PARAGRAPH },
	{ "h6", HTML_PARAGRAPH },
	{ "head", HTML_SILENT },
	{ "header", HTML_LINE },
	{ "hr", HTML_RULE },
	{ "li", HTML_ITEM },
	{ "noframes", HTML_SILENT },
	{ "ol", HTML_LINE },
	{ "p", HTML_PARAGRAPH },
	{ "pre", HTML_PRE },
	{ "script", HTML_SILENT },
	{ "section", HTML_LINE },
	{ "style", HTML_SILENT },
	{ "table", HTML_LINE },
	{ "td", HTML_CELL },
	{ "template", HTML_SILENT },
	{ "th", HTML_CELL },
	{ "title", HTML_SILENT },
	{ "tr", HTML_LINE },
	{ "ul", HTML_LINE },
};

static int
by_tag(const void *tag, const void *entry)
{
	const char *a = tag, *b = ((const struct tag_effect *)entry)->tag;

	/* Most steps are told by the first letter, and then nothing is called.
	 */
	return *a != *b ? (guchar)*a - (guchar)*b : strcmp(a, b);
}

enum html_effect
html_effect_of(const char *tag)
{
	const struct tag_effect *found = bsearch(
	    tag, effects, G_N_ELEMENTS(effects), sizeof(*effects), by_tag);

	return found != NULL ? found->effect : HTML_PLAIN;
}
