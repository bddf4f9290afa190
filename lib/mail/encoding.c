/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Base64 and quoted-printable, read by hand.
 */
#include "lib/mail/encoding.h"

#include <string.h>

void
encoding_base64(const char *bytes, gsize length, GString *out)
{
	guint32 bits = 0;
	guint n = 0;

	for (gsize i = 0; i < length; i++) {
		char c = bytes[i];
		int value = g_ascii_isupper(c)   ? c - 'A'
			    : g_ascii_islower(c) ? c - 'a' + 26
			    : g_ascii_isdigit(c) ? c - '0' + 52
			    : c == '+'           ? 62
			    : c == '/'           ? 63
						 : -1;

		/* Padding ends a group; another may follow. */
		if (c == '=')
			n = 0;
		if (value < 0)
			continue;
		bits = bits << 6 | (guint32)value;
		if (n > 0)
			g_string_append_c(out, (char)(bits >> (6 - 2 * n)));
		n = (n + 1) % 4;
	}
}

gsize
encoding_base64_end(const char *bytes, gsize length)
{
	const char *padding = memchr(bytes, '=', length);
	gsize end;

	if (padding == NULL)
		return length;
	end = padding - bytes;
	while (end < length && bytes[end] == '=')
		end++;
	return end;
}

gboolean
encoding_is_base64(const char *bytes, gsize length)
{
	gboolean padded = FALSE;

	for (gsize i = 0; i < length; i++) {
		if (g_ascii_isspace(bytes[i]))
			continue;
		if (bytes[i] == '=') {
			padded = TRUE;
			continue;
		}
		if (padded || !(g_ascii_isalnum(bytes[i]) || bytes[i] == '+' ||
				  bytes[i] == '/'))
			return FALSE;
	}
	return TRUE;
}

gboolean
encoding_is_quoted(const char *bytes, gsize length)
{
	const char *sign = length > 0 ? memchr(bytes, '=', length) : NULL;

	for (; sign != NULL;
	     sign = memchr(sign + 1, '=', bytes + length - sign - 1)) {
		gsize i = sign - bytes, next = i + 1;

		while (next < length &&
		       (bytes[next] == ' ' || bytes[next] == '\t'))
			next++;
		if (next == length || bytes[next] == '\n' ||
		    bytes[next] == '\r')
			continue;
		if (i + 2 >= length || !g_ascii_isxdigit(bytes[i + 1]) ||
		    !g_ascii_isxdigit(bytes[i + 2]))
			return FALSE;
	}
	return TRUE;
}

/* Blanks and a line end: what a "=" at the end of a line joins; 0 when there is
 * none. */
static gsize
soft_break(const char *bytes, gsize length)
{
	gsize at = 0;

	while (at < length && (bytes[at] == ' ' || bytes[at] == '\t'))
		at++;
	if (at == length)
		return at;
	if (bytes[at] == '\r' && at + 1 < length && bytes[at + 1] == '\n')
		return at + 2;
	return bytes[at] == '\n' || bytes[at] == '\r' ? at + 1 : 0;
}

void
encoding_quoted(const char *bytes, gsize length, GString *out)
{
	for (gsize i = 0; i < length; i++) {
		gsize left = length - i - 1;

		if (bytes[i] != '=') {
			g_string_append_c(out, bytes[i]);
		} else if (left >= 2 && g_ascii_isxdigit(bytes[i + 1]) &&
			   g_ascii_isxdigit(bytes[i + 2])) {
			g_string_append_c(out,
			    (char)(g_ascii_xdigit_value(bytes[i + 1]) * 16 +
				   g_ascii_xdigit_value(bytes[i + 2])));
			i += 2;
		} else {
			gsize joined = soft_break(bytes + i + 1, left);

			if (joined == 0 && left > 0)
				g_string_append_c(out, '=');
			i += joined;
		}
	}
}

GString *
encoding_decode(const char *name, const char *bytes, gsize length)
{
	static const struct {
		const char *name;
		gboolean (*is)(const char *bytes, gsize length);
		void (*decode)(const char *bytes, gsize length, GString *out);
	} known[] = {
		{ "base64", encoding_is_base64, encoding_base64 },
		{ "quoted-printable", encoding_is_quoted, encoding_quoted },
	};
	g_autofree char *word = g_strstrip(g_ascii_strdown(name, -1));

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		GString *out;

		if (strcmp(word, known[i].name) != 0 ||
		    !known[i].is(bytes, length))
			continue;
		out = g_string_sized_new(length);
		known[i].decode(bytes, length, out);
		return out;
	}
	return NULL;
}

gboolean
encoding_is_plain(const char *name)
{
	static const char *const plain[] = { "7bit", "8bit", "binary", NULL };
	g_autofree char *word = g_strstrip(g_strdup(name));

	return g_strv_contains(plain, word);
}
