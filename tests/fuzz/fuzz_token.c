/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reply tokens in any text: what looks like one proves nothing, and ours is
 * found wherever it stands.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/unicode.h"
#include "tickets/token.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define MOST 20
#define DESK "main"

static gboolean
has(const GPtrArray *found, const char *token)
{
	for (guint i = 0; i < found->len; i++)
		if (g_ascii_strcasecmp(found->pdata[i], token) == 0)
			return TRUE;
	return FALSE;
}

static void
check_ours(const struct secret *key, const char *text)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *token = token_make(key, DESK, "4711");
	g_autofree char *mail = g_strconcat(" ", token, " ", text, NULL);
	char ticket[TOKEN_TICKET_MAX];

	token_find(mail, found, MOST);
	g_assert(has(found, token));
	g_assert(token_proves(key, DESK, token, ticket));
	g_assert_cmpstr(ticket, ==, "4711");
	g_assert(!token_proves(key, "other", token, ticket));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	g_assert(seal_init(NULL));
	return 0;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static const char bytes[32] = "a key that nobody has written on";
	static const char others[32] = "and one that makes no tokens....";
	struct secret *key OWNED(secret_free) =
	    secret_new(bytes, sizeof(bytes));
	/* A fuzzer that sees tokens being made learns them. */
	struct secret *other OWNED(secret_free) =
	    secret_new(others, sizeof(others));
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = unicode_repair((const char *)data, size);
	g_autofree char *token = token_make(key, DESK, text);
	char ticket[TOKEN_TICKET_MAX];

	token_find(text, found, MOST);
	g_assert(found->len <= MOST);
	for (guint i = 0; i < found->len; i++)
		g_assert(!token_proves(other, DESK, found->pdata[i], ticket));
	g_assert(!token_proves(other, DESK, text, ticket));
	g_assert((token == NULL) ==
		 (*text == '\0' || strlen(text) >= TOKEN_TICKET_MAX));
	check_ours(key, text);
	return 0;
}
