/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/ledger_expire.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/privacy/standing.h"
#include "tests/unit/base/folder.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/ledger_ack.h"
#include "tickets/ledger_marks.h"
#include "tickets/ledger_sender.h"

#define DAY ((gint64)24 * 60 * 60 * G_USEC_PER_SEC)
#define START (10000 * DAY)

static const struct ident anna = { { 0xa } }, eve = { { 0xe } };

struct stage {
	struct folder folder; /* of the standings */
	struct standings *standings;
	struct fixture fixture;
	struct conf *conf;
	gboolean held; /* whether every message is in the spool still */
};

static void
set_up(struct stage *stage, gconstpointer unused)
{
	folder_init(&stage->folder, unused);
	stage->standings = standings_open(stage->folder.path, NULL);
	fixture_init(&stage->fixture);
	stage->conf =
	    fake_conf("inbox \"support@example.com\" { }\n"
		      "inbox \"short@example.com\" { ledger-retention = 10d }\n"
		      "desk \"main\" { }\n");
	stage->held = FALSE;
}

static void
tear_down(struct stage *stage, gconstpointer unused)
{
	conf_free(&stage->conf);
	fixture_fini(&stage->fixture);
	standings_close(&stage->standings);
	folder_fini(&stage->folder, unused);
}

/* One that became a ticket of the inbox, or joined it. */
static void
put(struct stage *stage, guint number, const char *ticket, const char *inbox,
    gint64 when)
{
	const struct ident key = fixture_ident(number);
	g_autofree char *id = g_strdup_printf("%u@example.org", number);
	const char *ids[] = { id, NULL };
	const struct ledger_links links = { ids, &anna, 1 };
	struct ledger_entry entry = { .desk = "main", .changed = when };

	g_strlcpy(entry.ticket, ticket, sizeof(entry.ticket));
	g_snprintf(entry.code, sizeof(entry.code), "T-%s", ticket);
	g_strlcpy(entry.inbox, inbox, sizeof(entry.inbox));
	g_assert_true(
	    ledger_put(stage->fixture.ledger, &key, &entry, &links, NULL));
}

static gboolean
is_held(void *self, const struct ident *key, const char *inbox)
{
	(void)key, (void)inbox;
	return ((const struct stage *)self)->held;
}

/* What one kind says of an inbox (NULL: of none). */
static int
ask(struct stage *stage, gint64 now, gboolean run, const char *kind,
    const char *inbox, const char *name)
{
	gboolean more = FALSE;
	const struct holder_expiry expiry = { .now = now,
		.run = run,
		.conf = stage->conf,
		.standings = stage->standings,
		.more = &more };
	const struct ledger_expiry asked = { &expiry, is_held, stage };
	json_t *rows = json_array(), *row;
	g_autoptr(GError) error = NULL;
	int number = 0;
	size_t i;

	g_assert_true(
	    ledger_expire(stage->fixture.ledger, &asked, rows, &error));
	g_assert_no_error(error);
	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "kind")),
			kind) == 0 &&
		    g_strcmp0(json_string_value(json_object_get(row, "inbox")),
			inbox) == 0)
			number =
			    (int)json_integer_value(json_object_get(row, name));
	}
	json_decref(rows);
	return number;
}

static gboolean
knows(struct stage *stage, const char *ticket)
{
	const struct ledger_question question = { "main", "", &anna };
	g_autofree char *code = g_strdup_printf("T-%s", ticket);
	struct ledger_place place;

	return ledger_by_code(
	    stage->fixture.ledger, &question, code, &place, NULL);
}

static void
test_inboxes(struct stage *stage, gconstpointer unused)
{
	static const char *const usual = "support@example.com";
	static const char *const short_one = "short@example.com";
	const struct ident key = fixture_ident(2);
	struct ledger_entry entry;

	(void)unused;
	put(stage, 1, "7", usual, START);
	put(stage, 2, "8", short_one, START);
	/* Two ids, code, ticket and member of each. */
	g_assert_cmpint(
	    ask(stage, START, FALSE, "threads", usual, "count"), ==, 5);
	g_assert_cmpint(ask(stage, START + 10 * DAY + 1, FALSE, "threads",
			    short_one, "past"),
	    ==, 5);
	g_assert_true(knows(stage, "8"));
	g_assert_cmpint(
	    ask(stage, START + 10 * DAY, TRUE, "threads", short_one, "gone"),
	    ==, 0);
	g_assert_cmpint(ask(stage, START + 10 * DAY + 1, TRUE, "threads",
			    short_one, "gone"),
	    ==, 5);
	g_assert_false(knows(stage, "8"));
	g_assert_false(ledger_get(stage->fixture.ledger, &key, &entry, NULL));
	g_assert_true(knows(stage, "7"));
	g_assert_cmpint(
	    ask(stage, START + 400 * DAY + 1, TRUE, "decisions", usual, "gone"),
	    ==, 1);
	g_assert_false(knows(stage, "7"));
}

/* It counts from the last use, not from the first. */
static void
test_used(struct stage *stage, gconstpointer unused)
{
	const gint64 later = START + 300 * DAY;

	(void)unused;
	put(stage, 1, "7", "support@example.com", START);
	put(stage, 2, "7", "support@example.com", later);
	(void)ask(stage, START + 401 * DAY, TRUE, "threads", NULL, "gone");
	g_assert_true(knows(stage, "7"));
	(void)ask(stage, later + 401 * DAY, TRUE, "threads", NULL, "gone");
	g_assert_false(knows(stage, "7"));
}

