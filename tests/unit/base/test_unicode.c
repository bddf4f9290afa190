/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/unicode.h"

#include <string.h>

#define BAD "\xef\xbf\xbd"

static void
test_repair(void)
{
	static const struct {
		const char *name, *bytes;
		gssize length;
		const char *want;
	} cases[] = {
		{ "nothing", "", 0, "" },
		{ "ascii", "abc", -1, "abc" },
		{ "utf-8", "gr\xc3\xbc\xc3\x9f", -1, "grüß" },
		{ "only so many", "abcdef", 3, "abc" },
		{ "latin 1", "gr\xfc\xdf!", -1, "gr" BAD BAD "!" },
		{ "cut character", "a\xc3", -1, "a" BAD },
		{ "cut by length", "a\xc3\xbc", 2, "a" BAD },
		{ "NUL dropped", "a\0b\0\0c", 6, "abc" },
		{ "overlong slash", "\xc0\xaf", -1, BAD BAD },
		{ "surrogate", "\xed\xa0\x80", -1, BAD BAD BAD },
		{ "past the end", "\xf4\x90\x80\x80", -1, BAD BAD BAD BAD },
		{ "four bytes", "\xf0\x9f\x98\x80", -1, "😀" },
		{ "all bad", "\xff\xfe\x80", -1, BAD BAD BAD },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got =
		    unicode_repair(cases[i].bytes, cases[i].length);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(got, ==, cases[i].want);
		g_assert_true(g_utf8_validate(got, -1, NULL));
	}
}

static void
test_fold(void)
{
	/* Each row is one word to whoever compares. */
	static const char *const same[][4] = {
		{ "STRASSE", "straße", "Strasse", "ＳＴＲＡＳＳＥ" },
		{ "É", "é", "E\xcc\x81", "e\xcc\x81" },
		{ "ﬁre", "FIRE", "fire", "ＦＩＲＥ" },
		{ "Σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ", "σίσυφος" },
		{ "①", "1", "¹", "１" },
		{ "", "", "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
		g_autofree char *first = unicode_fold(same[i][0]);
		g_autofree char *again = unicode_fold(first);

		g_assert_cmpstr(first, ==, again);
		for (gsize j = 1; j < 4; j++) {
			g_autofree char *other = unicode_fold(same[i][j]);

			g_assert_cmpstr(first, ==, other);
		}
	}
}

static void
test_line(void)
{
	static const struct {
		const char *name, *text;
		gsize max;
		const char *want;
	} cases[] = {
		{ "nothing", "", 10, "" },
		{ "blanks only", " \t\r\n ", 10, "" },
		{ "trimmed", "  a  b\n\nc ", 10, "a b c" },
		{ "escape", "a\x1b[31mb", 20, "a [31mb" },
		{ "C1 control",
		    "a\xc2\x9b"
		    "b",
		    20, "a b" },
		{ "no-break space",
		    "a\xc2\xa0"
		    "b",
		    20, "a b" },
		{ "wide blank",
		    "a\xc2\xa0\xe3\x80\x80"
		    "b",
		    20, "a b" },
		{ "line separator",
		    "a\xe2\x80\xa8"
		    "b",
		    20, "a b" },
		{ "override",
		    "a\xe2\x80\xae"
		    "cod.exe",
		    20, "a cod.exe" },
		{ "isolate",
		    "a\xe2\x81\xa6"
		    "b\xe2\x81\xa9",
		    20, "a b" },
		{ "arabic mark",
		    "a\xd8\x9c"
		    "b",
		    20, "a b" },
		{ "cut", "abcdef", 3, "abc" },
		{ "cut at a character", "aüb", 2, "a" },
		{ "just fits", "aü", 3, "aü" },
		{ "cut at a blank", "ab cd", 3, "ab" },
		{ "no room", "abc", 0, "" },
		{ "cut behind a blank", "ab \xe4\xbd\xa0", 3, "ab" },
		{ "cut within, behind a blank", "ab \xf0\x9f\x98\x80", 4,
		    "ab" },
		{ "more blanks than room", "a           \n\n  b", 3, "a b" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got =
		    unicode_line(cases[i].text, cases[i].max);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(got, ==, cases[i].want);
	}
}

static void
test_cut(void)
{
	static const struct {
		const char *text;
		gsize max;
		const char *want;
	} cases[] = {
		{ "abc", 3, "abc" },
		{ "abc", 2, "ab" },
		{ "abc", 0, "" },
		{ "😀😀", 8, "😀😀" },
		{ "😀😀", 7, "😀" },
		{ "😀", 3, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup(cases[i].text);

		unicode_cut(text, cases[i].max);
		g_assert_cmpstr(text, ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/unicode/repair", test_repair);
	g_test_add_func("/base/unicode/fold", test_fold);
	g_test_add_func("/base/unicode/line", test_line);
	g_test_add_func("/base/unicode/cut", test_cut);
	return g_test_run();
}
