/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's mail is forgotten wherever it is on its way, and nobody else's. */
#include <pthread.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver_private.h"

#define ANNA "anna@example.org"
#define BERT "bert@example.net"

struct place {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	struct ident anna;
};

static void
set_up(struct place *place, gconstpointer unused)
{
	(void)unused;
	*fake_now() = (struct fake){ .mode = FAKE_GOOD };
	fixture_init(&place->fixture);
	place->conf = fake_conf(NULL);
	place->deliver = fake_deliver(&place->fixture, place->conf);
	g_assert_true(subject_ident(
	    place->deliver->world.subject_key, ANNA, &place->anna));
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	(void)unused;
	deliver_close(&place->deliver);
	conf_free(&place->conf);
	fixture_fini(&place->fixture);
}

static void
put(struct place *place, guint number, enum entry_action action,
    const char *sender, const char *message)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(number, action);
	g_autoptr(GError) error = NULL;
	enum spool_put result;

	g_free(entry->envelope->sender);
	entry->envelope->sender = g_strdup(sender);
	g_assert_true(
	    fixture_put(&place->fixture, entry, message, &result, &error));
	g_assert_no_error(error);
}

static void
deliver(struct place *place, guint number, enum fake_mode mode)
{
	const struct ident key = fixture_ident(number);

	fake_now()->mode = mode;
	g_assert_true(deliver_one(place->deliver, &key, NULL));
	fake_now()->mode = FAKE_GOOD;
}

/* One in each state, from `number` on. */
static const enum spool_state states[] = { SPOOL_NEW, SPOOL_WAIT, SPOOL_HELD,
	SPOOL_DEAD, SPOOL_DONE };

static void
put_all(struct place *place, guint number, const char *who)
{
	static const enum fake_mode modes[] = { FAKE_GOOD, FAKE_AGAIN,
		FAKE_GOOD, FAKE_BAD, FAKE_GOOD };
	g_autofree char *message = g_strconcat("from: ", who, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
		put(place, number + i,
		    states[i] == SPOOL_HELD ? ENTRY_QUARANTINE : ENTRY_TICKET,
		    "bounce@example.com", message);
		if (states[i] != SPOOL_NEW)
			deliver(place, number + i, modes[i]);
		g_assert_cmpint(
		    fixture_state(&place->fixture, number + i), ==, states[i]);
	}
}

static gboolean
forget(struct place *place, guint want, GError **error)
{
	guint dropped = 0;
	gboolean done =
	    deliver_forget(place->deliver, &place->anna, 1, &dropped, error);

	g_assert_cmpuint(dropped, ==, want);
	return done;
}

static void
assert_gone(struct place *place, guint number, gboolean gone)
{
	const struct ident key = fixture_ident(number);
	g_autoptr(GBytes) head = spool_head(place->fixture.spool, &key, NULL);

	g_assert_true((head == NULL) == gone);
	g_assert_true(
	    (fixture_state(&place->fixture, number) == SPOOL_STATES) == gone);
}

static void
test_states(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	put_all(place, 10, ANNA);
	put_all(place, 20, BERT);
	g_assert_true(forget(place, G_N_ELEMENTS(states), &error));
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
		assert_gone(place, 10 + i, TRUE);
		g_assert_cmpint(
		    fixture_state(&place->fixture, 20 + i), ==, states[i]);
	}
	g_assert_cmpuint(fixture_count(&place->fixture, "spool/wrap"), ==,
	    G_N_ELEMENTS(states));
	g_assert_true(forget(place, 0, &error));
	/* What was read for it is delivered as if nobody had looked. */
	deliver(place, 20, FAKE_GOOD);
	g_assert_cmpint(fixture_state(&place->fixture, 20), ==, SPOOL_DONE);
}

/* What no reader can read is the envelope sender's; what cannot be read just
 * now is in doubt. */
static void
test_unreadable(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	put(place, 1, ENTRY_TICKET, "Anna@EXAMPLE.org", "crash");
	put(place, 2, ENTRY_TICKET, BERT, "crash");
	g_assert_true(forget(place, 1, &error));
	assert_gone(place, 1, TRUE);
	assert_gone(place, 2, FALSE);
	/* Who sent it may not be who wrote it: that is to be read first. */
	put(place, 3, ENTRY_TICKET, ANNA, "later");
	put(place, 4, ENTRY_TICKET, BERT, "later");
	g_assert_false(forget(place, 0, &error));
	g_assert_true(err_is(error, DG_ERROR_AGAIN));
	g_assert_cmpint(fixture_state(&place->fixture, 3), ==, SPOOL_NEW);
	g_assert_cmpint(fixture_state(&place->fixture, 4), ==, SPOOL_NEW);
}

/* One that is being delivered is waited for a while, and then asked for again;
 * it keeps no other. */
static void
test_busy(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(1);
	g_autoptr(GError) error = NULL;

	(void)unused;
	put(place, 1, ENTRY_TICKET, ANNA, "from: " ANNA);
	put(place, 2, ENTRY_TICKET, ANNA, "from: " ANNA);
	g_assert_true(spool_move(
	    place->fixture.spool, &key, SPOOL_NEW, SPOOL_BUSY, NULL));
	g_assert_false(forget(place, 1, &error));
	g_assert_true(err_is(error, DG_ERROR_AGAIN));
	assert_gone(place, 2, TRUE);
	g_clear_error(&error);
	g_assert_true(spool_move(
	    place->fixture.spool, &key, SPOOL_BUSY, SPOOL_NEW, NULL));
	g_assert_true(forget(place, 1, &error));
	assert_gone(place, 1, TRUE);
}

static void *
deliver_all(void *self)
{
	struct place *place = self;

	for (guint i = 0; i < 40; i++) {
		const struct ident key = fixture_ident(i);

		(void)deliver_one(place->deliver, &key, NULL);
	}
	return NULL;
}

/* Against a delivery that runs: at the end nothing of hers is in the spool. */
static void
test_race(struct place *place, gconstpointer unused)
{
	guint dropped = 0, all = 0, rounds = 0;
	pthread_t thread;

	(void)unused;
	for (guint i = 0; i < 40; i++)
		put(place, i, ENTRY_TICKET, ANNA, "from: " ANNA);
	fake_now()->slow = 2000;
	g_assert_cmpint(
	    pthread_create(&thread, NULL, deliver_all, place), ==, 0);
	while (
	    !deliver_forget(place->deliver, &place->anna, 1, &dropped, NULL) &&
	    rounds++ < 20)
		all += dropped;
	all += dropped;
	pthread_join(thread, NULL);
	g_assert_true(
	    deliver_forget(place->deliver, &place->anna, 1, &dropped, NULL));
	g_assert_cmpuint(all + dropped, ==, 40);
	g_assert_cmpuint(fixture_count(&place->fixture, "spool/msg"), ==, 0);
	g_assert_cmpuint(fixture_count(&place->fixture, "spool/wrap"), ==, 0);
}

#define TEST(name, function) \
	g_test_add("/tickets/deliver-forget/" name, struct place, NULL, \
	    set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("states", test_states);
	TEST("unreadable", test_unreadable);
	TEST("busy", test_busy);
	TEST("race", test_race);
	return g_test_run();
}
