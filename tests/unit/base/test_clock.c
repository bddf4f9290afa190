/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/clock.h"

static void
test_text(void)
{
	static const struct {
		gint64 seconds;
		const char *want;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1795464515, "2026-11-23T20:08:35Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ G_GINT64_CONSTANT(253402300799), "9999-12-31T23:59:59Z" },
		{ G_GINT64_CONSTANT(253402300800), "0000-00-00T00:00:00Z" },
		{ G_MAXINT64 / G_USEC_PER_SEC - 1, "0000-00-00T00:00:00Z" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    clock_text(cases[i].seconds * G_USEC_PER_SEC);
		/* Part of a second is left out, whatever it is. */
		g_autofree char *late =
		    clock_text(cases[i].seconds * G_USEC_PER_SEC + 999999);

		g_assert_cmpstr(text, ==, cases[i].want);
		if (cases[i].seconds >= 0)
			g_assert_cmpstr(late, ==, cases[i].want);
	}
}

static void
test_system(void)
{
	gint64 wall = clock_wall(&clock_system);
	gint64 mono = clock_mono(&clock_system);

	g_assert_cmpint(ABS(g_get_real_time() - wall), <, G_USEC_PER_SEC);
	for (guint i = 0; i < 1000; i++) {
		gint64 now = clock_mono(&clock_system);

		g_assert_cmpint(now, >=, mono);
		mono = now;
	}
}

static gint64
stands(void *self)
{
	return *(gint64 *)self;
}

static void
test_own(void)
{
	gint64 now = 42;
	const struct clock clock = { stands, stands, &now };

	g_assert_cmpint(clock_wall(&clock), ==, 42);
	now = 43;
	g_assert_cmpint(clock_mono(&clock), ==, 43);
}

static void
test_day(void)
{
	static const char *const none[] = { "", "2027-02-29", "2027-1-31",
		"2027-01-31T00:00", "tomorrow", "1970-06-01", "2027/01/31",
		"2027-13-01", "+027-01-31", NULL };
	gint64 day, next;

	g_assert_true(clock_parse_day("2027-01-31", &day));
	g_assert_true(clock_parse_day("2027-02-01", &next));
	g_assert_cmpint(next - day, ==, 86400);
	/* Midnight here is within a day of midnight in UTC. */
	g_assert_cmpint(ABS(day - 1801353600), <, 86400);
	for (gsize i = 0; none[i] != NULL; i++)
		g_assert_false(clock_parse_day(none[i], &day));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/clock/text", test_text);
	g_test_add_func("/base/clock/system", test_system);
	g_test_add_func("/base/clock/day", test_day);
	g_test_add_func("/base/clock/own", test_own);
	return g_test_run();
}
