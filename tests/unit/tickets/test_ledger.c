/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/ledger.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/err.h"
#include "tests/unit/tickets/fixture.h"
#include "tickets/ledger_check.h"
#include "tickets/ledger_marks.h"
#include "tickets/thread.h"
#include "tickets/token.h"

static const struct ident anna = { { 0xa } }, eve = { { 0xe } };

static struct ledger_entry
record(const char *ticket, const char *inbox)
{
	struct ledger_entry entry = { .intent = TRUE, .changed = 1000 };

	g_strlcpy(entry.desk, "main", sizeof(entry.desk));
	g_strlcpy(entry.ticket, ticket, sizeof(entry.ticket));
	if (ticket[0] != '\0')
		g_snprintf(entry.code, sizeof(entry.code), "T-%s", ticket);
	g_strlcpy(entry.inbox, inbox, sizeof(entry.inbox));
	return entry;
}

static void
put(struct fixture *fixture, guint number, const char *ticket,
    const char *inbox, const char *message_id)
{
	const struct ident key = fixture_ident(number);
	const struct ledger_entry entry = record(ticket, inbox);
	const char *ids[] = { message_id, NULL };
	const struct ledger_links links = { ids, &anna, 1 };
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    ledger_put(fixture->ledger, &key, &entry, &links, &error));
	g_assert_no_error(error);
}

