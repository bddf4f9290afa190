/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of two copies of a message the milder verdict wins, and nothing else of what
 * holds one gives way. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver.h"
#include "tickets/ledger_private.h"

struct stage {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	struct ident key;
};

static void
stage_init(struct stage *stage, const char *settings)
{
	*fake_now() = (struct fake){ 0 };
	fixture_init(&stage->fixture);
	stage->conf = fake_conf(settings);
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

static void
put(struct stage *stage, enum entry_action action)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(1, action);
	enum spool_put result;

	g_assert_true(fixture_put(
	    &stage->fixture, entry, "from: eve@example.net", &result, NULL));
}

static enum spool_state
deliver(struct stage *stage)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(deliver_one(stage->deliver, &stage->key, &error));
	g_assert_no_error(error);
	return fixture_state(&stage->fixture, 1);
}

static void
mark(struct stage *stage)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    spool_set_milder(stage->fixture.spool, &stage->key, &error));
	g_assert_no_error(error);
}

/* A look at the marks; how many are left. */
static guint
look(struct stage *stage)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(deliver_milder(stage->deliver, &error));
	g_assert_no_error(error);
	return fixture_count(&stage->fixture, "spool/milder");
}

static guint
made(struct stage *stage)
{
	return fake_count(&stage->fixture, "create", &stage->key);
}

static void
test_released(void)
{
	struct stage stage;

	stage_init(&stage, NULL);
	put(&stage, ENTRY_QUARANTINE);
	g_assert_cmpint(deliver(&stage), ==, SPOOL_HELD);
	g_assert_cmpuint(look(&stage), ==, 0);
	g_assert_cmpint(fixture_state(&stage.fixture, 1), ==, SPOOL_HELD);
	mark(&stage);
	mark(&stage);
	g_assert_cmpuint(look(&stage), ==, 0);
	g_assert_cmpint(fixture_state(&stage.fixture, 1), ==, SPOOL_NEW);
	g_assert_cmpint(deliver(&stage), ==, SPOOL_DONE);
	/* What is done leaves no mark, whatever comes. */
	mark(&stage);
	g_assert_cmpuint(look(&stage), ==, 0);
	g_assert_cmpuint(made(&stage), ==, 1);
	stage_fini(&stage);
}

/* The mark came first: it waits until the entry is held. */
static void
test_on_its_way(void)
{
	struct stage stage;

	stage_init(&stage, NULL);
	put(&stage, ENTRY_QUARANTINE);
	mark(&stage);
	g_assert_cmpuint(look(&stage), ==, 1);
	g_assert_cmpint(deliver(&stage), ==, SPOOL_HELD);
	g_assert_cmpuint(look(&stage), ==, 0);
	g_assert_cmpint(deliver(&stage), ==, SPOOL_DONE);
	g_assert_cmpuint(made(&stage), ==, 1);
	stage_fini(&stage);
}

/* Held by a list: no verdict lets that go. */
static void
test_other_reasons(void)
{
	struct stage stage;

	stage_init(&stage,
	    "block = { \"anna@example.org\" }\n"
	    "inbox \"support@example.com\" { }\ndesk \"main\" { }\n");
	put(&stage, ENTRY_QUARANTINE);
	g_assert_cmpint(deliver(&stage), ==, SPOOL_HELD);
	mark(&stage);
	g_assert_cmpuint(look(&stage), ==, 0);
	g_assert_cmpint(fixture_state(&stage.fixture, 1), ==, SPOOL_HELD);
	g_assert_cmpuint(made(&stage), ==, 0);
	stage_fini(&stage);
}

/* Killed after each step: whatever is done twice, it is one ticket. */
static void
test_killed(void)
{
	static const char *const steps[] = { "taken", "told", "new" };

	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		struct stage stage;
		struct ledger_entry record;
		struct spool *spool;
		guint healed;

		g_test_message("%s", steps[i]);
		stage_init(&stage, NULL);
		spool = stage.fixture.spool;
		put(&stage, ENTRY_QUARANTINE);
		g_assert_cmpint(deliver(&stage), ==, SPOOL_HELD);
		mark(&stage);
		g_assert_true(spool_move(
		    spool, &stage.key, SPOOL_HELD, SPOOL_BUSY, NULL));
		g_assert_true(ledger_get(
		    stage.fixture.ledger, &stage.key, &record, NULL));
		record.milder = TRUE;
		if (i > 0)
			g_assert_true(ledger_put(stage.fixture.ledger,
			    &stage.key, &record, NULL, NULL));
		if (i > 1)
			g_assert_true(spool_move(
			    spool, &stage.key, SPOOL_BUSY, SPOOL_NEW, NULL));
		g_assert_true(spool_heal(spool, &healed, NULL));
		for (guint turn = 0; turn < 3; turn++) {
			(void)look(&stage);
			if (fixture_state(&stage.fixture, 1) == SPOOL_NEW)
				(void)deliver(&stage);
		}
		g_assert_cmpint(
		    fixture_state(&stage.fixture, 1), ==, SPOOL_DONE);
		g_assert_cmpuint(look(&stage), ==, 0);
		g_assert_cmpuint(made(&stage), ==, 1);
		stage_fini(&stage);
	}
}

