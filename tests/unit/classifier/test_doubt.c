/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/doubt.h"

static void
test_agents(void)
{
	static const struct {
		const char *actor;
		gboolean agent;
	} cases[] = { { NULL, FALSE }, { "", FALSE }, { "cli:root", FALSE },
		{ "desk:main:3", TRUE }, { "imap:alice", TRUE },
		{ "climb:x", TRUE } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(
		    doubt_is_agent(cases[i].actor), ==, cases[i].agent);
}

static void
test_counts(void)
{
	struct doubt doubt = { 0 };
	guint32 bits = 1; /* from before the start: nobody's */

	g_assert_cmpuint(doubt_of(&doubt, bits, "desk:1"), ==, 0);
	bits = doubt_add(&doubt, bits, TRUE, "desk:1");
	bits = doubt_add(&doubt, bits, FALSE, "desk:1");
	bits = doubt_add(&doubt, bits, TRUE, "desk:2");
	bits = doubt_add(&doubt, bits, TRUE, "cli:root");
	bits = doubt_add(&doubt, bits, TRUE, "desk:1");
	g_assert_cmpuint(bits, ==, 0x37); /* 1 1 0 1 1 1 */
	g_assert_cmpuint(doubt_of(&doubt, bits, "desk:1"), ==, 2);
	g_assert_cmpuint(doubt_of(&doubt, bits, "desk:2"), ==, 1);
	g_assert_cmpuint(doubt_of(&doubt, bits, "desk:3"), ==, 0);
	g_assert_cmpuint(doubt_of(&doubt, bits, "cli:root"), ==, 0);
	g_assert_cmpuint(doubt_of(&doubt, bits, NULL), ==, 0);
	/* After a repair all is forgotten. */
	g_assert_cmpuint(doubt_of(&doubt, 0, "desk:1"), ==, 0);
}

/* 32 labels later none is left. */
static void
test_window(void)
{
	struct doubt doubt = { 0 };
	guint32 bits = doubt_add(&doubt, 0, TRUE, "desk:1");

	for (guint i = 0; i < 31; i++) {
		bits = doubt_add(&doubt, bits, FALSE, "desk:2");
		g_assert_cmpuint(doubt_of(&doubt, bits, "desk:1"), ==, 1);
	}
	bits = doubt_add(&doubt, bits, FALSE, NULL);
	g_assert_cmpuint(doubt_of(&doubt, bits, "desk:1"), ==, 0);
	g_assert_cmpuint(bits, ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/doubt/agents", test_agents);
	g_test_add_func("/doubt/counts", test_counts);
	g_test_add_func("/doubt/window", test_window);
	return g_test_run();
}
