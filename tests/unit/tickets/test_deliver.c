/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/deliver.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"

#define MINUTE ((gint64)60 * G_USEC_PER_SEC)

struct stage {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
};

static void
stage_init(struct stage *stage, const char *settings)
{
	*fake_now() = (struct fake){ 0 };
	fixture_init(&stage->fixture);
	stage->conf = fake_conf(settings);
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
}

static void
stage_fini(struct stage *stage)
{
	deliver_close(&stage->deliver);
	conf_free(&stage->conf);
	fixture_fini(&stage->fixture);
}

static void
put(struct stage *stage, guint number, enum entry_action action,
    const char *text)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(number, action);
	g_autoptr(GError) error = NULL;
	enum spool_put result;

	g_assert_true(
	    fixture_put(&stage->fixture, entry, text, &result, &error));
	g_assert_no_error(error);
}

static enum spool_state
deliver(struct stage *stage, guint number)
{
	const struct ident key = fixture_ident(number);
	g_autoptr(GError) error = NULL;

	g_assert_true(deliver_one(stage->deliver, &key, &error));
	g_assert_no_error(error);
	return fixture_state(&stage->fixture, number);
}

static struct ledger_entry
record(struct stage *stage, guint number)
{
	const struct ident key = fixture_ident(number);
	struct ledger_entry entry = { 0 };

	g_assert_true(ledger_get(stage->fixture.ledger, &key, &entry, NULL));
	return entry;
}

static guint
count(struct stage *stage, const char *word, guint number)
{
	const struct ident key = fixture_ident(number);

	return fake_count(&stage->fixture, word, &key);
}

