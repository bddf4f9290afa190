/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the spool has of an inbox goes, whatever became of it. */
#include <glib/gstdio.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver.h"

static const struct holder_inbox support = { "support@example.com", FALSE };

struct stage {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	char *folder; /* of standings */
	struct standings *standings;
};

static void
set_up(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	*fake_now() = (struct fake){ .mode = FAKE_GOOD };
	fixture_init(&stage->fixture);
	stage->folder = fixture_path(&stage->fixture, "standing");
	g_assert_cmpint(g_mkdir(stage->folder, 0700), ==, 0);
	stage->standings = standings_open(stage->folder, NULL);
	fake_now()->standings = stage->standings;
	stage->conf =
	    fake_conf("inbox \"support@example.com\" { }\n"
		      "inbox \"sales@example.com\" { }\ndesk \"main\" { }\n");
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
}

static void
tear_down(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	deliver_close(&stage->deliver);
	fake_now()->standings = NULL;
	standings_close(&stage->standings);
	conf_free(&stage->conf);
	g_free(stage->folder);
	fixture_fini(&stage->fixture);
}

static struct ident
put(struct stage *stage, guint number, const char *inbox,
    enum entry_action action)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(number, action);
	enum spool_put result;

	g_free(entry->inbox);
	entry->inbox = g_strdup(inbox);
	g_assert_true(fixture_put(
	    &stage->fixture, entry, "from: anna@example.org", &result, NULL));
	return fixture_ident(number);
}

static void
deliver(struct stage *stage, const struct ident *key)
{
	g_assert_true(deliver_one(stage->deliver, key, NULL));
}

static void
test_all(struct stage *stage, gconstpointer unused)
{
	struct ident key;
	g_autoptr(GError) error = NULL;
	guint dropped = 0;

	(void)unused;
	put(stage, 1, "Support@example.com", ENTRY_TICKET); /* new */
	key = put(stage, 2, "support@example.com", ENTRY_TICKET);
	deliver(stage, &key); /* done */
	key = put(stage, 3, "support@example.com", ENTRY_QUARANTINE);
	deliver(stage, &key); /* held */
	fake_now()->mode = FAKE_AGAIN;
	key = put(stage, 4, "support@example.com", ENTRY_TICKET);
	deliver(stage, &key); /* wait */
	put(stage, 5, "sales@example.com", ENTRY_TICKET);
	g_assert_true(
	    deliver_forget_inbox(stage->deliver, &support, &dropped, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(dropped, ==, 4);
	for (guint number = 1; number <= 4; number++)
		g_assert_cmpint(
		    fixture_state(&stage->fixture, number), ==, SPOOL_STATES);
	g_assert_cmpint(fixture_state(&stage->fixture, 5), ==, SPOOL_NEW);
	g_assert_cmpuint(fixture_count(&stage->fixture, "spool/msg"), ==, 1);
}

/* GDPR Article 18(2): it is stored until he lifts that. */
static void
test_restricted(struct stage *stage, gconstpointer unused)
{
	const struct standing restricted = { .restricted = 1 }, none = { 0 };
	struct ident key, anna;
	g_autoptr(GError) error = NULL;
	guint dropped = 0;

	(void)unused;
	key = put(stage, 1, "support@example.com", ENTRY_QUARANTINE);
	deliver(stage, &key);
	put(stage, 2, "support@example.com", ENTRY_TICKET);
	g_assert_true(
	    subject_ident(stage->fixture.key, "anna@example.org", &anna));
	g_assert_true(
	    standings_put(stage->standings, &anna, &restricted, NULL));
	g_assert_false(
	    deliver_forget_inbox(stage->deliver, &support, &dropped, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_assert_nonnull(g_strstr_len(error->message, -1, "Article 18"));
	g_assert_cmpuint(dropped, ==, 0);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_HELD);
	g_assert_true(standings_put(stage->standings, &anna, &none, NULL));
	g_assert_true(
	    deliver_forget_inbox(stage->deliver, &support, &dropped, NULL));
	g_assert_cmpuint(dropped, ==, 2);
}

/* What was erased before comes back with an older state, and goes. */
static void
test_again(struct stage *stage, gconstpointer unused)
{
	const struct holder_inbox again = { "support@example.com", TRUE };
	const struct standing restricted = { .restricted = 1 };
	struct ident key, anna;
	guint dropped = 0;

	(void)unused;
	key = put(stage, 1, "support@example.com", ENTRY_QUARANTINE);
	deliver(stage, &key);
	g_assert_true(
	    subject_ident(stage->fixture.key, "anna@example.org", &anna));
	g_assert_true(
	    standings_put(stage->standings, &anna, &restricted, NULL));
	g_assert_false(
	    deliver_forget_inbox(stage->deliver, &support, &dropped, NULL));
	g_assert_true(
	    deliver_forget_inbox(stage->deliver, &again, &dropped, NULL));
	g_assert_cmpuint(dropped, ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/tickets/deliver-forget-inbox/all", struct stage, NULL,
	    set_up, test_all, tear_down);
	g_test_add("/tickets/deliver-forget-inbox/restricted", struct stage,
	    NULL, set_up, test_restricted, tear_down);
	g_test_add("/tickets/deliver-forget-inbox/again", struct stage, NULL,
	    set_up, test_again, tear_down);
	return g_test_run();
}
