/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The formulas of score.h, and nothing else.
 */
#include "classifier/score.h"

#include <math.h>

#define RAMP_POWER 0.2
#define WEIGHT_MOST 3125.0
#define K1 0.25
#define K3 8.0
/* Added to both sides of the published score: evidence below it hardly counts.
 */
#define EVIDENCE_FLOOR 20.0
/* Rates this close say nothing. */
#define RATES_EQUAL 1e-6
/* The published score's calibration, the same on all corpora measured. */
#define CALIBRATION 4.0

void
score_begin(const struct score_totals *totals, struct score_ramp *ramp_r,
    struct score_sum *sum_r)
{
	double lessons, e;

	ramp_r->spam = MAX(totals->spam, 1);
	ramp_r->ham = MAX(totals->ham, 1);
	ramp_r->larger = MAX(ramp_r->spam, ramp_r->ham);
	lessons = ramp_r->spam + ramp_r->ham;
	e = pow(lessons, RAMP_POWER);
	ramp_r->weight = fmin(WEIGHT_MOST, pow(e, e));
	ramp_r->damp = fmin(1, 0.8 + lessons / 20);
	*sum_r = (struct score_sum){ 0 };
	score_add(sum_r, log(ramp_r->spam / ramp_r->ham));
}

double
score_feature(const struct score_ramp *ramp, guint32 spam, guint32 ham)
{
	double total = (double)spam + ham;
	double spam_rate = spam / ramp->spam, ham_rate = ham / ramp->ham;
	double ns, nh, ratio, confidence;

	if (total == 0 || fabs(spam_rate - ham_rate) < RATES_EQUAL)
		return 0;
	ns = floor(spam * ramp->larger / ramp->spam);
	nh = floor(ham * ramp->larger / ramp->ham);
	ratio = ((ns - nh) * (ns - nh) - K1 / total) / ((ns + nh) * (ns + nh));
	confidence =
	    ramp->damp * ratio * ratio / (1 + K3 / (total * ramp->weight));
	return log((0.5 + confidence * (fmin(spam_rate, 1) - 0.5)) /
		   (0.5 + confidence * (fmin(ham_rate, 1) - 0.5)));
}

double
score_feature_memo(const struct score_ramp *ramp, struct score_memo *memo,
    guint32 spam, guint32 ham)
{
	guint at = (spam * 31 + ham) % SCORE_MEMO;

	/* An entry of zeros is right: no lessons weigh nothing. */
	if (memo->spam[at] != spam || memo->ham[at] != ham) {
		memo->spam[at] = spam;
		memo->ham[at] = ham;
		memo->weight[at] = score_feature(ramp, spam, ham);
	}
	return memo->weight[at];
}

void
score_add(struct score_sum *sum, double weight)
{
	if (weight > 0)
		sum->spam += weight;
	else
		sum->ham -= weight;
}

double
score_margin(const struct score_sum *sum)
{
	return (sum->spam - sum->ham) / M_LN10;
}

double
score_published(const struct score_sum *sum)
{
	return log((sum->spam + EVIDENCE_FLOOR) / (sum->ham + EVIDENCE_FLOOR));
}

double
score_probability(double published)
{
	return 1 / (1 + exp(-CALIBRATION * published));
}
