/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charts of one line. */
#include "tools/chart.h"

#include <math.h>

static void
test_bar(void)
{
	static const struct {
		double share;
		guint width;
		gboolean unicode;
		const char *want;
	} cases[] = {
		{ 0, 4, TRUE, "    " },
		{ 1, 4, TRUE, "████" },
		{ .5, 4, TRUE, "██  " },
		{ .53125, 4, TRUE, "██▏ " },
		{ .96875, 4, TRUE, "███▉" },
		{ 1e-9, 4, TRUE, "▏   " },
		{ 7, 3, TRUE, "███" },
		{ -1, 3, TRUE, "   " },
		{ NAN, 3, TRUE, "   " },
		{ 0, 4, FALSE, "...." },
		{ .5, 4, FALSE, "##.." },
		{ .01, 4, FALSE, "#..." },
		{ 1, 0, FALSE, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *bar =
		    chart_bar(cases[i].share, cases[i].width, cases[i].unicode);

		g_assert_cmpstr(bar, ==, cases[i].want);
	}
}

static void
test_spark(void)
{
	static const double values[] = { 0, 1, 2, 4, 8, NAN, -3, INFINITY };
	static const double even[] = { 5, 5 };
	g_autofree char *blocks = chart_spark(values, 8, TRUE);
	g_autofree char *ascii = chart_spark(values, 8, FALSE);
	g_autofree char *same = chart_spark(even, 2, TRUE);
	g_autofree char *none = chart_spark(NULL, 0, TRUE);

	g_assert_cmpstr(blocks, ==, " ▁▂▄█   ");
	g_assert_cmpstr(ascii, ==, " _.:#   ");
	g_assert_cmpstr(same, ==, "██");
	g_assert_cmpstr(none, ==, "");
}

static void
test_unicode(void)
{
	static const struct {
		const char *all, *type, *lang;
		gboolean unicode;
	} cases[] = {
		{ NULL, NULL, NULL, FALSE },
		{ "C", "de_DE.UTF-8", "de_DE.UTF-8", FALSE },
		{ "", "de_DE.utf8", "C", TRUE },
		{ NULL, NULL, "en_US.UTF-8", TRUE },
		{ NULL, "POSIX", "en_US.UTF-8", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_setenv(
		    "LC_ALL", cases[i].all != NULL ? cases[i].all : "", TRUE);
		g_setenv("LC_CTYPE", cases[i].type != NULL ? cases[i].type : "",
		    TRUE);
		g_setenv(
		    "LANG", cases[i].lang != NULL ? cases[i].lang : "", TRUE);
		g_assert_cmpint(chart_unicode(), ==, cases[i].unicode);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/chart/bar", test_bar);
	g_test_add_func("/chart/spark", test_spark);
	g_test_add_func("/chart/unicode", test_unicode);
	return g_test_run();
}
