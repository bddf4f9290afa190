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
/* Of a character, by its first byte. */
#define MOST_BYTES 6

gsize
unicode_ascii_run(const char *bytes, gsize length)
{
	gsize run = 0;
	guint64 word;

	for (; run + sizeof(word) <= length; run += sizeof(word)) {
		memcpy(&word, bytes + run, sizeof(word));
		if ((word & G_GUINT64_CONSTANT(0x8080808080808080)) != 0)
			break;
	}
	while (run < length && (guint8)bytes[run] < 0x80)
		run++;
	return run;
}

static char *
copy_text(const char *bytes, gsize length)
{
	char *copy = g_malloc(length + 1);

	memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *
unicode_repair(const char *bytes, gssize length)
{
	const char *at = bytes;
	const char *end = bytes + (length < 0 ? (gssize)strlen(bytes) : length);
	GString *text;

	/* Most text, and quicker than validating it. */
	if (unicode_ascii_run(bytes, end - bytes) == (gsize)(end - bytes) &&
	    memchr(bytes, '\0', end - bytes) == NULL)
		return copy_text(bytes, end - bytes);
	text = g_string_sized_new(end - at + 16);
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
	/* Nothing becomes longer, and a character over `max` ends it. */
	char *line = g_malloc(MIN(strlen(text), max) + MOST_BYTES + 2),
	     *to = line;
	gboolean blank = FALSE;

	while (*text != '\0' && (gsize)(to - line) <= max) {
		gboolean ascii = (guint8)*text < 0x80;
		gsize length = ascii ? 1 : strnlen(text, MOST_BYTES);

		if (!ascii)
			length =
			    MIN(length, (gsize)(g_utf8_next_char(text) - text));

		if (ascii ? *text <= ' ' || *text == 0x7f : is_gap(text)) {
			blank = to > line;
		} else {
			if (blank)
				*to++ = ' ';
			blank = FALSE;
			for (gsize i = 0; i < length; i++)
				*to++ = text[i];
		}
		text += length;
	}
	*to = '\0';
	unicode_cut(line, max);
	return g_strchomp(line); /* cut at a blank */
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
