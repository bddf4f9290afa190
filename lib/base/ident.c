/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Identities as text.  Strict, since the text comes from file names and people.
 */
#include "lib/base/ident.h"

#include <string.h>

void
ident_text(const struct ident *ident, char text_r[IDENT_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (gsize i = 0; i < IDENT_BYTES; i++) {
		text_r[2 * i] = digits[ident->bytes[i] >> 4];
		text_r[2 * i + 1] = digits[ident->bytes[i] & 15];
	}
	text_r[IDENT_TEXT - 1] = '\0';
}

/* The value of one lower-case hex digit, or -1. */
static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

gboolean
ident_parse(const char *text, struct ident *ident_r)
{
	if (strlen(text) != IDENT_TEXT - 1)
		return FALSE;
	for (gsize i = 0; i < IDENT_BYTES; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return FALSE;
		ident_r->bytes[i] = high << 4 | low;
	}
	return TRUE;
}

gboolean
ident_equal(const struct ident *a, const struct ident *b)
{
	return memcmp(a->bytes, b->bytes, IDENT_BYTES) == 0;
}

gboolean
ident_is_zero(const struct ident *ident)
{
	static const struct ident zero;

	return ident_equal(ident, &zero);
}
