/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures of a list of results: see figures.h.
 *
 * All areas and thresholds come from one order of the results by score; a
 * resample only says how often each of them counts, so that nothing is sorted
 * again.
 */
#include "classifier/figures.h"

#include <math.h>
#include <stdlib.h>

#define RESAMPLES 100

static int
by_score(const void *a, const void *b)
{
	const struct figures_result *x = a, *y = b;

	return (x->score > y->score) - (x->score < y->score);
}

static struct figures_result *
sorted(const struct figures_result *results, guint n)
{
	struct figures_result *copy = g_new(struct figures_result, n + 1);

	for (guint i = 0; i < n; i++)
		copy[i] = results[i];
	qsort(copy, n, sizeof(*copy), by_score);
	return copy;
}

/* --- the area --- */

/* Pairs of a ham above a spam, ties half, with each result counted `weights`
 * times (NULL: once); the classes' sizes as well. */
static double
pairs_inverted(const struct figures_result *ordered, guint n,
    const guint *weights, double *ham_r, double *spam_r)
{
	double spam_below = 0, ham_seen = 0, inverted = 0;

	for (guint i = 0; i < n;) {
		double ham = 0, spam = 0, score = ordered[i].score;

		for (; i < n && ordered[i].score <= score; i++) {
			guint weight = weights != NULL ? weights[i] : 1;

			if (ordered[i].truth == VERDICT_SPAM)
				spam += weight;
			else
				ham += weight;
		}
		inverted += ham * (spam_below + spam / 2);
		spam_below += spam;
		ham_seen += ham;
	}
	*ham_r = ham_seen;
	*spam_r = spam_below;
	return inverted;
}

static double
area(const struct figures_result *ordered, guint n, const guint *weights)
{
	double ham, spam,
	    inverted = pairs_inverted(ordered, n, weights, &ham, &spam);

	return ham > 0 && spam > 0 ? inverted / (ham * spam) : NAN;
}

/* --- logits --- */

static double
logit(double share)
{
	return log(share / (1 - share));
}

static double
unlogit(double value)
{
	return 1 / (1 + exp(-value));
}

/* The logit of `count` of `n`, which is never quite 0 or 1. */
static double
count_logit(double count, double n)
{
	return logit(fmin(fmax(count, 0.5), n - 0.5) / n);
}

/* --- figures --- */

static void
count_result(const struct figures_result *result, struct figures *figures)
{
	gboolean above = result->score > 0;

	if (result->truth == VERDICT_SPAM) {
		figures->spam++;
		figures->wrong += !above;
		figures->spam_as_ham += result->verdict == VERDICT_HAM;
		figures->spam_unsure += result->verdict == VERDICT_UNSURE;
		return;
	}
	figures->ham++;
	figures->wrong += above;
	figures->wrong_ham += above;
	figures->ham_as_spam += result->verdict == VERDICT_SPAM;
	figures->ham_unsure += result->verdict == VERDICT_UNSURE;
}

/* Spam that is missed when at most a thousandth of the ham is held, in %. */
static double
missed_at_thousandth(const struct figures_result *ordered, guint n,
    const struct figures *figures)
{
	guint allowed = figures->ham / 1000, above = 0, missed = 0;
	double cut = NAN;

	for (guint i = n; i-- > 0;) {
		if (ordered[i].truth != VERDICT_SPAM && above++ == allowed) {
			cut = ordered[i].score;
			break;
		}
	}
	for (guint i = 0; i < n; i++)
		missed +=
		    ordered[i].truth == VERDICT_SPAM && ordered[i].score <= cut;
	return figures->ham > 0 && figures->spam > 0
		   ? 100.0 * missed / figures->spam
		   : NAN;
}

/* The share in %, NAN of nothing. */
static double
percent(guint count, guint n)
{
	return n > 0 ? 100.0 * count / n : NAN;
}

void
figures_make(
    const struct figures_result *results, guint n, struct figures *figures_r)
{
	g_autofree struct figures_result *ordered = sorted(results, n);
	struct figures *f = figures_r;
	guint missed;

	*f = (struct figures){ 0 };
	for (guint i = 0; i < n; i++)
		count_result(&results[i], f);
	missed = f->spam_as_ham + f->spam_unsure;
	f->error = percent(f->wrong, n);
	f->unsure = percent(f->ham_unsure + f->spam_unsure, n);
	f->roca = 100 * area(ordered, n, NULL);
	f->h01 = missed_at_thousandth(ordered, n, f);
	f->hm = percent(f->ham_as_spam, f->ham);
	f->sm = percent(missed, f->spam);
	f->lam = f->ham > 0 && f->spam > 0
		     ? 100 * unlogit((count_logit(f->ham_as_spam, f->ham) +
					 count_logit(missed, f->spam)) /
				     2)
		     : NAN;
}

