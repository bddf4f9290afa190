/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/retain.h"

#define SECOND ((gint64)G_USEC_PER_SEC)

/* The wall clock against the steady one. */
static void
test_jumped(void)
{
	static const struct {
		const char *name;
		struct retain_time before, now;
		gboolean jumped;
	} cases[] = {
		{ "stands still", { 100, 5 }, { 100, 5 }, FALSE },
		{ "both go on", { 0, 0 }, { 1800 * SECOND, 1800 * SECOND },
		    FALSE },
		{ "set right", { 0, 0 }, { 9000 * SECOND, 1800 * SECOND },
		    FALSE },
		{ "set back", { 9000 * SECOND, 0 }, { 0, 1800 * SECOND },
		    FALSE },
		{ "a day", { 0, 0 }, { 86400 * SECOND, 0 }, FALSE },
		{ "more than that", { 0, 0 }, { 86400 * SECOND + 1, 0 }, TRUE },
		{ "years", { 0, 0 }, { 4 * 31536000 * SECOND, 1800 * SECOND },
		    TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(retain_jumped(&cases[i].before, &cases[i].now),
		    ==, cases[i].jumped);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/retain/jumped", test_jumped);
	return g_test_run();
}
