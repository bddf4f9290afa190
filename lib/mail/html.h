/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_H
#define DESKGATE_LIB_MAIL_HTML_H

#include <glib.h>

/*
 * HTML to text by libxml2's SAX interface (html.c alone includes it).  Never
 * fetches anything, never fails: broken HTML is read as far as it goes.
 */
struct html_limits {
	gsize text_bytes; /* of the result */
	guint links;
	guint tags;
	guint depth;
};
extern const struct html_limits html_limits_default;

struct html {
	char *text; /* readable text: paragraphs, lists, `text <url>` links */
	GPtrArray
	    *links;    /* char *: targets of a, area, form, img ... in order */
	GString *tags; /* tag names in order, blank-separated, for features */
	gsize hidden;  /* bytes of text that a person would not see */
};

/* `source` is valid UTF-8.  The caller frees the result with html_free. */
struct html *html_read(
    const char *source, gsize length, const struct html_limits *limits);
/* Frees it and all it holds. */
void html_free(struct html **html);

#endif
