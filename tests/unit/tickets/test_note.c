/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes that are due: written once at most, and nothing of them lost in
 * silence.
 */
#include "tickets/note.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"

#define HOUR ((gint64)3600 * G_USEC_PER_SEC)
#define TEXT "Deskgate: it is ham"

struct stage {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	struct ident key;
};

static void
stage_init(struct stage *stage)
{
	*fake_now() = (struct fake){ 0 };
	fixture_init(&stage->fixture);
	stage->conf = fake_conf("inbox \"support@example.com\" { }\n"
				"desk \"main\" { type = apart }\n");
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
	stage->key = fixture_ident(1);
}

static void
stage_fini(struct stage *stage)
{
	deliver_close(&stage->deliver);
	conf_free(&stage->conf);
	fixture_fini(&stage->fixture);
}

/* As the keeper's end and its next start. */
static void
restart(struct stage *stage)
{
	deliver_close(&stage->deliver);
	fixture_reopen(&stage->fixture);
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
	g_assert_true(note_heal(stage->deliver, FALSE, NULL));
}

static void
put(struct stage *stage, const char *message)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(1, ENTRY_TICKET);
	enum spool_put result;

	g_assert_true(
	    fixture_put(&stage->fixture, entry, message, &result, NULL));
}

static void
deliver(struct stage *stage, enum spool_state want)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(deliver_one(stage->deliver, &stage->key, &error));
	g_assert_no_error(error);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, want);
}

/* A ticket without a note, for which one is due at once. */
static void
want(struct stage *stage)
{
	const struct note note = { LEDGER_DUE_AGAIN, &stage->key, "main",
		"00000001", TEXT };

	put(stage, "from: anna@example.org\n");
	deliver(stage, SPOOL_DONE);
	g_assert_true(note_want(stage->deliver, &note, fake_now()->wall, NULL));
}

/* A turn, hours later; how many notes the desk has then. */
static guint
turn(struct stage *stage)
{
	fake_now()->wall += 2 * HOUR;
	note_turn(stage->deliver);
	return fake_count(&stage->fixture, "noted 00000001 Deskgate:", NULL);
}

static void
assert_reason(struct stage *stage, const char *want)
{
	struct ledger_entry record;

	g_assert_true(
	    ledger_get(stage->fixture.ledger, &stage->key, &record, NULL));
	g_assert_cmpstr(record.reason, ==, want);
}

static void
test_once(void)
{
	struct stage stage;
	guint calls;

	stage_init(&stage);
	want(&stage);
	g_assert_cmpuint(turn(&stage), ==, 1);
	calls = fake_now()->calls;
	g_assert_cmpuint(turn(&stage), ==, 1);
	g_assert_cmpuint(fake_now()->calls, ==, calls);
	assert_reason(&stage, "");
	stage_fini(&stage);
}

/* Certainly not written: again, until it is. */
static void
test_again(void)
{
	static const enum fake_mode modes[] = { FAKE_AGAIN, FAKE_DENIED };
	struct stage stage;

	stage_init(&stage);
	want(&stage);
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		fake_now()->notes = modes[i];
		g_assert_cmpuint(turn(&stage), ==, 0);
		restart(&stage);
	}
	fake_now()->notes = FAKE_GOOD;
	g_assert_cmpuint(turn(&stage), ==, 1);
	g_assert_cmpuint(turn(&stage), ==, 1);
	assert_reason(&stage, "");
	stage_fini(&stage);
}

/* The answer was lost, whether or not it is there: not again, and told. */
static void
test_lost(void)
{
	static const enum fake_mode modes[] = { FAKE_CUT_AFTER,
		FAKE_CUT_BEFORE };

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
		struct stage stage;

		stage_init(&stage);
		want(&stage);
		fake_now()->notes = modes[i];
		g_assert_cmpuint(turn(&stage), ==, 1 - i);
		fake_now()->notes = FAKE_GOOD;
		g_assert_cmpuint(turn(&stage), ==, 1 - i);
		assert_reason(
		    &stage, "its note may be missing: connection cut");
		stage_fini(&stage);
	}
}

static void
test_refused(void)
{
	struct stage stage;

	stage_init(&stage);
	want(&stage);
	fake_now()->notes = FAKE_BAD;
	g_assert_cmpuint(turn(&stage), ==, 0);
	fake_now()->notes = FAKE_GOOD;
	g_assert_cmpuint(turn(&stage), ==, 0);
	assert_reason(
	    &stage, "its note was not written: 422: no such user (address)");
	stage_fini(&stage);
}

/* The keeper ended while it was being written, or its person is erased. */
static void
test_gone(void)
{
	for (guint i = 0; i < 2; i++) {
		struct stage stage;
		struct ident subject;

		stage_init(&stage);
		want(&stage);
		if (i == 0) {
			g_assert_true(ledger_due_begin(stage.fixture.ledger,
			    LEDGER_DUE_AGAIN, &stage.key, NULL, NULL));
			g_assert_false(ledger_due_begin(stage.fixture.ledger,
			    LEDGER_DUE_AGAIN, &stage.key, NULL, NULL));
			restart(&stage);
		} else {
			g_assert_true(vaulted_subject(
			    &stage.fixture.vaulted, &stage.key, &subject));
			g_assert_true(
			    vault_forget(stage.fixture.vault, &subject, NULL));
		}
		g_assert_cmpuint(turn(&stage), ==, 0);
		stage_fini(&stage);
	}
}

/* Another state was put in the place of ours. */
static void
test_restored(void)
{
	struct deliver_restored restored;
	struct stage stage;

	stage_init(&stage);
	want(&stage);
	g_assert_true(deliver_look_first(stage.deliver, &restored, NULL));
	g_assert_cmpuint(turn(&stage), ==, 0);
	stage_fini(&stage);
}

#define NOTED "from: anna@example.org\nnote: " TEXT "\n"

static guint
noted(const struct stage *stage)
{
	return fake_count(&stage->fixture, "noted 00000001", NULL);
}

/* The note of a new ticket, after it: also where the answer to the ticket was
 * lost, or the desk had no time for the note. */
static void
test_new_ticket(void)
{
	struct stage stage;

	stage_init(&stage);
	put(&stage, NOTED);
	deliver(&stage, SPOOL_DONE);
	g_assert_cmpuint(noted(&stage), ==, 1);
	g_assert_cmpuint(turn(&stage), ==, 1);
	stage_fini(&stage);

	stage_init(&stage);
	put(&stage, NOTED);
	fake_now()->mode = FAKE_CUT_AFTER;
	deliver(&stage, SPOOL_WAIT);
	g_assert_cmpuint(noted(&stage), ==, 0);
	fake_now()->mode = FAKE_GOOD;
	fake_now()->notes = FAKE_AGAIN;
	deliver(&stage, SPOOL_DONE);
	g_assert_cmpuint(noted(&stage), ==, 0);
	fake_now()->notes = FAKE_GOOD;
	g_assert_cmpuint(turn(&stage), ==, 1);
	g_assert_cmpuint(turn(&stage), ==, 1);
	g_assert_cmpuint(
	    fake_count(&stage.fixture, "create", &stage.key), ==, 1);
	stage_fini(&stage);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/note/once", test_once);
	g_test_add_func("/tickets/note/again", test_again);
	g_test_add_func("/tickets/note/lost", test_lost);
	g_test_add_func("/tickets/note/refused", test_refused);
	g_test_add_func("/tickets/note/gone", test_gone);
	g_test_add_func("/tickets/note/restored", test_restored);
	g_test_add_func("/tickets/note/new-ticket", test_new_ticket);
	return g_test_run();
}
