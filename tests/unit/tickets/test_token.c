/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reply tokens: who has none makes none.
 */
#include "tickets/token.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"

static const char *const tickets[] = { "7", "1234567890", "abc12", "xyz",
	"ABC-12345-678", "a b/c@d", "\xc3\xa9", "x",
	"012345678901234567890123456789012345678901234567890123456789ABC" };

static struct secret *
key_of(guint8 byte)
{
	guint8 bytes[SEAL_KEY_BYTES];

	memset(bytes, byte, sizeof(bytes));
	return secret_new(bytes, sizeof(bytes));
}

static void
test_round(void)
{
	struct secret *key OWNED(secret_free) = key_of(1);
	struct secret *other OWNED(secret_free) = key_of(2);
	char ticket[TOKEN_TICKET_MAX];

	for (gsize i = 0; i < G_N_ELEMENTS(tickets); i++) {
		g_autofree char *token = token_make(key, "main", tickets[i]);

		g_assert_true(token_proves(key, "main", token, ticket));
		g_assert_cmpstr(ticket, ==, tickets[i]);
		g_assert_true(token_proves(key, "MAIN", token, ticket));
		g_assert_false(token_proves(other, "main", token, ticket));
		g_assert_false(token_proves(key, "second", token, ticket));
	}
	g_assert_null(token_make(key, "main", ""));
}

/* Not one byte of it can be another. */
static void
test_changed(void)
{
	struct secret *key OWNED(secret_free) = key_of(1);
	g_autofree char *token = token_make(key, "main", "7");
	char ticket[TOKEN_TICKET_MAX];

	for (gsize i = 0; i < strlen(token); i++) {
		g_autofree char *bad = g_strdup(token);

		bad[i] = bad[i] == 'b' ? 'c' : 'b';
		g_assert_false(token_proves(key, "main", bad, ticket));
	}
	g_assert_false(token_proves(key, "main", "", ticket));
	g_assert_false(token_proves(key, "main", "dg--", ticket));
	g_assert_false(token_proves(key, "main", "dg-7-", ticket));
	g_assert_false(
	    token_proves(key, "main", "dg-x0-aaaaaaaaaaaaaaaa", ticket));
	g_assert_false(
	    token_proves(key, "main", "dg-x00-aaaaaaaaaaaaaaaa", ticket));
}

static void
test_found(void)
{
	static const struct {
		const char *text;
		guint count;
		const char *first;
	} cases[] = {
		{ "dg-7-abcdefghijklmnop", 1, "dg-7-abcdefghijklmnop" },
		{ "> Ref: DG-7-ABCDEFGHIJKLMNOP.", 1, "dg-7-abcdefghijklmnop" },
		{ "<dg.7.abcdefghijklmnop.00ff@example.com>", 1,
		    "dg-7-abcdefghijklmnop" },
		{ "support+dg-7-abcdefghijklmnop@example.com", 1,
		    "dg-7-abcdefghijklmnop" },
		{ "dg-7-abcdefghijklmnop dg-8-abcdefghijklmnop "
		  "dg-7-abcdefghijklmnop",
		    2, "dg-7-abcdefghijklmnop" },
		{ "xdg-7-abcdefghijklmnop", 0, NULL },
		{ "dg-7-abcdefghijklmnopq", 0, NULL },
		{ "dg-7.abcdefghijklmnop", 0, NULL },
		{ "dg-7-abcdefghijklmno", 0, NULL },
		{ "dg--abcdefghijklmnop", 0, NULL },
		{ "dg-", 0, NULL },
		{ "d", 0, NULL },
		{ "", 0, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) found =
		    g_ptr_array_new_with_free_func(g_free);

		g_test_message("%s", cases[i].text);
		token_find(cases[i].text, found, 4);
		g_assert_cmpuint(found->len, ==, cases[i].count);
		if (found->len > 0)
			g_assert_cmpstr(found->pdata[0], ==, cases[i].first);
	}
}

static void
test_most(void)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < 100; i++)
		g_string_append_printf(text, "dg-%u-abcdefghijklmnop ", i);
	token_find(text->str, found, 5);
	g_assert_cmpuint(found->len, ==, 5);
}

static void
test_places(void)
{
	struct secret *key OWNED(secret_free) = key_of(1);
	g_autofree char *token = token_make(key, "main", "7");
	g_autofree char *address = token_address(token, "support@example.com");
	g_autofree char *id = token_message_id(token, "support@example.com");
	g_autofree char *second =
	    token_message_id(token, "support@example.com");
	g_autofree char *longest = g_strnfill(60, 'a');
	g_autofree char *inbox = g_strconcat(longest, "@example.com", NULL);
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *wanted =
	    g_strdup_printf("support+%s@example.com", token);

	g_assert_cmpstr(address, ==, wanted);
	g_assert_null(token_address(token, "@example.com"));
	g_assert_null(token_address(token, inbox));
	g_assert_true(g_str_has_suffix(id, "@example.com"));
	g_assert_cmpstr(id, !=, second);
	token_find(id, found, 4);
	token_find(address, found, 4);
	g_assert_cmpuint(found->len, ==, 1);
	g_assert_cmpstr(found->pdata[0], ==, token);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/token/round", test_round);
	g_test_add_func("/tickets/token/changed", test_changed);
	g_test_add_func("/tickets/token/found", test_found);
	g_test_add_func("/tickets/token/most", test_most);
	g_test_add_func("/tickets/token/places", test_places);
	return g_test_run();
}
