/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In whose name a lesson by mail is given. */
#include "tools/reported.h"

#include <string.h>

static void
test_actor(void)
{
	static const struct {
		const char *login, *want; /* NULL: a digest */
	} cases[] = {
		{ "ann", "mail:ann" },
		{ "ann@example.com", "mail:ann@example.com" },
		{ "12345678901234567890123456789012345",
		    "mail:12345678901234567890123456789012345" },
		{ "123456789012345678901234567890123456", NULL },
		{ "", NULL },
		{ "ann b", NULL },
		{ "ann\n", NULL },
		{ "ann\033[2J", NULL },
		{ "\303\244nne", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = reported_actor(cases[i].login);

		g_test_message("case %zu", i);
		if (cases[i].want != NULL) {
			g_assert_cmpstr(got, ==, cases[i].want);
			continue;
		}
		g_assert_true(g_str_has_prefix(got, "mail:"));
		g_assert_cmpuint(strlen(got), ==, 5 + 32);
		g_assert_cmpuint(strspn(got + 5, "0123456789abcdef"), ==, 32);
		for (gsize j = 0; j < i; j++) {
			g_autofree char *other = reported_actor(cases[j].login);

			g_assert_cmpstr(got, !=, other);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tools/reported/actor", test_actor);
	return g_test_run();
}