static void
test_entry(void)
{
	struct fixture fixture;
	const struct ident key = fixture_ident(1);
	struct ledger_entry entry = record("7", "support@example.com"), back;
	g_autoptr(GError) error = NULL;

	fixture_init(&fixture);
	g_assert_false(ledger_get(fixture.ledger, &key, &back, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	entry.appended = TRUE;
	entry.attempts = 12;
	entry.next = 99;
	memset(entry.reason, 'x', sizeof(entry.reason) - 1);
	entry.reason[3] = (char)0xff; /* a desk's words need not be UTF-8 */
	g_assert_true(ledger_put(fixture.ledger, &key, &entry, NULL, &error));
	fixture_reopen(&fixture);
	g_assert_true(ledger_get(fixture.ledger, &key, &back, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(back.desk, ==, "main");
	g_assert_cmpstr(back.ticket, ==, "7");
	g_assert_cmpstr(back.code, ==, "T-7");
	g_assert_cmpstr(back.inbox, ==, "support@example.com");
	g_assert_true(back.intent && back.appended && !back.released);
	g_assert_cmpuint(back.attempts, ==, 12);
	g_assert_cmpint(back.next, ==, 99);
	g_assert_true(g_str_has_prefix(back.reason, "xxx\xef\xbf\xbdxx"));
	g_assert_true(g_utf8_validate(back.reason, -1, NULL));
	g_assert_true(ledger_del(fixture.ledger, &key, NULL));
	g_assert_true(ledger_del(fixture.ledger, &key, NULL));
	g_assert_false(ledger_get(fixture.ledger, &key, &back, NULL));
	fixture_fini(&fixture);
}

static void
test_by_id(void)
{
	static const struct {
		const char *name, *desk, *inbox, *id, *ticket; /* NULL: none */
		const struct ident *subject;
		gboolean same_inbox, takes_part;
	} cases[] = {
		{ "his own", "main", "support@example.com", "a@x", "7", &anna,
		    TRUE, TRUE },
		{ "a stranger", "main", "support@example.com", "a@x", "7", &eve,
		    TRUE, FALSE },
		{ "nobody", "main", "support@example.com", "a@x", "7", NULL,
		    TRUE, FALSE },
		{ "second inbox", "main", "sales@example.com", "a@x", "8",
		    &anna, TRUE, TRUE },
		{ "third inbox", "main", "info@example.com", "a@x", "7", &anna,
		    FALSE, TRUE },
		{ "other desk", "other", "support@example.com", "a@x", NULL,
		    &anna, FALSE, FALSE },
		{ "other id", "main", "support@example.com", "A@x", NULL, &anna,
		    FALSE, FALSE },
	};
	struct fixture fixture;

	fixture_init(&fixture);
	put(&fixture, 1, "7", "support@example.com", "a@x");
	put(&fixture, 2, "8", "sales@example.com", "a@x");
	put(&fixture, 3, "9", "support@example.com", "a@x"); /* too late */
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ledger_question question = { cases[i].desk,
			cases[i].inbox, cases[i].subject };
		g_autoptr(GError) error = NULL;
		struct ledger_place place = { 0 };
		gboolean found = ledger_by_id(
		    fixture.ledger, &question, cases[i].id, &place, &error);

		g_test_message("%s", cases[i].name);
		g_assert_cmpint(found, ==, cases[i].ticket != NULL);
		if (!found) {
			g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
			continue;
		}
		g_assert_cmpstr(place.ticket, ==, cases[i].ticket);
		g_assert_cmpint(place.same_inbox, ==, cases[i].same_inbox);
		g_assert_cmpint(place.takes_part, ==, cases[i].takes_part);
	}
	fixture_fini(&fixture);
}

/* Ids and people are not written as they are. */
static void
test_digests(void)
{
	struct fixture fixture;
	g_autofree char *path = NULL, *data = NULL;
	gsize length;

	fixture_init(&fixture);
	put(&fixture, 1, "7", "i", "secret-message-id@example.org");
	path = fixture_path(&fixture, "ledger/data.mdb");
	g_assert_true(g_file_get_contents(path, &data, &length, NULL));
	g_assert_null(memmem(data, length, "secret-message", 14));
	fixture_fini(&fixture);
}

/* --- threads --- */

static const struct {
	const char *name, *tag, *id;
	const char *references[3];
	const struct ident *subject;
	const char *joins, *refers; /* ticket */
	gboolean repeated;
} threads[] = {
	{ "new", NULL, "n@x", { NULL }, &anna, NULL, NULL, FALSE },
	{ "reply", NULL, "n@x", { "b@x", "a@x" }, &anna, "8", NULL, FALSE },
	{ "older id", NULL, "n@x", { "z@x", "a@x" }, &anna, "7", NULL, FALSE },
	{ "tag first", "T-7", "n@x", { "b@x" }, &anna, "7", NULL, FALSE },
	{ "stranger", NULL, "n@x", { "b@x", "a@x" }, &eve, NULL, "8", FALSE },
	{ "stranger's tag", "T-7", "n@x", { NULL }, &eve, NULL, "7", FALSE },
	{ "stranger's tag, own reply", "T-7", "n@x", { "e@x" }, &eve, "9", NULL,
	    FALSE },
	{ "unknown tag", "T-99", "n@x", { NULL }, &anna, NULL, NULL, FALSE },
	{ "known id again", NULL, "a@x", { NULL }, &eve, NULL, NULL, TRUE },
	{ "no id", NULL, NULL, { NULL }, &anna, NULL, NULL, FALSE },
};

static void
test_thread(void)
{
	struct fixture fixture;
	const struct ident key = fixture_ident(3);
	const char *ids[] = { "e@x", NULL };
	const struct ledger_links links = { ids, &eve, 1 };
	struct ledger_entry entry = record("9", "i");

	fixture_init(&fixture);
	put(&fixture, 1, "7", "i", "a@x");
	put(&fixture, 2, "8", "i", "b@x");
	g_assert_true(ledger_put(fixture.ledger, &key, &entry, &links, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
		const struct ledger_question question = { "main", "i",
			threads[i].subject };
		g_autoptr(GPtrArray) references = g_ptr_array_new();
		struct ticket ticket = { .subject_tag = (char *)threads[i].tag,
			.message_id = (char *)threads[i].id,
			.references = references };
		g_autofree char *note = NULL;
		struct thread thread;

		g_test_message("%s", threads[i].name);
		for (guint j = 0; j < 3 && threads[i].references[j] != NULL;
		     j++)
			g_ptr_array_add(
			    references, (char *)threads[i].references[j]);
		g_assert_true(thread_find(fixture.ledger,
		    &(struct thread_asker){ .question = &question }, &ticket,
		    &thread, NULL));
		g_assert_cmpint(thread.joins, ==, threads[i].joins != NULL);
		g_assert_cmpint(thread.refers, ==, threads[i].refers != NULL);
		g_assert_cmpint(thread.repeated_id, ==, threads[i].repeated);
		if (threads[i].joins != NULL)
			g_assert_cmpstr(
			    thread.place.ticket, ==, threads[i].joins);
		if (threads[i].refers != NULL)
			g_assert_cmpstr(
			    thread.place.ticket, ==, threads[i].refers);
		note = thread_note(&thread);
		g_assert_cmpint(note != NULL, ==,
		    threads[i].refers != NULL || threads[i].repeated);
	}
	fixture_fini(&fixture);
}

/* A token joins whoever has it, a marker and a hint those who take part, and
 * what DMARC disowns joins nothing. */
static void
test_signs(void)
{
	struct fixture fixture;
	const struct ledger_question stranger = { "main", "i", &eve };
	const struct ledger_question known = { "main", "i", &anna };
	struct secret *key OWNED(secret_free) = secret_random(32);
	struct thread_asker asker = { .question = &stranger, .key = key };
	struct ticket *ticket OWNED(ticket_free) = ticket_new();
	struct thread thread;

	fixture_init(&fixture);
	put(&fixture, 1, "7", "i", "a@x");
	ticket->origin.marker = g_strdup("T-7");
	g_assert_true(
	    thread_find(fixture.ledger, &asker, ticket, &thread, NULL));
	g_assert_false(thread.joins || thread.refers);
	asker.question = &known;
	g_assert_true(
	    thread_find(fixture.ledger, &asker, ticket, &thread, NULL));
	g_assert_true(thread.joins);
	g_clear_pointer(&ticket->origin.marker, g_free);
	g_ptr_array_add(ticket->origin.hints, g_strdup("a@x"));
	g_assert_true(
	    thread_find(fixture.ledger, &asker, ticket, &thread, NULL));
	g_assert_true(thread.joins);
	g_ptr_array_set_size(ticket->origin.hints, 0);

	asker.question = &stranger;
	g_ptr_array_add(
	    ticket->origin.tokens, g_strdup("dg-7-aaaaaaaaaaaaaaaa"));
	g_ptr_array_add(ticket->origin.tokens, token_make(key, "other", "7"));
	g_assert_true(
	    thread_find(fixture.ledger, &asker, ticket, &thread, NULL));
	g_assert_false(thread.joins);
	g_ptr_array_add(ticket->origin.tokens, token_make(key, "main", "7"));
	g_assert_true(
	    thread_find(fixture.ledger, &asker, ticket, &thread, NULL));
	g_assert_true(thread.joins);
	g_assert_cmpstr(thread.place.code, ==, "T-7");
	ticket->origin.auth = ORIGIN_FAILED;
	g_assert_true(
	    thread_find(fixture.ledger, &asker, ticket, &thread, NULL));
	g_assert_false(thread.joins);
	g_assert_true(thread.refers);
	fixture_fini(&fixture);
}

static void
test_undeliverable(void)
{
	struct fixture fixture;
	char status[LEDGER_STATUS_MAX];

	fixture_init(&fixture);
	g_assert_true(
	    ledger_undeliverable(fixture.ledger, &anna, status, NULL));
	g_assert_cmpstr(status, ==, "");
	g_assert_true(ledger_set_undeliverable(
	    fixture.ledger, &anna, "5.1.1", 1000, NULL));
	g_assert_true(
	    ledger_undeliverable(fixture.ledger, &anna, status, NULL));
	g_assert_cmpstr(status, ==, "5.1.1");
	g_assert_true(
	    ledger_set_undeliverable(fixture.ledger, &anna, NULL, 0, NULL));
	g_assert_true(
	    ledger_undeliverable(fixture.ledger, &anna, status, NULL));
	g_assert_cmpstr(status, ==, "");
	fixture_fini(&fixture);
}

/* Past the ceiling nothing is looked at. */
static void
test_thread_ceiling(void)
{
	struct fixture fixture;
	const struct ledger_question question = { "main", "i", &anna };
	g_autoptr(GPtrArray) references = g_ptr_array_new();
	struct ticket ticket = { .references = references };
	struct thread thread;

	fixture_init(&fixture);
	put(&fixture, 1, "7", "i", "a@x");
	for (guint i = 0; i < 20; i++)
		g_ptr_array_add(references, (char *)"unknown@x");
	g_ptr_array_add(references, (char *)"a@x");
	g_assert_true(thread_find(fixture.ledger,
	    &(struct thread_asker){ .question = &question }, &ticket, &thread,
	    NULL));
	g_assert_false(thread.joins);
	g_ptr_array_remove_index(references, 0);
	g_assert_true(thread_find(fixture.ledger,
	    &(struct thread_asker){ .question = &question }, &ticket, &thread,
	    NULL));
	g_assert_true(thread.joins);
	fixture_fini(&fixture);
}

/* How many records of the ledger are none, with a cursor of these bytes. */
static guint
count_broken(struct fixture *fixture, const char *text)
{
	struct desk_cursor cursor;
	guint64 records;
	GPtrArray *list;
	guint count;

	g_strlcpy(cursor.text, text, sizeof(cursor.text));
	g_assert_true(
	    ledger_cursor_put(fixture->ledger, "main", &cursor, NULL));
	list = ledger_check(fixture->ledger, &records, NULL);
	g_assert_nonnull(list);
	g_assert_cmpuint(records, ==, 1);
	count = list->len;
	g_ptr_array_unref(list);
	return count;
}

/* Each desk writes its cursor in its own way, LiveAgent's is no JSON. */
static void
test_check_cursor(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	g_assert_cmpuint(count_broken(&fixture, "4711"), ==, 0);
	g_assert_cmpuint(
	    count_broken(&fixture, "2026-11-28 12:00:00 again kx1"), ==, 0);
	g_assert_cmpuint(
	    count_broken(&fixture, "1795896000 1795896005 17"), ==, 0);
	g_assert_cmpuint(count_broken(&fixture, "47\x01"
						"1"),
	    ==, 1);
	g_assert_cmpuint(count_broken(&fixture, "47\xff"
						"1"),
	    ==, 1);
	fixture_fini(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/ledger/entry", test_entry);
	g_test_add_func("/tickets/ledger/by-id", test_by_id);
	g_test_add_func("/tickets/ledger/digests", test_digests);
	g_test_add_func("/tickets/thread/table", test_thread);
	g_test_add_func("/tickets/thread/ceiling", test_thread_ceiling);
	g_test_add_func("/tickets/thread/signs", test_signs);
	g_test_add_func("/tickets/ledger/undeliverable", test_undeliverable);
	g_test_add_func("/tickets/ledger/check-cursor", test_check_cursor);
	return g_test_run();
}
