/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail addresses: is it one, who is it, does it belong to an inbox.
 */
#include "lib/mail/addr.h"

#include <string.h>

#include "lib/base/unicode.h"

/* RFC 5321 4.5.3.1.3: a path has 256 octets, two of them angle brackets. */
#define ADDRESS_MOST 254
#define NAME_MOST 256

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

/* A byte that can stand in an address without quotes. */
static gboolean
is_atom(char c)
{
	return c != '\0' && !g_ascii_isspace(c) && !g_ascii_iscntrl(c) &&
	       strchr("<>\"'(),;:@[]", c) == NULL;
}

static const char *
skip_blanks_back(const char *at, const char *start)
{
	while (at > start && g_ascii_isspace(at[-1]))
		at--;
	return at;
}

/* local@domain around the @ at `at`, as plain as it can be, or NULL. */
static char *
around(const char *text, const char *at, const char **start_r)
{
	const char *end = skip_blanks_back(at, text), *start = end;
	const char *domain = at + 1, *domain_end;
	g_autofree char *found = NULL;

	while (start > text && is_atom(start[-1]))
		start--;
	while (g_ascii_isspace(*domain))
		domain++;
	domain_end = domain;
	while (is_atom(*domain_end))
		domain_end++;
	while (domain_end > domain && domain_end[-1] == '.')
		domain_end--;
	if (memchr(domain, '.', domain_end - domain) == NULL)
		return NULL;
	found = g_strdup_printf("%.*s@%.*s", (int)(end - start), start,
	    (int)(domain_end - domain), domain);
	*start_r = start;
	return addr_valid(found) ? g_steal_pointer(&found) : NULL;
}

struct addr *
addr_repair(const char *text)
{
	for (const char *at = strchr(text, '@'); at != NULL;
	     at = strchr(at + 1, '@')) {
		const char *start;
		char *address = around(text, at, &start);
		g_autofree char *before = NULL;
		struct addr *addr;

		if (address == NULL)
			continue;
		addr = g_new(struct addr, 1);
		addr->address = address;
		before = unicode_repair(text, start - text);
		if (g_str_has_suffix(before, "mailto:"))
			before[strlen(before) - strlen("mailto:")] = '\0';
		/* The brackets and quotes around it are no name. */
		g_strdelimit(before, "<>\"'()[],;:", ' ');
		addr->name = unicode_line(before, NAME_MOST);
		return addr;
	}
	return NULL;
}

/* What stands before the first `open`, or after it up to the last `close`. */
static char *
part_of(const char *text, char open, char close)
{
	const char *from = strchr(text, open), *to;

	if (from == NULL)
		return g_strdup("");
	if (close == '\0')
		return g_strndup(text, from - text);
	to = strrchr(from, close);
	return to != NULL ? g_strndup(from + 1, to - from - 1) : g_strdup("");
}

char *
addr_name(const char *text)
{
	g_autofree char *before = part_of(text, '<', '\0');
	g_autofree char *inside = part_of(text, '(', ')');
	g_autofree char *valid = NULL;
	g_autoptr(GString) name = g_string_new(NULL);
	const char *from = *g_strstrip(before) != '\0'   ? before
			   : *g_strstrip(inside) != '\0' ? inside
							 : text;

	for (; *from != '\0'; from++) {
		if (*from != '"')
			g_string_append_c(name, *from);
	}
	valid = unicode_repair(name->str, (gssize)name->len);
	return unicode_line(valid, NAME_MOST);
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

/* What ends an address in running text. */
static gboolean
ends_address(char c)
{
	return g_ascii_isspace(c) || g_ascii_iscntrl(c) ||
	       strchr("<>()[]{},;:=?/\\'`|&", c) != NULL;
}

/* The length of the address that `word` begins with: an "@" with something on
 * both sides; a full stop at the end is the sentence's.  0 when it is none. */
static gsize
address_length(const char *word, gsize length)
{
	const char *at = memchr(word, '@', length);

	while (length > 0 && strchr(".\"", word[length - 1]) != NULL)
		length--;
	return at != NULL && at > word && word + length > at + 1 ? length : 0;
}

char *
addr_hide(const char *text)
{
	GString *out = g_string_new(NULL);

	while (*text != '\0') {
		gsize word = 0, hidden;

		while (text[word] != '\0' && !ends_address(text[word]))
			word++;
		hidden = address_length(text, word);
		if (hidden > 0)
			g_string_append(out, "(address)");
		/* With what ended it. */
		word += text[word] != '\0' ? 1 : 0;
		g_string_append_len(out, text + hidden, word - hidden);
		text += word;
	}
	return g_string_free(out, FALSE);
}
