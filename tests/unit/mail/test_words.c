/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/words.h"

#include <string.h>

#include "lib/mail/charset.h"

static const struct {
	const char *value, *want;
} cases[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "=?", "=?" },
	{ "?=", "?=" },
	{ "=?=?=", "=?=?=" },
	{ "=?utf-8?q?a?=", "a" },
	{ "=?utf-8?Q?a_b=20c?=", "a b c" },
	{ "=?utf-8?q?caf=c3=a9?=", "caf\xc3\xa9" },
	{ "=?utf-8?b?Y2Fmw6k=?=", "caf\xc3\xa9" },
	{ "=?utf-8?B?Y2Fmw6k?=", "caf\xc3\xa9" },
	{ "=?utf-8?B?Y2F mw 6k=?=", "caf\xc3\xa9" },
	{ "=?utf-8?B?Y2Fm==w6k=?=", "caf\xc3\xa9" },
	{ "=?utf-8?B?\?=", "" },
	{ "=?utf-8?q?\?=x", "x" },
	{ "=?utf-8?q?a?= =?utf-8?q?b?=", "ab" },
	{ "=?utf-8?q?a?=\r\n\t=?utf-8?q?b?=", "ab" },
	{ "=?utf-8?q?a?==?utf-8?q?b?=", "ab" },
	{ "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c" },
	{ "=?utf-8?q?a?=  plain", "a  plain" },
	/* A character cut between words, also of two encodings. */
	{ "=?utf-8?q?=c3?= =?utf-8?q?=a9?=", "\xc3\xa9" },
	{ "=?utf-8?q?=c3?= =?UTF-8?b?qQ==?=", "\xc3\xa9" },
	{ "=?utf-8?q?caf=c3=a9?= =?iso-8859-1?q?=e9?=", "caf\xc3\xa9\xc3\xa9" },
	{ "=?iso-2022-jp?B?GyRCJDMkcxsoQg==?= =?iso-2022-jp?B?GyRCJEsbKEI=?=",
	    "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab" },
	{ "=?utf-8*en-gb?q?a?=", "a" },
	{ "=?q?a?=", "=?q?a?=" },
	{ "=??q?a?=", "=??q?a?=" },
	{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
	{ "=?utf-8?q?a", "=?utf-8?q?a" },
	{ "=?utf-8?q?a?", "=?utf-8?q?a?" },
	{ "=?utf-8?q", "=?utf-8?q" },
	{ "=?utf-8", "=?utf-8" },
	{ "=?utf-8?q?=c?=", "=c" },
	{ "=?utf-8?q?=zz?=", "=zz" },
	{ "=?utf 8?q?a?=", "=?utf 8?q?a?=" },
	{ "=?utf-8?q?a?= =?broken =?utf-8?q?b?=", "a =?broken b" },
	{ "F\xc3\xbc =?utf-8?q?=c3=a9?=", "F\xc3\xbc \xc3\xa9" },
	{ "F\xfc =?utf-8?q?=c3=a9?=", "F\xc3\xbc \xc3\xa9" },
};

static void
test_decode(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    words_decode(cases[i].value, NULL, 1000);

		g_test_message("%s", cases[i].value);
		g_assert_cmpstr(text, ==, cases[i].want);
	}
}

/* Recoding changes how it is written and not what it says. */
static void
test_recode(void)
{
	g_autofree char *one = words_recode(
	    "=?gb2312?b?1uw=?= =?gb2312?b?6Ua7+Q==?= <a@example.com>", NULL,
	    1000);

	g_assert_cmpstr(one, ==, "=?utf-8?b?5pyx6ZWV5Z+6?= <a@example.com>");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *recoded =
		    words_recode(cases[i].value, NULL, 1000);
		g_autofree char *text = words_decode(recoded, NULL, 1000);

		g_test_message("%s", cases[i].value);
		g_assert_cmpstr(text, ==, cases[i].want);
	}
}

static void
test_hint(void)
{
	static const struct {
		const char *value, *hint, *want;
	} hints[] = {
		{ "\x83\x5c", "shift_jis", "\xe3\x82\xbd" },
		{ "\x83\x5c", NULL, "\xc6\x92\\" },
		{ "\xd6\xec", "gb2312", "\xe6\x9c\xb1" },
		/* Neither what it cannot be, nor what is UTF-8. */
		{ "caf\xe9", "shift_jis", "caf\xc3\xa9" },
		{ "caf\xe9", "utf-8", "caf\xc3\xa9" },
		{ "caf\xe9", "no-such", "caf\xc3\xa9" },
		{ "caf\xc3\xa9", "gb2312", "caf\xc3\xa9" },
		{ "=?utf-8?q?=c3=a9?= \xd6\xec", "gb2312",
		    "\xc3\xa9 \xe6\x9c\xb1" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(hints); i++) {
		g_autofree char *text =
		    words_decode(hints[i].value, hints[i].hint, 1000);

		g_assert_cmpstr(text, ==, hints[i].want);
	}
}

static void
test_plain(void)
{
	static const struct {
		const char *value;
		gboolean plain;
	} values[] = {
		{ "", TRUE },
		{ "Hello =?, = ?\r\n you", TRUE },
		{ "123456789 1234567890", TRUE },
		{ "123456789 12345678901", FALSE },
		{ "a?=", FALSE },
		{ "caf\xc3\xa9", FALSE },
		{ "\x1b$B$\"\x1b(B", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autofree char *text = words_decode(values[i].value, NULL, 20);
		g_autofree char *other =
		    words_recode(values[i].value, NULL, 20);

		g_assert_cmpint(
		    words_are_plain(values[i].value, 20), ==, values[i].plain);
		if (!values[i].plain)
			continue;
		g_assert_cmpstr(text, ==, values[i].value);
		g_assert_cmpstr(other, ==, values[i].value);
	}
}

static void
test_ceilings(void)
{
	static const char *const units[] = { "=?utf-8?q?a", "=?a?b?",
		"=?utf-8?q?a?= ", "=?", "?=", "=?utf-8?q?=c3?=" };
	gint64 start = g_get_monotonic_time();

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autoptr(GString) value = g_string_new(NULL);
		g_autofree char *text = NULL;

		while (value->len < 1 << 20)
			g_string_append(value, units[i]);
		text = words_decode(value->str, NULL, 65536);
		g_assert_cmpuint(strlen(text), <=, 65536);
		g_assert_true(g_utf8_validate(text, -1, NULL));
	}
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	charset_prepare();
	g_test_add_func("/words/decode", test_decode);
	g_test_add_func("/words/recode", test_recode);
	g_test_add_func("/words/hint", test_hint);
	g_test_add_func("/words/plain", test_plain);
	g_test_add_func("/words/ceilings", test_ceilings);
	return g_test_run();
}