static void
test_ticket(void)
{
	struct stage stage;
	const struct ident key = fixture_ident(1);
	struct ledger_entry entry;
	g_autoptr(GError) error = NULL;

	stage_init(&stage, NULL);
	put(&stage, 1, ENTRY_TICKET, "from: anna@example.org\nid: a@x");
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
	entry = record(&stage, 1);
	g_assert_cmpstr(entry.ticket, ==, "00000001");
	g_assert_cmpstr(entry.code, ==, "T-00000001");
	g_assert_cmpstr(entry.desk, ==, "main");
	g_assert_cmpstr(entry.inbox, ==, "support@example.com");
	g_assert_cmpstr(entry.reason, ==, "");
	g_assert_cmpuint(fake_now()->finds, ==, 0);
	g_assert_true(spool_has_wrap(stage.fixture.spool, &key));
	g_assert_false(deliver_one(stage.deliver, &key, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	/* Again new, for whatever reason: the ledger knows. */
	g_assert_true(
	    spool_move(stage.fixture.spool, &key, SPOOL_DONE, SPOOL_NEW, NULL));
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
	g_assert_cmpuint(count(&stage, "create", 1), ==, 1);
	stage_fini(&stage);
}

static void
test_refusals(void)
{
	static const struct {
		const char *name;
		enum fake_mode mode;
		enum spool_state state;
		gboolean intent;
		gint64 least, most; /* seconds until the next try */
		guint made, finds;  /* after all is well again */
	} cases[] = {
		{ "busy", FAKE_AGAIN, SPOOL_WAIT, FALSE, 7, 10, 1, 0 },
		{ "cut before", FAKE_CUT_BEFORE, SPOOL_WAIT, TRUE, 7, 10, 1,
		    1 },
		{ "cut after", FAKE_CUT_AFTER, SPOOL_WAIT, TRUE, 7, 10, 1, 1 },
		{ "denied", FAKE_DENIED, SPOOL_WAIT, FALSE, 2700, 3600, 1, 0 },
		{ "refused", FAKE_BAD, SPOOL_DEAD, FALSE, 0, 0, 1, 0 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct stage stage;
		const struct ident key = fixture_ident(1);
		struct ledger_entry entry;
		gint64 wait;

		g_test_message("%s", cases[i].name);
		stage_init(&stage, NULL);
		put(&stage, 1, ENTRY_TICKET, "from: anna@example.org");
		fake_now()->mode = cases[i].mode;
		g_assert_cmpint(deliver(&stage, 1), ==, cases[i].state);
		entry = record(&stage, 1);
		wait = (entry.next - fake_now()->wall) / G_USEC_PER_SEC;
		g_assert_cmpint(wait, >=, cases[i].least);
		g_assert_cmpint(wait, <=, cases[i].most);
		g_assert_cmpint(entry.intent, ==, cases[i].intent);
		g_assert_cmpuint(entry.attempts, ==, 1);
		g_assert_cmpstr(entry.reason, !=, "");
		/* Whomever the desk speaks of. */
		g_assert_null(strchr(entry.reason, '@'));
		fake_now()->mode = FAKE_GOOD;
		g_assert_true(deliver_retry(stage.deliver, &key, NULL));
		g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
		g_assert_cmpuint(count(&stage, "create", 1), ==, cases[i].made);
		g_assert_cmpuint(fake_now()->finds, ==, cases[i].finds);
		stage_fini(&stage);
	}
}

/* "Nothing was made" at a look-up says nothing about the call before it. */
static void
test_look_up_fails(void)
{
	struct stage stage;

	stage_init(&stage, NULL);
	put(&stage, 1, ENTRY_TICKET, "from: anna@example.org");
	fake_now()->mode = FAKE_CUT_AFTER;
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_WAIT);
	fake_now()->mode = FAKE_AGAIN;
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_WAIT);
	g_assert_true(record(&stage, 1).intent);
	g_assert_cmpuint(record(&stage, 1).attempts, ==, 2);
	fake_now()->mode = FAKE_GOOD;
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
	g_assert_cmpuint(count(&stage, "create", 1), ==, 1);
	stage_fini(&stage);
}

static void
test_quarantine(void)
{
	struct stage stage;
	const struct ident key = fixture_ident(1);
	g_autoptr(GError) error = NULL;

	stage_init(&stage, NULL);
	put(&stage, 1, ENTRY_QUARANTINE, "from: eve@example.net");
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_HELD);
	g_assert_true(g_str_has_prefix(record(&stage, 1).reason, "spam"));
	g_assert_cmpstr(record(&stage, 1).inbox, ==, "support@example.com");
	g_assert_true(spool_has_wrap(stage.fixture.spool, &key));
	g_assert_cmpuint(fake_now()->calls, ==, 0);
	g_assert_false(deliver_retry(stage.deliver, &key, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_true(deliver_release(stage.deliver, &key, &error));
	g_assert_no_error(error);
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
	g_assert_cmpuint(count(&stage, "create", 1), ==, 1);
	g_assert_false(deliver_release(stage.deliver, &key, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	stage_fini(&stage);
}

static void
test_as_spam(void)
{
	struct stage stage;
	g_autofree char *path = NULL, *log = NULL;

	stage_init(&stage, NULL);
	put(&stage, 1, ENTRY_TICKET_AS_SPAM, "from: eve@example.net");
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
	path = fixture_path(&stage.fixture, "state/desk.log");
	g_assert_true(g_file_get_contents(path, &log, NULL, NULL));
	g_assert_nonnull(strstr(log, " spam eve@example.net"));
	stage_fini(&stage);
}

/* The desk is told of old mail that it is. */
static void
test_imported(void)
{
	struct stage stage;
	struct entry *entry OWNED(entry_free) = fixture_entry(1, ENTRY_TICKET);
	g_autofree char *path = NULL, *log = NULL;
	enum spool_put result;

	stage_init(&stage, NULL);
	entry->imported = TRUE;
	g_assert_true(fixture_put(
	    &stage.fixture, entry, "from: eve@example.net", &result, NULL));
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
	path = fixture_path(&stage.fixture, "state/desk.log");
	g_assert_true(g_file_get_contents(path, &log, NULL, NULL));
	g_assert_nonnull(strstr(log, " old eve@example.net"));
	stage_fini(&stage);
}

static void
test_threads(void)
{
	static const struct {
		const char *name, *text;
		enum fake_mode mode;
		const char *word; /* what the desk is asked */
	} cases[] = {
		{ "first",
		    "from: anna@example.org\ncc: carl@example.org\n"
		    "id: a@x",
		    FAKE_GOOD, "create" },
		{ "her reply", "from: Anna@Example.org\nid: b@x\nre: a@x",
		    FAKE_GOOD, "append" },
		{ "the follower's", "from: carl@example.org\nid: c@x\nre: b@x",
		    FAKE_GOOD, "append" },
		{ "a stranger's", "from: eve@example.net\nid: d@x\nre: a@x",
		    FAKE_GOOD, "create" },
		{ "by tag", "from: anna@example.org\nid: e@x\ntag: T-00000000",
		    FAKE_GOOD, "append" },
		{ "deleted there", "from: anna@example.org\nid: f@x\nre: a@x",
		    FAKE_GONE, "create" },
	};
	struct stage stage;

	stage_init(&stage, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		fake_now()->mode = cases[i].mode;
		put(&stage, i, ENTRY_TICKET, cases[i].text);
		g_assert_cmpint(deliver(&stage, i), ==, SPOOL_DONE);
		g_assert_cmpuint(count(&stage, cases[i].word, i), ==, 1);
		g_assert_cmpint(record(&stage, i).appended, ==,
		    g_str_equal(cases[i].word, "append"));
	}
	g_assert_cmpstr(record(&stage, 4).ticket, ==, "00000000");
	g_assert_cmpuint(fake_count(&stage.fixture, "create", NULL), ==, 3);
	stage_fini(&stage);
}

static void
test_unreadable(void)
{
	struct stage stage;
	const struct ident key = fixture_ident(2);
	g_autofree char *path = NULL;

	stage_init(&stage, NULL);
	put(&stage, 1, ENTRY_TICKET, "from: anna@example.org");
	path = fixture_path(
	    &stage.fixture, "spool/msg/000000010000000000000000000000aa");
	g_assert_cmpint(truncate(path, 150), ==, 0);
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DEAD);
	g_assert_cmpstr(record(&stage, 1).reason, !=, "");
	put(&stage, 2, ENTRY_TICKET, "crash");
	for (guint i = 0; i < 2; i++)
		g_assert_cmpint(deliver(&stage, 2), ==, SPOOL_WAIT);
	g_assert_cmpint(deliver(&stage, 2), ==, SPOOL_DEAD);
	g_assert_cmpuint(record(&stage, 2).attempts, ==, 3);
	g_assert_true(deliver_retry(stage.deliver, &key, NULL));
	g_assert_cmpuint(record(&stage, 2).attempts, ==, 0);
	put(&stage, 3, ENTRY_TICKET, "later");
	for (guint i = 0; i < 10; i++)
		g_assert_cmpint(deliver(&stage, 3), ==, SPOOL_WAIT);
	stage_fini(&stage);
}

static void
test_no_desk(void)
{
	struct stage stage;

	stage_init(&stage, "inbox \"support@example.com\" { desk = \"none\" }\n"
			   "desk \"main\" { }\n");
	put(&stage, 1, ENTRY_TICKET, "from: anna@example.org");
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_WAIT);
	g_assert_nonnull(strstr(record(&stage, 1).reason, "none"));
	stage_fini(&stage);
}

/* The embedded desk needs no section. */
static void
test_local(void)
{
	static const char *const settings[] = {
		"",
		"inbox \"support@example.com\" { desk = \"local\" }\n",
		"inbox \"support@example.com\" { desk = \"local\" }\n"
		"desk \"main\" { }\n",
		"inbox \"support@example.com\" { desk = \"Local\" }\n"
		"desk \"local\" { }\n",
	};

	for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
		struct stage stage;

		g_test_message("%u", i);
		stage_init(&stage, settings[i]);
		put(&stage, 1, ENTRY_TICKET, "from: anna@example.org");
		g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_DONE);
		g_assert_cmpstr(record(&stage, 1).desk, ==, "local");
		stage_fini(&stage);
	}
}

