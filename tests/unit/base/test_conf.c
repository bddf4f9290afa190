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
	{ STATE "inbox \"a@example.com\" { }\ninbox \"A@example.com\" { }\n",
	    "f:3: inbox \"A@example.com\" is there already, at f:2: capitals "
	    "make no other" },
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

static const char manual[] =
    ".Ss Settings outside of sections\n"
    "All.\n"
    ".Bl -tag -width Ds\n"
    ".It Ic \"\\&odd\\-one\" No = Ar pattern\n"
    "\\&.dot and \\&'quote first.\n"
    "Then \\ed, a\\-b (so.)\n"
    "End?\n"
    "No\n"
    "It is a regular expression in \\&'single quotes'.\n"
    "The default is\n"
    ".Ql \"\\&\\&'\\ed \"\"x\"\"'\" .\n"
    ".It Ic \"\\&many\" No = Ar list\n"
    "Many.\n"
    "It is a list: { \"a\", \"b\" }.\n"
    "It is empty by default.\n"
    ".It Ic \"\\&said\" No = Ar text\n"
    "Said.\n"
    "The default is\n"
    ".Ql \"\\&No. Yes.\\&\" .\n"
    ".It Ic \"\\&none\" No = Ar day\n"
    "None.\n"
    "It is a day: 2027\\-01\\-31.\n"
    "It is not set by default.\n"
    ".It Ic \"\\&must\" No = Ar word\n"
    "Must.\n"
    "It is one of: a, b.\n"
    "It must be set.\n"
    ".El\n"
    ".Ss Settings of an inbox\n"
    "An inbox.\n"
    "It is written\n"
    ".Ql \"\\&inbox \"\"a@example.com\"\" { ... }\" .\n"
    ".Bl -tag -width Ds\n"
    ".It Ic \"\\&desk\" No = Ar text\n"
    "Desk.\n"
    "The default is\n"
    ".Ql \"\\&local\" .\n"
    ".It Ic \"\\&tag\" No = Ar pattern\n"
    "Tag.\n"
    "It is a regular expression in \\&'single quotes'.\n"
    "It is not set by default.\n"
    ".El\n";

/* What a table says in plain text is marked for mdoc(7): no line begins with
 * what is no macro, each sentence has a line, dashes and backslashes stay what
 * they are. */
static void
test_manual(void)
{
	static const struct conf_option odd[] = {
		{ "odd-one", CONF_PATTERN, "'\\d \"x\"'",
		    .help = ".dot and 'quote first. Then \\d, a-b (so.) End? "
			    "No" },
		{ "many", CONF_LIST, "", .help = "Many." },
		{ "said", CONF_STRING, "No. Yes.", .help = "Said." },
		{ "none", CONF_DATE, NULL, .help = "None." },
		{ "must", CONF_CHOICE, NULL, .choices = "a|b", .required = TRUE,
		    .help = "Must." },
		{ NULL },
	};
	static const struct conf_option *const tables[] = { odd, NULL };
	static const struct conf_kind own[] = {
		{ "", NULL, "All.", tables },
		{ "inbox", "a@example.com", "An inbox.", inbox_tables },
		{ NULL },
	};
	g_autofree char *page = conf_manual(own);

	g_assert_cmpstr(page, ==, manual);
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

/* What a setting was called in the version before. */
static const struct conf_option renamed_options[] = {
	{ "path", CONF_PATH, "/p", .help = "Path.", .was = "folder" },
	{ "nets", CONF_LIST, "", .help = "Nets.", .was = "networks" },
	{ NULL },
};
static const struct conf_option renamed_inbox[] = {
	{ "to", CONF_STRING, NULL, .help = "To.", .was = "desk" },
	{ NULL },
};
static const struct conf_option *const renamed_tables[] = { renamed_options,
	NULL };
static const struct conf_option *const renamed_inboxes[] = { renamed_inbox,
	NULL };
static const struct conf_kind renamed[] = {
	{ "", NULL, "Global.", renamed_tables },
	{ "inbox", "ADDRESS", "An inbox.", renamed_inboxes },
	{ NULL },
};

static void
test_renamed(void)
{
	static const struct {
		const char *text, *warning, *fault; /* parts, or NULL */
		const char *path;
	} cases[] = {
		{ "", NULL, NULL, "/p" },
		{ "path = /a\n", NULL, NULL, "/a" },
		{ "\nfolder = /a\n", "f:2: folder is called path now", NULL,
		    "/a" },
		{ "folder = a\n", "f:1: ", "f:1: path = \"a\"", NULL },
		{ "path = /a\nfolder = /b\n", NULL,
		    "f:2: folder is called path now, which is set too", "/a" },
		{ "folder = /a\nfolder = /b\n",
		    "f:1: ", "f:2: folder was set before", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct conf *conf OWNED(conf_free) =
		    conf_parse("f", cases[i].text, renamed);
		const char *fault =
		    conf_faults(conf) > 0 ? conf_fault(conf, 0) : "";
		const char *warning =
		    conf_warnings(conf) > 0 ? conf_warning(conf, 0) : "";

		g_test_message("%s: %s%s", cases[i].text, fault, warning);
		g_assert_cmpuint(conf_faults(conf), ==, cases[i].fault != NULL);
		g_assert_cmpuint(
		    conf_warnings(conf), ==, cases[i].warning != NULL);
		g_assert_true(g_str_has_prefix(
		    fault, cases[i].fault != NULL ? cases[i].fault : ""));
		g_assert_true(g_str_has_prefix(
		    warning, cases[i].warning != NULL ? cases[i].warning : ""));
		if (cases[i].path != NULL)
			g_assert_cmpstr(conf_string(conf_global(conf), "path"),
			    ==, cases[i].path);
	}
}

static void
test_renamed_elsewhere(void)
{
	struct conf *conf OWNED(conf_free) = conf_parse("f",
	    "networks = { \"a\", \"b\" }\n"
	    "inbox \"one\" { desk = \"x\" }\n"
	    "inbox \"two\" { to = \"y\" }\n",
	    renamed);
	const struct conf_section *global = conf_global(conf);

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	g_assert_cmpuint(conf_warnings(conf), ==, 2);
	g_assert_cmpstr(conf_list(global, "nets")[1], ==, "b");
	g_assert_true(conf_is_set(global, "nets"));
	g_assert_cmpstr(conf_string(conf_at(conf, "inbox", 0), "to"), ==, "x");
	g_assert_cmpstr(conf_string(conf_at(conf, "inbox", 1), "to"), ==, "y");
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
	g_test_add_func("/base/conf/manual", test_manual);
	g_test_add_func("/base/conf/added", test_added);
	g_test_add_func("/base/conf/stray", test_stray);
	g_test_add_func("/base/conf/renamed", test_renamed);
	g_test_add_func("/base/conf/renamed elsewhere", test_renamed_elsewhere);
	return g_test_run();
}