double
figures_chance(guint64 seed, guint64 index)
{
	guint64 z = seed + (index + 1) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
	z ^= z >> 31;
	return (double)(z >> 11) / (double)(G_GUINT64_CONSTANT(1) << 53);
}

/* --- the interval --- */

/* The logit of the area of one resample; NAN when a class is not in it. */
static double
resample(const struct figures_result *ordered, guint n, guint64 seed,
    guint round, guint *weights)
{
	double ham, spam, inverted;

	for (guint i = 0; i < n; i++)
		weights[i] = 0;
	for (guint i = 0; i < n; i++)
		weights[(
		    guint)(figures_chance(seed, (guint64)round * n + i) * n)]++;
	inverted = pairs_inverted(ordered, n, weights, &ham, &spam);
	return ham > 0 && spam > 0 ? count_logit(inverted, ham * spam) : NAN;
}

void
figures_bootstrap(const struct figures_result *results, guint n, guint64 seed,
    struct figures_interval *interval_r)
{
	g_autofree struct figures_result *ordered = sorted(results, n);
	g_autofree guint *weights = g_new0(guint, n + 1);
	double sum = 0, squares = 0, ham, spam, middle, sd;
	double inverted = pairs_inverted(ordered, n, NULL, &ham, &spam);
	guint rounds = 0;

	*interval_r = (struct figures_interval){ NAN, NAN };
	if (ham <= 0 || spam <= 0)
		return;
	for (guint round = 0; round < RESAMPLES; round++) {
		double value = resample(ordered, n, seed, round, weights);

		if (isnan(value))
			continue;
		rounds++;
		sum += value;
		squares += value * value;
	}
	if (rounds < 2)
		return;
	middle = count_logit(inverted, ham * spam);
	sd = sqrt(fmax(squares - sum * sum / rounds, 0) / (rounds - 1));
	interval_r->low = 100 * unlogit(middle - 1.96 * sd);
	interval_r->high = 100 * unlogit(middle + 1.96 * sd);
}

/* --- curves --- */

GArray *
figures_curve(const struct figures_result *results, guint n)
{
	static const guint steps[] = { 2, 5, 10 };
	GArray *blocks =
	    g_array_new(FALSE, FALSE, sizeof(struct figures_block));
	guint64 ten = 10;
	guint at = 0, step = 0;

	while (at < n) {
		struct figures_block block = { 0 };
		guint end = (guint)MIN(n, ten * steps[step]);

		for (; at < end; at++) {
			block.messages++;
			block.wrong += (results[at].score > 0) !=
				       (results[at].truth == VERDICT_SPAM);
			block.unsure += results[at].verdict == VERDICT_UNSURE;
		}
		block.upto = at;
		g_array_append_val(blocks, block);
		if (++step == G_N_ELEMENTS(steps)) {
			step = 0;
			ten *= 10;
		}
	}
	return blocks;
}

GArray *
figures_roc(const struct figures_result *results, guint n)
{
	g_autofree struct figures_result *ordered = sorted(results, n);
	GArray *points =
	    g_array_new(FALSE, FALSE, sizeof(struct figures_point));
	struct figures_point point = { 0, 1 };
	guint ham = 0, spam = 0, ham_above = 0, spam_above = 0;

	for (guint i = 0; i < n; i++) {
		ham += ordered[i].truth != VERDICT_SPAM;
		spam += ordered[i].truth == VERDICT_SPAM;
	}
	if (ham == 0 || spam == 0)
		return points;
	g_array_append_val(points, point);
	for (guint i = n; i-- > 0;) {
		ham_above += ordered[i].truth != VERDICT_SPAM;
		spam_above += ordered[i].truth == VERDICT_SPAM;
		if (i > 0 && ordered[i - 1].score >= ordered[i].score)
			continue;
		point.ham = (double)ham_above / ham;
		point.spam = (double)(spam - spam_above) / spam;
		g_array_append_val(points, point);
	}
	return points;
}
