/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people and housekeeping do to an entry that a desk's thread wants too.
 */
#include <pthread.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver_private.h"

#define ROUNDS 60

struct race {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	struct ident key;
	gulong delay;
	gboolean delivered; /* by the other thread */
};

static void
race_init(struct race *race)
{
	*race = (struct race){ .delivered = FALSE };
	*fake_now() = (struct fake){ .mode = FAKE_AGAIN };
	fixture_init(&race->fixture);
	race->conf = fake_conf(NULL);
	race->deliver = fake_deliver(&race->fixture, race->conf);
}

static void
race_fini(struct race *race)
{
	deliver_close(&race->deliver);
	conf_free(&race->conf);
	fixture_fini(&race->fixture);
}

/* Puts entry `number` and lets it wait. */
static void
let_wait(struct race *race, guint number)
{
	struct entry *entry OWNED(entry_free) =
	    fixture_entry(number, ENTRY_TICKET);
	enum spool_put result;

	race->key = fixture_ident(number);
	fake_now()->mode = FAKE_AGAIN;
	g_assert_true(fixture_put(
	    &race->fixture, entry, "from: anna@example.org", &result, NULL));
	g_assert_true(deliver_one(race->deliver, &race->key, NULL));
	g_assert_cmpint(fixture_state(&race->fixture, number), ==, SPOOL_WAIT);
	fake_now()->mode = FAKE_GOOD;
}

static void *
deliver_thread(void *self)
{
	struct race *race = self;

	g_usleep(race->delay);
	race->delivered = deliver_one(race->deliver, &race->key, NULL);
	return NULL;
}

/* Runs `act` against a delivery that begins within a few milliseconds. */
static gboolean
run_against(struct race *race, guint number,
    gboolean (*act)(struct deliver *, const struct ident *, GError **),
    GError **error)
{
	pthread_t thread;
	gboolean done;

	let_wait(race, number);
	race->delay = (gulong)g_random_int_range(0, 3000);
	g_assert_cmpint(
	    pthread_create(&thread, NULL, deliver_thread, race), ==, 0);
	g_usleep((gulong)g_random_int_range(0, 1000));
	done = act(race->deliver, &race->key, error);
	pthread_join(thread, NULL);
	return done;
}

/* "Removed" is the truth: no ticket is made of it any more, only before, and
 * then the delivery came to its end. */
static void
test_drop(void)
{
	struct race race;

	race_init(&race);
	for (guint i = 0; i < ROUNDS; i++) {
		g_autoptr(GError) error = NULL;
		gboolean dropped = run_against(&race, i, deliver_drop, &error);

		g_assert_cmpuint(fake_count(&race.fixture, "create", &race.key),
		    ==, race.delivered ? 1 : 0);
		g_assert_cmpint(fixture_state(&race.fixture, i), ==,
		    dropped ? SPOOL_STATES : SPOOL_DONE);
		if (!dropped)
			g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	}
	race_fini(&race);
}

static void
test_retry(void)
{
	struct race race;

	race_init(&race);
	for (guint i = 0; i < ROUNDS; i++) {
		struct ledger_entry record = { 0 };

		(void)run_against(&race, i, deliver_retry, NULL);
		(void)deliver_one(race.deliver, &race.key, NULL);
		g_assert_cmpint(
		    fixture_state(&race.fixture, i), ==, SPOOL_DONE);
		g_assert_true(
		    ledger_get(race.fixture.ledger, &race.key, &record, NULL));
		g_assert_cmpstr(record.ticket, !=, "");
		g_assert_cmpuint(
		    fake_count(&race.fixture, "create", &race.key), ==, 1);
	}
	race_fini(&race);
}

/* Housekeeping drops what its list says is held, and nothing that a person has
 * released since. */
static void
test_released(void)
{
	struct race race;
	struct entry *entry OWNED(entry_free) =
	    fixture_entry(1, ENTRY_QUARANTINE);
	g_autoptr(GError) error = NULL;
	enum spool_put result;

	race_init(&race);
	race.key = fixture_ident(1);
	g_assert_true(fixture_put(
	    &race.fixture, entry, "from: eve@example.net", &result, NULL));
	g_assert_true(deliver_one(race.deliver, &race.key, NULL));
	g_assert_true(deliver_release(race.deliver, &race.key, NULL));
	g_assert_false(
	    deliver_drop_from(race.deliver, &race.key, SPOOL_HELD, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_assert_cmpint(fixture_state(&race.fixture, 1), ==, SPOOL_NEW);
	race_fini(&race);
}

/* A clock that is set back must not keep mail waiting till then. */
static void
test_clock_back(void)
{
	struct race race;
	enum spool_state state = SPOOL_WAIT;

	race_init(&race);
	fake_now()->wall = 86400 * (gint64)G_USEC_PER_SEC;
	let_wait(&race, 1);
	fake_now()->wall = 0;
	g_assert_true(deliver_start(race.deliver, NULL));
	for (guint i = 0; i < 300 && state != SPOOL_DONE; i++) {
		g_usleep(10000);
		state = fixture_state(&race.fixture, 1);
	}
	g_assert_cmpint(state, ==, SPOOL_DONE);
	race_fini(&race);
}

/* After an unclear end the desk that was asked is asked again, also when the
 * inbox has another one by now. */
static void
test_other_desk(void)
{
	struct race race;
	struct ledger_entry record = { 0 };

	race_init(&race);
	let_wait(&race, 1);
	fake_now()->mode = FAKE_CUT_AFTER;
	g_assert_true(deliver_one(race.deliver, &race.key, NULL));
	fake_now()->mode = FAKE_GOOD;
	deliver_close(&race.deliver);
	conf_free(&race.conf);
	race.conf =
	    fake_conf("inbox \"support@example.com\" { desk = \"new\" }\n"
		      "desk \"new\" { }\ndesk \"main\" { }\n");
	race.deliver = fake_deliver(&race.fixture, race.conf);
	g_assert_true(deliver_one(race.deliver, &race.key, NULL));
	g_assert_true(
	    ledger_get(race.fixture.ledger, &race.key, &record, NULL));
	g_assert_cmpstr(record.desk, ==, "main");
	g_assert_cmpuint(fake_count(&race.fixture, "create", &race.key), ==, 1);
	race_fini(&race);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/deliver-race/drop", test_drop);
	g_test_add_func("/tickets/deliver-race/retry", test_retry);
	g_test_add_func("/tickets/deliver-race/released", test_released);
	g_test_add_func("/tickets/deliver-race/clock-back", test_clock_back);
	g_test_add_func("/tickets/deliver-race/other-desk", test_other_desk);
	return g_test_run();
}
