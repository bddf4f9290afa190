/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/conf.h"

#include <string.h>

#include "lib/base/owned.h"

static const struct conf_option global_options[] = {
	{ "state-dir", CONF_PATH, NULL, .required = TRUE, .help = "State." },
	{ "readers", CONF_INTEGER, "2", 1, 64, .help = "Readers." },
	{ "margin", CONF_REAL, "-20", -100, 100, .help = "Margin." },
	{ "scan", CONF_FLAG, "no", .help = "Scan." },
	{ "size", CONF_SIZE, "25M", 1, 1 << 30, .help = "Size." },
	{ "window", CONF_DURATION, "6h", 0, 864000, .help = "Window." },
	{ "from", CONF_DATE, NULL, .help = "From." },
	{ "level", CONF_CHOICE, "info", .choices = "debug|info",
	    .help = "Level." },
	{ "networks", CONF_LIST, "", .help = "Networks." },
	{ NULL },
};
static const struct conf_option inbox_options[] = {
	{ "desk", CONF_STRING, "local", .help = "Desk." },
	{ "tag", CONF_PATTERN, NULL, .help = "Tag." },
	{ NULL },
};
static const struct conf_option *const global_tables[] = { global_options,
	NULL };
static const struct conf_option *const inbox_tables[] = { inbox_options, NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "Global.", global_tables },
	{ "inbox", "ADDRESS", "An inbox.", inbox_tables },
	{ NULL },
};

#define STATE "state-dir = \"/x\"\n"
#define DOUBLE_INBOX "inbox \"a\" { }\ninbox \"a\" { }\n"

static void
test_defaults(void)
{
	struct conf *conf OWNED(conf_free) = conf_parse("f", STATE, kinds);
	const struct conf_section *global = conf_global(conf);

	for (guint i = 0; i < conf_faults(conf); i++)
		g_test_message("%s", conf_fault(conf, i));
	g_assert_cmpuint(conf_faults(conf), ==, 0);
	g_assert_cmpstr(conf_string(global, "state-dir"), ==, "/x");
	g_assert_cmpint(conf_integer(global, "readers"), ==, 2);
	g_assert_cmpfloat(conf_real(global, "margin"), ==, -20);
	g_assert_false(conf_flag(global, "scan"));
	g_assert_cmpuint(conf_size(global, "size"), ==, 25 << 20);
	g_assert_cmpint(conf_duration(global, "window"), ==, 21600);
	g_assert_cmpint(conf_date(global, "from"), ==, 0);
	g_assert_cmpstr(conf_string(global, "level"), ==, "info");
	g_assert_null(conf_list(global, "networks")[0]);
	g_assert_false(conf_is_set(global, "readers"));
	g_assert_cmpuint(conf_count(conf, "inbox"), ==, 0);
}

static void
test_values(void)
{
	struct conf *conf OWNED(conf_free) = conf_parse("f",
	    STATE "readers = 7\nmargin = 1.5\nscan = yes\nsize = 2K\n"
		  "window = 10m\nfrom = 2027-01-31\nlevel = debug\n"
		  "networks = { \"10.0.0.0/8\", \"::1\" }\n"
		  "inbox \"support@example.com\" { tag = '\\[#(\\d+)\\]' }\n"
		  "inbox \"sales@example.com\" {\n desk = \"main\"\n}\n",
	    kinds);
	const struct conf_section *global = conf_global(conf), *inbox;

	for (guint i = 0; i < conf_faults(conf); i++)
		g_test_message("%s", conf_fault(conf, i));
	g_assert_cmpuint(conf_faults(conf), ==, 0);
	g_assert_cmpint(conf_integer(global, "readers"), ==, 7);
	g_assert_cmpfloat(conf_real(global, "margin"), ==, 1.5);
	g_assert_true(conf_flag(global, "scan"));
	g_assert_cmpuint(conf_size(global, "size"), ==, 2048);
	g_assert_cmpint(conf_duration(global, "window"), ==, 600);
	g_assert_cmpint(ABS(conf_date(global, "from") - 1801353600), <, 86400);
	g_assert_cmpstr(conf_list(global, "networks")[1], ==, "::1");
	g_assert_true(conf_is_set(global, "readers"));
	g_assert_cmpuint(conf_count(conf, "inbox"), ==, 2);
	inbox = conf_find(conf, "inbox", "SUPPORT@example.com");
	g_assert_nonnull(inbox);
	g_assert_cmpstr(conf_string(inbox, "tag"), ==, "\\[#(\\d+)\\]");
	g_assert_cmpstr(conf_string(inbox, "desk"), ==, "local");
	g_assert_cmpstr(
	    conf_title(conf_at(conf, "inbox", 1)), ==, "sales@example.com");
	g_assert_null(conf_find(conf, "inbox", "nobody@example.com"));
}

