/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reply tokens.
 *
 * A ticket's id stands in its token as it is where it is lower case letters and
 * digits, and begins with no x; else as x and its bytes in hex.  So a token is
 * letters and digits between two separators, whatever ids a desk gives.
 */
#include "tickets/token.h"

#include <string.h>

#include "lib/base/seal.h"

#define MAC_BYTES 20 /* the digest; the token has its first 10 */
#define MAC_LETTERS 16
#define LOCAL_MOST 64
#define RANDOM_BYTES 8
/* A ticket's part in a token, in hex. */
#define WORD_MOST (2 * (TOKEN_TICKET_MAX - 1) + 1)

static void
mac_of(const struct secret *key, const char *desk, const char *ticket,
    char mac_r[MAC_LETTERS + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	g_autofree char *name = g_ascii_strdown(desk, -1);
	struct seal_digest *digest = seal_digest_new(
	    secret_data(key), secret_length(key), "ticket-token");
	guint8 bytes[MAC_BYTES];

	seal_digest_add(digest, name, strlen(name));
	seal_digest_add(digest, ticket, strlen(ticket));
	seal_digest_end(&digest, bytes, sizeof(bytes));
	for (guint i = 0; i < MAC_LETTERS; i++) {
		guint bit = i * 5;
		guint two = bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

		mac_r[i] = letters[two >> (11 - bit % 8) & 31];
	}
	mac_r[MAC_LETTERS] = '\0';
}

static gboolean
is_plain(const char *ticket)
{
	return *ticket != 'x' &&
	       ticket[strspn(ticket, "abcdefghijklmnopqrstuvwxyz0123456789")] ==
		   '\0';
}

static void
word_of(const char *ticket, char word_r[WORD_MOST + 1])
{
	GString *word = g_string_new(NULL);

	if (is_plain(ticket)) {
		g_string_append(word, ticket);
	} else {
		g_string_append_c(word, 'x');
		for (const char *at = ticket; *at != '\0'; at++)
			g_string_append_printf(word, "%02x", (guint8)*at);
	}
	g_strlcpy(word_r, word->str, WORD_MOST + 1);
	g_string_free(word, TRUE);
}

/* FALSE when no ticket has this word. */
static gboolean
ticket_of(const char *word, gsize length, char ticket_r[TOKEN_TICKET_MAX])
{
	gsize n = 0;

	if (word[0] != 'x') {
		if (length >= TOKEN_TICKET_MAX)
			return FALSE;
		memcpy(ticket_r, word, length);
		ticket_r[length] = '\0';
		return TRUE;
	}
	if (length % 2 == 0 || length / 2 >= TOKEN_TICKET_MAX)
		return FALSE;
	for (gsize i = 1; i < length; i += 2) {
		int high = g_ascii_xdigit_value(word[i]);
		int low = g_ascii_xdigit_value(word[i + 1]);

		if (high < 0 || low < 0 || (high | low) == 0)
			return FALSE;
		ticket_r[n++] = (char)(high << 4 | low);
	}
	ticket_r[n] = '\0';
	return n > 0;
}

char *
token_make(const struct secret *key, const char *desk, const char *ticket)
{
	char mac[MAC_LETTERS + 1], word[WORD_MOST + 1];

	if (*ticket == '\0' || strlen(ticket) >= TOKEN_TICKET_MAX)
		return NULL;
	mac_of(key, desk, ticket, mac);
	word_of(ticket, word);
	return g_strdup_printf("dg-%s-%s", word, mac);
}

char *
token_address(const char *token, const char *inbox)
{
	const char *at = strrchr(inbox, '@');
	gsize local = at == NULL ? 0 : (gsize)(at - inbox);

	if (local == 0 || local + 1 + strlen(token) > LOCAL_MOST)
		return NULL;
	return g_strdup_printf("%.*s+%s%s", (int)local, inbox, token, at);
}

char *
token_message_id(const char *token, const char *inbox)
{
	const char *at = strrchr(inbox, '@');
	g_autofree char *dotted = g_strdup(token);
	guint64 random[RANDOM_BYTES / sizeof(guint64)];

	seal_random(random, sizeof(random));
	return g_strdup_printf("%s.%016" G_GINT64_MODIFIER "x%s",
	    g_strdelimit(dotted, "-", '.'), random[0],
	    at == NULL ? "@localhost" : at);
}

/* --- finding --- */

static gsize
word_length(const char *text)
{
	gsize length = 0;

	while (length <= WORD_MOST && g_ascii_isalnum(text[length]))
		length++;
	return length;
}

/* The length of the token at `text`, or 0. */
static gsize
token_length(const char *text)
{
	gsize ticket, mac;

	if (g_ascii_strncasecmp(text, "dg", 2) != 0 ||
	    (text[2] != '-' && text[2] != '.'))
		return 0;
	ticket = word_length(text + 3);
	if (ticket == 0 || ticket > WORD_MOST || text[3 + ticket] != text[2])
		return 0;
	mac = word_length(text + 4 + ticket);
	return mac == MAC_LETTERS ? 4 + ticket + mac : 0;
}

void
token_find(const char *text, GPtrArray *found, guint most)
{
	const char *at = text == NULL ? "" : text;

	while (found->len < most && (at = strpbrk(at, "dD")) != NULL) {
		gsize length =
		    at > text && g_ascii_isalnum(at[-1]) ? 0 : token_length(at);
		g_autofree char *token =
		    length > 0 ? g_ascii_strdown(at, length) : NULL;

		at += MAX(length, 1);
		if (token == NULL)
			continue;
		g_strdelimit(token, ".", '-');
		if (!g_ptr_array_find_with_equal_func(
			found, token, g_str_equal, NULL))
			g_ptr_array_add(found, g_steal_pointer(&token));
	}
}

gboolean
token_proves(const struct secret *key, const char *desk, const char *token,
    char ticket_r[TOKEN_TICKET_MAX])
{
	gsize length = strlen(token);
	char mac[MAC_LETTERS + 1];

	if (length < 4 + MAC_LETTERS || token_length(token) != length ||
	    !ticket_of(token + 3, length - 4 - MAC_LETTERS, ticket_r))
		return FALSE;
	mac_of(key, desk, ticket_r, mac);
	return secret_equal(
	    mac, MAC_LETTERS, token + length - MAC_LETTERS, MAC_LETTERS);
}
