/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_SCAN_H
#define DESKGATE_LIB_MAIL_HTML_SCAN_H

#include <glib.h>

/*
 * What stands around the HTML parser: how much of a source it may be given, and
 * a plain reading of the rest, in time that grows with the length alone.
 */

/* The bytes in front of the first tag with more attributes than any person's
 * mail has; `length` when there is none. */
gsize html_scan_sane(const char *source, gsize length);

/*
 * Browsers end a comment at "<!-->", "<!--->" and "--!>" too (HTML standard,
 * 13.2.5.43 and on), the parser does not, and would not see what people do.
 * A copy of the same length in which it does; NULL when nothing had to change.
 * The caller frees it.
 */
char *html_scan_comments(const char *source, gsize length);

/*
 * Appends the text of `source` without tags, scripts, styles and comments,
 * until `text` has `text_bytes`; targets of links go to `links` (char *) until
 * it has `most`.
 */
void html_scan_rest(const char *source, gsize length, GString *text,
    gsize text_bytes, GPtrArray *links, guint most);

/* TRUE when a style attribute takes its element out of sight. */
gboolean html_style_hides(const char *style);

#endif
