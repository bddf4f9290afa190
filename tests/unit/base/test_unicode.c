/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/unicode.h"

#include <string.h>

#define BAD "\xef\xbf\xbd"

static void
test_repair(void)
{
	static const struct {
		const char *bytes;
		gssize length;
		const char *want;
	} cases[] = {
		{ "", -1, "" },
		{ "caf\xc3\xa9", -1, "caf\xc3\xa9" },
		{ "caf\xe9", -1, "caf" BAD },
		{ "\xff\xfe", -1, BAD BAD },
		{ "a\0b", 3, "ab" },
		{ "\0", 1, "" },
		{ "ab", 1, "a" },
		{ "\xc3", -1, BAD },
		{ "\xed\xa0\x80", -1, BAD BAD BAD },
		{ "\xf4\x90\x80\x80", -1, BAD BAD BAD BAD },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    unicode_repair(cases[i].bytes, cases[i].length);

		g_assert_cmpstr(text, ==, cases[i].want);
	}
}

static void
test_line(void)
{
	static const struct {
		const char *text;
		gsize max;
		const char *want;
	} cases[] = {
		{ "", 9, "" },
		{ "plain", 9, "plain" },
		{ "  two\t\r\n words  ", 99, "two words" },
		{ "a\x01\x7f"
		  "b",
		    9, "a b" },
		{ "a\xc2\xa0\xe3\x80\x80"
		  "b",
		    9, "a b" },
		{ "a\xc2\x85"
		  "b",
		    9, "a b" },
		{ "a\xe2\x80\xae"
		  "b\xe2\x81\xa9"
		  "c",
		    9, "a b c" },
		{ "caf\xc3\xa9", 9, "caf\xc3\xa9" },
		{ "caf\xc3\xa9", 4, "caf" },
		{ "caf\xc3\xa9", 5, "caf\xc3\xa9" },
		{ "plain", 0, "" },
		{ " \n ", 9, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *line =
		    unicode_line(cases[i].text, cases[i].max);

		g_test_message("%s", cases[i].text);
		g_assert_cmpstr(line, ==, cases[i].want);
	}
}

static void
test_cut(void)
{
	char text[] = "a\xf0\x9f\x98\x80z";
	static const gsize want[] = { 0, 1, 1, 1, 1, 5, 6, 6 };

	for (gsize max = G_N_ELEMENTS(want); max-- > 0;) {
		unicode_cut(text, max);
		g_assert_cmpuint(strlen(text), ==, want[max]);
	}
}

static void
test_forms(void)
{
	g_autofree char *composed = unicode_compose("e\xcc\x81");
	g_autofree char *folded = unicode_fold("STRA\xc3\x9f"
					       "E \xef\xbc\xa1");

	g_assert_cmpstr(composed, ==, "\xc3\xa9");
	g_assert_cmpstr(folded, ==, "strasse a");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/unicode/repair", test_repair);
	g_test_add_func("/unicode/line", test_line);
	g_test_add_func("/unicode/cut", test_cut);
	g_test_add_func("/unicode/forms", test_forms);
	return g_test_run();
}
