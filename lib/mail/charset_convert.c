/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One charset to UTF-8, by iconv.
 */
#include "lib/mail/charset_convert.h"

#include <errno.h>
#include <string.h>

#include "lib/base/unicode.h"

#define REPLACEMENT "\xef\xbf\xbd"
/* Bytes of ASCII that are worth a call less. */
#define RUN_LEAST 32

struct conversion {
	GIConv converter;
	gchar *at; /* what is left to be read */
	gsize left;
	GString *text;
	gsize max; /* bytes of it */
	gboolean odd;
};

/* Converts `length` of what is left, with U+FFFD for what cannot be. */
static void
convert_run(struct conversion *conversion, gsize length)
{
	GString *text = conversion->text;
	gsize left = length;

	while (left > 0 && text->len < conversion->max) {
		gchar buffer[4096], *out = buffer;
		gsize room = sizeof(buffer);
		gsize done = g_iconv(
		    conversion->converter, &conversion->at, &left, &out, &room);

		g_string_append_len(text, buffer, out - buffer);
		if (done != (gsize)-1 || errno == E2BIG)
			continue;
		conversion->odd = TRUE;
		g_string_append(text, REPLACEMENT);
		conversion->at++;
		left--;
	}
	conversion->left -= length;
}

/* A letter that waits for an accent to follow it is given out now. */
static void
flush(struct conversion *conversion)
{
	gchar buffer[64], *out = buffer;
	gsize room = sizeof(buffer);

	(void)g_iconv(conversion->converter, NULL, NULL, &out, &room);
	g_string_append_len(conversion->text, buffer, out - buffer);
}

/* Charsets in which each byte is a character, and those of ASCII are ASCII.  In
 * the Hebrew and the Vietnamese one of Windows a byte may be an accent of the
 * letter before it. */
static gboolean
extends_ascii(const char *charset)
{
	if (strcmp(charset, "WINDOWS-1255") == 0 ||
	    strcmp(charset, "WINDOWS-1258") == 0)
		return FALSE;
	return g_str_has_prefix(charset, "WINDOWS-") ||
	       g_str_has_prefix(charset, "ISO-8859") ||
	       g_str_has_prefix(charset, "KOI8");
}

/* Long runs of ASCII are copied: most text is ASCII, and converting it costs
 * more than reading a whole message. */
static void
convert_between(struct conversion *conversion)
{
	while (
	    conversion->left > 0 && conversion->text->len < conversion->max) {
		gsize run = unicode_ascii_run(conversion->at, conversion->left);
		gsize other = 0;

		g_string_append_len(conversion->text, conversion->at, run);
		conversion->at += run;
		conversion->left -= run;
		run = 0;
		/* Up to the next long run. */
		do {
			other += run;
			while (other < conversion->left &&
			       (guint8)conversion->at[other] >= 0x80)
				other++;
			run = unicode_ascii_run(conversion->at + other,
			    MIN(conversion->left - other, RUN_LEAST));
		} while (run > 0 && run < RUN_LEAST);
		convert_run(conversion, other);
	}
}

GString *
charset_convert(const char *charset, const char *bytes, gsize length, gsize max,
    gboolean *odd_r)
{
	struct conversion conversion = {
		.converter = g_iconv_open("UTF-8", charset),
		.at = (gchar *)bytes,
		.left = length,
		.max = max,
	};

	if (conversion.converter == (GIConv)-1)
		return NULL;
	conversion.text = g_string_sized_new(MIN(length * 2, max) + 16);
	if (extends_ascii(charset))
		convert_between(&conversion);
	else
		convert_run(&conversion, length);
	flush(&conversion);
	g_iconv_close(conversion.converter);
	*odd_r = *odd_r || conversion.odd;
	return conversion.text;
}
