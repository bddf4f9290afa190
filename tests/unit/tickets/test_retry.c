/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/retry.h"

#include "lib/base/err.h"

static const struct retry_limits limits = { 10, 3600, 3 };

static void
test_delay(void)
{
	static const struct {
		guint attempts;
		double chance;
		gint64 want;
	} cases[] = {
		{ 0, 0, 10 },
		{ 1, 0, 10 },
		{ 2, 0, 20 },
		{ 3, 0, 40 },
		{ 3, 1, 30 },
		{ 9, 0, 2560 },
		{ 10, 0, 3600 },
		{ 10, 1, 2700 },
		{ 4000000000U, 0, 3600 },
	};
	static const struct retry_limits odd = { 0, -5, 0 };

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%u", cases[i].attempts);
		g_assert_cmpint(
		    retry_delay(&limits, cases[i].attempts, cases[i].chance),
		    ==, cases[i].want);
	}
	g_assert_cmpint(retry_delay(&odd, 7, 1), ==, 1);
}

static void
test_desk(void)
{
	static const struct {
		enum dg_error code;
		enum spool_state state;
		gboolean maybe, pause;
		gint64 delay;
	} cases[] = {
		{ DG_ERROR_AGAIN, SPOOL_WAIT, FALSE, TRUE, 10 },
		{ DG_ERROR_IO, SPOOL_WAIT, TRUE, TRUE, 10 },
		{ DG_ERROR_BAD, SPOOL_DEAD, FALSE, FALSE, 0 },
		{ DG_ERROR_DENIED, SPOOL_WAIT, FALSE, TRUE, 3600 },
		{ DG_ERROR_FULL, SPOOL_WAIT, FALSE, TRUE, 10 },
		{ DG_ERROR_NOTFOUND, SPOOL_WAIT, TRUE, TRUE, 10 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct retry_step step;

		err_set(&error, cases[i].code, "x");
		g_test_message("%s", err_word(error));
		step = retry_after_desk(&limits, error, 1, 0);
		g_assert_cmpint(step.state, ==, cases[i].state);
		g_assert_cmpint(step.maybe_created, ==, cases[i].maybe);
		g_assert_cmpint(step.pause, ==, cases[i].pause);
		g_assert_cmpint(step.delay, ==, cases[i].delay);
		/* Whatever passes is never given up. */
		step = retry_after_desk(&limits, error, 1000000, 0);
		g_assert_cmpint(step.state, ==, cases[i].state);
	}
}

static void
test_convert(void)
{
	static const struct {
		enum dg_error code;
		guint attempts;
		enum spool_state state;
	} cases[] = {
		{ DG_ERROR_AGAIN, 1000, SPOOL_WAIT },
		{ DG_ERROR_FULL, 1000, SPOOL_WAIT },
		{ DG_ERROR_BAD, 1, SPOOL_WAIT },
		{ DG_ERROR_BAD, 2, SPOOL_WAIT },
		{ DG_ERROR_BAD, 3, SPOOL_DEAD },
		{ DG_ERROR_IO, 3, SPOOL_DEAD },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		err_set(&error, cases[i].code, "x");
		g_test_message("%s %u", err_word(error), cases[i].attempts);
		g_assert_cmpint(
		    retry_after_convert(&limits, error, cases[i].attempts, 0)
			.state,
		    ==, cases[i].state);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/retry/delay", test_delay);
	g_test_add_func("/tickets/retry/desk", test_desk);
	g_test_add_func("/tickets/retry/convert", test_convert);
	return g_test_run();
}
