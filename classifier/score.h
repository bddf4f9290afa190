/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_SCORE_H
#define DESKGATE_CLASSIFIER_SCORE_H

#include <glib.h>

/*
 * The score: confidence-weighted Bayes over presence counts, of two sides.
 * Pure functions.
 *
 * A feature's weight follows the EDDC confidence formula of OSBF-Lua (Assis,
 * Yerazunis, Siefkes, Chhabra, "Exponential Differential Document Count", TREC
 * 2006), with a slower confidence ramp, a steeper confidence, and nothing for a
 * feature that is not nearly pure.  With S, H lessons of each class (at least
 * 1), N = S + H, and for a feature its lessons s, h, t = s + h > 0, ps = s/S,
 * ph = h/H:
 *
 *   l  = 0 when |ps - ph| < .7 (ps + ph), else with
 *   w  = min(3125, e^e), e = N^0.28
 *   ns = floor(s*M/S), nh = floor(h*M/H), M = max(S, H)
 *   r  = ((ns-nh)^2 - .25/t) / (ns+nh)^2
 *   cf = min(1, .8 + N/20) * r^4 / (1 + 16/(t*w))
 *   a  = .5 + cf*(min(ps,1) - .5),  b = .5 + cf*(min(ph,1) - .5)
 *   l  = ln(a/b)
 *
 * A and B sum what speaks for spam and for ham, for each side apart: what came
 * with the message (header, route, build) and what it says (subject, text,
 * links).  The sides are two witnesses, and each is heard by how one-sided its
 * evidence is rather than by how much it talks:
 *
 *   score  = sum over sides of (A - B) / (A + B + 4)^0.6
 *   margin = (A' - B') / sqrt(A' + B' + 20), of both sides and the prior
 * ln(S/H)
 *
 * That scorers of parts, added up, beat one scorer of all is known (Lynam and
 * Cormack, "On-line spam filter fusion", SIGIR 2006); contrib/doc/filter.md has
 * what was measured.
 *
 * Equal counts give equal bits on every host, in any order of features: weights
 * are summed as fixed-point numbers, and logarithm and exponential are worked
 * out here, by basic arithmetic alone, which IEEE 754 defines to the last bit
 * (a C library's may differ by processor).
 */
enum score_side { SCORE_CAME, SCORE_SAYS, SCORE_SIDES };

/* The side of a feature: its digest's lowest bit (features.h). */
#define SCORE_SIDE(digest) ((digest)&1)

struct score_totals {
	guint32 spam, ham; /* lessons of each class */
};

/* Natural logarithms in units of 2^-32. */
typedef gint64 score_weight;
#define SCORE_UNIT 4294967296.0

struct score_sum {
	score_weight spam[SCORE_SIDES], ham[SCORE_SIDES]; /* A and B */
	score_weight prior;
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
	struct {
		guint32 spam, ham;
		score_weight weight;
	} entries[SCORE_MEMO];
};

/* Starts a sum with the prior. */
void score_begin(const struct score_totals *totals, struct score_ramp *ramp_r,
    struct score_sum *sum_r);
/* The feature's weight l: above 0 speaks for spam; 0 when it says nothing. */
score_weight score_feature(
    const struct score_ramp *ramp, guint32 spam, guint32 ham);
/* The same by way of the memo. An entry of zeros is right: no lessons weigh
 * nothing. */
static inline score_weight
score_feature_memo(const struct score_ramp *ramp, struct score_memo *memo,
    guint32 spam, guint32 ham)
{
	guint at = (spam * 31 + ham) % SCORE_MEMO;

	if (memo->entries[at].spam != spam || memo->entries[at].ham != ham) {
		memo->entries[at].spam = spam;
		memo->entries[at].ham = ham;
		memo->entries[at].weight = score_feature(ramp, spam, ham);
	}
	return memo->entries[at].weight;
}

/* Adds a weight to a side.  Without a branch: which way a feature speaks cannot
 * be guessed. */
static inline void
score_add(struct score_sum *sum, enum score_side side, score_weight weight)
{
	score_weight spam = weight > 0 ? weight : 0;

	sum->spam[side] += spam;
	sum->ham[side] += spam - weight;
}

/* What training looks at: how far the evidence is from balanced, about in
 * standard deviations; above 0 for spam. */
double score_margin(const struct score_sum *sum);
/* What is published and thresholds look at: unbounded, 0 neutral, above 0 for
 * spam. */
double score_published(const struct score_sum *sum);
/* Of spam, 0..1, for people: 1/(1 + exp(-0.8 * score)), as measured on the
 * public corpora (contrib/doc/filter.md). */
double score_probability(double published);

/* The natural logarithm of x > 0 and the exponential, to about the last bit,
 * the same bits everywhere. */
double score_ln(double x);
double score_exp(double x);

#endif
