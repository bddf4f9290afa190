/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_CHART_H
#define DESKGATE_TOOLS_CHART_H

#include <glib.h>

/*
 * Small charts of one line for terminals: by Unicode's block elements
 * (U+2581..U+2588 and U+2589..U+258F), or by ASCII where the terminal has no
 * UTF-8.  Pure but for chart_unicode; no colours, no control characters.
 */

/* Whether the environment's character set is UTF-8 (LC_ALL, else LC_CTYPE,
 * else LANG, as locale(7) has it).  What the program itself speaks says nothing
 * of the terminal. */
gboolean chart_unicode(void);

/* A bar of `width` columns, filled to `share` (0..1, others are clipped; what
 * is more than 0 shows at least a trace).  The caller frees it. */
char *chart_bar(double share, guint width, gboolean unicode);

/* A column for each value, as high as it is beside the highest; 0, what is
 * below it and what is no number is empty.  The caller frees it. */
char *chart_spark(const double *values, guint n, gboolean unicode);

#endif