static void
test_drop(void)
{
	struct stage stage;
	const struct ident held = fixture_ident(1), done = fixture_ident(2);
	struct ledger_entry entry;

	stage_init(&stage, NULL);
	put(&stage, 1, ENTRY_QUARANTINE, "from: eve@example.net");
	put(&stage, 2, ENTRY_TICKET, "from: anna@example.org");
	g_assert_cmpint(deliver(&stage, 1), ==, SPOOL_HELD);
	g_assert_cmpint(deliver(&stage, 2), ==, SPOOL_DONE);
	g_assert_true(deliver_drop(stage.deliver, &held, NULL));
	g_assert_false(ledger_get(stage.fixture.ledger, &held, &entry, NULL));
	g_assert_true(deliver_drop(stage.deliver, &done, NULL));
	g_assert_cmpuint(fixture_count(&stage.fixture, "spool/msg"), ==, 0);
	g_assert_cmpuint(fixture_count(&stage.fixture, "spool/wrap"), ==, 0);
	/* What became a ticket is known for longer than its bytes are kept. */
	put(&stage, 2, ENTRY_TICKET, "from: anna@example.org");
	g_assert_cmpint(deliver(&stage, 2), ==, SPOOL_DONE);
	g_assert_cmpuint(count(&stage, "create", 2), ==, 1);
	stage_fini(&stage);
}