/* The first copy goes away: no mark outlives it, and the client is told to come
 * again. */
static void
test_gone(void)
{
	struct stage stage;
	g_autoptr(GError) error = NULL;

	stage_init(&stage, NULL);
	put(&stage, ENTRY_QUARANTINE);
	mark(&stage);
	g_assert_true(deliver_drop(stage.deliver, &stage.key, NULL));
	g_assert_cmpuint(fixture_count(&stage.fixture, "spool/milder"), ==, 0);
	g_assert_false(
	    spool_set_milder(stage.fixture.spool, &stage.key, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_assert_cmpuint(look(&stage), ==, 0);
	stage_fini(&stage);
}

/* One whose record is damaged stays held and loses its mark, else each look
 * would log it; the other goes on, whichever is looked at first. */
static void
test_damaged(void)
{
	for (guint bad = 1; bad <= 2; bad++) {
		struct stage stage;

		stage_init(&stage, NULL);
		for (guint i = 1; i <= 2; i++) {
			struct entry *entry OWNED(entry_free) =
			    fixture_entry(i, ENTRY_QUARANTINE);
			enum spool_put result;

			g_assert_true(fixture_put(&stage.fixture, entry,
			    "from: eve@example.net", &result, NULL));
			stage.key = fixture_ident(i);
			g_assert_true(
			    deliver_one(stage.deliver, &stage.key, NULL));
			mark(&stage);
		}
		stage.key = fixture_ident(bad);
		g_assert_true(ledger_put_text(stage.fixture.ledger, TABLE_ENTRY,
		    stage.key.bytes, IDENT_BYTES, "no record", NULL));
		g_assert_cmpuint(look(&stage), ==, 0);
		g_assert_cmpint(
		    fixture_state(&stage.fixture, bad), ==, SPOOL_HELD);
		g_assert_cmpint(
		    fixture_state(&stage.fixture, 3 - bad), ==, SPOOL_NEW);
		stage_fini(&stage);
	}
}

/* Takes from a page of the ledger what kind of page it is (LMDB keeps that in
 * two bytes from the tenth on), while it is open.  FALSE: there is none. */
static gboolean
spoil_ledger(const struct stage *stage, guint number)
{
	g_autofree char *path =
	    fixture_path(&stage->fixture, "ledger/data.mdb");
	int fd OWNED(file_close) = open(path, O_RDWR | O_CLOEXEC);
	const off_t at = (off_t)number * sysconf(_SC_PAGESIZE);

	g_assert_cmpint(fd, >=, 0);
	if (at >= lseek(fd, 0, SEEK_END))
		return FALSE;
	g_assert_cmpint(pwrite(fd, "\0", 2, at + 10), ==, 2);
	return TRUE;
}

/* A ledger that is damaged says nothing of one entry: what is held keeps its
 * mark until a good one is back.  The first two pages say where all is. */
static void
test_spoilt(void)
{
	gboolean spoilt = TRUE;
	guint held = 0;

	for (guint page = 2; spoilt; page++) {
		struct stage stage;
		guint left;

		stage_init(&stage, NULL);
		put(&stage, ENTRY_QUARANTINE);
		g_assert_cmpint(deliver(&stage), ==, SPOOL_HELD);
		mark(&stage);
		spoilt = spoil_ledger(&stage, page);
		left = look(&stage);
		if (fixture_state(&stage.fixture, 1) == SPOOL_HELD) {
			g_assert_cmpuint(left, ==, 1);
			held++;
		}
		stage_fini(&stage);
	}
	g_assert_cmpuint(held, >, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/deliver-milder/released", test_released);
	g_test_add_func("/tickets/deliver-milder/on-its-way", test_on_its_way);
	g_test_add_func(
	    "/tickets/deliver-milder/other-reasons", test_other_reasons);
	g_test_add_func("/tickets/deliver-milder/killed", test_killed);
	g_test_add_func("/tickets/deliver-milder/gone", test_gone);
	g_test_add_func("/tickets/deliver-milder/damaged", test_damaged);
	g_test_add_func("/tickets/deliver-milder/spoilt", test_spoilt);
	return g_test_run();
}
