/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/score.h"

#include <math.h>

#define TINY 1e-12
#define UNIT (1.01 / SCORE_UNIT)

static const struct score_totals even = { 100, 100 };

static struct score_ramp
ramp_of(struct score_totals totals)
{
	struct score_ramp ramp;
	struct score_sum sum;

	score_begin(&totals, &ramp, &sum);
	return ramp;
}

static double
weight_of(struct score_totals totals, guint32 spam, guint32 ham)
{
	struct score_ramp ramp = ramp_of(totals);

	return score_feature(&ramp, spam, ham) / SCORE_UNIT;
}

/*
 * Worked out from the formula elsewhere.  The first by steps: S = H = 1, N = 2;
 * e = 2^0.28 = 1.2141949, w = e^e = 1.2657343, .8 + N/20 = .9; s = 1, h = 0:
 * ratio = (1 - .25)/1; cf = .9 * .75^4 / (1 + 16/w) = .0208759; a = .5104380, b
 * = .4895620, ln(a/b) = .0417579.  Of the fourth and fifth the rates are too
 * near to each other.
 */
static void
test_by_hand(void)
{
	static const struct {
		struct score_totals totals;
		guint32 spam, ham;
		double weight;
	} rows[] = {
		{ { 1, 1 }, 1, 0, 0.041757851863 },
		{ { 0, 0 }, 1, 0, 0.041757851863 },
		{ { 100, 100 }, 10, 0, 4.116628953042 },
		{ { 100, 100 }, 10, 5, 0 },
		{ { 40, 10 }, 3, 1, 0 },
		{ { 10, 1000 }, 2, 3, 0.881414999853 },
		{ { 7, 5 }, 0, 4, -0.948694793189 },
		{ { 100000, 50000 }, 900, 17, 0.020617025160 },
		{ { 4000, 4000 }, 4000, 0, 14.261786093801 },
		{ { 300, 200 }, 17, 2, 0.005683221829 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpfloat_with_epsilon(
		    weight_of(rows[i].totals, rows[i].spam, rows[i].ham),
		    rows[i].weight, 1e-9);
}

static void
test_symmetry(void)
{
	static const guint32 counts[] = { 0, 1, 2, 7, 50, 99 };

	for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
		for (gsize j = 0; j < G_N_ELEMENTS(counts); j++) {
			const struct score_totals one = { 120, 300 },
						  other = { 300, 120 };

			g_assert_cmpfloat_with_epsilon(
			    weight_of(one, counts[i], counts[j]),
			    -weight_of(other, counts[j], counts[i]), UNIT);
		}
	}
}

static void
test_neutral(void)
{
	g_assert_cmpfloat(weight_of(even, 0, 0), ==, 0);
	g_assert_cmpfloat(weight_of(even, 1, 1), ==, 0);
	g_assert_cmpfloat(weight_of(even, 100, 100), ==, 0);
	g_assert_cmpfloat(
	    weight_of((struct score_totals){ 10, 1000 }, 1, 100), ==, 0);
	/* Near to it, too. */
	g_assert_cmpfloat(weight_of(even, 5, 1), ==, 0);
	g_assert_cmpfloat(weight_of(even, 6, 1), >, 0);
	g_assert_cmpfloat(weight_of(even, 1, 6), <, 0);
}

static void
test_prior(void)
{
	static const struct {
		struct score_totals totals;
		double prior;
	} rows[] = {
		{ { 0, 0 }, 0 },
		{ { 8, 8 }, 0 },
		{ { 40, 10 }, 1.38629436111989 },
		{ { 10, 40 }, -1.38629436111989 },
		{ { 0, 100 }, -4.60517018598809 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct score_ramp ramp;
		struct score_sum sum;

		score_begin(&rows[i].totals, &ramp, &sum);
		g_assert_cmpfloat_with_epsilon(
		    sum.prior / SCORE_UNIT, rows[i].prior, UNIT);
		/* It moves training, not what is published. */
		g_assert_cmpfloat(score_published(&sum), ==, 0);
	}
}

/* Also where entries of the memo drive each other out. */
static void
test_memo(void)
{
	struct score_ramp ramp = ramp_of((struct score_totals){ 400, 700 });
	struct score_memo memo = { 0 };

	for (int pass = 0; pass < 2; pass++) {
		for (guint32 at = 0; at < 40000; at++) {
			guint32 spam = at % 400, ham = at * 7 % 701;

			/* == and not nearly so. */
			g_assert_true(
			    score_feature_memo(&ramp, &memo, spam, ham) ==
			    score_feature(&ramp, spam, ham));
		}
	}
	/* Each in the other's place, but for one of the counts. */
	for (guint32 ham = 3; ham < 600; ham += SCORE_MEMO)
		g_assert_true(score_feature_memo(&ramp, &memo, 5, ham) ==
			      score_feature(&ramp, 5, ham));
	for (guint32 spam = 3; spam < 400; spam += SCORE_MEMO)
		g_assert_true(score_feature_memo(&ramp, &memo, spam, 5) ==
			      score_feature(&ramp, spam, 5));
	g_assert_cmpint(score_feature_memo(&ramp, &memo, 0, 0), ==, 0);
}

/* Finite, and of the sign that the rates say, whatever the counts. */
static void
test_extremes(void)
{
	static const guint32 edges[] = { 0, 1, 2, 1u << 31, G_MAXUINT32 };
	const gsize n = G_N_ELEMENTS(edges);

	for (gsize i = 0; i < n * n * n * n; i++) {
		const struct score_totals totals = { edges[i % n],
			edges[i / n % n] };
		guint32 spam = edges[i / n / n % n];
		guint32 ham = edges[i / n / n / n];
		double difference = spam / (double)MAX(totals.spam, 1) -
				    ham / (double)MAX(totals.ham, 1);
		double weight = weight_of(totals, spam, ham);

		g_assert_true(isfinite(weight));
		/* A count above its total is damage; a rate of 1 is the most
		 * there is. */
		if (spam <= totals.spam && ham <= totals.ham && difference != 0)
			g_assert_true(
			    difference > 0 ? weight >= 0 : weight <= 0);
	}
}

static void
test_published(void)
{
	struct score_sum sum = { 0 };

	g_assert_cmpfloat(score_margin(&sum), ==, 0);
	g_assert_cmpfloat(score_published(&sum), ==, 0);
	score_add(&sum, SCORE_CAME, 20 * (score_weight)SCORE_UNIT);
	score_add(&sum, SCORE_CAME, -5 * (score_weight)SCORE_UNIT);
	score_add(&sum, SCORE_CAME, 0);
	/* 15/sqrt(45); 15/29^.6. */
	g_assert_cmpfloat_with_epsilon(
	    score_margin(&sum), 2.236067977499790, TINY);
	g_assert_cmpfloat_with_epsilon(
	    score_published(&sum), 1.9890809603890216, TINY);
	/* The other side says the opposite, and as clearly. */
	score_add(&sum, SCORE_SAYS, -20 * (score_weight)SCORE_UNIT);
	score_add(&sum, SCORE_SAYS, 5 * (score_weight)SCORE_UNIT);
	g_assert_cmpfloat(score_margin(&sum), ==, 0);
	g_assert_cmpfloat(score_published(&sum), ==, 0);
	/* That it says it at length counts for less than twice. */
	score_add(&sum, SCORE_SAYS, -20 * (score_weight)SCORE_UNIT);
	score_add(&sum, SCORE_SAYS, 5 * (score_weight)SCORE_UNIT);
	g_assert_cmpfloat(score_published(&sum), <, 0);
	g_assert_cmpfloat(score_published(&sum), >, -1.0);
}

/* Within an error in the last place or two of the C library's. */
static void
test_functions(void)
{
	for (int i = -4000; i <= 4000; i++) {
		double x = i * 0.17, power = exp(x);

		g_assert_cmpfloat_with_epsilon(
		    score_ln(power), log(power), 4e-16 * MAX(1, fabs(x)));
		g_assert_cmpfloat_with_epsilon(score_exp(x) / power, 1, 5e-13);
	}
	g_assert_cmpfloat(score_ln(1), ==, 0);
	g_assert_cmpfloat(score_exp(0), ==, 1);
	g_assert_cmpfloat(score_exp(-1e9), ==, 0);
	g_assert_true(isinf(score_exp(1e9)));
}

/* The same bits everywhere: these are those of x86-64, gcc and clang, whatever
 * the processor's instructions. */
static void
test_bits(void)
{
	const struct score_totals totals = { 317, 214 };
	struct score_ramp ramp;
	struct score_sum sum, back;

	score_begin(&totals, &ramp, &sum);
	score_begin(&totals, &ramp, &back);
	for (guint i = 0; i < 400; i++) {
		guint32 spam = i * 7 % 23, ham = i * 5 % 11 == 0 ? i % 4 : 0;

		score_add(&sum, i % 3 == 0, score_feature(&ramp, spam, ham));
	}
	for (guint i = 400; i-- > 0;) {
		guint32 spam = i * 7 % 23, ham = i * 5 % 11 == 0 ? i % 4 : 0;

		score_add(&back, i % 3 == 0, score_feature(&ramp, spam, ham));
	}
	g_assert_cmpint(score_feature(&ramp, 17, 1), ==, 258800011);
	g_assert_true(score_published(&sum) == 0x1.a4b8f2085edd2p+4);
	g_assert_true(score_margin(&sum) == 0x1.1e76c9f6ca41ap+5);
	g_assert_true(score_published(&back) == score_published(&sum));
	g_assert_true(score_margin(&back) == score_margin(&sum));
}

static void
test_probability(void)
{
	double before = score_probability(-40);

	g_assert_cmpfloat(score_probability(0), ==, 0.5);
	g_assert_cmpfloat(score_probability(-1e9), ==, 0);
	g_assert_cmpfloat(score_probability(1e9), ==, 1);
	/* 1/(1 + e^-1). */
	g_assert_cmpfloat_with_epsilon(
	    score_probability(1.25), 0.731058578630005, TINY);
	for (int at = -4 * 39; at <= 4 * 8; at++) {
		double now = score_probability(at / 4.0);

		g_assert_cmpfloat(now, >, before);
		before = now;
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/score/by-hand", test_by_hand);
	g_test_add_func("/score/symmetry", test_symmetry);
	g_test_add_func("/score/neutral", test_neutral);
	g_test_add_func("/score/prior", test_prior);
	g_test_add_func("/score/memo", test_memo);
	g_test_add_func("/score/extremes", test_extremes);
	g_test_add_func("/score/published", test_published);
	g_test_add_func("/score/functions", test_functions);
	g_test_add_func("/score/bits", test_bits);
	g_test_add_func("/score/probability", test_probability);
	return g_test_run();
}
