/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words, domains and forms: the stuff of most tokens.
 */
#include <string.h>

#include "classifier/features_private.h"

#define WORD_MOST 24 /* characters; longer ones are noise */

/* Scripts that are written without blanks: Han, kana, Hangul, Thai and
 * neighbours. */
static gboolean
is_dense(gunichar c)
{
	return (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x2e80 && c <= 0x9fff) ||
	       (c >= 0xac00 && c <= 0xd7af) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}

/* What each ASCII character is in a word: itself in lower case, or "." for no
 * part of one. */
static const char ascii_word[] = "................................"
				 ".!..$%.'.....-..0123456789......"
				 ".abcdefghijklmnopqrstuvwxyz....."
				 ".abcdefghijklmnopqrstuvwxyz.....";

static gboolean
is_word(gunichar c)
{
	return c < 0x80 ? ascii_word[c] != '.'
			: g_unichar_isalnum(c) || g_unichar_ismark(c) ||
			      g_unichar_type(c) == G_UNICODE_CURRENCY_SYMBOL;
}

/* One run of word characters, lower-cased, into `word`; *characters_r counts
 * them all. */
static const char *
read_word(const char *at, char *word, gsize *length_r, guint *characters_r)
{
	gsize length = 0;
	guint characters = 0;

	for (; *at != '\0'; characters++) {
		guchar byte = (guchar)*at;
		gunichar c;

		if (byte < 0x80) {
			if (ascii_word[byte] == '.')
				break;
			if (characters < WORD_MOST)
				word[length++] = ascii_word[byte];
			at++;
			continue;
		}
		c = g_utf8_get_char(at);
		if (is_dense(c) || !is_word(c))
			break;
		if (characters < WORD_MOST)
			length += g_unichar_to_utf8(
			    g_unichar_tolower(c), word + length);
		at = g_utf8_next_char(at);
	}
	*length_r = length;
	*characters_r = characters;
	return at;
}

/* A character of a script without blanks: by itself and with the one before. */
static void
add_dense(struct feature_sink *sink, const struct feature_kind *kind,
    const char *before, const char *at)
{
	const char *next = g_utf8_next_char(at);

	feature_add(sink, kind, at, next - at);
	if (before != NULL)
		feature_add(sink, kind, before, next - before);
}

void
feature_add_words(struct feature_sink *sink, const struct feature_kind *kind,
    const char *text, guint most)
{
	char word[WORD_MOST * 6];
	const char *before = NULL, *at = text;

	while (*at != '\0' && most > 0) {
		const char *begin = at;
		gsize length;
		guint characters;

		at = read_word(at, word, &length, &characters);
		if (characters > 1 && characters <= WORD_MOST) {
			feature_add(sink, kind, word, length);
			most--;
		}
		if (at > begin) {
			before = NULL;
		} else if ((guchar)*at >= 0x80 &&
			   is_dense(g_utf8_get_char(at))) {
			add_dense(sink, kind, before, at);
			before = at;
			at = g_utf8_next_char(at);
			most--;
		} else {
			before = NULL;
			at = g_utf8_next_char(at);
		}
	}
}

/* `domain` as `whole`, what is behind each of its dots as `rest`. */
static void
add_suffixes(struct feature_sink *sink, const struct feature_kind *whole,
    const struct feature_kind *rest, const char *domain, gsize length)
{
	char lower[128];
	gsize n = MIN(length, sizeof(lower));
	const char *at = lower, *end = lower + n;

	for (gsize i = 0; i < n; i++)
		lower[i] = g_ascii_isupper(domain[i]) ? (char)(domain[i] | 0x20)
						      : domain[i];
	for (guint labels = 0; at != NULL && labels < 6; labels++) {
		const char *dot = memchr(at, '.', end - at);

		/* The last label alone says little, but a country is one. */
		feature_add(sink, labels == 0 ? whole : rest, at, end - at);
		at = dot != NULL && dot + 1 < end ? dot + 1 : NULL;
	}
}

void
feature_add_domain(struct feature_sink *sink, const struct feature_kind *kind,
    const char *domain, gsize length)
{
	add_suffixes(sink, kind, kind, domain, length);
}

void
feature_add_version(struct feature_sink *sink, const struct feature_kind *kind,
    const char *version, gsize length)
{
	const struct feature_kind rest = { "form", kind->prefix, NULL };

	add_suffixes(sink, kind, &rest, version, length);
}

void
feature_add_shape(struct feature_sink *sink, const struct feature_kind *kind,
    const char *text, gsize length)
{
	char shape[48];
	gsize n = 0;

	for (gsize i = 0; i < length && n < sizeof(shape); i++) {
		char c = g_ascii_isupper(text[i])   ? 'A'
			 : g_ascii_islower(text[i]) ? 'a'
			 : g_ascii_isdigit(text[i]) ? '0'
						    : text[i];

		if (n >= 2 && shape[n - 1] == c && shape[n - 2] == c)
			continue;
		shape[n++] = c;
	}
	feature_add(sink, kind, shape, n);
}

void
feature_add_text(struct feature_sink *sink, const struct feature_kind *kind,
    const char *text)
{
	feature_add(sink, kind, text, strlen(text));
}

void
feature_add_number(
    struct feature_sink *sink, const struct feature_kind *kind, guint number)
{
	char text[10], *at = text + sizeof(text);

	do {
		*--at = '0' + number % 10;
		number /= 10;
	} while (number > 0);
	feature_add(sink, kind, at, text + sizeof(text) - at);
}

guint
feature_log2(gsize value)
{
	guint log2 = 0;

	while (value >> log2 > 0)
		log2++;
	return log2;
}
