/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/ledger_ack.h"

#include "lib/base/err.h"
#include "tests/unit/tickets/fixture.h"

static const struct ident anna = { { 0xa } }, eve = { { 0xe } };

static gboolean
want(struct fixture *fixture, guint number, const struct ident *who, gint64 now)
{
	const struct ledger_ack_case of = { who, "support@example.com", now,
		now - 100 };
	const struct ident key = fixture_ident(number);
	gboolean wanted = FALSE;

	g_assert_true(
	    ledger_ack_want(fixture->ledger, &key, &of, &wanted, NULL));
	return wanted;
}

static gboolean
next(struct fixture *fixture, gint64 now, guint number, guint want_tries)
{
	const struct ident key = fixture_ident(number);
	g_autoptr(GError) error = NULL;
	struct ident got;
	guint tries;

	if (!ledger_ack_next(fixture->ledger, now, &got, &tries, &error)) {
		g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
		return FALSE;
	}
	g_assert_true(ident_equal(&got, &key));
	g_assert_cmpuint(tries, ==, want_tries);
	return TRUE;
}

static void
test_once_a_day(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	g_assert_true(want(&fixture, 1, &anna, 1000));
	g_assert_false(want(&fixture, 2, &anna, 1050));
	g_assert_true(want(&fixture, 3, &eve, 1050));
	fixture_reopen(&fixture);
	g_assert_false(want(&fixture, 2, &anna, 1100));
	g_assert_true(want(&fixture, 4, &anna, 1101));
	fixture_fini(&fixture);
}

static void
test_steps(void)
{
	const struct ident key = fixture_ident(1);
	struct fixture fixture;
	guint dropped = 9;

	fixture_init(&fixture);
	g_assert_false(next(&fixture, 2000, 1, 0));
	g_assert_true(want(&fixture, 1, &anna, 1000));
	g_assert_false(next(&fixture, 999, 1, 0));
	g_assert_true(next(&fixture, 1000, 1, 0));
	/* Certainly not sent: again, later. */
	g_assert_true(ledger_ack_begin(fixture.ledger, &key, NULL));
	g_assert_true(ledger_ack_again(fixture.ledger, &key, 5000, 1, NULL));
	g_assert_false(next(&fixture, 4999, 1, 1));
	g_assert_true(next(&fixture, 5000, 1, 1));
	g_assert_true(ledger_ack_heal(fixture.ledger, FALSE, &dropped, NULL));
	g_assert_cmpuint(dropped, ==, 0);
	/* A kill while it was sent: never again. */
	g_assert_true(ledger_ack_begin(fixture.ledger, &key, NULL));
	fixture_reopen(&fixture);
	g_assert_false(next(&fixture, 9000, 1, 0));
	g_assert_true(ledger_ack_heal(fixture.ledger, FALSE, &dropped, NULL));
	g_assert_cmpuint(dropped, ==, 1);
	g_assert_true(ledger_ack_heal(fixture.ledger, FALSE, &dropped, NULL));
	g_assert_cmpuint(dropped, ==, 0);
	/* Sent. */
	g_assert_true(want(&fixture, 1, &anna, 3000));
	g_assert_true(ledger_ack_end(fixture.ledger, &key, NULL));
	g_assert_false(next(&fixture, 9000, 1, 0));
	fixture_fini(&fixture);
}

static void
test_digest(void)
{
	struct fixture fixture;
	gint64 day = 9;

	fixture_init(&fixture);
	g_assert_true(ledger_digest_get(
	    fixture.ledger, "support@example.com", &day, NULL));
	g_assert_cmpint(day, ==, 0);
	g_assert_true(ledger_digest_put(
	    fixture.ledger, "Support@example.com", 20780, NULL));
	fixture_reopen(&fixture);
	g_assert_true(ledger_digest_get(
	    fixture.ledger, "support@example.com", &day, NULL));
	g_assert_cmpint(day, ==, 20780);
	g_assert_true(
	    ledger_digest_get(fixture.ledger, "sales@example.com", &day, NULL));
	g_assert_cmpint(day, ==, 0);
	fixture_fini(&fixture);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/ledger-ack/once-a-day", test_once_a_day);
	g_test_add_func("/ledger-ack/steps", test_steps);
	g_test_add_func("/ledger-ack/digest", test_digest);
	return g_test_run();
}
