/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/network.h"

static void
test_valid(void)
{
	static const struct {
		const char *text;
		gboolean want;
	} cases[] = {
		{ "192.0.2.0/24", TRUE },
		{ "192.0.2.7", TRUE },
		{ "192.0.2.7/32", TRUE },
		{ "0.0.0.0/0", TRUE },
		{ "2001:db8::/32", TRUE },
		{ "2001:db8::1", TRUE },
		{ "::/0", TRUE },
		{ "::1/128", TRUE },
		{ "::ffff:192.0.2.0/120", TRUE },
		{ "192.0.2.7/24", FALSE },
		{ "2001:db8::1/32", FALSE },
		{ "192.0.2.0/33", FALSE },
		{ "192.0.2.0/", FALSE },
		{ "192.0.2.0/24x", FALSE },
		{ "192.0.2.0/ 24", FALSE },
		{ "192.0.2.0/+24", FALSE },
		{ "192.0.2.0/024", FALSE },
		{ "192.0.2.0/-1", FALSE },
		{ "192.0.2.0/99999999999999999999", FALSE },
		{ "192.0.2", FALSE },
		{ "2001:db8::/129", FALSE },
		{ "example.com", FALSE },
		{ "/24", FALSE },
		{ "", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].text);
		g_assert_cmpint(
		    network_valid(cases[i].text), ==, cases[i].want);
	}
}

static void
test_contain(void)
{
	static const struct {
		const char *network, *address;
		gboolean want;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0", TRUE },
		{ "192.0.2.0/24", "192.0.2.255", TRUE },
		{ "192.0.2.0/24", "192.0.3.0", FALSE },
		{ "192.0.2.0/23", "192.0.3.255", TRUE },
		{ "192.0.2.128/25", "192.0.2.127", FALSE },
		{ "192.0.2.128/25", "192.0.2.128", TRUE },
		{ "192.0.2.7", "192.0.2.7", TRUE },
		{ "192.0.2.7", "192.0.2.6", FALSE },
		{ "192.0.2.0/24", "::ffff:192.0.2.9", TRUE },
		{ "::ffff:192.0.2.0/120", "192.0.2.9", TRUE },
		{ "0.0.0.0/0", "203.0.113.9", TRUE },
		{ "0.0.0.0/0", "2001:db8::1", FALSE },
		{ "::/0", "2001:db8::1", TRUE },
		{ "2001:db8::/32", "2001:db8:ffff::1", TRUE },
		{ "2001:db8::/32", "2001:db9::1", FALSE },
		{ "2001:db8::/33", "2001:db8:8000::1", FALSE },
		{ "192.0.2.0/24", "[192.0.2.1]", FALSE },
		{ "192.0.2.0/24", "", FALSE },
		{ "192.0.2.0/24", NULL, FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *const list[] = { "198.51.100.0/24",
			cases[i].network, NULL };
		struct networks *networks = networks_new(list);

		g_test_message("%s in %s", cases[i].address, cases[i].network);
		g_assert_cmpint(networks_contain(networks, cases[i].address),
		    ==, cases[i].want);
		networks_free(&networks);
		g_assert_null(networks);
	}
}

static void
test_none(void)
{
	const char *const list[] = { NULL };
	struct networks *networks = networks_new(list);

	g_assert_false(networks_contain(networks, "192.0.2.1"));
	networks_free(&networks);
	networks_free(&networks);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/network/valid", test_valid);
	g_test_add_func("/network/contain", test_contain);
	g_test_add_func("/network/none", test_none);
	return g_test_run();
}
