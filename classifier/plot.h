/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_PLOT_H
#define DESKGATE_CLASSIFIER_PLOT_H

#include "classifier/figures.h"

/*
 * Results as a drawing, an SVG of its own: at the left the ROC curve, ham
 * called spam against spam missed, both on logit axes as the TREC spam track
 * draws it (better is up and left), with the thresholds in force marked on it;
 * at the right the learning curve, unless the results are in no order of time.
 *
 * Pure: the same results give the same bytes.  The caller frees the text.
 */
char *plot_svg(
    const struct figures_result *results, guint n, gboolean with_curve);

#endif
