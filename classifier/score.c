/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The formulas of score.h, and nothing else.  Compiled without contraction of
 * a*b+c into one rounding (room.am), so that hosts agree.
 */
#include "classifier/score.h"

#include <math.h>

#define RAMP_POWER 0.28
#define WEIGHT_MOST 3125.0
#define K1 0.25
#define K3 16.0
/* Rates nearer to each other than this, by their sum, say nothing. */
#define PURITY_LEAST 0.7
/* Evidence below it hardly counts, in natural logarithms. */
#define SCORE_FLOOR 4.0
#define SCORE_POWER 0.6
#define MARGIN_FLOOR 20.0
#define CALIBRATION 0.8

/* --- logarithm and exponential --- */

double
score_ln(double x)
{
	int exponent;
	double m = frexp(x, &exponent), s, s2, sum = 0;

	if (m < M_SQRT1_2) {
		m *= 2;
		exponent--;
	}
	/* ln m = 2 artanh((m-1)/(m+1)): 2 (s + s^3/3 + s^5/5 + ...), s < .172
	 */
	s = (m - 1) / (m + 1);
	s2 = s * s;
	for (int term = 23; term >= 1; term -= 2)
		sum = sum * s2 + 1.0 / term;
	return 2 * s * sum + exponent * M_LN2;
}

double
score_exp(double x)
{
	double whole = floor(x / M_LN2 + 0.5), rest, sum = 1;

	if (whole > 1000)
		return HUGE_VAL;
	if (whole < -1000)
		return 0;
	rest = x - whole * M_LN2;
	for (int term = 17; term >= 1; term--)
		sum = 1 + sum * rest / term;
	return ldexp(sum, (int)whole);
}

static score_weight
fixed(double x)
{
	return (score_weight)floor(x * SCORE_UNIT + 0.5);
}

/* --- features --- */

void
score_begin(const struct score_totals *totals, struct score_ramp *ramp_r,
    struct score_sum *sum_r)
{
	double lessons, e;

	ramp_r->spam = MAX(totals->spam, 1);
	ramp_r->ham = MAX(totals->ham, 1);
	ramp_r->larger = MAX(ramp_r->spam, ramp_r->ham);
	lessons = ramp_r->spam + ramp_r->ham;
	e = score_exp(RAMP_POWER * score_ln(lessons));
	ramp_r->weight = MIN(WEIGHT_MOST, score_exp(e * score_ln(e)));
	ramp_r->damp = MIN(1, 0.8 + lessons / 20);
	*sum_r = (struct score_sum){ .prior = fixed(score_ln(
					 ramp_r->spam / ramp_r->ham)) };
}

score_weight
score_feature(const struct score_ramp *ramp, guint32 spam, guint32 ham)
{
	double total = (double)spam + ham;
	double spam_rate = spam / ramp->spam, ham_rate = ham / ramp->ham;
	double ns, nh, ratio, confidence;

	if (total == 0 ||
	    fabs(spam_rate - ham_rate) < PURITY_LEAST * (spam_rate + ham_rate))
		return 0;
	ns = floor(spam * ramp->larger / ramp->spam);
	nh = floor(ham * ramp->larger / ramp->ham);
	ratio = ((ns - nh) * (ns - nh) - K1 / total) / ((ns + nh) * (ns + nh));
	ratio *= ratio;
	confidence =
	    ramp->damp * ratio * ratio / (1 + K3 / (total * ramp->weight));
	return fixed(score_ln((0.5 + confidence * (MIN(spam_rate, 1) - 0.5)) /
			      (0.5 + confidence * (MIN(ham_rate, 1) - 0.5))));
}

/* --- the sum --- */

double
score_margin(const struct score_sum *sum)
{
	double spam = 0, ham = 0;

	for (int side = 0; side < SCORE_SIDES; side++) {
		spam += sum->spam[side] / SCORE_UNIT;
		ham += sum->ham[side] / SCORE_UNIT;
	}
	if (sum->prior > 0)
		spam += sum->prior / SCORE_UNIT;
	else
		ham -= sum->prior / SCORE_UNIT;
	return (spam - ham) / sqrt(spam + ham + MARGIN_FLOOR);
}

double
score_published(const struct score_sum *sum)
{
	double score = 0;

	for (int side = 0; side < SCORE_SIDES; side++) {
		double spam = sum->spam[side] / SCORE_UNIT;
		double ham = sum->ham[side] / SCORE_UNIT;

		score +=
		    (spam - ham) /
		    score_exp(SCORE_POWER * score_ln(spam + ham + SCORE_FLOOR));
	}
	return score;
}

double
score_probability(double published)
{
	return 1 / (1 + score_exp(-CALIBRATION * published));
}
