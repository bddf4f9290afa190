/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "classifier/tune.h"

/* 1,000 ham at -100, -99.9 ... -0.1 and 1,000 spam at 0.1 ... 100. */
static struct figures_result *
make_results(void)
{
	struct figures_result *results = g_new0(struct figures_result, 2000);

	for (guint i = 0; i < 1000; i++) {
		results[i].truth = VERDICT_HAM;
		results[i].score = -1.0 * (i + 1) / 10;
		results[1000 + i].truth = VERDICT_SPAM;
		results[1000 + i].score = (i + 1) / 10.0;
	}
	return results;
}

static void
test_apart(void)
{
	g_autofree struct figures_result *results = make_results();
	const struct tune_wish wish = { 0.001, 0.005 };
	struct tune_thresholds thresholds;
	struct tune_effect effect;

	/* Both stay on their side of 0, where nothing is wrong. */
	tune_choose(results, 2000, &wish, &thresholds);
	g_assert_cmpfloat(thresholds.spam, ==, 0);
	g_assert_cmpfloat(thresholds.ham, ==, 0);
	tune_effect(results, 2000, &thresholds, &effect);
	g_assert_cmpuint(effect.ham_held, ==, 0);
	g_assert_cmpuint(effect.spam_caught, ==, 1000);
	g_assert_cmpuint(effect.spam_unsure + effect.ham_unsure, ==, 0);
}

static void
test_wish_is_kept(void)
{
	static const struct {
		double wish;
		guint held;
		double score;
	} cases[] = { { 0, 0, 9.1 }, { 0.001, 1, 8.1 }, { 0.0019, 1, 8.1 },
		{ 0.002, 2, 7.1 }, { 0.5, 10, 0 }, { 1, 10, 0 } };
	g_autofree struct figures_result *results = make_results();

	/* Ten ham at 0, 1 ... 9; that at 0 is held by a threshold of 0. */
	for (guint i = 0; i < 10; i++)
		results[i].score = i;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct tune_wish wish = { cases[i].wish, 0 };
		struct tune_thresholds thresholds;
		struct tune_effect effect;

		tune_choose(results, 2000, &wish, &thresholds);
		tune_effect(results, 2000, &thresholds, &effect);
		g_assert_cmpfloat_with_epsilon(
		    thresholds.spam, cases[i].score, 1e-9);
		g_assert_cmpuint(effect.ham_held, ==, cases[i].held);
	}
}

static void
test_spam_that_passes(void)
{
	g_autofree struct figures_result *results = make_results();
	const struct tune_wish wish = { 0, 0.002 };
	struct tune_thresholds thresholds;
	struct tune_effect effect;

	/* Of four spam at -4, -3, -2 and -1 two may pass. */
	for (guint i = 0; i < 4; i++)
		results[1000 + i].score = -4.0 + i;
	tune_choose(results, 2000, &wish, &thresholds);
	g_assert_cmpfloat_with_epsilon(thresholds.ham, -2.1, 1e-9);
	tune_effect(results, 2000, &thresholds, &effect);
	g_assert_cmpuint(effect.spam_passed, ==, 2);
	g_assert_cmpuint(effect.spam_unsure, ==, 2);
	/* -2.0 to -0.1 of the ham. */
	g_assert_cmpuint(effect.ham_unsure, ==, 20);
}

static void
test_tenths_do_not_betray(void)
{
	/* Whatever a score's digits are, the threshold lies above it. */
	for (guint i = 0; i < 2000; i++) {
		const struct figures_result results[] = {
			{ VERDICT_HAM, VERDICT_HAM, i / 30.0 },
			{ VERDICT_SPAM, VERDICT_SPAM, -(double)i / 30.0 }
		};
		const struct tune_wish wish = { 0, 0 };
		struct tune_thresholds thresholds;

		tune_choose(results, 2, &wish, &thresholds);
		g_assert_cmpfloat(thresholds.spam, >, results[0].score);
		g_assert_cmpfloat(thresholds.spam, <, results[0].score + 0.11);
		g_assert_cmpfloat(thresholds.ham, <, results[1].score);
	}
}

static void
test_upper(void)
{
	/* None of n: 1 - 0.05^(1/n).  One of 10: 0.39416, from the tables. */
	g_assert_cmpfloat_with_epsilon(
	    tune_upper(0, 100), 1 - pow(0.05, 0.01), 1e-9);
	g_assert_cmpfloat_with_epsilon(tune_upper(1, 10), 0.39416, 1e-5);
	g_assert_cmpfloat(tune_upper(0, 3000), <, 0.001);
	g_assert_cmpfloat(tune_upper(0, 2900), >, 0.001);
	g_assert_cmpfloat(tune_upper(5, 5), ==, 1);
	g_assert_cmpfloat(tune_upper(0, 0), ==, 1);
}

static void
test_needed(void)
{
	g_assert_cmpuint(tune_needed(0.001), ==, 3000);
	g_assert_cmpuint(tune_needed(0.0007), ==, 4286);
	g_assert_cmpuint(tune_needed(1), ==, 3);
	g_assert_cmpuint(tune_needed(0), ==, G_MAXUINT);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tune/classes apart", test_apart);
	g_test_add_func(
	    "/tune/no more ham is held than wished", test_wish_is_kept);
	g_test_add_func(
	    "/tune/no more spam passes than wished", test_spam_that_passes);
	g_test_add_func(
	    "/tune/tenths lie beyond the score", test_tenths_do_not_betray);
	g_test_add_func("/tune/the upper end of a share", test_upper);
	g_test_add_func("/tune/the rule of three", test_needed);
	return g_test_run();
}
