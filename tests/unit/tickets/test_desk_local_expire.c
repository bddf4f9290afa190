/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tickets of the embedded desk that are past their time. */
#include <glib/gstdio.h>
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/standing.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/desk_place.h"
#include "tests/unit/tickets/fake.h"

#define DAY ((gint64)24 * 60 * 60 * G_USEC_PER_SEC)

static struct conf *
settings(void)
{
	return fake_conf("ticket-retention = 100d\n"
			 "inbox \"support@example.com\" { }\n"
			 "inbox \"short@example.com\" {"
			 " ticket-retention = 10d }\n"
			 "desk \"main\" { }\n");
}

/* How many go, or `name` else, of all inboxes. */
static int
ask(struct place *place, gboolean run, struct standings *standings,
    const char *name)
{
	struct conf *conf OWNED(conf_free) = settings();
	gboolean more = FALSE;
	const struct holder_expiry expiry = { .now = place->now,
		.run = run,
		.conf = conf,
		.standings = standings,
		.more = &more };
	json_t *rows = json_array(), *row;
	g_autoptr(GError) error = NULL;
	int sum = 0;
	size_t i;

	g_assert_true(desk_local_expire(place->desk, &expiry, rows, &error));
	g_assert_no_error(error);
	json_array_foreach(rows, i, row) sum +=
	    (int)json_integer_value(json_object_get(row, name));
	json_decref(rows);
	return sum;
}

static char *
create(struct place *place, const char *inbox, const char *address,
    const char *text, guint8 number)
{
	struct ticket ticket = place_ticket(address, "s", text);

	ticket.inbox = (char *)inbox;
	return place_create(place, &ticket, number);
}

static gboolean
disk_has(const struct place *place, const char *word)
{
	static const char *const names[] = { "desk.sqlite", "desk.sqlite-wal",
		"desk-index.sqlite", "desk-index.sqlite-wal" };
	gboolean has = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
		    g_build_filename(place->dir, names[i], NULL);
		g_autofree char *data = NULL;
		gsize length = 0;

		has |= g_file_get_contents(path, &data, &length, NULL) &&
		       memmem(data, length, word, strlen(word)) != NULL;
	}
	return has;
}

/* By the inbox, from the last change on; no byte of it is left. */
static void
test_inboxes(struct place *place, gconstpointer unused)
{
	g_autofree char *one =
	    create(place, "short@example.com", "anna@example.org", "quokka", 1);
	g_autofree char *two =
	    create(place, "support@example.com", "bob@example.net", "zebra", 2);
	g_autofree char *three = create(
	    place, "short@example.com", "carol@example.net", "giraffe", 3);
	g_autoptr(GArray) subjects = NULL;

	(void)unused;
	place_assert_search(place, "quokka", one);
	place->now += 5 * DAY;
	g_assert_true(
	    desk_local_note(place->desk, three, "cli:root", "a note", NULL));
	place->now += 6 * DAY;
	g_assert_cmpint(ask(place, FALSE, NULL, "past"), ==, 1);
	g_assert_true(disk_has(place, "quokka"));
	g_assert_cmpint(ask(place, TRUE, NULL, "gone"), ==, 1);
	g_assert_false(disk_has(place, "quokka"));
	g_assert_true(disk_has(place, "zebra"));
	place_assert_search(place, "quokka", "");
	place_assert_search(place, "giraffe", three);
	/* Nobody is known there any more of whom nothing is left. */
	subjects = desk_local_subjects(place->desk, NULL);
	g_assert_cmpuint(subjects->len, ==, 2);
	place->now += 90 * DAY;
	g_assert_cmpint(ask(place, TRUE, NULL, "gone"), ==, 2);
	place_assert_list(place, NULL, NULL, "");
	g_assert_cmpstr(two, ==, "2");
}

/* What was merged goes with what it was merged into. */
static void
test_merged(struct place *place, gconstpointer unused)
{
	g_autofree char *one =
	    create(place, "short@example.com", "anna@example.org", "quokka", 1);
	g_autofree char *two =
	    create(place, "support@example.com", "bob@example.net", "zebra", 2);

	(void)unused;
	g_assert_true(desk_local_merge(place->desk, one, two, NULL));
	place->now += 50 * DAY;
	g_assert_cmpint(ask(place, TRUE, NULL, "gone"), ==, 0);
	place_assert_search(place, "quokka", two);
	place->now += 51 * DAY;
	g_assert_cmpint(ask(place, TRUE, NULL, "gone"), ==, 1);
	g_assert_false(disk_has(place, "quokka"));
	g_assert_false(disk_has(place, "zebra"));
	g_assert_null(desk_local_show(place->desk, one, NULL));
	g_assert_true(desk_local_ops.health(place->desk, NULL));
}

/* Of anybody who wrote there, until he lifts it. */
static void
test_restricted(struct place *place, gconstpointer unused)
{
	g_autofree char *one =
	    create(place, "short@example.com", "anna@example.org", "quokka", 1);
	g_autofree char *folder = g_build_filename(place->dir, "s", NULL);
	struct ticket more =
	    place_ticket("bob@example.net", "Re: s", "of another");
	struct standing standing = { 1, 0, FALSE };
	struct ident key = place_key(2), bob;
	struct standings *standings;

	(void)unused;
	g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
	standings = standings_open(folder, NULL);
	g_assert_true(
	    desk_local_ops.append(place->desk, one, &more, &key, NULL));
	g_assert_true(
	    subject_ident(place->subject_key, "bob@example.net", &bob));
	g_assert_true(standings_put(standings, &bob, &standing, NULL));
	place->now += 11 * DAY;
	g_assert_cmpint(ask(place, TRUE, standings, "restricted"), ==, 1);
	place_assert_list(place, NULL, NULL, one);
	standing.restricted = 0;
	g_assert_true(standings_put(standings, &bob, &standing, NULL));
	g_assert_cmpint(ask(place, TRUE, standings, "gone"), ==, 1);
	place_assert_list(place, NULL, NULL, "");
	standings_close(&standings);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *path = g_build_filename(
		    folder, i == 0 ? "data.mdb" : "lock.mdb", NULL);

		g_assert_cmpint(remove(path), ==, 0);
	}
	g_assert_cmpint(remove(folder), ==, 0);
}

#define TEST(name, function) \
	g_test_add("/desk-local/expire/" name, struct place, NULL, place_init, \
	    function, place_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("inboxes", test_inboxes);
	TEST("merged", test_merged);
	TEST("restricted", test_restricted);
	return g_test_run();
}
