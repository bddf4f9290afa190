/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/charset.h"

#include <string.h>

#define BAD "\xef\xbf\xbd"

static const struct {
	const char *declared;
	const char *bytes;
	const char *want;
	gboolean odd;
} cases[] = {
	/* ASCII is ASCII in all but the charsets with escapes. */
	{ NULL, "plain", "plain", FALSE },
	{ "utf-8", "", "", FALSE },
	{ "x-no-such", "plain", "plain", FALSE },
	{ "x-no-such", "caf\xc3\xa9", "caf\xc3\xa9", TRUE },
	{ "x-no-such", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ NULL, "caf\xc3\xa9", "caf\xc3\xa9", FALSE },
	{ NULL, "caf\xe9", "caf\xc3\xa9", TRUE },
	{ "UTF-8", "caf\xc3\xa9", "caf\xc3\xa9", FALSE },
	{ "utf8", "caf\xc3\xa9", "caf\xc3\xa9", FALSE },
	{ "\"utf-8\"", "caf\xc3\xa9", "caf\xc3\xa9", FALSE },
	{ " utf-8 ", "caf\xc3\xa9", "caf\xc3\xa9", FALSE },
	{ "utf-8", "caf\xe9 ol\xe9", "caf\xc3\xa9 ol\xc3\xa9", TRUE },
	{ "utf-8", "\xc3\xa9\xc3\xa8 caf\xe9", "\xc3\xa9\xc3\xa8 caf" BAD,
	    TRUE },
	{ "utf-8", "\xef\xbb\xbfx", "x", FALSE },
	{ "iso-8859-1", "\xef\xbb\xbf\xc3\xa9", "\xc3\xa9", FALSE },
	/* Latin-1 and its names, which all mean windows-1252. */
	{ "iso-8859-1", "caf\xe9", "caf\xc3\xa9", FALSE },
	{ "ISO_8859-1:1987", "caf\xe9", "caf\xc3\xa9", FALSE },
	{ "iso8859-1", "caf\xe9", "caf\xc3\xa9", FALSE },
	{ "latin1", "caf\xe9", "caf\xc3\xa9", FALSE },
	{ "us-ascii", "caf\xe9", "caf\xc3\xa9", FALSE },
	{ "ANSI_X3.4-1968", "caf\xe9", "caf\xc3\xa9", FALSE },
	{ "windows-1252", "\x80", "\xe2\x82\xac", FALSE },
	{ "iso-8859-1", "\x80", "\xe2\x82\xac", FALSE },
	{ "cp1252", "\x80", "\xe2\x82\xac", FALSE },
	{ "cp-1252", "\x80", "\xe2\x82\xac", FALSE },
	{ "x-cp1252", "\x80", "\xe2\x82\xac", FALSE },
	{ "unknown-8bit", "\x80", "\xe2\x82\xac", FALSE },
	{ "x-unknown", "\x80", "\xe2\x82\xac", FALSE },
	{ "iso-8859-1", "caf\xc3\xa9", "caf\xc3\xa9", TRUE },
	{ "windows-1252", "\x81x", BAD "x", TRUE },
	/* Others of one byte. */
	{ "iso-8859-2", "\xb1", "\xc4\x85", FALSE },
	{ "latin2", "\xb1", "\xc4\x85", FALSE },
	{ "iso-8859-5", "\xbf\xe0", "\xd0\x9f\xd1\x80", FALSE },
	{ "iso-8859-7", "\xe1", "\xce\xb1", FALSE },
	{ "iso-8859-8-i", "\xe0", "\xd7\x90", FALSE },
	{ "iso-8859-8-e", "\xe0", "\xd7\x90", FALSE },
	{ "iso-8859-9", "\xfd\x80", "\xc4\xb1\xe2\x82\xac", FALSE },
	{ "iso-8859-11", "\xa1", "\xe0\xb8\x81", FALSE },
	{ "tis-620", "\xa1", "\xe0\xb8\x81", FALSE },
	{ "iso-8859-15", "\xa4", "\xe2\x82\xac", FALSE },
	{ "latin9", "\xa4", "\xe2\x82\xac", FALSE },
	{ "iso-8859-12", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ "iso-8859-99", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ "windows-1250", "\xb9", "\xc4\x85", FALSE },
	{ "windows-1251", "\xcf\xf0", "\xd0\x9f\xd1\x80", FALSE },
	{ "win1251", "\xcf\xf0", "\xd0\x9f\xd1\x80", FALSE },
	{ "windows-1256", "\xc7", "\xd8\xa7", FALSE },
	{ "windows-874", "\xa1", "\xe0\xb8\x81", FALSE },
	{ "koi8-r", "\xf0\xd2", "\xd0\x9f\xd1\x80", FALSE },
	/* Accents that are one character with the letter before. */
	{ "windows-1258", "a long line of letters that goes on, then e\xcc.",
	    "a long line of letters that goes on, then \xc3\xa8.", FALSE },
	/* The last letter waits for an accent that does not come. */
	{ "windows-1258", "\xe0 12.38.jpg", "\xc3\xa0 12.38.jpg", FALSE },
	{ "windows-1255", "\xf9", "\xd7\xa9", FALSE },
	/* What is copied and what is converted, in turns. */
	{ "koi8-r", "\xf0 twenty letters and twenty more \xd2\xf0 ok \xd2",
	    "\xd0\x9f twenty letters and twenty more \xd1\x80\xd0\x9f ok "
	    "\xd1\x80",
	    FALSE },
	{ "koi8-r", "a line of ASCII of more than thirty-two bytes\xd2",
	    "a line of ASCII of more than thirty-two bytes\xd1\x80", FALSE },
	{ "koi8-r",
	    "\xd2"
	    "a line of ASCII of more than thirty-two bytes",
	    "\xd1\x80"
	    "a line of ASCII of more than thirty-two bytes",
	    FALSE },
	{ "koi8-u", "\xa4", "\xd1\x94", FALSE },
	{ "cskoi8r", "\xf0\xd2", "\xd0\x9f\xd1\x80", FALSE },
	{ "ibm850", "\x81", "\xc3\xbc", FALSE },
	{ "cp437", "\x81", "\xc3\xbc", FALSE },
	{ "ibm866", "\x8f\xe0", "\xd0\x9f\xd1\x80", FALSE },
	{ "macintosh", "\x8e", "\xc3\xa9", FALSE },
	{ "windows-1251", "\xd0\x9f\xd1\x80", "\xd0\x9f\xd1\x80", TRUE },
	/* Chinese. */
	{ "gb2312", "\xd6\xec\xe9\x46\xbb\xf9",
	    "\xe6\x9c\xb1\xe9\x95\x95\xe5\x9f\xba", FALSE },
	{ "GB_2312-80", "\xd6\xec", "\xe6\x9c\xb1", FALSE },
	{ "gbk", "\xe9\x46", "\xe9\x95\x95", FALSE },
	{ "x-gbk", "\xe9\x46", "\xe9\x95\x95", FALSE },
	{ "cp936", "\xe9\x46", "\xe9\x95\x95", FALSE },
	{ "gb18030", "\x95\x32\x82\x36", "\xf0\xa0\x80\x80", FALSE },
	{ "gb2312", "\xe6\x9c\xb1\xe9\x95\x95\xe5\x9f\xba\xef\xbc\x81", NULL,
	    FALSE },
	{ "big5", "\xa4\xa4\xa4\xe5", "\xe4\xb8\xad\xe6\x96\x87", FALSE },
	{ "cp950", "\xa4\xa4", "\xe4\xb8\xad", FALSE },
	/* Korean. */
	{ "ks_c_5601-1987", "\x8c\x63\xb0\xa2", "\xeb\x98\xa0\xea\xb0\x81",
	    FALSE },
	{ "ks_c_5601", "\xb0\xa2", "\xea\xb0\x81", FALSE },
	{ "euc-kr", "\x8c\x63", "\xeb\x98\xa0", FALSE },
	{ "cp949", "\x8c\x63", "\xeb\x98\xa0", FALSE },
	/* Japanese. */
	{ "shift_jis", "\x83\x5c\x87\x40", "\xe3\x82\xbd\xe2\x91\xa0", FALSE },
	{ "x-sjis", "\x83\x5c", "\xe3\x82\xbd", FALSE },
	{ "cp932", "\x83\x5c", "\xe3\x82\xbd", FALSE },
	{ "windows-31j", "\x83\x5c", "\xe3\x82\xbd", FALSE },
	{ "euc-jp", "\xa5\xbd\xad\xa1", "\xe3\x82\xbd\xe2\x91\xa0", FALSE },
	{ "iso-2022-jp", "\x1b$B%=\x1b(Bx", "\xe3\x82\xbdx", FALSE },
	{ "csISO2022JP", "\x1b$B%=\x1b(Bx", "\xe3\x82\xbdx", FALSE },
	{ "iso-2022-jp", "\x1b$B-!\x1b(Bx", "\xe2\x91\xa0x", TRUE },
	{ "us-ascii", "\x1b$B%=\x1b(Bx", "\xe3\x82\xbdx", TRUE },
	{ NULL, "\x1b[1mbold", "\x1b[1mbold", FALSE },
	{ "iso-2022-jp", "caf\xc3\xa9", "caf\xc3\xa9", TRUE },
	/* Unicode by other ways. */
	{ "utf-7", "Hi +AOQ-!", "Hi \xc3\xa4!", FALSE },
	{ "unicode-1-1-utf-7", "+AOQ-", "\xc3\xa4", FALSE },
	/* Nonsense that must not reach iconv. */
	{ "utf-8//TRANSLIT", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ "", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ ":::", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ "../../etc/passwd", "caf\xe9", "caf\xc3\xa9", TRUE },
	{ "cp99999999999999999999", "caf\xe9", "caf\xc3\xa9", TRUE },
};

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gboolean odd = FALSE;
		g_autofree char *text = charset_to_utf8(cases[i].bytes,
		    strlen(cases[i].bytes), cases[i].declared, 1000, &odd);

		g_test_message("%" G_GSIZE_FORMAT " %s", i, cases[i].declared);
		g_assert_true(g_utf8_validate(text, -1, NULL));
		if (cases[i].want == NULL)
			continue;
		g_assert_cmpstr(text, ==, cases[i].want);
		g_assert_cmpint(odd, ==, cases[i].odd);
	}
}

