/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RFC 2047.  GMime has it too, but decodes word by word (a character cut
 * between two words is lost, which Japanese and Chinese mailers do all the
 * time) and by iconv's names of charsets.  Here the bytes of neighbours of one
 * charset are put together first, and charset.c knows the names.
 */
#include "lib/mail/words.h"

#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/charset.h"
#include "lib/mail/encoding.h"

#define CHARSET_MOST 64

struct word {
	char charset[CHARSET_MOST];
	gboolean base64;
	const char *payload, *end; /* end: in front of "?=" */
};

/* A word that begins at `at` ("=?"). */
static gboolean
read_word(const char *at, struct word *word_r)
{
	const char *charset = at + 2;
	gsize length = strcspn(charset, "? \t\r\n");
	const char *encoding = charset + length + 1;

	if (length == 0 || length >= CHARSET_MOST || charset[length] != '?' ||
	    encoding[0] == '\0' || encoding[1] != '?' ||
	    strchr("bBqQ", encoding[0]) == NULL)
		return FALSE;
	memcpy(word_r->charset, charset, length);
	word_r->charset[length] = '\0';
	word_r->base64 = encoding[0] == 'b' || encoding[0] == 'B';
	word_r->payload = encoding + 2;
	word_r->end = strstr(word_r->payload, "?=");
	return word_r->end != NULL;
}

static void
decode_quoted(const char *at, const char *end, GString *bytes)
{
	for (; at < end; at++) {
		if (*at == '_') {
			g_string_append_c(bytes, ' ');
		} else if (*at == '=' && end - at > 2 &&
			   g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
			g_string_append_c(
			    bytes, (char)(g_ascii_xdigit_value(at[1]) << 4 |
					  g_ascii_xdigit_value(at[2])));
			at += 2;
		} else {
			g_string_append_c(bytes, *at);
		}
	}
}

/* Text, once a run of words has ended. */
static void
flush(GString *bytes, const char *charset, gsize max, GString *text)
{
	gboolean odd = FALSE;
	g_autofree char *utf8 = NULL;

	if (bytes->len == 0)
		return;
	utf8 = charset_to_utf8(bytes->str, bytes->len, charset, max, &odd);
	g_string_append(text, utf8);
	g_string_truncate(bytes, 0);
}

/* The next word of the same run: behind nothing but blanks. */
static const char *
next_in_run(const char *at)
{
	at += strspn(at, " \t\r\n");
	return at[0] == '=' && at[1] == '?' ? at : NULL;
}

/* Decodes the run that begins with `word`; returns what is behind it. */
static const char *
decode_run(const struct word *first, gsize max, GString *text)
{
	g_autoptr(GString) bytes = g_string_new(NULL);
	struct word word = *first, next;

	for (;;) {
		const char *behind = word.end + 2, *at = next_in_run(behind);

		if (word.base64)
			encoding_base64(
			    word.payload, word.end - word.payload, bytes);
		else
			decode_quoted(word.payload, word.end, bytes);
		if (at == NULL || !read_word(at, &next)) {
			flush(bytes, word.charset, max, text);
			return behind;
		}
		if (g_ascii_strcasecmp(word.charset, next.charset) != 0)
			flush(bytes, word.charset, max, text);
		word = next;
	}
}

static void
add_recoded(GString *out, const GString *run)
{
	g_autofree char *base64 =
	    g_base64_encode((const guchar *)run->str, run->len);

	g_string_append(out, "=?utf-8?b?");
	g_string_append(out, base64);
	g_string_append(out, "?=");
}

/* Raw bytes as UTF-8: the hint's, where they are sound in it. */
static char *
read_raw(const char *value, const char *hint, gsize max)
{
	gsize length = strlen(value);
	gboolean odd = FALSE;
	g_autofree char *text = NULL;

	/* ISO-2022-JP has no eighth bit: programs that say so write Shift JIS.
	 */
	if (hint != NULL && g_ascii_strncasecmp(hint, "iso-2022-jp", 11) == 0)
		hint = "shift_jis";
	if (hint != NULL && !g_utf8_validate(value, length, NULL))
		text = charset_to_utf8(value, length, hint, max, &odd);
	if (text != NULL && !odd)
		return g_steal_pointer(&text);
	return charset_to_utf8(value, length, NULL, max, &odd);
}

static char *
read_value(const char *value, const char *hint, gsize max, gboolean recode)
{
	g_autofree char *utf8 = read_raw(value, hint, max);
	g_autoptr(GString) run = NULL;
	const char *at = utf8, *open, *last;
	struct word word;
	GString *out;

	last = g_strrstr(utf8, "?=");
	if (last == NULL)
		return g_steal_pointer(&utf8);
	out = g_string_new(NULL);
	run = g_string_new(NULL);
	while (out->len < max && (open = strstr(at, "=?")) != NULL) {
		g_string_append_len(out, at, open - at);
		at = open;
		/* Behind the last end no word is looked for, or each open one
		 * would search to the end of the value. */
		if (open > last || !read_word(open, &word)) {
			g_string_append_len(out, at, 2);
			at += 2;
			continue;
		}
		g_string_truncate(run, 0);
		at = decode_run(&word, max, run);
		if (recode)
			add_recoded(out, run);
		else
			g_string_append_len(out, run->str, run->len);
	}
	g_string_append(out, at);
	unicode_cut(out->str, max);
	return g_string_free(out, FALSE);
}

gboolean
words_are_plain(const char *value, gsize max)
{
	gsize length = strlen(value);

	/* Behind an escape may be Japanese. */
	return length <= max && unicode_ascii_run(value, length) == length &&
	       memchr(value, 0x1b, length) == NULL &&
	       strstr(value, "?=") == NULL;
}

char *
words_decode(const char *value, const char *hint, gsize max)
{
	return read_value(value, hint, max, FALSE);
}

char *
words_recode(const char *value, const char *hint, gsize max)
{
	return read_value(value, hint, max, TRUE);
}
