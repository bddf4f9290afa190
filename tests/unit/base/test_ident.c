/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/ident.h"

#include <string.h>

#define TEXT "000102030405060708090a0b0c0dfeff"

static void
test_text(void)
{
	struct ident ident = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	    0xfe, 0xff } };
	struct ident back;
	char text[IDENT_TEXT];

	ident_text(&ident, text);
	g_assert_cmpstr(text, ==, TEXT);
	g_assert_true(ident_parse(text, &back));
	g_assert_true(ident_equal(&ident, &back));
	back.bytes[15] ^= 1;
	g_assert_false(ident_equal(&ident, &back));
}

static void
test_strict(void)
{
	static const char *const bad[] = { "", "0", (TEXT "0"),
		"000102030405060708090a0b0c0dfef",
		"000102030405060708090A0B0C0DFEFF",
		"000102030405060708090a0b0c0dfe f",
		"000102030405060708090a0b0c0dfeg0",
		"0x0102030405060708090a0b0c0dfeff",
		"../02030405060708090a0b0c0dfeff.",
		"+00102030405060708090a0b0c0dfeff" };
	struct ident ident;

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_test_message("%s", bad[i]);
		g_assert_false(ident_parse(bad[i], &ident));
	}
}

static void
test_zero(void)
{
	struct ident ident = { { 0 } };

	g_assert_true(ident_is_zero(&ident));
	for (gsize i = 0; i < IDENT_BYTES; i++) {
		memset(&ident, 0, sizeof(ident));
		ident.bytes[i] = 0x80;
		g_assert_false(ident_is_zero(&ident));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/ident/text", test_text);
	g_test_add_func("/base/ident/strict", test_strict);
	g_test_add_func("/base/ident/zero", test_zero);
	return g_test_run();
}
