/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "classifier/figures.h"

/* All expectations were worked out by hand. */

#define HAM(score, verdict) \
	{ \
		VERDICT_HAM, VERDICT_##verdict, score \
	}
#define SPAM(score, verdict) \
	{ \
		VERDICT_SPAM, VERDICT_##verdict, score \
	}

static void
assert_near(double got, double want)
{
	g_assert_cmpfloat_with_epsilon(got, want, 1e-9);
}

static void
test_ties_are_half(void)
{
	/* Nine pairs; one is a tie, none is inverted. */
	static const struct figures_result results[] = { HAM(-2, HAM),
		SPAM(2, SPAM), HAM(0.5, UNSURE), SPAM(0.5, UNSURE),
		SPAM(1, SPAM), HAM(-1, HAM) };
	struct figures figures;

	figures_make(results, G_N_ELEMENTS(results), &figures);
	g_assert_cmpuint(figures.ham, ==, 3);
	g_assert_cmpuint(figures.spam, ==, 3);
	assert_near(figures.roca, 100 * 0.5 / 9);
	/* The ham at 0.5 is on the wrong side. */
	g_assert_cmpuint(figures.wrong, ==, 1);
	g_assert_cmpuint(figures.wrong_ham, ==, 1);
	assert_near(figures.error, 100.0 / 6);
	/* No ham may be held: the threshold is above 0.5. */
	assert_near(figures.h01, 100.0 / 3);
	g_assert_cmpuint(figures.ham_unsure, ==, 1);
	g_assert_cmpuint(figures.spam_unsure, ==, 1);
	assert_near(figures.unsure, 100.0 * 2 / 6);
}

static void
test_neutral_is_no_spam(void)
{
	static const struct figures_result results[] = { HAM(0, UNSURE),
		SPAM(0, UNSURE) };
	struct figures figures;

	figures_make(results, G_N_ELEMENTS(results), &figures);
	g_assert_cmpuint(figures.wrong, ==, 1);
	g_assert_cmpuint(figures.wrong_ham, ==, 0);
	assert_near(figures.roca, 50);
}

static void
test_apart_and_reversed(void)
{
	static const struct figures_result apart[] = { HAM(-3, HAM),
		SPAM(3, SPAM), HAM(-1, HAM), SPAM(1, SPAM) };
	static const struct figures_result reversed[] = { HAM(3, SPAM),
		SPAM(-3, HAM), HAM(1, SPAM), SPAM(-1, HAM) };
	struct figures figures;

	figures_make(apart, G_N_ELEMENTS(apart), &figures);
	assert_near(figures.roca, 0);
	assert_near(figures.error, 0);
	assert_near(figures.h01, 0);
	figures_make(reversed, G_N_ELEMENTS(reversed), &figures);
	assert_near(figures.roca, 100);
	assert_near(figures.error, 100);
	assert_near(figures.h01, 100);
	g_assert_cmpuint(figures.ham_as_spam, ==, 2);
	g_assert_cmpuint(figures.spam_as_ham, ==, 2);
}

/* `n` of a class from `score` on, one apart. */
static void
add(GArray *results, enum verdict_class truth, guint n, double score)
{
	for (guint i = 0; i < n; i++) {
		struct figures_result result = { truth, truth, score + i };

		g_array_append_val(results, result);
	}
}

static void
make(const GArray *results, struct figures *figures_r)
{
	figures_make((const struct figures_result *)results->data, results->len,
	    figures_r);
}

static void
test_one_ham_in_a_thousand(void)
{
	g_autoptr(GArray) results =
	    g_array_new(FALSE, FALSE, sizeof(struct figures_result));
	struct figures figures;

	/* 999 ham from 0 to 998, and spam at 997.5, 998.5, 999.5: no ham may
	 * be held, so the threshold is above 998. */
	add(results, VERDICT_HAM, 999, 0);
	add(results, VERDICT_SPAM, 3, 997.5);
	make(results, &figures);
	assert_near(figures.h01, 100.0 / 3);
	/* The thousandth, on top of all, may be. */
	add(results, VERDICT_HAM, 1, 5000);
	make(results, &figures);
	assert_near(figures.h01, 100.0 / 3);
	/* With 2,000 the two highest may be: 5000 and 4000. */
	add(results, VERDICT_HAM, 1, 4000);
	add(results, VERDICT_HAM, 999, -999);
	make(results, &figures);
	g_assert_cmpuint(figures.ham, ==, 2000);
	assert_near(figures.h01, 100.0 / 3);
	/* A third one is one too many, and above all spam. */
	add(results, VERDICT_HAM, 1, 3000);
	make(results, &figures);
	assert_near(figures.h01, 100);
}

