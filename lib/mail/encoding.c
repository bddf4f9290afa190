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
