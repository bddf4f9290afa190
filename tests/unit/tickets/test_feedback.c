/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/feedback.h"

#include <string.h>

#include "lib/base/err.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/ledger_marks.h"

#define TICKET "00000001"

/* A keeper's parts, with a teacher that writes down what it is told. */
struct place {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	struct teacher teacher;
	struct feedback *feedback;
	GString *told;                /* "spam, untrain, ..." */
	enum teacher_outcome outcome; /* of each lesson */
	enum dg_error fault;          /* unless failing is 0 */
	guint failing;                /* lessons that fail from now on */
	enum verdict_class judged;
	gboolean notes; /* the desk takes them, and mail is unsure */
	struct clock clock;
};

static void
tell(struct place *place, const char *word)
{
	g_string_append_printf(
	    place->told, "%s%s", place->told->len > 0 ? ", " : "", word);
}

static gboolean
fails(struct place *place, GError **error)
{
	if (place->failing == 0)
		return FALSE;
	place->failing--;
	err_set(error, place->fault, "told to fail");
	return TRUE;
}

static gboolean
teach(void *self, int message, const struct teacher_lesson *lesson,
    enum teacher_outcome *outcome_r, struct teacher_reason *reason_r,
    GError **error)
{
	struct place *place = self;

	(void)message;
	(void)reason_r;
	if (fails(place, error))
		return FALSE;
	tell(place, verdict_word(lesson->class));
	*outcome_r = place->outcome;
	return TRUE;
}

static gboolean
untrain(void *self, int message, const char *actor, GError **error)
{
	struct place *place = self;

	(void)message;
	(void)actor;
	if (fails(place, error))
		return FALSE;
	tell(place, "untrain");
	return TRUE;
}

static gboolean
no_group(void *self, GError **error)
{
	(void)self;
	(void)error;
	return TRUE;
}

static gboolean
judge(void *self, int message, const char *inbox, struct verdict *verdict_r,
    GError **error)
{
	const struct place *place = self;

	(void)message;
	(void)error;
	g_assert_cmpstr(inbox, ==, "support@example.com");
	verdict_init(verdict_r, place->judged, VERDICT_SCORED, NULL);
	return TRUE;
}

static gint64
wall(void *self)
{
	(void)self;
	return fake_now()->wall;
}

static void
place_open(struct place *place, const char *more)
{
	g_autofree char *text = g_strconcat(more,
	    "inbox \"support@example.com\" { }\ndesk \"main\" { type = ",
	    place->notes ? "apart" : "fake", " }\n", NULL);
	struct feedback_world world = { .vaulted = &place->fixture.vaulted,
		.teacher = &place->teacher,
		.clock = &place->clock,
		.begin = no_group,
		.end = no_group,
		.judge = judge,
		.self = place };

	place->conf = fake_conf(text);
	place->deliver = fake_deliver(&place->fixture, place->conf);
	world.deliver = place->deliver;
	world.ledger = place->fixture.ledger;
	world.subject_key = place->fixture.key;
	world.conf = place->conf;
	place->feedback = feedback_open(&world);
}

static void
place_init(struct place *place, gconstpointer more)
{
	*fake_now() =
	    (struct fake){ .wall = 1700000000 * (gint64)G_USEC_PER_SEC };
	fixture_init(&place->fixture);
	place->told = g_string_new(NULL);
	place->teacher = (struct teacher){ teach, untrain, place };
	place->outcome = TEACHER_LEARNT;
	place->fault = DG_ERROR_AGAIN;
	place->judged = VERDICT_SPAM;
	place->clock = (struct clock){ wall, wall, NULL };
	place_open(place, more != NULL ? more : "");
}

static void
place_fini(struct place *place, gconstpointer more)
{
	(void)more;
	feedback_close(&place->feedback);
	deliver_close(&place->deliver);
	conf_free(&place->conf);
	fixture_fini(&place->fixture);
	g_string_free(place->told, TRUE);
}

/* Entry `number` of this action, from Anna by this network, delivered. */
static void
mail(struct place *place, guint number, enum entry_action action,
    const char *address)
{
	struct entry *entry = fixture_entry(number, action);
	enum spool_put result;
	g_autoptr(GError) error = NULL;

	entry->envelope->client_address = g_strdup(address);
	if (place->notes)
		verdict_init(
		    &entry->verdict, VERDICT_UNSURE, VERDICT_SCORED, NULL);
	g_assert_true(fixture_put(&place->fixture, entry,
	    "from: anna@example.org\n", &result, &error));
	g_assert_true(deliver_one(place->deliver, &entry->key, &error));
	g_assert_no_error(error);
	entry_free(&entry);
}

