/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who opens a ticket is told once, wherever delivery was killed. */
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver.h"
#include "tickets/ledger_ack.h"

struct stage {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	struct ident key;
};

static void
stage_init(struct stage *stage, gconstpointer unused)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(1, ENTRY_TICKET);
	enum spool_put result;

	(void)unused;
	*fake_now() = (struct fake){ 0 };
	fixture_init(&stage->fixture);
	stage->conf =
	    fake_conf("inbox \"support@example.com\" { acknowledge = yes }\n"
		      "desk \"main\" { }\n");
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
	stage->key = fixture_ident(1);
	g_assert_true(fixture_put(&stage->fixture, entry,
	    "from: anna@example.org\nid: a@x", &result, NULL));
}

static void
stage_fini(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	deliver_close(&stage->deliver);
	conf_free(&stage->conf);
	fixture_fini(&stage->fixture);
}

static void
deliver(struct stage *stage)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(deliver_one(stage->deliver, &stage->key, &error));
	g_assert_no_error(error);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_DONE);
}

static void
again(struct stage *stage)
{
	g_assert_true(spool_move(
	    stage->fixture.spool, &stage->key, SPOOL_DONE, SPOOL_NEW, NULL));
	deliver(stage);
}

static gboolean
is_due(struct stage *stage)
{
	struct ident due;
	guint tries;

	if (!ledger_ack_next(
		stage->fixture.ledger, fake_now()->wall, &due, &tries, NULL))
		return FALSE;
	g_assert_true(ident_equal(&due, &stage->key));
	return TRUE;
}

static void
test_once(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	g_assert_false(is_due(stage));
	deliver(stage);
	g_assert_true(is_due(stage));
	again(stage);
	g_assert_true(ledger_ack_end(stage->fixture.ledger, &stage->key, NULL));
	again(stage);
	g_assert_false(is_due(stage));
	g_assert_cmpuint(
	    fake_count(&stage->fixture, "create", &stage->key), ==, 1);
}

/* The ticket was in the ledger, and what follows it was not. */
static void
test_killed(struct stage *stage, gconstpointer unused)
{
	const struct ledger_entry made = {
		.ticket = "7", .code = "T-7", .changed = fake_now()->wall
	};

	(void)unused;
	g_assert_true(
	    ledger_put(stage->fixture.ledger, &stage->key, &made, NULL, NULL));
	deliver(stage);
	g_assert_cmpuint(
	    fake_count(&stage->fixture, "create", &stage->key), ==, 0);
	g_assert_true(is_due(stage));
	g_assert_true(spool_has_wrap(stage->fixture.spool, &stage->key));
}

/* The same message comes again when its ticket is long made and its source
 * gone. */
static void
test_late(struct stage *stage, gconstpointer unused)
{
	const struct ledger_entry made = {
		.ticket = "7", .code = "T-7", .changed = fake_now()->wall
	};

	(void)unused;
	g_assert_true(
	    ledger_put(stage->fixture.ledger, &stage->key, &made, NULL, NULL));
	fake_now()->wall += 25 * 3600 * (gint64)G_USEC_PER_SEC;
	deliver(stage);
	g_assert_false(is_due(stage));
	g_assert_true(spool_has_wrap(stage->fixture.spool, &stage->key));
}

/* Another state was put in the place of ours: what was due in it, and what was
 * not delivered, may have been acknowledged since.  What comes in then was not.
 */
static void
test_restored(struct stage *stage, gconstpointer unused)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(2, ENTRY_TICKET);
	struct deliver_restored found;
	enum spool_put result;

	(void)unused;
	deliver(stage);
	g_assert_true(is_due(stage));
	g_assert_true(deliver_look_first(stage->deliver, &found, NULL));
	g_assert_cmpuint(found.acks, ==, 1);
	g_assert_false(is_due(stage));
	g_assert_true(spool_move(
	    stage->fixture.spool, &stage->key, SPOOL_DONE, SPOOL_NEW, NULL));
	g_assert_true(ledger_del(stage->fixture.ledger, &stage->key, NULL));
	fake_now()->wall += 25 * 3600 * (gint64)G_USEC_PER_SEC;
	g_assert_true(deliver_look_first(stage->deliver, &found, NULL));
	g_assert_cmpuint(found.waiting, ==, 1);
	g_assert_cmpuint(found.acks, ==, 0);
	deliver(stage);
	g_assert_false(is_due(stage));
	g_assert_true(fixture_put(&stage->fixture, entry,
	    "from: bert@example.org\nid: b@x", &result, NULL));
	stage->key = fixture_ident(2);
	g_assert_true(deliver_one(stage->deliver, &stage->key, NULL));
	g_assert_true(is_due(stage));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/tickets/deliver-ack/once", struct stage, NULL, stage_init,
	    test_once, stage_fini);
	g_test_add("/tickets/deliver-ack/killed", struct stage, NULL,
	    stage_init, test_killed, stage_fini);
	g_test_add("/tickets/deliver-ack/late", struct stage, NULL, stage_init,
	    test_late, stage_fini);
	g_test_add("/tickets/deliver-ack/restored", struct stage, NULL,
	    stage_init, test_restored, stage_fini);
	return g_test_run();
}
