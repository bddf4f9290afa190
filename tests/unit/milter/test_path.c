/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/path.h"

static void
test_address(void)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "<support@example.com>", "support@example.com" },
		{ "support@example.com", "support@example.com" },
		{ "<>", "" },
		{ "", "" },
		{ "  <a@example.org>  ", "a@example.org" },
		{ "<@relay.example.net:a@example.org>", "a@example.org" },
		{ "<@one.example.net,@two.example.net:a@example.org>",
		    "a@example.org" },
		{ "<\"support\"@example.com>", "support@example.com" },
		{ "<\"sup\\port\"@example.com>", "support@example.com" },
		{ "<\"two words\"@example.com>", "\"two words\"@example.com" },
		{ "<\"a@b\"@example.com>", "\"a@b\"@example.com" },
		{ "<\"\"@example.com>", "\"\"@example.com" },
		{ "<\"x@example.com>", "\"x@example.com" },
		{ "<support@example.com.>", "support@example.com" },
		{ "<support>", "support" },
		{ "<\"\"", "<\"\"" },
		{ "<", "<" },
		{ "<.>", "." },
		{ "<m\xc3\xbcller@example.org>", "m\xc3\xbcller@example.org" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = path_address(cases[i].path);

		g_test_message("%s", cases[i].path);
		g_assert_cmpstr(got, ==, cases[i].want);
	}
}

static void
test_size(void)
{
	char *none[] = { NULL };
	char *some[] = { (char *)"BODY=8BITMIME", (char *)"size=12345", NULL };
	char *bad[] = { (char *)"SIZE=x", (char *)"SIZES=1", NULL };

	g_assert_cmpuint(path_size(none), ==, 0);
	g_assert_cmpuint(path_size(some), ==, 12345);
	g_assert_cmpuint(path_size(bad), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/path/address", test_address);
	g_test_add_func("/milter/path/size", test_size);
	return g_test_run();
}
