/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text as UTF-8.  libunistring for normal forms and case; GLib for validity.
 */
#include "lib/base/unicode.h"

#include <string.h>
#include <unicase.h>
#include <uninorm.h>

/* U+FFFD as UTF-8. */
#define REPLACEMENT "\xef\xbf\xbd"

char *
unicode_repair(const char *bytes, gssize length)
{
	const char *at = bytes;
	const char *end = bytes + (length < 0 ? (gssize)strlen(bytes) : length);
	GString *text = g_string_sized_new(end - at + 16);

	while (at < end) {
		const char *bad;

		g_utf8_validate(at, end - at, &bad);
		g_string_append_len(text, at, bad - at);
		if (bad == end)
			break;
		if (*bad != '\0')
			g_string_append(text, REPLACEMENT);
		at = bad + 1;
	}
	return g_string_free(text, FALSE);
}

char *
unicode_compose(const char *text)
{
	size_t length = 0;
	uint8_t *composed = u8_normalize(
	    UNINORM_NFC, (const uint8_t *)text, strlen(text), NULL, &length);
	char *result;

	if (composed == NULL)
		return g_strdup(text);
	result = g_strndup((const char *)composed, length);
	free(composed);
	return result;
}

char *
unicode_fold(const char *text)
{
	size_t length = 0;
	uint8_t *folded = u8_casefold((const uint8_t *)text, strlen(text), NULL,
	    UNINORM_NFKC, NULL, &length);
	char *result;

	if (folded == NULL)
		return g_utf8_casefold(text, -1);
	result = g_strndup((const char *)folded, length);
	free(folded);
	return result;
}

/* Characters that turn the direction of what follows, or show nothing. */
static gboolean
is_bidi(gunichar c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static gboolean
is_gap(const char *at)
{
	gunichar c = g_utf8_get_char(at);

	return g_unichar_iscntrl(c) || g_unichar_isspace(c) || is_bidi(c);
}

char *
unicode_line(const char *text, gsize max)
{
	GString *line = g_string_new(NULL);
	gboolean blank = FALSE;

	for (; *text != '\0' && line->len <= max;
	     text = g_utf8_next_char(text)) {
		gboolean ascii = (guint8)*text < 0x80;

		if (ascii ? *text <= ' ' || *text == 0x7f : is_gap(text)) {
			blank = line->len > 0;
			continue;
		}
		if (blank)
			g_string_append_c(line, ' ');
		blank = FALSE;
		if (ascii)
			g_string_append_c(line, *text);
		else
			g_string_append_len(
			    line, text, g_utf8_next_char(text) - text);
	}
	unicode_cut(line->str, max);
	g_strchomp(line->str); /* cut at a blank */
	return g_string_free(line, FALSE);
}

void
unicode_cut(char *text, gsize max)
{
	if (strlen(text) <= max)
		return;
	while (max > 0 && ((guint8)text[max] & 0xc0) == 0x80)
		max--;
	text[max] = '\0';
}
