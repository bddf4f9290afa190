/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail of an inbox that is suspended waits, and no desk hears of it. */
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver_private.h"

#define MANY 40

struct rest {
	struct fixture fixture;
	struct conf *conf;
	struct lives *lives;
	struct deliver *deliver;
};

static gboolean
put_state(void *self, struct life *life, GError **error)
{
	(void)error;
	life->state = *(const enum life_state *)self;
	life->since = 1;
	return TRUE;
}

static void
set(struct rest *rest, enum life_state state)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(0, ENTRY_TICKET);
	const struct lives_change change = { put_state, &state };

	g_assert_true(
	    lives_edit(rest->lives, entry->inbox, &change, NULL, NULL));
}

static void
set_up(struct rest *rest, gconstpointer unused)
{
	(void)unused;
	*fake_now() = (struct fake){ .mode = FAKE_GOOD };
	fixture_init(&rest->fixture);
	rest->conf = fake_conf(NULL);
	rest->lives = lives_open(rest->fixture.key_dir, NULL);
	fake_now()->lives = rest->lives;
	rest->deliver = fake_deliver(&rest->fixture, rest->conf);
}

static void
tear_down(struct rest *rest, gconstpointer unused)
{
	(void)unused;
	deliver_close(&rest->deliver);
	fake_now()->lives = NULL;
	lives_close(&rest->lives);
	conf_free(&rest->conf);
	fixture_fini(&rest->fixture);
}

static struct ident
put(struct rest *rest, guint number)
{
	struct entry *entry OWNED(entry_free) =
	    fixture_entry(number, ENTRY_TICKET);
	enum spool_put result;

	g_assert_true(fixture_put(
	    &rest->fixture, entry, "from: anna@example.org", &result, NULL));
	return fixture_ident(number);
}

static void
test_waits(struct rest *rest, gconstpointer unused)
{
	static const enum life_state states[] = { LIFE_SUSPENDED, LIFE_ENDED,
		LIFE_ERASING };
	struct ident key = put(rest, 1);
	struct ledger_entry record;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
		set(rest, states[i]);
		g_assert_true(deliver_one(rest->deliver, &key, NULL));
		g_assert_cmpint(
		    fixture_state(&rest->fixture, 1), ==, SPOOL_WAIT);
		g_assert_true(
		    ledger_get(rest->fixture.ledger, &key, &record, NULL));
		g_assert_cmpuint(record.attempts, ==, 0);
		g_assert_false(record.intent);
		g_assert_nonnull(g_strstr_len(record.reason, -1, "no mail"));
	}
	g_assert_cmpuint(fake_now()->calls, ==, 0);
	set(rest, LIFE_ACTIVE);
	g_assert_true(deliver_one(rest->deliver, &key, NULL));
	g_assert_cmpint(fixture_state(&rest->fixture, 1), ==, SPOOL_DONE);
	g_assert_cmpuint(fake_count(&rest->fixture, "create", &key), ==, 1);
}

/* Why one was held is told on its ticket, however long it rested since. */
static void
test_released(struct rest *rest, gconstpointer unused)
{
	struct ident key = put(rest, 1);
	struct ledger_entry record = { .inbox = "support@example.com",
		.released = TRUE,
		.reason = "spam" };

	(void)unused;
	g_assert_true(
	    ledger_put(rest->fixture.ledger, &key, &record, NULL, NULL));
	set(rest, LIFE_SUSPENDED);
	g_assert_true(deliver_one(rest->deliver, &key, NULL));
	g_assert_true(ledger_get(rest->fixture.ledger, &key, &record, NULL));
	g_assert_cmpstr(record.reason, ==, "spam");
}

static guint
count_state(struct rest *rest, enum spool_state state)
{
	g_autoptr(GArray) keys =
	    spool_list(rest->fixture.spool, state, G_MAXUINT, NULL);

	return keys->len;
}

static gboolean
comes(struct rest *rest, enum spool_state state, guint count)
{
	for (guint i = 0; i < 600; i++) {
		if (count_state(rest, state) == count)
			return TRUE;
		g_usleep(50000);
	}
	return FALSE;
}

/* With the threads: all of it goes on after it was resumed. */
static void
test_threads(struct rest *rest, gconstpointer unused)
{
	(void)unused;
	set(rest, LIFE_SUSPENDED);
	for (guint i = 0; i < MANY; i++)
		put(rest, i);
	fake_now()->wall = g_get_real_time();
	g_assert_true(deliver_start(rest->deliver, NULL));
	g_assert_true(comes(rest, SPOOL_WAIT, MANY));
	g_assert_cmpuint(fake_count(&rest->fixture, "create", NULL), ==, 0);
	set(rest, LIFE_ACTIVE);
	deliver_wake(rest->deliver);
	g_assert_true(comes(rest, SPOOL_DONE, MANY));
	deliver_stop(rest->deliver);
	g_assert_cmpuint(fake_count(&rest->fixture, "create", NULL), ==, MANY);
}

/* A desk is left alone when all inboxes that name it rest. */
static void
test_desk(struct rest *rest, gconstpointer unused)
{
	struct conf *conf =
	    fake_conf("inbox \"support@example.com\" { desk = \"main\" }\n"
		      "inbox \"sales@example.com\" { desk = \"Main\" }\n"
		      "inbox \"news@example.com\" { desk = \"other\" }\n"
		      "desk \"main\" { }\ndesk \"other\" { }\n"
		      "desk \"third\" { }\n");
	struct deliver *deliver = fake_deliver(&rest->fixture, conf);
	enum life_state suspended = LIFE_SUSPENDED;
	const struct lives_change change = { put_state, &suspended };

	(void)unused;
	set(rest, LIFE_SUSPENDED);
	g_assert_false(deliver_desk_rests(deliver, "main"));
	g_assert_true(
	    lives_edit(rest->lives, "sales@example.com", &change, NULL, NULL));
	g_assert_true(deliver_desk_rests(deliver, "main"));
	g_assert_false(deliver_desk_rests(deliver, "other"));
	/* Nobody names it: it is asked as ever. */
	g_assert_false(deliver_desk_rests(deliver, "third"));
	set(rest, LIFE_ACTIVE);
	g_assert_false(deliver_desk_rests(deliver, "main"));
	deliver_close(&deliver);
	conf_free(&conf);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/tickets/deliver-rest/waits", struct rest, NULL, set_up,
	    test_waits, tear_down);
	g_test_add("/tickets/deliver-rest/released", struct rest, NULL, set_up,
	    test_released, tear_down);
	g_test_add("/tickets/deliver-rest/threads", struct rest, NULL, set_up,
	    test_threads, tear_down);
	g_test_add("/tickets/deliver-rest/desk", struct rest, NULL, set_up,
	    test_desk, tear_down);
	return g_test_run();
}
