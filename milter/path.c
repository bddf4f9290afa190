/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paths and parameters of MAIL and RCPT.
 */
#include "milter/path.h"

#include <string.h>

/* Characters that may stand in a local part without quotes (RFC 5321 atext, and
 * the dot). */
#define PLAIN \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
	"!#$%&'*+-/=?^_`{|}~."

/* "\"support\"@example.com" to "support@example.com", in place, where the
 * quotes change nothing. */
static void
unquote(char *address)
{
	g_autofree char *local = NULL;
	char *end, *out;

	if (address[0] != '"')
		return;
	end = strrchr(address, '@');
	if (end == NULL || end - address < 3 || end[-1] != '"')
		return;
	out = local = g_strndup(address + 1, end - address - 2);
	for (const char *in = local; *in != '\0'; in++) {
		if (*in == '\\' && in[1] != '\0')
			in++;
		*out++ = *in;
	}
	*out = '\0';
	if (*local == '\0' || local[strspn(local, PLAIN)] != '\0')
		return;
	memmove(address + strlen(local), end, strlen(end) + 1);
	memcpy(address, local, strlen(local));
}

char *
path_address(const char *path)
{
	g_autofree char *copy = g_strstrip(g_strdup(path));
	char *start = copy, *colon;
	gsize length = strlen(copy);

	if (length >= 2 && copy[0] == '<' && copy[length - 1] == '>') {
		copy[length - 1] = '\0';
		start++;
	}
	if (*start == '@' && (colon = strchr(start, ':')) != NULL)
		start = colon + 1;
	length = strlen(start);
	if (length > 1 && start[length - 1] == '.' &&
	    strchr(start, '@') != NULL)
		start[length - 1] = '\0';
	unquote(start);
	return g_strdup(start);
}

guint64
path_size(char *const *arguments)
{
	for (; *arguments != NULL; arguments++) {
		if (g_ascii_strncasecmp(*arguments, "SIZE=", 5) == 0)
			return g_ascii_strtoull(*arguments + 5, NULL, 10);
	}
	return 0;
}
