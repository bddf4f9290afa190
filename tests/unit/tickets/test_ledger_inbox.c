/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left in the ledger of an inbox that was erased: nothing of its own,
 * and all that is others'. */
#include "tickets/ledger_inbox.h"

#include <string.h>

#include "lib/base/err.h"
#include "tests/unit/tickets/fixture.h"
#include "tickets/ledger_ack.h"
#include "tickets/ledger_marks.h"
#include "tickets/ledger_sender.h"

#define GONE "support@example.com"
#define STAYS "sales@example.com"

static const struct ident anna = { { 0xa } };

static void
put(struct fixture *fixture, guint number, const char *desk, const char *ticket,
    const char *inbox)
{
	const struct ident key = fixture_ident(number);
	struct ledger_entry entry = { .intent = TRUE, .changed = 1000 };
	g_autofree char *id = g_strdup_printf("%u@example.org", number);
	const char *ids[] = { id, NULL };
	const struct ledger_links links = { ids, &anna, 1 };
	struct ledger_sender_ticket made = { .made = 1000 };
	g_autoptr(GError) error = NULL;

	g_strlcpy(entry.desk, desk, sizeof(entry.desk));
	g_strlcpy(entry.ticket, ticket, sizeof(entry.ticket));
	g_snprintf(entry.code, sizeof(entry.code), "T-%s", ticket);
	g_strlcpy(entry.inbox, inbox, sizeof(entry.inbox));
	g_strlcpy(made.desk, desk, sizeof(made.desk));
	g_strlcpy(made.ticket, ticket, sizeof(made.ticket));
	g_assert_true(
	    ledger_put(fixture->ledger, &key, &entry, &links, &error));
	g_assert_true(ledger_sender_add(fixture->ledger, &anna, &made, &error));
	g_assert_no_error(error);
}

/* Tickets 1 of desk main, 3 of desk other and 7 are the inbox's; 7 is the other
 * one's too. Ticket 3 of desk main is not the inbox's. */
static void
fill(struct fixture *fixture)
{
	fixture_init(fixture);
	put(fixture, 1, "main", "1", GONE);
	put(fixture, 2, "main", "2", STAYS);
	put(fixture, 3, "other", "3", "Support@Example.com");
	put(fixture, 4, "main", "3", STAYS);
	put(fixture, 7, "main", "7", GONE);
	put(fixture, 8, "main", "7", STAYS);
}

