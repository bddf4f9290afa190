/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nine address fields of ten are "Name <local@domain>" or less, and a message
 * has three of them: GMime, which takes all that is ever written, needs as long
 * for those as for the message's parts.
 */
#include "lib/mail/addr_list.h"

#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/addr.h"

#define ADDRESS_MOST 254
#define NAME_MOST 256

static const char blanks[] = " \t\r\n";

enum sign { OTHER, LOCAL, DOMAIN_TOO };

/* What may stand in a local part, and in a domain as well. */
static enum sign
sign_of(char c)
{
	if (g_ascii_isalnum(c) || c == '-' || c == '.')
		return DOMAIN_TOO;
	return c == '_' || c == '+' || c == '=' ? LOCAL : OTHER;
}

/* How much of `text` is a run of such signs, with dots within it only, and no
 * two together; else 0. */
static gsize
run_of(const char *text, enum sign least)
{
	gsize length = 0;

	for (; sign_of(text[length]) >= least; length++) {
		if (text[length] == '.' &&
		    (length == 0 || text[length - 1] == '.'))
			return 0;
	}
	return length > 0 && text[length - 1] != '.' ? length : 0;
}

/* A label of it stands for letters beyond ASCII, in which GMime gives it. */
static gboolean
is_encoded(const char *domain, gsize length)
{
	for (gsize i = 0; i + 4 <= length; i++) {
		if (g_ascii_strncasecmp(domain + i, "xn--", 4) == 0)
			return TRUE;
	}
	return FALSE;
}

/* The length of local@domain, or 0. */
static gsize
read_address(const char *text)
{
	gsize local = run_of(text, LOCAL), domain;

	if (local == 0 || text[local] != '@')
		return 0;
	domain = run_of(text + local + 1, DOMAIN_TOO);
	if (domain == 0 || local + 1 + domain > ADDRESS_MOST ||
	    is_encoded(text + local + 1, domain))
		return 0;
	return local + 1 + domain;
}

/* A name in front of "<", its length in *length_r; returns what is behind it,
 * or NULL. */
static const char *
read_name(const char *text, const char **name_r, gsize *length_r)
{
	gboolean quoted = *text == '"';
	gsize length = 0;

	text += quoted;
	while (g_ascii_isalnum(text[length]) || text[length] == ' ' ||
	       text[length] == '-' || text[length] == '\'' ||
	       (quoted && g_ascii_isprint(text[length]) &&
		   text[length] != '"' && text[length] != '\\'))
		length++;
	*name_r = text;
	*length_r = length;
	if (!quoted)
		return text + length;
	return text[length] == '"' && length > 0
		   ? text + length + 1 + strspn(text + length + 1, blanks)
		   : NULL;
}

static void
add(GPtrArray *list, const char *name, gsize name_length, const char *address,
    gsize length)
{
	struct addr *addr = g_new(struct addr, 1);
	g_autofree char *whole = g_strndup(name, name_length);

	addr->name = unicode_line(whole, NAME_MOST);
	addr->address = g_strndup(address, length);
	g_ptr_array_add(list, addr);
}

/* Adds one mailbox; returns what is behind it and its blanks, or NULL. */
static const char *
read_mailbox(const char *at, GPtrArray *list)
{
	const char *name = at;
	gsize name_length = 0, length = read_address(at);

	if (length == 0 && *at != '<')
		at = read_name(at, &name, &name_length);
	if (length == 0) {
		if (at == NULL || *at != '<')
			return NULL;
		length = read_address(++at);
		if (length == 0 || at[length] != '>')
			return NULL;
		add(list, name, name_length, at, length);
		at++;
	} else {
		add(list, name, 0, at, length);
	}
	at += length;
	return at + strspn(at, blanks);
}

gboolean
addr_list_plain(const char *value, guint max, GPtrArray *list)
{
	const char *at = value;
	guint before = list->len;

	do {
		at += strspn(at, blanks);
		at = read_mailbox(at, list);
	} while (at != NULL && *at++ == ',');
	if (at == NULL || at[-1] != '\0') {
		g_ptr_array_set_size(list, (gint)before);
		return FALSE;
	}
	if (list->len > max)
		g_ptr_array_set_size(list, (gint)MAX(before, max));
	return TRUE;
}
