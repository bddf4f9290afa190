/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/push.h"

#include <string.h>

#include "lib/base/seal.h"

static void
test_read(void)
{
	static const struct {
		const char *name, *body;
		gboolean good;
		const char *desk, *ticket, *status, *who;
	} cases[] = {
		{ "json",
		    "{\"desk\": \"main\", \"ticket\": \"7\", \"status\": "
		    "\"spam\", \"who\": \"alice\"}",
		    TRUE, "main", "7", "spam", "alice" },
		{ "a number, and more than we want",
		    " {\"ticket\": 7, \"x\": [{\"status\": \"spam\"}]}", TRUE,
		    NULL, "7", NULL, NULL },
		{ "no texts", "{\"desk\": [], \"ticket\": null, \"who\": 1.5}",
		    TRUE, NULL, NULL, NULL, NULL },
		{ "form", "desk=main&ticket=7&status=not-spam", TRUE, "main",
		    "7", "not-spam", NULL },
		{ "nothing", "", TRUE, NULL, NULL, NULL, NULL },
		{ "no json", "{\"desk\": ", FALSE, NULL, NULL, NULL, NULL },
		{ "no object", "[1]", FALSE, NULL, NULL, NULL, NULL },
		{ "words", "hello", FALSE, NULL, NULL, NULL, NULL },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct push_word word;

		g_test_message("%s", cases[i].name);
		g_assert_cmpint(
		    push_read(cases[i].body, &word), ==, cases[i].good);
		g_assert_cmpstr(word.desk, ==, cases[i].desk);
		g_assert_cmpstr(word.ticket, ==, cases[i].ticket);
		g_assert_cmpstr(word.status, ==, cases[i].status);
		g_assert_cmpstr(word.who, ==, cases[i].who);
		push_word_clear(&word);
	}
}

/* As deep as a body can be. */
static void
test_deep(void)
{
	g_autofree char *deep = g_strnfill(PUSH_BODY_MOST, '[');
	g_autofree char *body = g_strconcat("{\"a\": ", deep, NULL);
	struct push_word word;

	g_assert_false(push_read(body, &word));
	push_word_clear(&word);
}

static void
test_token(void)
{
	static const struct {
		const char *name, *own, *authorization;
		gboolean want;
	} cases[] = {
		{ "own header", "secret", NULL, TRUE },
		{ "bearer", NULL, "Bearer secret", TRUE },
		{ "bearer, whatever its case", NULL, "bearer secret", TRUE },
		{ "basic", NULL, "Basic ZGVzazpzZWNyZXQ=", TRUE },
		{ "basic without user", NULL, "Basic OnNlY3JldA==", TRUE },
		{ "basic, no colon", NULL, "Basic c2VjcmV0", FALSE },
		{ "basic, no base64", NULL, "Basic !", FALSE },
		{ "wrong", "secreT", NULL, FALSE },
		{ "too short", "secre", NULL, FALSE },
		{ "too long", "secrets", NULL, FALSE },
		{ "empty", "", NULL, FALSE },
		{ "the wrong one counts", "wrong", "Bearer secret", FALSE },
		{ "none", NULL, NULL, FALSE },
		{ "another kind", NULL, "Digest secret", FALSE },
	};
	struct secret *token = secret_new("secret", 6);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(
		    push_has_token(token, cases[i].own, cases[i].authorization),
		    ==, cases[i].want);
	}
	secret_free(&token);
}

/* printf '1700000000.push.{"ticket": 7}' | openssl dgst -sha256 -hmac secret */
#define SIGNATURE \
	"ebc68d2dc5d111f10c5a6237e92ba270e3323bb7390562a8e55e299d8c93a343"
static void
test_signed(void)
{
	static const struct {
		const char *name, *timestamp, *signature, *body;
		gint64 now;
		gboolean want;
	} cases[] = {
		{ "good", "1700000000", "sha256=" SIGNATURE, "{\"ticket\": 7}",
		    1700000000, TRUE },
		{ "a little late", "1700000000", "sha256=" SIGNATURE,
		    "{\"ticket\": 7}", 1700000300, TRUE },
		{ "too late", "1700000000", "sha256=" SIGNATURE,
		    "{\"ticket\": 7}", 1700000301, FALSE },
		{ "from the future", "1700000000", "sha256=" SIGNATURE,
		    "{\"ticket\": 7}", 1699999699, FALSE },
		{ "another time", "1700000001", "sha256=" SIGNATURE,
		    "{\"ticket\": 7}", 1700000000, FALSE },
		{ "another body", "1700000000", "sha256=" SIGNATURE,
		    "{\"ticket\": 8}", 1700000000, FALSE },
		{ "no kind", "1700000000", SIGNATURE, "{\"ticket\": 7}",
		    1700000000, FALSE },
		{ "cut", "1700000000", "sha256=00", "{\"ticket\": 7}",
		    1700000000, FALSE },
		{ "no signature", "1700000000", NULL, "", 1700000000, FALSE },
		{ "no time", NULL, "sha256=" SIGNATURE, "", 1700000000, FALSE },
		{ "no number", "17e8", "sha256=" SIGNATURE, "", 1700000000,
		    FALSE },
	};
	struct secret *token = secret_new("secret", 6);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(
		    push_is_signed(token, cases[i].timestamp,
			cases[i].signature, cases[i].body, cases[i].now),
		    ==, cases[i].want);
	}
	secret_free(&token);
}

/* printf '{"ticket": 7}' | openssl dgst -sha1 -hmac secret */
static void
test_hub_signed(void)
{
	static const char good[] =
	    "sha1=f0ee663dabb420b87d3c46c5c547dbaafdebb87b";
	struct secret *token = secret_new("secret", 6);

	g_assert_true(push_is_hub_signed(token, good, "{\"ticket\": 7}"));
	g_assert_false(push_is_hub_signed(token, good, "{\"ticket\": 8}"));
	g_assert_false(push_is_hub_signed(token, good + 5, "{\"ticket\": 7}"));
	g_assert_false(push_is_hub_signed(token, "", ""));
	g_assert_false(push_is_hub_signed(token, NULL, ""));
	secret_free(&token);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/push/read", test_read);
	g_test_add_func("/tickets/push/deep", test_deep);
	g_test_add_func("/tickets/push/token", test_token);
	g_test_add_func("/tickets/push/signed", test_signed);
	g_test_add_func("/tickets/push/hub-signed", test_hub_signed);
	return g_test_run();
}
