/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The values of the webhook and of Zammad; their calls are tested against
 * tests/line/desks.
 */
#include "tickets/webhook.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/zammad.h"

static struct ticket ticket = { .inbox = (char *)"support@example.com",
	.requester_address = (char *)"carol@example.net",
	.requester_name = (char *)"",
	.subject = (char *)"Hello",
	.text = (char *)"one",
	.quoted = (char *)"> old",
	.message_id = (char *)"1@example.net" };

static struct ident
key_of(guint8 fill)
{
	struct ident key;

	memset(key.bytes, fill, sizeof key.bytes);
	return key;
}

/* Computed with openssl dgst -sha256 -hmac. */
static void
test_sign(void)
{
	struct secret *secret OWNED(secret_free) =
	    secret_new("It's a Secret to Everybody", 26);
	const struct webhook_signed what = { "1780000000", "create",
		"{\"a\":1}", 7 };
	char text[WEBHOOK_SIGNATURE_TEXT];

	webhook_sign(secret, &what, text);
	g_assert_cmpstr(text, ==,
	    "sha256="
	    "b02974acef49af1c989adfe4868b898e274f4b80ce095725a495a0e75ec60108");
}

static void
test_template(void)
{
	static const char *const fields[] = { "subject=title", "text=subject",
		"-html", NULL };
	struct webhook_template *template OWNED(webhook_template_free) =
	    webhook_template_new(fields, NULL);
	struct ident key = key_of(7);
	const struct webhook_post post = { "append", &key, "9", &ticket, NULL };
	g_autofree char *text = webhook_ticket_json(template, &post);
	json_t *object = json_loads(text, 0, NULL);

	g_assert_cmpstr(
	    json_string_value(json_object_get(object, "title")), ==, "Hello");
	g_assert_cmpstr(
	    json_string_value(json_object_get(object, "subject")), ==, "one");
	g_assert_cmpstr(
	    json_string_value(json_object_get(object, "ticket_id")), ==, "9");
	g_assert_null(json_object_get(object, "html"));
	g_assert_null(json_object_get(object, "text"));
	g_assert_true(json_is_null(json_object_get(object, "note")));
	g_assert_cmpstr(
	    json_string_value(json_object_get(object, "quoted")), ==, "> old");
	g_assert_true(json_is_false(json_object_get(object, "imported")));
	json_decref(object);
}

static void
test_made(void)
{
	static const struct {
		const char *body, *id, *code; /* id NULL: the key */
	} cases[] = {
		{ "{\"id\":7}", "7", "7" },
		{ "{\"id\":\"a\",\"code\":\"A-1\"}", "a", "A-1" },
		{ "{\"id\":\"\"}", NULL, NULL },
		{ "[]", NULL, NULL },
		{ "", NULL, NULL },
		{ "ok", NULL, NULL },
	};
	struct ident key = key_of(0x0a);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
		struct desk_ticket found OWNED(desk_ticket_clear) = { 0 };
		const char *digits = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

		webhook_read_made(body, &key, &made);
		g_assert_cmpstr(
		    made.id, ==, cases[i].id != NULL ? cases[i].id : digits);
		g_assert_cmpstr(made.code, ==,
		    cases[i].id != NULL ? cases[i].code : digits);
		g_assert_cmpint(webhook_read_found(body, &found, NULL), ==,
		    cases[i].id != NULL);
	}
}

