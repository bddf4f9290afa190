/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_CLEAN_LISTS_H
#define DESKGATE_LIB_MAIL_HTML_CLEAN_LISTS_H

#include <glib.h>

/*
 * What html_clean.c lets through: tags, attributes with what may stand in them,
 * targets of links.  Whoever adds to the lists asks first what a browser does
 * with it.  Pure; thread-safe.
 */

/* A title, or the words instead of an image, at most. */
#define HTML_CLEAN_WORDS_MOST 200

enum html_clean_kind {
	UNLISTED, /* left out, its text stays */
	SILENT,   /* left out with all that is in it */
	INLINE,
	BLOCK, /* ends a paragraph */
	EMPTY, /* has no end */
	LINK,
	IMAGE
};

struct html_clean_tag {
	const char *name;
	enum html_clean_kind kind;
};

/* The tag of this name (in lower case), or NULL: it is not on the list. */
const struct html_clean_tag *html_clean_tag(const char *name);

/* The attribute at `index`, in the order in which they are written; NULL behind
 * the last. */
const char *html_clean_attribute(guint index);

/* Whether that one may have this value. */
gboolean html_clean_value(guint index, const char *value);

/* The target of a link that may be followed, with what a browser would skip
 * percent-encoded; NULL for all others (and for NULL).  The caller frees it. */
char *html_clean_target(const char *href);

#endif