static gboolean
decide(struct place *place, const char *status, gint64 when, GError **error)
{
	const struct feedback_decision decision = { .desk = "main",
		.ticket = TICKET,
		.status = status,
		.actor = "desk:main:alice",
		.when = when };

	return feedback_decided(place->feedback, &decision, NULL, error);
}

/* That the decision does this. */
static void
assert_decided(
    struct place *place, const char *status, gint64 when, const char *want)
{
	g_autoptr(GError) error = NULL;

	g_string_truncate(place->told, 0);
	g_assert_true(decide(place, status, when, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(place->told->str, ==, want);
}

static void
test_mark(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	assert_decided(place, "spam", 100, "spam");
	assert_decided(place, "spam", 100, ""); /* told twice */
	assert_decided(place, "open", 99, "");  /* an older story */
	assert_decided(place, "closed", 101, "");
	assert_decided(place, "open", 102, "untrain");
	assert_decided(place, "open", 103, "");
	assert_decided(place, "spam", 104, "spam");
}

static void
test_unmark_is_ham(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	assert_decided(place, "spam", 100, "spam");
	assert_decided(place, "open", 101, "untrain, ham");
}

/* What the model said of the lesson decides what there is to take back. */
static void
test_outcomes(struct place *place, gconstpointer more)
{
	static const struct {
		enum teacher_outcome outcome;
		const char *want;
	} cases[] = {
		{ TEACHER_LEARNT, "untrain" },
		{ TEACHER_NOTED, "untrain" },
		{ TEACHER_MOVED, "ham" },
		{ TEACHER_KNOWN, "" },
		{ TEACHER_REFUSED, "" },
	};

	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", teacher_word(cases[i].outcome));
		place->outcome = cases[i].outcome;
		assert_decided(place, "spam", 0, "spam");
		assert_decided(place, "open", 0, cases[i].want);
	}
}

static void
test_ours(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET_AS_SPAM, NULL);
	assert_decided(place, "spam", 100, "");
	assert_decided(place, "open", 101, "ham");
	/* From here on it is an agent's. */
	place->outcome = TEACHER_MOVED;
	assert_decided(place, "spam", 102, "spam");
	assert_decided(place, "open", 103, "ham");
}

static void
test_not_ours(struct place *place, gconstpointer more)
{
	g_autoptr(GError) error = NULL;

	(void)more;
	g_assert_false(decide(place, "spam", 100, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_assert_cmpuint(place->told->len, ==, 0);
}

/* A kill after the lesson and before the record of it: the same decision comes
 * again, the model knows it, and it can be taken back all the same. */
static void
test_killed(struct place *place, gconstpointer more)
{
	struct ledger_mark mark;
	g_autoptr(GError) error = NULL;

	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	g_assert_true(ledger_mark_get(
	    place->fixture.ledger, "main", TICKET, &mark, &error));
	g_assert_cmpuint(mark.n, ==, 1);
	mark.entries[0].undo = LEDGER_UNDO_PENDING;
	g_assert_true(ledger_mark_put(
	    place->fixture.ledger, "main", TICKET, &mark, 1, &error));
	place->outcome = TEACHER_KNOWN;
	assert_decided(place, "spam", 100, "spam");
	assert_decided(place, "open", 101, "untrain");
}

/* A fault of the moment leaves all to be done again; one of the message's own
 * holds up nothing. */
static void
test_faults(struct place *place, gconstpointer more)
{
	g_autoptr(GError) error = NULL;

	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	place->failing = 1;
	g_assert_false(decide(place, "spam", 100, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	assert_decided(place, "spam", 100, "spam");
	place->failing = 1;
	g_clear_error(&error);
	g_assert_false(decide(place, "open", 101, &error));
	assert_decided(place, "open", 101, "untrain");
	place->failing = 1;
	place->fault = DG_ERROR_BAD;
	assert_decided(place, "spam", 102, "");
	assert_decided(place, "spam", 103, "");
}

/* Where its source is gone there is nothing to teach, and nothing fails. */
static void
test_gone(struct place *place, gconstpointer more)
{
	const struct ident key = fixture_ident(1);
	json_t *tallies;

	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	g_assert_true(spool_drop(place->fixture.spool, &key, NULL));
	assert_decided(place, "spam", 100, "");
	tallies = ledger_tallies(place->fixture.ledger, NULL);
	g_assert_cmpint(
	    json_integer_value(json_object_get(
		json_object_get(tallies, "desk:main:alice"), "gone")),
	    ==, 1);
	json_decref(tallies);
}

static void
test_trust(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET_AS_SPAM, "192.0.2.1");
	mail(place, 2, ENTRY_QUARANTINE, "192.0.2.1");
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_HELD);
	assert_decided(place, "open", 100, "ham");
	mail(place, 3, ENTRY_QUARANTINE, "192.0.2.99");
	g_assert_cmpint(fixture_state(&place->fixture, 3), ==, SPOOL_DONE);
	mail(place, 4, ENTRY_QUARANTINE, "198.51.100.1");
	g_assert_cmpint(fixture_state(&place->fixture, 4), ==, SPOOL_HELD);
	assert_decided(place, "spam", 101, "spam");
	mail(place, 5, ENTRY_QUARANTINE, "192.0.2.99");
	g_assert_cmpint(fixture_state(&place->fixture, 5), ==, SPOOL_HELD);
}

static void
test_trust_ends(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET_AS_SPAM, "192.0.2.1");
	assert_decided(place, "open", 100, "ham");
	fake_now()->wall += 31 * 24 * 3600 * (gint64)G_USEC_PER_SEC;
	mail(place, 2, ENTRY_QUARANTINE, "192.0.2.1");
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_HELD);
}

