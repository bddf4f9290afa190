/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/lists.h"

#include <string.h>

#include "lib/base/owned.h"

static const struct conf_option options[] = {
	{ "allow", CONF_LIST, NULL, .help = "" },
	{ "block", CONF_LIST, NULL, .help = "" },
	{ NULL },
};
static const struct conf_option *const tables[] = { options, NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "", tables },
	{ "inbox", "a@example.com", "", tables },
	{ NULL },
};

static void
test_items(void)
{
	static const struct {
		const char *item, *address;
		gboolean want;
	} cases[] = {
		{ "alice@example.org", "alice@example.org", TRUE },
		{ "alice@example.org", "ALICE@Example.ORG", TRUE },
		{ "alice@example.org", "bob@example.org", FALSE },
		{ "alice@example.org", "alice@sub.example.org", FALSE },
		{ "example.org", "bob@example.org", TRUE },
		{ "Example.Org", "bob@example.org", TRUE },
		{ "example.org", "bob@sub.example.org", FALSE },
		{ "example.org", "bob@notexample.org", FALSE },
		{ ".example.org", "bob@example.org", TRUE },
		{ ".example.org", "bob@a.b.example.org", TRUE },
		{ ".example.org", "bob@notexample.org", FALSE },
		{ "example.org", "", FALSE },
		{ "example.org", NULL, FALSE },
		{ "example.org", "no address", FALSE },
		{ "example.org", "\"bob@example.org\"@example.net", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *const items[] = { "other.example.net",
			cases[i].item, NULL };

		g_test_message("%s: %s", cases[i].item, cases[i].address);
		g_assert_cmpstr(list_find(items, cases[i].address), ==,
		    cases[i].want ? cases[i].item : NULL);
	}
}

static void
test_order(void)
{
	struct conf *conf OWNED(conf_free) = conf_parse("test.conf",
	    "allow = { \"a@example.org\", \"b@example.org\" }\n"
	    "block = { \"example.org\", \"bad.example.net\" }\n"
	    "inbox \"in@example.com\" { allow = { \"example.org\" }\n"
	    " block = { \"b@example.org\" } }\n"
	    "inbox \"two@example.com\" { }\n",
	    kinds);
	static const struct {
		struct list_question question;
		enum list_answer want;
	} cases[] = {
		/* The inbox's before the whole's; of either, block first. */
		{ { "in@example.com", "a@example.org", "", TRUE },
		    LIST_ALLOWED },
		{ { "in@example.com", "b@example.org", "", TRUE },
		    LIST_BLOCKED },
		{ { "two@example.com", "a@example.org", "", TRUE },
		    LIST_BLOCKED },
		{ { "two@example.com", "a@example.net", "", TRUE },
		    LIST_SILENT },
		/* A forged name opens no door, but closes one. */
		{ { "in@example.com", "a@example.org", "", FALSE },
		    LIST_BLOCKED },
		{ { "two@example.com", "a@example.org", "", FALSE },
		    LIST_BLOCKED },
		/* The envelope's sender is blocked, and never allowed. */
		{ { "two@example.com", "a@example.com", "x@bad.example.net",
		      TRUE },
		    LIST_BLOCKED },
		{ { "in@example.com", "c@example.com", "a@example.org", TRUE },
		    LIST_BLOCKED },
		{ { "in@example.com", NULL, NULL, FALSE }, LIST_SILENT },
		/* An inbox that left the settings. */
		{ { "gone@example.com", "c@example.org", "", FALSE },
		    LIST_BLOCKED },
	};

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *item;

		g_test_message("%s to %s", cases[i].question.from,
		    cases[i].question.inbox);
		g_assert_cmpint(lists_ask(conf, &cases[i].question, &item), ==,
		    cases[i].want);
		g_assert_cmpint(item != NULL, ==, cases[i].want != LIST_SILENT);
	}
}

static void
test_check(void)
{
	struct conf *conf OWNED(conf_free) = conf_parse("test.conf",
	    "allow = { \"a@example.org\", \".example.org\", \"bücher.example\""
	    " }\nblock = { \"com\", \"a@\", \"two words.example\" }\n"
	    "inbox \"in@example.com\" {\n allow = { \"*.example.org\" } }\n",
	    kinds);
	static const char *const wants[] = { "test.conf:2: block: \"com\"",
		"test.conf:2: block: \"a@\"", "test.conf:2: block: \"two",
		"test.conf:4: allow: \"*.example.org\"" };

	lists_check(conf);
	for (guint i = 0; i < conf_faults(conf); i++)
		g_test_message("%s", conf_fault(conf, i));
	g_assert_cmpuint(conf_faults(conf), ==, G_N_ELEMENTS(wants));
	for (gsize i = 0; i < G_N_ELEMENTS(wants); i++) {
		gboolean found = FALSE;

		for (guint at = 0; at < conf_faults(conf); at++)
			found |=
			    g_str_has_prefix(conf_fault(conf, at), wants[i]);
		g_test_message("%s", wants[i]);
		g_assert_true(found);
	}
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/lists/items", test_items);
	g_test_add_func("/lists/order", test_order);
	g_test_add_func("/lists/check", test_check);
	return g_test_run();
}
