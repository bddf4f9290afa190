/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/digest.h"

#include <string.h>

static void
test_minute(void)
{
	static const struct {
		const char *text;
		gint want;
	} cases[] = {
		{ "00:00", 0 },
		{ "07:30", 450 },
		{ "23:59", 1439 },
		{ "24:00", -1 },
		{ "12:60", -1 },
		{ "7:00", -1 },
		{ "07-00", -1 },
		{ "", -1 },
		{ "07:00 ", -1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(
		    digest_minute(cases[i].text), ==, cases[i].want);
}

static void
test_due(void)
{
	g_assert_true(digest_is_due(0, 100, 450, 450));
	g_assert_true(digest_is_due(99, 100, 451, 450));
	g_assert_false(digest_is_due(99, 100, 449, 450));
	g_assert_false(digest_is_due(100, 100, 1439, 450));
	/* A clock that was set back sends none twice. */
	g_assert_false(digest_is_due(101, 100, 1439, 450));
}

static void
test_text(void)
{
	struct digest_item item = { (char *)"0123", (char *)"2026-11-23",
		(char *)"a@example.org", (char *)"Buy\r\nBcc: x\xe2\x80\xaey",
		(char *)"spam" };
	gpointer list[] = { &item };
	GPtrArray items = { list, 1 };
	g_autofree char *one = digest_text("support@example.com", &items, 1);
	g_autofree char *more = digest_text("support@example.com", &items, 3);

	g_assert_true(g_str_has_prefix(
	    one, "1 message to support@example.com waits in quarantine.\n"));
	g_assert_nonnull(strstr(one, "\nID        0123\n"));
	g_assert_nonnull(strstr(one, "\nsubject   Buy Bcc: x y\n"));
	g_assert_null(strstr(one, "more;"));
	g_assert_nonnull(strstr(more, "3 messages"));
	g_assert_nonnull(strstr(more, "and 2 more;"));
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/digest/minute", test_minute);
	g_test_add_func("/digest/due", test_due);
	g_test_add_func("/digest/text", test_text);
	return g_test_run();
}
