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

static void
tend(struct stage *stage, guint days)
{
	g_autoptr(GError) error = NULL;

	fake_now()->wall += days * DAY;
	g_assert_true(deliver_tend(stage->deliver, &error));
	g_assert_no_error(error);
}

static void
test_ages(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	put(stage, 1, "from: eve@example.net", SPOOL_HELD);
	put(stage, 2, "from: anna@example.org", SPOOL_DONE);
	put(stage, 3, "crash", SPOOL_NEW);
	tend(stage, 0);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_DONE);
	tend(stage, 8);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_STATES);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_HELD);
	tend(stage, 30);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_STATES);
	/* What nobody has seen to has no age. */
	g_assert_cmpint(fixture_state(&stage->fixture, 3), ==, SPOOL_NEW);
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
	tend(stage, 31);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_HELD);
	g_assert_cmpint(fixture_state(&stage->fixture, 2), ==, SPOOL_STATES);
	standing.restricted = 0;
	g_assert_true(standings_put(stage->standings, &anna, &standing, NULL));
	tend(stage, 0);
	g_assert_cmpint(fixture_state(&stage->fixture, 1), ==, SPOOL_STATES);
}

#define TEST(name, function) \
	g_test_add("/tickets/deliver-tend/" name, struct stage, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	TEST("ages", test_ages);
	TEST("restricted", test_restricted);
	return g_test_run();
}