/* Held mail of the same person is judged again: ham goes, spam stays. */
static void
test_rescore(struct place *place, gconstpointer more)
{
	const struct ident key = fixture_ident(2);

	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	mail(place, 2, ENTRY_QUARANTINE, NULL);
	assert_decided(place, "spam", 100, "spam");
	feedback_settle(place->feedback);
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_HELD);
	place->judged = VERDICT_HAM;
	assert_decided(place, "open", 101, "untrain");
	feedback_settle(place->feedback);
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_NEW);
	g_assert_true(deliver_one(place->deliver, &key, NULL));
	g_assert_cmpuint(fake_count(&place->fixture, "create", &key), ==, 1);
	g_assert_cmpuint(fake_count(&place->fixture,
			     "Released from quarantine: judged again", NULL),
	    ==, 1);
}

/* What something else than the verdict holds stays, whatever the verdict is. */
static void
test_rescore_held_else(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	mail(place, 2, ENTRY_TICKET, NULL); /* above the rate */
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_HELD);
	place->judged = VERDICT_HAM;
	assert_decided(place, "spam", 100, "spam");
	feedback_settle(place->feedback);
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_HELD);
}

/* A ticket that was unsure and is not any more gets a note, once, though the
 * answer to it is lost. */
static void
test_noted(struct place *place, gconstpointer more)
{
	feedback_close(&place->feedback);
	deliver_close(&place->deliver);
	conf_free(&place->conf);
	place->notes = TRUE;
	place_open(place, more != NULL ? more : "");
	fake_now()->notes = FAKE_CUT_AFTER;
	mail(place, 1, ENTRY_TICKET, NULL);
	mail(place, 2, ENTRY_TICKET, NULL);
	place->judged = VERDICT_HAM;
	for (gint64 when = 100; when < 104; when += 2) {
		assert_decided(place, "spam", when, "spam");
		assert_decided(place, "open", when + 1, "untrain");
		feedback_settle(place->feedback);
	}
	g_assert_cmpuint(
	    fake_count(&place->fixture, "noted 00000002", NULL), ==, 1);
}

static void
test_no_rescore(struct place *place, gconstpointer more)
{
	(void)more;
	mail(place, 1, ENTRY_TICKET, NULL);
	mail(place, 2, ENTRY_QUARANTINE, NULL);
	place->judged = VERDICT_HAM;
	assert_decided(place, "spam", 100, "spam");
	feedback_settle(place->feedback);
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_HELD);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name, *more;
		void (*run)(struct place *place, gconstpointer more);
	} cases[] = {
		{ "mark", NULL, test_mark },
		{ "unmark-is-ham", "unmark = ham\n", test_unmark_is_ham },
		{ "outcomes", NULL, test_outcomes },
		{ "ours", NULL, test_ours },
		{ "not-ours", NULL, test_not_ours },
		{ "killed", NULL, test_killed },
		{ "faults", NULL, test_faults },
		{ "gone", NULL, test_gone },
		{ "trust", NULL, test_trust },
		{ "trust-ends", NULL, test_trust_ends },
		{ "rescore", NULL, test_rescore },
		{ "rescore-held-else", "rate-per-sender = 1\n",
		    test_rescore_held_else },
		{ "noted", NULL, test_noted },
		{ "no-rescore", "rescore = no\n", test_no_rescore },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name =
		    g_strconcat("/tickets/feedback/", cases[i].name, NULL);

		g_test_add(name, struct place, cases[i].more, place_init,
		    cases[i].run, place_fini);
	}
	return g_test_run();
}
