/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_TUNE_H
#define DESKGATE_CLASSIFIER_TUNE_H

#include "classifier/figures.h"

/*
 * Choosing the two thresholds from scores that were measured: pure functions.
 *
 * The spam threshold is the lowest at which no more of the ham is held than is
 * wished, the ham threshold the highest at which no more of the spam passes as
 * ham; both in tenths, and on their own side of 0.  What was
 * measured is a sample: how many may be held in truth is told by the upper end
 * of the exact one-sided 95 % interval of the binomial distribution (Clopper
 * and Pearson, 1934); with none held of N it is about 3/N, the "rule of three".
 */
struct tune_wish {
	double held;   /* share of ham that may be called spam, 0..1 */
	double passed; /* share of spam that may be called ham, 0..1 */
};

struct tune_thresholds {
	double spam, ham; /* spam-score, ham-score */
};

/* What thresholds do to the sample. */
struct tune_effect {
	guint ham, spam; /* messages */
	guint ham_held, ham_unsure, spam_caught, spam_unsure, spam_passed;
	double held_most; /* upper 95 % end of the share of ham held, 0..1 */
};

/* The thresholds for a wish.  Needs a message of each class. */
void tune_choose(const struct figures_result *results, guint n,
    const struct tune_wish *wish, struct tune_thresholds *thresholds_r);

/* What they do; whatever the verdicts of the results say. */
void tune_effect(const struct figures_result *results, guint n,
    const struct tune_thresholds *thresholds, struct tune_effect *effect_r);

/* The upper end: the share p at which `count` or fewer of `n` have a chance of
 * 5 %; 1 when all are. */
double tune_upper(guint count, guint n);

/* How many messages must be seen, none of them held, for 95 % trust in the
 * share: 3/share, rounded up. */
guint tune_needed(double share);

#endif
