/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail addresses: is it one, who is it, does it belong to an inbox.
 */
#include "lib/mail/addr.h"

#include <string.h>

#include "lib/base/unicode.h"

/* RFC 5321 4.5.3.1.3: a path has 256 octets, two of them angle brackets. */
#define ADDRESS_MOST 254

void
addr_free(struct addr *addr)
{
	if (addr == NULL)
		return;
	g_free(addr->name);
	g_free(addr->address);
	g_free(addr);
}

const char *
addr_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL ? at + 1 : "";
}

gboolean
addr_valid(const char *address)
{
	const char *at = strrchr(address, '@');

	if (at == NULL || at == address || at[1] == '\0' ||
	    strlen(address) > ADDRESS_MOST ||
	    !g_utf8_validate(address, -1, NULL))
		return FALSE;
	for (const char *c = address; *c != '\0'; c++) {
		if (g_ascii_iscntrl(*c) || strchr(" ,;<>\"", *c) != NULL)
			return FALSE;
	}
	return memchr(address, '@', at - address) == NULL && at[1] != '.';
}

/* The domain in its ASCII form where it has one, else folded. */
static char *
canonical_domain(const char *domain)
{
	g_autofree char *folded = unicode_fold(domain);
	char *ascii = g_hostname_to_ascii(folded);

	return ascii != NULL ? ascii : g_steal_pointer(&folded);
}

char *
addr_canonical(const char *address)
{
	g_autofree char *domain = NULL;
	g_autofree char *local = NULL;
	g_autofree char *folded = NULL;

	if (!addr_valid(address))
		return NULL;
	domain = canonical_domain(addr_domain(address));
	local = g_strndup(address, strrchr(address, '@') - address);
	folded = unicode_fold(local);
	return g_strconcat(folded, "@", domain, NULL);
}

gboolean
addr_is_inbox(const char *address, const char *inbox)
{
	const char *at = strrchr(address, '@');
	const char *inbox_at = strrchr(inbox, '@');
	gsize local, inbox_local;

	if (at == NULL || inbox_at == NULL ||
	    g_ascii_strcasecmp(at, inbox_at) != 0)
		return FALSE;
	local = at - address;
	inbox_local = inbox_at - inbox;
	if (inbox_local == 0)
		return TRUE;
	return local >= inbox_local &&
	       g_ascii_strncasecmp(address, inbox, inbox_local) == 0 &&
	       (local == inbox_local || address[inbox_local] == '+');
}
