/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_MARK_H
#define DESKGATE_LIB_MAIL_HTML_MARK_H

#include "lib/mail/html.h"

/*
 * By what the common mail programs mark a quote in their HTML.  Pure,
 * thread-safe.
 */
struct html_mark_hints {
	const char *id, *class, *type,
	    *style; /* attributes; each may be NULL */
};

/* TRUE with the kind of the mark that begins with this tag (lower case). */
gboolean html_mark_find(const char *tag, const struct html_mark_hints *hints,
    enum html_mark_kind *kind_r);

#endif