static void
count_verdicts(guint n, enum verdict_class truth, enum verdict_class verdict,
    GArray *results)
{
	const struct figures_result result = { truth, verdict, 1 };

	for (guint i = 0; i < n; i++)
		g_array_append_val(results, result);
}

static void
test_lam(void)
{
	g_autoptr(GArray) results =
	    g_array_new(FALSE, FALSE, sizeof(struct figures_result));
	struct figures figures;

	/* Nothing wrong in 10 and 10: each counts as half a message, 5 %. */
	count_verdicts(10, VERDICT_HAM, VERDICT_HAM, results);
	count_verdicts(10, VERDICT_SPAM, VERDICT_SPAM, results);
	make(results, &figures);
	assert_near(figures.lam, 5);
	assert_near(figures.hm, 0);
	/* 10 of 20 ham held is a logit of 0; 1 of 11 spam missed, unsure as it
	 * is, one of ln(1/10): the mean is ln(10^-0.5). */
	count_verdicts(10, VERDICT_HAM, VERDICT_SPAM, results);
	count_verdicts(1, VERDICT_SPAM, VERDICT_UNSURE, results);
	make(results, &figures);
	assert_near(figures.hm, 50);
	assert_near(figures.sm, 100.0 / 11);
	assert_near(figures.lam, 100 / (1 + sqrt(10)));
}

static void
test_a_class_is_missing(void)
{
	static const struct figures_result results[] = { HAM(-1, HAM),
		HAM(1, SPAM) };
	struct figures_interval interval;
	struct figures figures;
	g_autoptr(GArray) roc = figures_roc(results, 2);

	figures_make(results, 2, &figures);
	g_assert_true(isnan(figures.roca));
	g_assert_true(isnan(figures.h01));
	g_assert_true(isnan(figures.sm));
	g_assert_true(isnan(figures.lam));
	assert_near(figures.hm, 50);
	assert_near(figures.error, 50);
	figures_bootstrap(results, 2, 1, &interval);
	g_assert_true(isnan(interval.low));
	g_assert_cmpuint(roc->len, ==, 0);
	figures_make(results, 0, &figures);
	g_assert_true(isnan(figures.error));
	g_assert_true(isnan(figures.hm));
}

static void
test_interval(void)
{
	struct figures_result results[400];
	struct figures_interval first, again, other, apart;
	struct figures figures;

	for (guint i = 0; i < 400; i++)
		results[i] =
		    (struct figures_result){ i % 2 ? VERDICT_SPAM : VERDICT_HAM,
			    VERDICT_UNSURE,
			    (i % 2 ? 1 : -1) + 4 * figures_chance(9, i) - 2 };
	figures_make(results, 400, &figures);
	figures_bootstrap(results, 400, 1, &first);
	figures_bootstrap(results, 400, 1, &again);
	figures_bootstrap(results, 400, 2, &other);
	g_assert_cmpfloat(first.low, ==, again.low);
	g_assert_cmpfloat(first.high, ==, again.high);
	g_assert_cmpfloat(first.low, !=, other.low);
	/* Uniform over -3..1 and -1..3: an eighth of the pairs is inverted, and
	 * 200 of each class tell that to two percent or so. */
	g_assert_cmpfloat(first.low, <, figures.roca);
	g_assert_cmpfloat(first.high, >, figures.roca);
	g_assert_cmpfloat(first.low, <, 12.5);
	g_assert_cmpfloat(first.high, >, 12.5);
	g_assert_cmpfloat(first.high - first.low, >, 3);
	g_assert_cmpfloat(first.high - first.low, <, 12);
	/* No pair is inverted: about half a pair is taken for it. */
	for (guint i = 0; i < 400; i++)
		results[i].score = i % 2 ? 1 : -1;
	figures_bootstrap(results, 400, 1, &apart);
	g_assert_cmpfloat(apart.low, >, 0);
	g_assert_cmpfloat(apart.low, <=, 100 * 0.5 / (200 * 200));
	g_assert_cmpfloat(apart.high, >=, 100 * 0.5 / (200 * 200));
}