/* Without its record a message that is there still would be a new one. */
static void
test_held(struct stage *stage, gconstpointer unused)
{
	const struct ident key = fixture_ident(1);
	struct ledger_entry entry;

	(void)unused;
	put(stage, 1, "7", "support@example.com", START);
	stage->held = TRUE;
	(void)ask(stage, START + 401 * DAY, TRUE, "threads", NULL, "gone");
	g_assert_true(ledger_get(stage->fixture.ledger, &key, &entry, NULL));
	stage->held = FALSE;
	(void)ask(stage, START + 401 * DAY, TRUE, "threads", NULL, "gone");
	g_assert_false(ledger_get(stage->fixture.ledger, &key, &entry, NULL));
}

static void
add_sender(struct stage *stage, const struct ident *who, guint n, gint64 when)
{
	struct ledger_sender_ticket ticket = { .desk = "main", .made = when };

	g_snprintf(ticket.ticket, sizeof(ticket.ticket), "%u", n);
	g_assert_true(
	    ledger_sender_add(stage->fixture.ledger, who, &ticket, NULL));
}

static guint
tickets_of(struct stage *stage, const struct ident *who)
{
	g_autofree struct ledger_sender *sender =
	    g_new(struct ledger_sender, 1);

	g_assert_true(
	    ledger_sender_get(stage->fixture.ledger, who, sender, NULL));
	return sender->n;
}

/* Of who has not written for long all goes, of others what is old. */
static void
test_senders(struct stage *stage, gconstpointer unused)
{
	const gint64 later = START + 300 * DAY;

	(void)unused;
	add_sender(stage, &anna, 1, START);
	add_sender(stage, &eve, 1, START);
	add_sender(stage, &eve, 2, later);
	g_assert_cmpint(
	    ask(stage, START + 401 * DAY, TRUE, "senders", NULL, "gone"), ==,
	    1);
	g_assert_cmpuint(tickets_of(stage, &anna), ==, 0);
	g_assert_cmpuint(tickets_of(stage, &eve), ==, 1);
}

/* As long as he wants it kept. */
static void
test_restricted(struct stage *stage, gconstpointer unused)
{
	struct standing standing = { 1, 0, FALSE };

	(void)unused;
	add_sender(stage, &anna, 1, START);
	g_assert_true(standings_put(stage->standings, &anna, &standing, NULL));
	g_assert_cmpint(
	    ask(stage, START + 401 * DAY, TRUE, "senders", NULL, "restricted"),
	    ==, 1);
	g_assert_cmpuint(tickets_of(stage, &anna), ==, 1);
	standing.restricted = 0;
	g_assert_true(standings_put(stage->standings, &anna, &standing, NULL));
	g_assert_cmpint(
	    ask(stage, START + 401 * DAY, TRUE, "senders", NULL, "gone"), ==,
	    1);
}

/* Trust ends when it was said that it would. */
static void
test_trust(struct stage *stage, gconstpointer unused)
{
	struct ledger_trust trust = { .until = START + 30 * DAY };

	(void)unused;
	g_assert_true(
	    ledger_trust_put(stage->fixture.ledger, &anna, &trust, NULL));
	g_assert_cmpint(
	    ask(stage, START + 30 * DAY, TRUE, "trust", NULL, "gone"), ==, 0);
	g_assert_cmpint(
	    ask(stage, START + 30 * DAY + 1, TRUE, "trust", NULL, "gone"), ==,
	    1);
	g_assert_false(
	    ledger_trust_get(stage->fixture.ledger, &anna, &trust, NULL));
}

/* Who taught is counted as long as he teaches. */
static void
test_tally(struct stage *stage, gconstpointer unused)
{
	json_t *all;

	(void)unused;
	g_assert_true(ledger_tally(
	    stage->fixture.ledger, "desk:main:3", "learnt", START, NULL));
	all = ledger_tallies(stage->fixture.ledger, NULL);
	g_assert_cmpuint(
	    json_object_size(json_object_get(all, "desk:main:3")), ==, 1);
	json_decref(all);
	g_assert_cmpint(
	    ask(stage, START + 401 * DAY, TRUE, "senders", NULL, "gone"), ==,
	    1);
	all = ledger_tallies(stage->fixture.ledger, NULL);
	g_assert_cmpuint(json_object_size(all), ==, 0);
	json_decref(all);
}

/* What is being sent just now stays, whatever its record says. */
static void
test_sending(struct stage *stage, gconstpointer unused)
{
	const struct ident key = fixture_ident(1);
	const struct ledger_ack_case one = { &anna, "support@example.com",
		START, START - DAY };
	gboolean wanted;
	guint dropped;

	(void)unused;
	g_assert_true(
	    ledger_ack_want(stage->fixture.ledger, &key, &one, &wanted, NULL));
	g_assert_true(ledger_ack_begin(stage->fixture.ledger, &key, NULL));
	(void)ask(stage, START, TRUE, "senders", NULL, "gone");
	g_assert_true(
	    ledger_ack_heal(stage->fixture.ledger, FALSE, &dropped, NULL));
	g_assert_cmpuint(dropped, ==, 1);
}

#define TEST(name, function) \
	g_test_add("/tickets/ledger-expire/" name, struct stage, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("inboxes", test_inboxes);
	TEST("used", test_used);
	TEST("held", test_held);
	TEST("senders", test_senders);
	TEST("restricted", test_restricted);
	TEST("trust", test_trust);
	TEST("tally", test_tally);
	TEST("sending", test_sending);
	return g_test_run();
}