static const struct {
	const char *text;
	const char *want; /* every fault has to be among these, in this order */
} fault_cases[] = {
	{ "", "f:1: state-dir must be set" },
	{ STATE "reader = 3\n", "f:2: there is no setting \"reader\" here; did "
				"you mean \"readers\"?" },
	{ STATE "qqqqqqqqqq = 3\n",
	    "f:2: there is no setting \"qqqqqqqqqq\" here" },
	{ STATE "readers = 65\n",
	    "f:2: readers = \"65\" is not allowed; it is a "
	    "whole number from 1 to 64" },
	{ STATE "readers = 1.5\n",
	    "f:2: readers = \"1.5\" is not allowed; it is a "
	    "whole number from 1 to 64" },
	{ STATE "readers = many\n",
	    "f:2: readers = \"many\" is not allowed; it is a "
	    "whole number from 1 to 64" },
	{ STATE "scan = maybe\n",
	    "f:2: scan = \"maybe\" is not allowed; it is yes or no" },
	{ STATE "size = 2X\n",
	    "f:2: size = \"2X\" is not allowed; it is a size "
	    "from 1 to 1G (units K, M, G, T)" },
	{ STATE "from = 2027-02-29\n",
	    "f:2: from = \"2027-02-29\" is not allowed; it is a day: "
	    "2027-01-31" },
	{ STATE "window = 11d\n",
	    "f:2: window = \"11d\" is not allowed; it is a "
	    "time from 0s to 10d (units s, m, h, d)" },
	{ STATE "level = loud\n",
	    "f:2: level = \"loud\" is not allowed; it is one "
	    "of: debug, info" },
	{ "state-dir = \"x\"\n",
	    "f:1: state-dir = \"x\" is not allowed; it is an "
	    "absolute path" },
	{ STATE "\nreaders = 1\nreaders = 2\n",
	    "f:4: readers was set before, at f:3" },
	{ STATE "inbox \"a@example.com\" {\n\n tag = \"x\"\n}\n",
	    "f:4: tag: write the pattern in 'single quotes' (in double quotes "
	    "backslashes are lost)" },
	{ STATE
	    "nome = 1\nreaders = 0\ninbox \"a@example.com\" { dask = \"x\" }\n",
	    "f:2: there is no setting \"nome\" here|"
	    "f:4: there is no setting \"dask\" here; did you mean \"desk\"?|"
	    "f:3: readers = \"0\" is not allowed; it is a whole number from 1 "
	    "to 64" },
};

static void
test_faults(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fault_cases); i++) {
		struct conf *conf OWNED(conf_free) =
		    conf_parse("f", fault_cases[i].text, kinds);
		g_autoptr(GString) all = g_string_new(NULL);

		for (guint n = 0; n < conf_faults(conf); n++)
			g_string_append_printf(
			    all, "%s%s", n > 0 ? "|" : "", conf_fault(conf, n));
		g_assert_cmpstr(all->str, ==, fault_cases[i].want);
	}
}

static void
test_hostile(void)
{
	static const char *const texts[] = { "{", "}", "\"", "'", "inbox",
		"inbox {", "inbox \"", "= = =", "/*", "a = {",
		"state-dir = \"/x", "\\", "inbox \"a\" { inbox \"b\" { } }",
		(STATE DOUBLE_INBOX) };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct conf *conf OWNED(conf_free) =
		    conf_parse("f", texts[i], kinds);

		g_test_message("%s", texts[i]);
		g_assert_cmpuint(conf_faults(conf), >, 0);
		g_assert_nonnull(conf_global(conf));
	}
}

static void
test_sample(void)
{
	g_autofree char *sample = conf_sample(kinds);
	g_autofree char *text = g_strconcat(STATE, sample, NULL);
	struct conf *conf OWNED(conf_free) = conf_parse("f", text, kinds);

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	g_assert_nonnull(strstr(sample, "#readers = 2\n"));
	g_assert_nonnull(strstr(sample, "#inbox \"ADDRESS\" {"));
}

static void
test_added(void)
{
	struct conf *conf OWNED(conf_free) =
	    conf_parse("f", STATE "\nreaders = 3\n", kinds);

	conf_add_fault(conf, conf_global(conf), "readers", "too %s", "few");
	g_assert_cmpuint(conf_faults(conf), ==, 1);
	g_assert_cmpstr(conf_fault(conf, 0), ==, "f:3: too few");
}

/* A stray word in front of a section does not hide the lines within it. */
static void
test_stray(void)
{
	struct conf *conf OWNED(conf_free) = conf_parse("f",
	    STATE "window = 10 parsecs\ninbox \"a@example.com\" {\n\tdesk = 7\n"
		  "\ttag = \"x\"\n}\nparsecs readers = 900\n",
	    kinds);
	gboolean tag = FALSE, readers = FALSE;

	for (guint i = 0; i < conf_faults(conf); i++) {
		g_test_message("%s", conf_fault(conf, i));
		tag |= g_str_has_prefix(conf_fault(conf, i), "f:5: ");
		readers |= g_str_has_prefix(conf_fault(conf, i), "f:7: ");
		g_assert_false(g_str_has_prefix(conf_fault(conf, i), "f:1: "));
	}
	g_assert_true(tag);
	g_assert_true(readers);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/conf/defaults", test_defaults);
	g_test_add_func("/base/conf/values", test_values);
	g_test_add_func("/base/conf/faults", test_faults);
	g_test_add_func("/base/conf/hostile", test_hostile);
	g_test_add_func("/base/conf/sample", test_sample);
	g_test_add_func("/base/conf/added", test_added);
	g_test_add_func("/base/conf/stray", test_stray);
	return g_test_run();
}
