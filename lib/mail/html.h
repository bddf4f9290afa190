/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_H
#define DESKGATE_LIB_MAIL_HTML_H

#include <glib.h>

/*
 * HTML to text by libxml2's SAX interface (html.c alone includes it).  Never
 * fetches anything, never fails: broken HTML is read as far as it goes.
 */
struct html_limits {
	gsize text_bytes;   /* of the result */
	gsize source_bytes; /* tags that begin behind them are not looked at:
			     * text and links are read without them */
	guint links;
	guint tags;
	guint depth;
};
extern const struct html_limits html_limits_default;

/*
 * What the marks of the common mail programs say about a stretch of the text:
 * bytes [from, to) of it, in order, none within another.
 */
enum html_mark_kind {
	HTML_MARK_QUOTE, /* what somebody else wrote before */
	HTML_MARK_INTRO, /* "On ..., Ann wrote:" */
	HTML_MARK_REST   /* from here to the end: an answered message */
};

struct html_mark {
	enum html_mark_kind kind;
	gsize from, to; /* to: G_MAXSIZE where it was never closed */
};

struct html {
	char *text; /* readable text: paragraphs, lists, `text <url>` links */
	GPtrArray
	    *links;    /* char *: targets of a, area, form, img ... in order */
	GString *tags; /* tag names in order, blank-separated, for features */
	GArray *marks; /* struct html_mark, or NULL */
	gsize hidden;  /* bytes of text that a person would not see */
};

/* `source` is valid UTF-8.  The caller frees the result with html_free. */
struct html *html_read(
    const char *source, gsize length, const struct html_limits *limits);
/* Frees it and all it holds. */
void html_free(struct html **html);

#endif