static void
test_erased(void)
{
	static const struct {
		const char *body;
		enum desk_erasure outcome;
		guint tickets;
	} cases[] = {
		{ "", DESK_ERASE_DONE, 0 },
		{ "{\"outcome\":\"open\",\"tickets\":3}", DESK_ERASE_OPEN, 3 },
		{ "{\"outcome\":\"refused\",\"tickets\":-3}",
		    DESK_ERASE_REFUSED, 0 },
		{ "{\"outcome\":5}", DESK_ERASE_DONE, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		struct desk_erased erased OWNED(desk_erased_clear) = { 0 };

		webhook_read_erased(body, &erased);
		g_assert_cmpint(erased.outcome, ==, cases[i].outcome);
		g_assert_cmpuint(erased.tickets, ==, cases[i].tickets);
	}
}

/* --- Zammad */

static void
test_zammad_words(void)
{
	static const struct {
		const char *status, *priority, *want;
	} cases[] = {
		{ "spam", NULL, "{\"state\":\"closed\"}" },
		{ NULL, "urgent", "{\"priority\":\"3 high\"}" },
		{ "open", "2 normal",
		    "{\"state\":\"open\",\"priority\":\"2 normal\"}" },
		{ NULL, NULL, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    zammad_change_json(cases[i].status, cases[i].priority);

		g_assert_cmpstr(text, ==, cases[i].want);
	}
	g_assert_cmpint(zammad_id("17"), ==, 17);
	g_assert_cmpint(zammad_id("0"), ==, 0);
	g_assert_cmpint(zammad_id("1/2"), ==, 0);
	g_assert_cmpint(zammad_id(""), ==, 0);
}

/* Spam, programs' mail and old mail: Zammad's triggers are told to mail nobody.
 */
static void
test_zammad_silent(void)
{
	static const struct {
		gboolean spam, automatic, imported, silent;
	} cases[] = {
		{ FALSE, FALSE, FALSE, FALSE },
		{ TRUE, FALSE, FALSE, TRUE },
		{ FALSE, TRUE, FALSE, TRUE },
		{ FALSE, FALSE, TRUE, TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket one = ticket;
		struct ident key = key_of(7);
		const struct zammad_post post = { &one, &key, NULL, 7 };
		g_autofree char *text = NULL;
		json_t *object, *preferences;

		one.spam = cases[i].spam;
		one.automatic = cases[i].automatic;
		one.imported = cases[i].imported;
		text = zammad_article_json(&post);
		object = json_loads(text, 0, NULL);
		preferences = json_object_get(object, "preferences");
		g_assert_cmpint(preferences != NULL, ==, cases[i].silent);
		if (cases[i].silent)
			g_assert_true(json_is_false(json_object_get(
			    preferences, "send-auto-response")));
		json_decref(object);
	}
}

/* What stands in a search must not be able to leave its quotes. */
static void
test_zammad_search(void)
{
	g_autofree char *path =
	    zammad_search_path("customer.email", "a\" OR \\\"*@example.net");
	g_autofree char *plain = g_uri_unescape_string(path, NULL);

	g_assert_nonnull(strstr(
	    plain, "query=customer.email:\"a OR *@example.net\"&limit=50"));
}

static void
test_zammad_ours(void)
{
	static const struct {
		const char *body;
		gboolean ours;
	} cases[] = {
		{ "[]", FALSE },
		{ "[{\"message_id\":\"<1@example.net>\"}]", TRUE },
		{ "[{\"message_id\":\"<1@example.net>\",\"body\":\"x "
		  "Deskgate-Id: 09090909090909090909090909090909\"}]",
		    FALSE },
		{ "[{\"body\":\"Deskgate-Id: 0909090909090909090909090909"
		  "0909 Deskgate-Id: 07070707070707070707070707070707\"}]",
		    TRUE },
		{ "[1,null,{\"body\":3}]", FALSE },
	};
	struct ident key = key_of(7);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		gboolean ours = TRUE;

		g_assert_true(
		    zammad_read_is_ours(body, &ticket, &key, &ours, NULL));
		g_assert_cmpint(ours, ==, cases[i].ours);
	}
}

/* A search finds what is alike; of the customer's own, what came later is told
 * apart. */
static void
test_zammad_owned(void)
{
	g_autoptr(GString) body = g_string_new(
	    "{\"tickets\":[5,6,7],\"assets\":{\"Ticket\":{"
	    "\"5\":{\"customer_id\":3,\"created_at\":\"1970-01-01T00:00:12Z\"},"
	    "\"6\":{\"customer_id\":4,\"created_at\":\"1970-01-01T00:00:10Z\"},"
	    "\"7\":{\"customer_id\":3,\"created_at\":\"1970-01-01T00:00:10Z\"}"
	    "}}}");
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct zammad_owned owned = { .user = 3, .until = 11, .ids = ids };

	g_assert_true(zammad_read_owned(body, &owned, NULL));
	g_assert_cmpuint(ids->len, ==, 1);
	g_assert_cmpint(g_array_index(ids, gint64, 0), ==, 7);
	g_assert_cmpuint(owned.later, ==, 1);
	g_assert_false(owned.full);
}

static gint64
noon(void *self)
{
	(void)self;
	return 1000 * G_USEC_PER_SEC;
}

/* By the desk's clock, and rather too much than too little. */
static void
test_until(void)
{
	static const struct clock clock = { noon, noon, NULL };
	static const struct {
		gint64 until, date, want;
	} cases[] = {
		{ 900, 0, 902 },
		{ 900, 1000, 902 },
		{ 900, 1060, 962 },
		{ 900, 940, 842 },
		{ G_MAXINT64, 940, G_MAXINT64 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(
		    desk_until(&(struct desk_whom){ "", cases[i].until },
			cases[i].date, &clock),
		    ==, cases[i].want);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/webhook/sign", test_sign);
	g_test_add_func("/tickets/webhook/template", test_template);
	g_test_add_func("/tickets/webhook/made", test_made);
	g_test_add_func("/tickets/webhook/erased", test_erased);
	g_test_add_func("/tickets/zammad/words", test_zammad_words);
	g_test_add_func("/tickets/zammad/silent", test_zammad_silent);
	g_test_add_func("/tickets/zammad/search", test_zammad_search);
	g_test_add_func("/tickets/zammad/ours", test_zammad_ours);
	g_test_add_func("/tickets/zammad/owned", test_zammad_owned);
	g_test_add_func("/tickets/desk/until", test_until);
	return g_test_run();
}
