/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/ledger_sender.h"

#include <string.h>

#include "tests/unit/tickets/fixture.h"

static const struct ident anna = { { 0xa } }, eve = { { 0xe } };

static void
add(struct fixture *fixture, const struct ident *who, guint number)
{
	struct ledger_sender_ticket ticket = { .desk = "main",
		.made = (gint64)number * 1000 };
	g_autoptr(GError) error = NULL;

	g_snprintf(ticket.ticket, sizeof(ticket.ticket), "%u", number);
	g_assert_true(ledger_sender_add(fixture->ledger, who, &ticket, &error));
	g_assert_no_error(error);
}

static void
get(struct fixture *fixture, const struct ident *who,
    struct ledger_sender *sender_r)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    ledger_sender_get(fixture->ledger, who, sender_r, &error));
	g_assert_no_error(error);
}

static void
test_tickets(void)
{
	g_autofree struct ledger_sender *sender =
	    g_new(struct ledger_sender, 1);
	struct fixture fixture;

	fixture_init(&fixture);
	get(&fixture, &anna, sender);
	g_assert_cmpuint(sender->n, ==, 0);
	add(&fixture, &anna, 1);
	add(&fixture, &anna, 2);
	add(&fixture, &anna, 2); /* once */
	fixture_reopen(&fixture);
	get(&fixture, &anna, sender);
	g_assert_cmpuint(sender->n, ==, 2);
	g_assert_cmpstr(sender->tickets[1].ticket, ==, "2");
	g_assert_cmpstr(sender->tickets[1].desk, ==, "main");
	g_assert_cmpint(sender->tickets[1].made, ==, 2000);
	get(&fixture, &eve, sender);
	g_assert_cmpuint(sender->n, ==, 0);
	fixture_fini(&fixture);
}

/* The newest are kept. */
static void
test_most(void)
{
	g_autofree struct ledger_sender *sender =
	    g_new(struct ledger_sender, 1);
	struct fixture fixture;

	fixture_init(&fixture);
	for (guint i = 1; i <= LEDGER_SENDER_TICKETS + 2; i++)
		add(&fixture, &anna, i);
	get(&fixture, &anna, sender);
	g_assert_cmpuint(sender->n, ==, LEDGER_SENDER_TICKETS);
	g_assert_cmpstr(sender->tickets[0].ticket, ==, "3");
	g_assert_cmpint(sender->tickets[LEDGER_SENDER_TICKETS - 1].made, ==,
	    (LEDGER_SENDER_TICKETS + 2) * 1000);
	fixture_fini(&fixture);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/ledger-sender/tickets", test_tickets);
	g_test_add_func("/ledger-sender/most", test_most);
	return g_test_run();
}
