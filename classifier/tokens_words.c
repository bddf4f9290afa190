/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words and domains, the stuff of most tokens.
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

static gboolean
is_word(gunichar c)
{
	return c < 0x80 ? g_ascii_isalnum(c) || c == '\'' || c == '-' ||
			      c == '$' || c == '!' || c == '%'
			: g_unichar_isalnum(c) || g_unichar_ismark(c) ||
			      g_unichar_type(c) == G_UNICODE_CURRENCY_SYMBOL;
}

/* One run of word characters, lower-cased. */
static const char *
read_word(const char *at, GString *word, guint *characters_r)
{
	g_string_truncate(word, 0);
	*characters_r = 0;
	for (; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!is_word(c) || is_dense(c))
			break;
		if (*characters_r <= WORD_MOST)
			g_string_append_unichar(word, g_unichar_tolower(c));
		(*characters_r)++;
	}
	return at;
}

void
feature_add_words(struct feature_sink *sink, const char *part,
    const char *prefix, const char *text, guint most)
{
	g_autoptr(GString) word = g_string_sized_new(64);
	const char *before = NULL, *at = text;

	while (*at != '\0' && most > 0) {
		gunichar c = g_utf8_get_char(at);
		const char *next = g_utf8_next_char(at);
		guint characters;

		if (is_dense(c)) {
			feature_add(sink, part, prefix, at, next - at);
			if (before != NULL)
				feature_add(
				    sink, part, prefix, before, next - before);
			before = at;
			most--;
		} else {
			before = NULL;
			if (is_word(c)) {
				next = read_word(at, word, &characters);
				if (characters > 1 && characters <= WORD_MOST) {
					feature_add(sink, part, prefix,
					    word->str, word->len);
					most--;
				}
			}
		}
		at = next;
	}
}

void
feature_add_domain(struct feature_sink *sink, const char *part,
    const char *prefix, const char *domain, gsize length)
{
	char lower[128];
	gsize n = MIN(length, sizeof(lower));
	const char *at = lower, *end = lower + n;

	for (gsize i = 0; i < n; i++)
		lower[i] = g_ascii_tolower(domain[i]);
	for (guint labels = 0; at != NULL && labels < 6; labels++) {
		const char *dot = memchr(at, '.', end - at);

		/* The last label alone says little, but a country is one. */
		feature_add(sink, part, prefix, at, end - at);
		at = dot != NULL && dot + 1 < end ? dot + 1 : NULL;
	}
}
