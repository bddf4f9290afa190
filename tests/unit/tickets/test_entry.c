/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/entry.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/tickets/fixture.h"

struct origin {
	const char *name, *inbox, *id, *from, *date, *subject, *body, *sender;
	gint64 window;
	gboolean same; /* as the first */
	const char *content;
};

static const struct origin origins[] = {
	{ "first", "support@example.com", "a@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, TRUE },
	{ "inbox in capitals", "SUPPORT@example.com", "a@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, TRUE },
	{ "line ends by LF", "support@example.com", "a@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "text\n",
	    "a@example.org", 7, TRUE },
	{ "other sender, subject, window", "support@example.com",
	    "a@example.org", "Anna <a@example.org>", "Mon, 1 Jan 2024",
	    "[list] Hello", "text\r\n", "bounce-7@example.net", 8, TRUE },
	{ "other inbox", "sales@example.com", "a@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, FALSE },
	{ "other id", "support@example.com", "b@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, FALSE },
	{ "other From", "support@example.com", "a@example.org",
	    "Eve <eve@example.net>", "Mon, 1 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, FALSE },
	{ "other date", "support@example.com", "a@example.org",
	    "Anna <a@example.org>", "Tue, 2 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, FALSE },
	{ "other body", "support@example.com", "a@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "texts\r\n",
	    "a@example.org", 7, FALSE },
	{ "other encoding", "support@example.com", "a@example.org",
	    "Anna <a@example.org>", "Mon, 1 Jan 2024", "Hello", "text\r\n",
	    "a@example.org", 7, FALSE, "\ntext/plain\nbase64" },
	{ "no date", "support@example.com", "a@example.org",
	    "Anna <a@example.org>", NULL, "Hello", "text\r\n", "a@example.org",
	    7, FALSE },
	{ "no id", "support@example.com", NULL, "Anna <a@example.org>",
	    "Mon, 1 Jan 2024", "Hello", "text\r\n", "a@example.org", 7, FALSE },
};

static struct ident
key_of(const struct secret *secret, const struct origin *origin)
{
	struct envelope *envelope OWNED(envelope_free) = envelope_new();
	const struct loop_headers headers = { (char *)origin->id,
		(char *)origin->from, (char *)origin->date,
		(char *)origin->subject, (char *)origin->content };
	struct entry_origin from = { .inbox = origin->inbox,
		.envelope = envelope,
		.headers = &headers,
		.window = origin->window };
	struct ident key;

	g_free(envelope->sender);
	envelope->sender = g_strdup(origin->sender);
	envelope->queue_id = g_strdup("4XyZ1a2b3c");
	envelope->mta_name = g_strdup("mx.example.com");
	entry_body_digest((const guint8 *)origin->body, strlen(origin->body),
	    from.body_digest);
	entry_key(secret, &from, &key);
	return key;
}

static void
test_key(void)
{
	struct secret *secret OWNED(secret_free) = secret_random(32);
	struct secret *other OWNED(secret_free) = secret_random(32);
	const struct ident first = key_of(secret, &origins[0]);
	struct ident foreign;

	for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
		const struct ident key = key_of(secret, &origins[i]);

		g_test_message("%s", origins[i].name);
		g_assert_cmpint(ident_equal(&key, &first), ==, origins[i].same);
	}
	foreign = key_of(other, &origins[0]);
	g_assert_false(ident_equal(&foreign, &first));
}

/* Without a client's id the window, sender and subject count; an id of the
 * MTA's own making is none. */
static void
test_key_without_id(void)
{
	struct secret *secret OWNED(secret_free) = secret_random(32);
	struct origin origin = origins[0];
	struct ident none, mtas, changed;

	origin.id = NULL;
	none = key_of(secret, &origin);
	origin.id = "20240101.4XyZ1a2b3c@mx.example.com";
	mtas = key_of(secret, &origin);
	g_assert_true(ident_equal(&none, &mtas));
	origin.window = 8;
	changed = key_of(secret, &origin);
	g_assert_false(ident_equal(&none, &changed));
	origin.window = 7;
	origin.subject = "Other";
	changed = key_of(secret, &origin);
	g_assert_false(ident_equal(&none, &changed));
	origin = origins[0];
	origin.id = "20240101120000.4XyZ1a2b3c@mx.example.com";
	origin.date = "Mon, 1 Jan 2024 12:00:00 +0000 (UTC)";
	mtas = key_of(secret, &origin);
	origin.date = NULL;
	none = key_of(secret, &origin);
	g_assert_true(ident_equal(&none, &mtas));
	origin.date = "Mon, 1 Jan 2024 11:59:59 +0000 (UTC)";
	changed = key_of(secret, &origin);
	g_assert_false(ident_equal(&none, &changed));
}

static void
test_json(void)
{
	struct entry *entry OWNED(entry_free) =
	    fixture_entry(7, ENTRY_QUARANTINE);
	struct entry *back OWNED(entry_free) = NULL;
	g_autoptr(GError) error = NULL;
	json_t *object;

	entry->size = 12345;
	g_free(entry->recipient);
	entry->recipient = g_strdup("caf\xe9@example.com"); /* not UTF-8 */
	object = entry_to_json(entry);
	back = entry_from_json(object, &error);
	json_decref(object);
	g_assert_no_error(error);
	g_assert_nonnull(back);
	g_assert_true(ident_equal(&back->key, &entry->key));
	g_assert_cmpint(back->action, ==, ENTRY_QUARANTINE);
	g_assert_cmpstr(back->inbox, ==, "support@example.com");
	g_assert_cmpstr(back->recipient, ==, "caf\xef\xbf\xbd@example.com");
	g_assert_cmpstr(back->envelope->sender, ==, "anna@example.org");
	g_assert_cmpint(back->verdict.class, ==, VERDICT_SPAM);
	g_assert_cmpint(back->received, ==, entry->received);
	g_assert_cmpuint(back->size, ==, 12345);
}

static void
test_json_bad(void)
{
	static const char *const members[] = { "key", "inbox", "recipient",
		"action", "envelope", "verdict", "received", "size" };
	struct entry *entry OWNED(entry_free) = fixture_entry(7, ENTRY_TICKET);

	for (guint i = 0; i < 2 * G_N_ELEMENTS(members); i++) {
		const char *member = members[i / 2];
		g_autoptr(GError) error = NULL;
		json_t *object = entry_to_json(entry);

		g_test_message("%s %s", member, i % 2 ? "missing" : "true");
		if (i % 2 == 1)
			json_object_del(object, member);
		else
			json_object_set_new(object, member, json_true());
		g_assert_null(entry_from_json(object, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		json_decref(object);
	}
}

/* What was scored may be missing; its length is a number that can be one. */
static void
test_json_scored(void)
{
	static const struct {
		const char *value;
		gboolean good;
	} rows[] = { { "0", TRUE }, { "6000", TRUE }, { "-1", FALSE },
		{ "4294967296", FALSE }, { "1.5", FALSE }, { "\"6\"", FALSE },
		{ "null", FALSE } };
	struct entry *entry OWNED(entry_free) = fixture_entry(7, ENTRY_TICKET);

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct entry *back OWNED(entry_free) = NULL;
		json_t *object = entry_to_json(entry);

		g_assert_null(json_object_get(object, "scored"));
		json_object_set_new(object, "scored",
		    json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		back = entry_from_json(object, NULL);
		g_test_message("%s", rows[i].value);
		g_assert_cmpint(back != NULL, ==, rows[i].good);
		json_decref(object);
	}
}

static void
test_words(void)
{
	for (guint i = ENTRY_TICKET; i <= ENTRY_QUARANTINE; i++) {
		enum entry_action action;

		g_assert_true(entry_action_parse(
		    entry_action_word((enum entry_action)i), &action));
		g_assert_cmpint(action, ==, (enum entry_action)i);
	}
	g_assert_false(entry_action_parse("reject", &(enum entry_action){ 0 }));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/entry/json-scored", test_json_scored);
	g_test_add_func("/tickets/entry/key", test_key);
	g_test_add_func("/tickets/entry/key-without-id", test_key_without_id);
	g_test_add_func("/tickets/entry/json", test_json);
	g_test_add_func("/tickets/entry/json-bad", test_json_bad);
	g_test_add_func("/tickets/entry/words", test_words);
	return g_test_run();
}
