/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds from measured scores: see tune.h. */
#include "classifier/tune.h"

#include <math.h>
#include <stdlib.h>

/* Thresholds are told in tenths: more digits would pretend to know more. */
#define STEPS 10
#define TRUST 0.05

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The thresholds of a class, mirrored by `sign`, sorted. */
static double *
scores_of(const struct figures_result *results, guint n,
    enum verdict_class truth, double sign, guint *count_r)
{
	double *scores = g_new(double, n + 1);
	guint count = 0;

	for (guint i = 0; i < n; i++) {
		if (results[i].truth == truth)
			scores[count++] = sign * results[i].score;
	}
	qsort(scores, count, sizeof(*scores), by_size);
	*count_r = count;
	return scores;
}

/* The lowest threshold, in steps and not below 0, that at most `share` of the
 * class reach. */
static double
lowest(const struct figures_result *results, guint n, enum verdict_class truth,
    double sign, double share)
{
	guint count;
	g_autofree double *scores = scores_of(results, n, truth, sign, &count);
	/* A share that is a whole number of messages may lie a bit below it. */
	guint allowed = (guint)floor(share * count + 1e-9);

	if (allowed >= count)
		return 0;
	/* Above the first of those that may not reach it. */
	return fmax(
	    0, (floor(scores[count - 1 - allowed] * STEPS) + 1) / STEPS);
}

void
tune_choose(const struct figures_result *results, guint n,
    const struct tune_wish *wish, struct tune_thresholds *thresholds_r)
{
	thresholds_r->spam = lowest(results, n, VERDICT_HAM, 1, wish->held);
	thresholds_r->ham = -lowest(results, n, VERDICT_SPAM, -1, wish->passed);
	/* No minus before nothing. */
	thresholds_r->ham += 0.0;
}

static void
count_effect(const struct figures_result *result,
    const struct tune_thresholds *thresholds, struct tune_effect *effect)
{
	gboolean held = result->score >= thresholds->spam;
	gboolean passed = !held && result->score <= thresholds->ham;

	if (result->truth == VERDICT_SPAM) {
		effect->spam++;
		effect->spam_caught += held;
		effect->spam_passed += passed;
		effect->spam_unsure += !held && !passed;
		return;
	}
	effect->ham++;
	effect->ham_held += held;
	effect->ham_unsure += !held && !passed;
}

void
tune_effect(const struct figures_result *results, guint n,
    const struct tune_thresholds *thresholds, struct tune_effect *effect_r)
{
	*effect_r = (struct tune_effect){ 0 };
	for (guint i = 0; i < n; i++)
		count_effect(&results[i], thresholds, effect_r);
	effect_r->held_most = tune_upper(effect_r->ham_held, effect_r->ham);
}

/* The chance of at most `count` of `n` when each has the chance `p`. */
static double
at_most(guint count, guint n, double p)
{
	double sum = 0;

	for (guint k = 0; k <= count; k++)
		sum +=
		    exp(lgamma(n + 1.0) - lgamma(k + 1.0) -
			lgamma(n - k + 1.0) + k * log(p) + (n - k) * log1p(-p));
	return sum;
}

double
tune_upper(guint count, guint n)
{
	double low = 0, high = 1;

	if (count >= n)
		return 1;
	for (guint i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (at_most(count, n, middle) > TRUST)
			low = middle;
		else
			high = middle;
	}
	return high;
}

guint
tune_needed(double share)
{
	double needed = share > 0 ? ceil(3 / share - 1e-9) : G_MAXUINT;

	return needed < G_MAXUINT ? (guint)needed : G_MAXUINT;
}