/* --- with threads --- */

static gboolean
wait_for(struct stage *stage, guint number, enum spool_state want)
{
	for (guint i = 0; i < 1000; i++) {
		if (fixture_state(&stage->fixture, number) == want)
			return TRUE;
		g_usleep(10000);
	}
	return FALSE;
}

static void
test_run(void)
{
	struct stage stage;
	g_autoptr(GError) error = NULL;

	stage_init(&stage, "inbox \"support@example.com\" { desk = \"two\" }\n"
			   "desk \"one\" { }\ndesk \"two\" { }\n");
	for (guint i = 0; i < 20; i++)
		put(&stage, i, ENTRY_TICKET, "from: anna@example.org");
	g_assert_true(deliver_start(stage.deliver, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < 20; i++)
		g_assert_true(wait_for(&stage, i, SPOOL_DONE));
	g_assert_cmpstr(record(&stage, 7).desk, ==, "two");
	put(&stage, 30, ENTRY_TICKET, "from: anna@example.org");
	deliver_wake(stage.deliver);
	g_assert_true(wait_for(&stage, 30, SPOOL_DONE));
	deliver_stop(stage.deliver);
	put(&stage, 31, ENTRY_TICKET, "from: anna@example.org");
	deliver_wake(stage.deliver);
	g_usleep(50000);
	g_assert_cmpint(fixture_state(&stage.fixture, 31), ==, SPOOL_NEW);
	g_assert_true(deliver_start(stage.deliver, &error)); /* and again */
	g_assert_true(wait_for(&stage, 31, SPOOL_DONE));
	g_assert_cmpuint(fake_count(&stage.fixture, "create", NULL), ==, 22);
	stage_fini(&stage);
}

static void
test_lock_desk(void)
{
	struct stage stage;
	struct desk *desk;
	g_autoptr(GError) error = NULL;

	stage_init(&stage, NULL);
	g_assert_null(deliver_lock_desk(stage.deliver, "none", NULL, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	desk = deliver_lock_desk(stage.deliver, "main", NULL, NULL);
	g_assert_nonnull(desk);
	/* Of another type: told at once, though the desk is busy. */
	g_assert_null(
	    deliver_lock_desk(stage.deliver, "main", "local", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	deliver_unlock_desk(stage.deliver, desk);
	desk = deliver_lock_desk(stage.deliver, "MAIN", "fake", NULL);
	g_assert_nonnull(desk);
	deliver_unlock_desk(stage.deliver, desk);
	stage_fini(&stage);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	/* GLib's own writer asks for local time, which is not for threads. */
	log_install(&(struct log_settings){ .program = "test_deliver" });
	g_test_add_func("/tickets/deliver/ticket", test_ticket);
	g_test_add_func("/tickets/deliver/refusals", test_refusals);
	g_test_add_func("/tickets/deliver/look-up-fails", test_look_up_fails);
	g_test_add_func("/tickets/deliver/quarantine", test_quarantine);
	g_test_add_func("/tickets/deliver/as-spam", test_as_spam);
	g_test_add_func("/tickets/deliver/imported", test_imported);
	g_test_add_func("/tickets/deliver/threads", test_threads);
	g_test_add_func("/tickets/deliver/unreadable", test_unreadable);
	g_test_add_func("/tickets/deliver/no-desk", test_no_desk);
	g_test_add_func("/tickets/deliver/local", test_local);
	g_test_add_func("/tickets/deliver/drop", test_drop);
	g_test_add_func("/tickets/deliver/run", test_run);
	g_test_add_func("/tickets/deliver/lock-desk", test_lock_desk);
	return g_test_run();
}
