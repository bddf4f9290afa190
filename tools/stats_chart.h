/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_STATS_CHART_H
#define DESKGATE_TOOLS_STATS_CHART_H

#include <glib.h>
#include <jansson.h>

/*
 * The small charts of `deskgate stats`: lines of text, the caller's.  Pure.
 */

/* Labels against what is needed before the filter judges: of the "model" of the
 * verb stats. */
char *stats_chart_labels(const json_t *model, gboolean unicode);
/* Entries of the spool by state, {"new": 3, ...}. */
char *stats_chart_spool(json_t *spool, gboolean unicode);
/* Verdicts since the milter's start, and how long things take, each column a
 * bucket of the histogram: of the families of the verb metrics.  "" when there
 * is nothing of that. */
char *stats_chart_figures(const json_t *families, gboolean unicode);

#endif
