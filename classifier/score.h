/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_SCORE_H
#define DESKGATE_CLASSIFIER_SCORE_H

#include <glib.h>

/*
 * The score: confidence-weighted Bayes over presence counts.  Pure functions.
 *
 * Source: the EDDC confidence formula of OSBF-Lua (Assis, Yerazunis, Siefkes,
 * Chhabra, "Exponential Differential Document Count", TREC 2006) with a slower
 * confidence ramp.  With S, H lessons of each class (at least 1), N = S + H,
 * and for a feature its lessons s, h, t = s + h > 0, ps = s/S, ph = h/H:
 *
 *   w  = min(3125, e^e), e = N^0.2
 *   ns = floor(s*M/S), nh = floor(h*M/H), M = max(S, H)
 *   r  = ((ns-nh)^2 - .25/t) / (ns+nh)^2
 *   cf = min(1, .8 + N/20) * r^2 / (1 + 8/(t*w))
 *   a  = .5 + cf*(min(ps,1) - .5),  b = .5 + cf*(min(ph,1) - .5)
 *   l  = ln(a/b);  A += max(l,0), B += max(-l,0);  prior ln(S/H) into A or B
 *
 *   margin (decades) = (A - B)/ln 10;  score = ln((A+20)/(B+20))
 *
 * Sums run in the order given, so that equal features give equal bits.
 */
struct score_totals {
	guint32 spam, ham; /* lessons of each class */
};

struct score_sum {
	double spam, ham; /* A and B, in natural logarithms */
};

/* What does not change from feature to feature. */
struct score_ramp {
	double spam, ham; /* S and H, at least 1 */
	double larger;    /* M */
	double weight;    /* w */
	double damp;      /* min(1, .8 + N/20) */
};

/* Weights that were worked out already: most features of a message have few
 * counts, and the same ones.  Begins as zeros; belongs to one ramp. */
#define SCORE_MEMO 256
struct score_memo {
	guint32 spam[SCORE_MEMO], ham[SCORE_MEMO];
	double weight[SCORE_MEMO];
};

/* Starts a sum with the prior. */
void score_begin(const struct score_totals *totals, struct score_ramp *ramp_r,
    struct score_sum *sum_r);
/* The feature's weight l: above 0 speaks for spam; 0 when it says nothing. */
double score_feature(const struct score_ramp *ramp, guint32 spam, guint32 ham);
/* The same, bit for bit, by way of the memo. */
double score_feature_memo(const struct score_ramp *ramp,
    struct score_memo *memo, guint32 spam, guint32 ham);
/* Adds a weight to its side. */
void score_add(struct score_sum *sum, double weight);

/* Decades, the published score, and the probability of spam, 1/(1 +
 * exp(-4*score)). */
double score_margin(const struct score_sum *sum);
/* ln((A+20)/(B+20)). */
double score_published(const struct score_sum *sum);
/* Of spam, for people. */
double score_probability(double published);

#endif
