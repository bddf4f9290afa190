/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure parts of a migration. */
#include "tools/migrate.h"

#include <string.h>

static void
test_list_items(void)
{
	static const struct {
		const char *pattern, *item;
	} cases[] = {
		{ "alice@example.org", "alice@example.org" },
		{ "Alice@Example.ORG", "alice@example.org" },
		{ "*@example.org", "example.org" },
		{ "*@*.example.org", ".example.org" },
		{ "*.example.org", ".example.org" },
		{ "*example.org", NULL },
		{ "*", NULL },
		{ "*@*", NULL },
		{ "*@org", NULL },
		{ "news*@example.org", NULL },
		{ "n?ws@example.org", NULL },
		{ "a\"} x = \"@example.org", NULL },
		{ "${HOME}@example.org", NULL },
		{ "a@b@example.org", NULL },
		{ "@example.org", NULL },
		{ "example.org", NULL },
		{ "", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *item = migrate_list_item(cases[i].pattern);

		g_test_message("%s", cases[i].pattern);
		g_assert_cmpstr(item, ==, cases[i].item);
	}
}

static void
test_split(void)
{
	static const struct {
		const char *line, *name, *value;
	} cases[] = {
		{ "spam_cutoff=0.99", "spam_cutoff", "0.99" },
		{ "  spam_cutoff = 0.5  # a word", "spam_cutoff", "0.5" },
		{ "required_score\t5.0\r", "required_score", "5.0" },
		{ "rewrite_header Subject [SPAM]", "rewrite_header",
		    "Subject [SPAM]" },
		{ "empty=", "empty", "" },
		{ "# nothing", NULL, NULL },
		{ "word", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *line = g_strdup(cases[i].line);
		char *name = NULL, *value = NULL;

		g_test_message("%s", cases[i].line);
		g_assert_cmpint(migrate_split(line, &name, &value), ==,
		    cases[i].name != NULL);
		g_assert_cmpstr(name, ==, cases[i].name);
		g_assert_cmpstr(value, ==, cases[i].value);
	}
}

static void
test_settings(void)
{
	struct migrate_plan *plan =
	    migrate_plan_new(migrate_kind_find("spamassassin"), "/x", NULL);
	g_autofree char *none = migrate_settings(plan), *text = NULL;

	g_assert_null(none);
	g_ptr_array_add(plan->block, g_strdup("example.net"));
	g_ptr_array_add(plan->block, g_strdup("mallory@example.org"));
	text = migrate_settings(plan);
	g_assert_cmpstr(text, ==,
	    "# Lists of spamassassin.\nblock = {\n\t\"example.net\",\n"
	    "\t\"mallory@example.org\"\n}\n");
	migrate_plan_free(&plan);
	g_assert_null(plan);
	g_assert_null(migrate_kind_find("other"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/migrate/list-items", test_list_items);
	g_test_add_func("/migrate/split", test_split);
	g_test_add_func("/migrate/settings", test_settings);
	return g_test_run();
}