static void
test_wide(void)
{
	static const struct {
		const char *declared, *bytes;
		gsize length;
		const char *want;
	} wide[] = {
		{ "utf-16", "\xff\xfeG\0\xfc\0", 6, "G\xc3\xbc" },
		{ "utf-16", "\xfe\xff\0G\0\xfc", 6, "G\xc3\xbc" },
		{ "utf-16le", "G\0\xfc\0", 4, "G\xc3\xbc" },
		{ "utf-16be", "\0G\0\xfc", 4, "G\xc3\xbc" },
		{ "utf-16le", "G\0\xfc", 3, "G" BAD },
		{ "utf-8", "a\0b", 3, "ab" },
		{ NULL, "a\0\xe9", 3, "a\xc3\xa9" },
		{ "iso-2022-jp", "a\xff", 2, "a" BAD },
		{ "gb18030", "a\x81", 2, "a" BAD },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(wide); i++) {
		gboolean odd = FALSE;
		g_autofree char *text = charset_to_utf8(wide[i].bytes,
		    wide[i].length, wide[i].declared, 1000, &odd);

		g_test_message("%s", wide[i].declared);
		g_assert_cmpstr(text, ==, wide[i].want);
	}
}

/* One bad byte costs one character, wherever it stands. */
static void
test_bad_byte(void)
{
	static const char *const charsets[] = { "utf-8", "gb2312", "big5",
		"euc-kr", "x-sjis", "euc-jp", "iso-2022-jp", "utf-7",
		"iso-2022-kr", "windows-1252", "koi8-r", NULL };

	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		gboolean odd = FALSE;
		g_autofree char *text = charset_to_utf8(
		    "before \xff\x81 after", 15, charsets[i], 1000, &odd);

		g_test_message("%s", charsets[i]);
		g_assert_true(g_str_has_prefix(text, "before "));
		g_assert_true(g_str_has_suffix(text, "after"));
	}
}

static void
test_most(void)
{
	static const char *const charsets[] = { NULL, "utf-8", "iso-8859-1",
		"koi8-r", "utf-16le", "iso-2022-jp" };
	g_autofree char *bytes = g_malloc(100000);

	for (gsize i = 0; i < 100000; i += 2) {
		bytes[i] = '\xc3';
		bytes[i + 1] = '\xa9';
	}
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		for (gsize max = 0; max < 8; max++) {
			gboolean odd = FALSE;
			g_autofree char *text = charset_to_utf8(
			    bytes, 100000, charsets[i], max, &odd);

			g_assert_cmpuint(strlen(text), <=, max);
			g_assert_true(g_utf8_validate(text, -1, NULL));
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	charset_prepare();
	g_test_add_func("/charset/cases", test_cases);
	g_test_add_func("/charset/wide", test_wide);
	g_test_add_func("/charset/bad-byte", test_bad_byte);
	g_test_add_func("/charset/most", test_most);
	return g_test_run();
}
