/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FIGURES_H
#define DESKGATE_CLASSIFIER_FIGURES_H

#include <glib.h>

#include "lib/mail/verdict.h"

/*
 * How good a filter is, from a list of results: pure functions.
 *
 * The definitions are those of the TREC spam track (Cormack and Lynam, "TREC
 * 2005 Spam Track Overview"; Cormack, "TREC 2007 Spam Track Overview") and of
 * its toolkit.  Ham is the negative class, spam the positive one.
 *
 *  (1-ROCA)%  the area above the ROC curve: of all pairs of a ham and a spam,
 *             the share in which the ham has the higher score; ties are half.
 *  error      the wrong side of score 0: ham above it, spam not above it.
 *  h=.1%      spam missed at the lowest threshold that lets at most a
 *             thousandth of the ham be called spam.
 *  hm%, sm%   ham called spam, and spam not called spam (unsure is not held).
 *  lam%       logistic average of the two, logit^-1 of the mean of logit(hm)
 *             and logit(sm), with natural logarithms; a count of 0 (or of all)
 *             is taken as half a message, else it had no logit.
 *
 * A figure that needs a class of which there is no message is NAN.
 */
struct figures_result {
	enum verdict_class truth;   /* HAM or SPAM */
	enum verdict_class verdict; /* by the thresholds */
	double score;               /* 0 neutral, spam above */
};

struct figures {
	guint ham, spam; /* messages */
	guint wrong;     /* of both, on the wrong side of 0 */
	guint wrong_ham; /* of them, ham above 0 */
	guint ham_as_spam, ham_unsure, spam_as_ham, spam_unsure;
	double error, roca, h01, hm, sm, lam, unsure; /* all in % */
};
/* Everything above of `n` results. */
void figures_make(
    const struct figures_result *results, guint n, struct figures *figures_r);

/*
 * The 95 % interval of (1-ROCA)%: 100 resamples of the messages with
 * replacement, their standard deviation in logit space, 1.96 of it to each side
 * of the figure.  An area of 0 is taken as half a pair.  The same results and
 * seed give the same interval.  NAN without both classes.
 */
struct figures_interval {
	double low, high; /* in % */
};
/* See above. */
void figures_bootstrap(const struct figures_result *results, guint n,
    guint64 seed, struct figures_interval *interval_r);

/* A block of the learning curve: the messages after the block before it, up to
 * number `upto`. */
struct figures_block {
	guint upto, messages;
	guint wrong;  /* on the wrong side of 0 */
	guint unsure; /* by the thresholds */
};
/* Blocks that end at 20, 50, 100, 200, 500, 1000 ... and at the last message;
 * the caller frees the array of struct figures_block. */
GArray *figures_curve(const struct figures_result *results, guint n);

/* A point of the ROC curve: shares of ham called spam, and of spam missed, at a
 * threshold. */
struct figures_point {
	double ham, spam;
};
/* From the highest threshold (no ham, all spam missed) to the lowest, a point
 * for each score that is there; the caller frees the array. */
GArray *figures_roc(const struct figures_result *results, guint n);

/* A number in 0..1, the same for the same seed and index on every host: for
 * choices that have to be made again exactly (SplitMix64, Steele, Lea, Flood,
 * "Fast splittable pseudorandom number generators", 2014). */
double figures_chance(guint64 seed, guint64 index);

#endif
