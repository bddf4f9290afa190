/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"
#include "tests/unit/base/folder.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver.h"

#define DAY ((gint64)24 * 60 * 60 * G_USEC_PER_SEC)

struct stage {
	struct folder folder; /* of the standings */
	struct standings *standings;
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
};

static void
set_up(struct stage *stage, gconstpointer unused)
{
	folder_init(&stage->folder, unused);
	stage->standings = standings_open(stage->folder.path, NULL);
	*fake_now() = (struct fake){ .standings = stage->standings };
	fixture_init(&stage->fixture);
	stage->conf = fake_conf(NULL);
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
}

static void
tear_down(struct stage *stage, gconstpointer unused)
{
	deliver_close(&stage->deliver);
	conf_free(&stage->conf);
	fixture_fini(&stage->fixture);
	standings_close(&stage->standings);
	folder_fini(&stage->folder, unused);
}

/* Puts it in, and delivers it to `want`; SPOOL_NEW: does not. */
static void
put(struct stage *stage, guint number, const char *text, enum spool_state want)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(
	    number, want == SPOOL_HELD ? ENTRY_QUARANTINE : ENTRY_TICKET);
	const struct ident key = fixture_ident(number);
	enum spool_put result;

	g_assert_true(fixture_put(&stage->fixture, entry, text, &result, NULL));
	if (want != SPOOL_NEW)
		g_assert_true(deliver_one(stage->deliver, &key, NULL));
	g_assert_cmpint(fixture_state(&stage->fixture, number), ==, want);
}

/* What it tells, or does, `days` later; the caller's. */
static json_t *
ask(struct stage *stage, guint days, gboolean run)
{
	gboolean more = FALSE;
	json_t *rows = json_array();
	g_autoptr(GError) error = NULL;
	struct holder_expiry expiry = {
		.run = run, .conf = stage->conf, .more = &more
	};

	fake_now()->wall += days * DAY;
	expiry.now = fake_now()->wall;
	g_assert_true(deliver_expire(stage->deliver, &expiry, rows, &error));
	g_assert_no_error(error);
	g_assert_false(more);
	return rows;
}

static void
expire(struct stage *stage, guint days)
{
	json_decref(ask(stage, days, TRUE));
}

static int
number_of(const json_t *rows, const char *kind, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (g_strcmp0(json_string_value(json_object_get(row, "kind")),
			kind) == 0)
			return (int)json_integer_value(
			    json_object_get(row, name));
	}
	return -1;
}

static void
test_ages(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	put(stage, 1, "from: eve@example.net", SPOOL_HELD);
	put(stage, 2, "from: anna@example.org", SPOOL_DONE);
	put(stage, 3, "crash", SPOOL_NEW);
	expire(stage, 0);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_DONE);
	expire(stage, 8);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_STATES);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_HELD);
	expire(stage, 30);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_STATES);
	/* What was not delivered yet has no age. */
	g_assert_cmpint(fixture_state(&stage->fixture, 3), ==, SPOOL_NEW);
}

/* It says what it would do before it does. */
static void
test_tells(struct stage *stage, gconstpointer unused)
{
	json_t *rows;

	(void)unused;
	put(stage, 1, "from: eve@example.net", SPOOL_HELD);
	put(stage, 2, "from: anna@example.org", SPOOL_DONE);
	put(stage, 3, "crash", SPOOL_NEW);
	rows = ask(stage, 8, FALSE);
	g_assert_cmpint(number_of(rows, "raw", "count"), ==, 1);
	g_assert_cmpint(number_of(rows, "raw", "past"), ==, 1);
	g_assert_cmpint(number_of(rows, "raw", "gone"), ==, 0);
	g_assert_cmpint(number_of(rows, "raw", "keep"), ==, 7 * 86400);
	g_assert_cmpint(number_of(rows, "quarantine", "count"), ==, 1);
	g_assert_cmpint(number_of(rows, "quarantine", "past"), ==, 0);
	g_assert_cmpint(number_of(rows, "queue", "count"), ==, 1);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_DONE);
	json_decref(rows);
	rows = ask(stage, 0, TRUE);
	g_assert_cmpint(number_of(rows, "raw", "count"), ==, 0);
	g_assert_cmpint(number_of(rows, "raw", "past"), ==, 0);
	g_assert_cmpint(number_of(rows, "raw", "gone"), ==, 1);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_STATES);
	json_decref(rows);
}

/* Refused by its desk for good: nobody else has it. */
static void
test_dead(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	fake_now()->mode = FAKE_BAD;
	put(stage, 1, "from: anna@example.org", SPOOL_DEAD);
	expire(stage, 179);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_DEAD);
	expire(stage, 2);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_STATES);
}

/* What an inbox says goes before what is said of all. */
static void
test_inbox(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	put(stage, 1, "from: anna@example.org", SPOOL_DONE);
	put(stage, 2, "from: eve@example.net", SPOOL_HELD);
	deliver_close(&stage->deliver);
	conf_free(&stage->conf);
	stage->conf = fake_conf("raw-retention = 1d\n"
				"inbox \"support@example.com\" {\n"
				"raw-retention = 20d\nheld-retention = 2d }\n"
				"desk \"main\" { }\n");
	stage->deliver = fake_deliver(&stage->fixture, stage->conf);
	expire(stage, 8);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_DONE);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_STATES);
	expire(stage, 13);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_STATES);
}

/* Stored until the restriction is lifted, however long that is. */
static void
test_restricted(struct stage *stage, gconstpointer unused)
{
	struct standing standing = { 1, 0, FALSE };
	struct ident anna;

	(void)unused;
	g_assert_true(
	    subject_ident(stage->fixture.key, "anna@example.org", &anna));
	g_assert_true(standings_put(stage->standings, &anna, &standing, NULL));
	put(stage, 1, "from: anna@example.org", SPOOL_HELD);
	put(stage, 2, "from: eve@example.net", SPOOL_HELD);
	expire(stage, 31);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_HELD);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_STATES);
	standing.restricted = 0;
	g_assert_true(standings_put(stage->standings, &anna, &standing, NULL));
	expire(stage, 0);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_STATES);
}

#define TEST(name, function) \
	g_test_add("/tickets/deliver-expire/" name, struct stage, NULL, \
	    set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	TEST("ages", test_ages);
	TEST("tells", test_tells);
	TEST("dead", test_dead);
	TEST("inbox", test_inbox);
	TEST("restricted", test_restricted);
	return g_test_run();
}
