/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/steady.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define DAY (86400 * SECOND)

/* The wall clock against the steady one. */
static void
test_jumped(void)
{
	static const struct {
		const char *name;
		struct steady_time before, now;
		gboolean jumped;
	} cases[] = {
		{ "stands still", { 100, 5 }, { 100, 5 }, FALSE },
		{ "both go on", { 0, 0 }, { 1800 * SECOND, 1800 * SECOND },
		    FALSE },
		{ "set right", { 0, 0 }, { 9000 * SECOND, 1800 * SECOND },
		    FALSE },
		{ "set back", { 9000 * SECOND, 0 }, { 0, 1800 * SECOND },
		    FALSE },
		{ "a day", { 0, 0 }, { DAY, 0 }, FALSE },
		{ "more than that", { 0, 0 }, { DAY + 1, 0 }, TRUE },
		{ "years", { 0, 0 }, { 4 * 365 * DAY, 1800 * SECOND }, TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(steady_jumped(&cases[i].before, &cases[i].now),
		    ==, cases[i].jumped);
	}
}

static gboolean
believe(struct steady *steady, gint64 mono, gint64 ahead)
{
	return steady_believe(steady,
	    &(const struct steady_time){ 20000 * DAY + mono + ahead, mono });
}

/* Looked at each second: a jump is in doubt for as long as it lasts. */
static void
test_doubt(void)
{
	struct steady steady = { 0 };
	gint64 second = 7 * SECOND;

	g_assert_true(believe(&steady, second, 0));
	g_assert_true(believe(&steady, second += SECOND, 0));
	for (guint i = 0; i < 5; i++)
		g_assert_false(believe(&steady, second += SECOND, 31 * DAY));
	g_assert_true(believe(&steady, second += SECOND, 0));
	/* It is a new doubt, with its whole time. */
	g_assert_false(believe(&steady, second += SECOND, 31 * DAY));
	g_assert_false(believe(&steady, second + DAY - 1, 31 * DAY));
	g_assert_true(believe(&steady, second += DAY, 31 * DAY));
	g_assert_true(believe(&steady, second += SECOND, 31 * DAY));
	/* Back is no jump ahead, and right from there on. */
	g_assert_true(believe(&steady, second += SECOND, 0));
	g_assert_false(believe(&steady, second += SECOND, 31 * DAY));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/steady/jumped", test_jumped);
	g_test_add_func("/steady/doubt", test_doubt);
	return g_test_run();
}