static void
forget(struct fixture *fixture, guint want)
{
	g_autoptr(GError) error = NULL;
	guint gone = 0;

	g_assert_true(
	    ledger_inbox_forget(fixture->ledger, GONE, &gone, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(gone, ==, want);
}

static gboolean
has_entry(struct fixture *fixture, guint number)
{
	const struct ident key = fixture_ident(number);
	struct ledger_entry entry;

	return ledger_get(fixture->ledger, &key, &entry, NULL);
}

static gboolean
has_id(struct fixture *fixture, guint number, const char *desk)
{
	g_autofree char *id = g_strdup_printf("%u@example.org", number);
	const struct ledger_question question = { desk, STAYS, &anna };
	struct ledger_place place;

	return ledger_by_id(fixture->ledger, &question, id, &place, NULL);
}

static gboolean
takes_part(struct fixture *fixture, const char *desk, const char *ticket)
{
	gboolean answer = FALSE;

	g_assert_true(ledger_takes_part(
	    fixture->ledger, desk, ticket, &anna, &answer, NULL));
	return answer;
}

static gboolean
has_mark(struct fixture *fixture, const char *desk, const char *ticket)
{
	struct ledger_mark mark;

	return ledger_mark_get(fixture->ledger, desk, ticket, &mark, NULL);
}

static void
test_forget(void)
{
	struct fixture fixture;
	struct ledger_sender sender;

	fill(&fixture);
	forget(&fixture, 3);
	for (guint number = 1; number <= 8; number++)
		g_assert_cmpint(has_entry(&fixture, number), ==,
		    number == 2 || number == 4 || number == 8);
	g_assert_false(has_id(&fixture, 1, "main"));
	g_assert_false(has_id(&fixture, 3, "other"));
	g_assert_true(has_id(&fixture, 2, "main"));
	/* The same number at another desk is another ticket. */
	g_assert_true(has_id(&fixture, 4, "main"));
	/* Who answers to mail of a ticket that stays finds it. */
	g_assert_true(has_id(&fixture, 7, "main"));
	g_assert_false(takes_part(&fixture, "main", "1"));
	g_assert_false(takes_part(&fixture, "other", "3"));
	g_assert_true(takes_part(&fixture, "main", "3"));
	g_assert_true(takes_part(&fixture, "main", "7"));
	g_assert_false(has_mark(&fixture, "main", "1"));
	g_assert_true(has_mark(&fixture, "main", "2"));
	g_assert_true(ledger_sender_get(fixture.ledger, &anna, &sender, NULL));
	g_assert_cmpuint(sender.n, ==, 3);
	forget(&fixture, 0);
	fixture_fini(&fixture);
}

static void
test_own_mail(void)
{
	const struct ident one = fixture_ident(1), two = fixture_ident(2);
	const struct ledger_ack_case gone = { &anna, GONE, 5, 0 };
	const struct ledger_ack_case stays = { &anna, STAYS, 6, 0 };
	struct fixture fixture;
	struct ident due;
	gboolean wanted;
	guint tries;
	gint64 day;

	fill(&fixture);
	g_assert_true(
	    ledger_ack_want(fixture.ledger, &one, &gone, &wanted, NULL));
	g_assert_true(
	    ledger_ack_want(fixture.ledger, &two, &stays, &wanted, NULL));
	g_assert_true(ledger_digest_put(fixture.ledger, GONE, 7, NULL));
	g_assert_true(ledger_digest_put(fixture.ledger, STAYS, 8, NULL));
	forget(&fixture, 3);
	g_assert_true(ledger_ack_next(fixture.ledger, 100, &due, &tries, NULL));
	g_assert_true(ident_equal(&due, &two));
	g_assert_true(ledger_digest_get(fixture.ledger, GONE, &day, NULL));
	g_assert_cmpint(day, ==, 0);
	g_assert_true(ledger_digest_get(fixture.ledger, STAYS, &day, NULL));
	g_assert_cmpint(day, ==, 8);
	/* He may be told again at once: that he was is forgotten. */
	g_assert_true(
	    ledger_ack_want(fixture.ledger, &one, &gone, &wanted, NULL));
	g_assert_true(wanted);
	fixture_fini(&fixture);
}

static void
test_tickets(void)
{
	struct fixture fixture;
	json_t *tickets;

	fill(&fixture);
	tickets = ledger_inbox_tickets(fixture.ledger, GONE, NULL);
	g_assert_cmpint(json_object_size(tickets), ==, 2);
	g_assert_cmpint(
	    json_integer_value(json_object_get(tickets, "main")), ==, 2);
	g_assert_cmpint(
	    json_integer_value(json_object_get(tickets, "other")), ==, 1);
	json_decref(tickets);
	fixture_fini(&fixture);
}

static void
test_shared(void)
{
	struct fixture fixture;
	g_autoptr(GPtrArray) shared = NULL;
	const struct ident seven = fixture_ident(7);
	const struct ledger_shared *one;

	fill(&fixture);
	shared = ledger_inbox_shared(fixture.ledger, "main", GONE, NULL);
	g_assert_cmpuint(shared->len, ==, 1);
	one = shared->pdata[0];
	g_assert_cmpstr(one->ticket, ==, "7");
	g_assert_cmpstr(one->inbox, ==, STAYS);
	g_assert_cmpuint(one->entries->len, ==, 1);
	g_assert_true(
	    ident_equal(&g_array_index(one->entries, struct ident, 0), &seven));
	fixture_fini(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/ledger-inbox/forget", test_forget);
	g_test_add_func("/tickets/ledger-inbox/own-mail", test_own_mail);
	g_test_add_func("/tickets/ledger-inbox/tickets", test_tickets);
	g_test_add_func("/tickets/ledger-inbox/shared", test_shared);
	return g_test_run();
}