static void
test_curve(void)
{
	struct figures_result results[130] = { 0 };
	static const struct figures_block want[] = { { 20, 20, 10, 20 },
		{ 50, 30, 0, 30 }, { 100, 50, 0, 50 }, { 130, 30, 1, 29 } };
	g_autoptr(GArray) none = figures_curve(results, 0);
	g_autoptr(GArray) blocks = NULL;

	/* Ham only; every second one of the first 20 and the last one wrong. */
	for (guint i = 0; i < 130; i++)
		results[i] = (struct figures_result){ VERDICT_HAM,
			i == 129 ? VERDICT_HAM : VERDICT_UNSURE,
			(i < 20 && i % 2) || i == 129 ? 1 : -1 };
	blocks = figures_curve(results, 130);
	g_assert_cmpuint(none->len, ==, 0);
	g_assert_cmpuint(blocks->len, ==, G_N_ELEMENTS(want));
	for (guint i = 0; i < blocks->len; i++) {
		const struct figures_block *got =
		    &g_array_index(blocks, struct figures_block, i);

		g_assert_cmpuint(got->upto, ==, want[i].upto);
		g_assert_cmpuint(got->messages, ==, want[i].messages);
		g_assert_cmpuint(got->wrong, ==, want[i].wrong);
		g_assert_cmpuint(got->unsure, ==, want[i].unsure);
	}
}

static void
test_roc(void)
{
	/* From the top: spam 3, ham and spam 2 together, ham 1. */
	static const struct figures_result results[] = { HAM(2, HAM),
		SPAM(3, SPAM), SPAM(2, SPAM), HAM(1, HAM) };
	static const struct figures_point want[] = { { 0, 1 }, { 0, 0.5 },
		{ 0.5, 0 }, { 1, 0 } };
	g_autoptr(GArray) points = figures_roc(results, G_N_ELEMENTS(results));

	g_assert_cmpuint(points->len, ==, G_N_ELEMENTS(want));
	for (guint i = 0; i < points->len; i++) {
		const struct figures_point *got =
		    &g_array_index(points, struct figures_point, i);

		assert_near(got->ham, want[i].ham);
		assert_near(got->spam, want[i].spam);
	}
}

static void
test_chance(void)
{
	double sum = 0;

	/* SplitMix64's first output for seed 0 is e220a8397b1dcdaf. */
	assert_near(figures_chance(0, 0),
	    (double)(G_GUINT64_CONSTANT(0xe220a8397b1dcdaf) >> 11) /
		9007199254740992.0);
	for (guint i = 0; i < 10000; i++) {
		double chance = figures_chance(7, i);

		g_assert_true(chance >= 0 && chance < 1);
		sum += chance;
	}
	g_assert_cmpfloat_with_epsilon(sum / 10000, 0.5, 0.02);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/figures/ties are half a pair", test_ties_are_half);
	g_test_add_func("/figures/score 0 is no spam", test_neutral_is_no_spam);
	g_test_add_func(
	    "/figures/classes apart and reversed", test_apart_and_reversed);
	g_test_add_func("/figures/h=.1 % allows a ham in each whole thousand",
	    test_one_ham_in_a_thousand);
	g_test_add_func("/figures/lam % by natural logarithms", test_lam);
	g_test_add_func(
	    "/figures/a class without messages", test_a_class_is_missing);
	g_test_add_func("/figures/the bootstrap's interval", test_interval);
	g_test_add_func("/figures/blocks of the learning curve", test_curve);
	g_test_add_func("/figures/points of the ROC", test_roc);
	g_test_add_func("/figures/chance is SplitMix64", test_chance);
	return g_test_run();
}
