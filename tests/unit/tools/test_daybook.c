/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/daybook.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "tests/unit/base/folder.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define DAY (86400 * SECOND)
#define START (20000 * DAY)
#define GAP (90 * DAY)

static void
test_judge(void)
{
	static const struct {
		const char *name;
		gint64 last, wall;
		enum daybook_doubt want;
	} cases[] = {
		{ "nothing is known", 0, 5 * DAY, DAYBOOK_GOOD },
		{ "the same", START, START, DAYBOOK_GOOD },
		{ "a day back", START, START - DAY, DAYBOOK_GOOD },
		{ "more than that", START, START - DAY - 1, DAYBOOK_BEHIND },
		{ "1970", START, 3 * SECOND, DAYBOOK_BEHIND },
		{ "the gap", START, START + GAP, DAYBOOK_GOOD },
		{ "more than that", START, START + GAP + 1, DAYBOOK_AHEAD },
		{ "years", START, START + 3650 * DAY, DAYBOOK_AHEAD },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(
		    daybook_judge(cases[i].last, cases[i].wall, GAP), ==,
		    cases[i].want);
	}
}

struct place {
	struct folder folder;
	int keys;
	gint64 wall, mono;
	struct clock clock;
	struct daybook *book;
};

static gint64
wall(void *self)
{
	return ((struct place *)self)->wall;
}

static gint64
mono(void *self)
{
	return ((struct place *)self)->mono;
}

static void
open_book(struct place *place)
{
	g_autoptr(GError) error = NULL;

	daybook_close(&place->book);
	place->book = daybook_open(place->keys, GAP, &place->clock, &error);
	g_assert_no_error(error);
}

/* The keeper starts at that time. */
static void
start_at(struct place *place, gint64 when)
{
	place->wall = when;
	place->mono = 7 * SECOND;
	open_book(place);
	g_assert_true(daybook_tend(place->book, NULL));
}

/* Time goes on, for both clocks. */
static void
pass(struct place *place, gint64 usec)
{
	place->wall += usec;
	place->mono += usec;
	g_assert_true(daybook_tend(place->book, NULL));
}

static void
set_up(struct place *place, gconstpointer unused)
{
	memset(place, 0, sizeof(*place));
	folder_init(&place->folder, unused);
	place->keys = file_open_dir(place->folder.path, NULL);
	place->clock = (struct clock){ wall, mono, place };
	start_at(place, START);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	daybook_close(&place->book);
	file_close(&place->keys);
	folder_fini(&place->folder, unused);
}

static void
expect(struct place *place, const char *doubt, gint64 aged, gint64 latest)
{
	json_t *state = daybook_state(place->book);
	const char *text = json_string_value(json_object_get(state, "text"));

	g_assert_cmpstr(
	    json_string_value(json_object_get(state, "doubt")), ==, doubt);
	g_assert_true((*text == '\0') == (*doubt == '\0'));
	json_decref(state);
	g_assert_cmpint(daybook_doubts(place->book), ==, *doubt != '\0');
	g_assert_cmpint(daybook_now(place->book), ==, aged);
	g_assert_cmpint(clock_wall(daybook_clock(place->book)), ==, aged);
	g_assert_cmpint(clock_wall(daybook_latest(place->book)), ==, latest);
	g_assert_cmpint(
	    clock_mono(daybook_clock(place->book)), ==, place->mono);
}

static void
test_ahead(struct place *place, gconstpointer unused)
{
	(void)unused;
	expect(place, "", START, START);
	/* Away for a while. */
	start_at(place, START + 80 * DAY);
	expect(place, "", START + 80 * DAY, START + 80 * DAY);
	/* For too long: the doubt does not end by itself. */
	start_at(place, START + 1000 * DAY);
	expect(place, "ahead", START + 80 * DAY, START + 1000 * DAY);
	pass(place, 40 * DAY);
	expect(place, "ahead", START + 80 * DAY, START + 1040 * DAY);
	/* Nor by starting again. */
	start_at(place, START + 1040 * DAY);
	expect(place, "ahead", START + 80 * DAY, START + 1040 * DAY);
	/* It is set right. */
	place->wall = START + 81 * DAY;
	expect(place, "", START + 81 * DAY, START + 81 * DAY);
}

static void
test_behind(struct place *place, gconstpointer unused)
{
	(void)unused;
	start_at(place, 3 * SECOND);
	expect(place, "behind", 3 * SECOND, START);
	pass(place, 2 * DAY);
	start_at(place, START + DAY);
	expect(place, "", START + DAY, START + DAY);
}

/* What the clock said while it was in doubt is not remembered. */
static void
test_jump(struct place *place, gconstpointer unused)
{
	(void)unused;
	pass(place, 2 * 3600 * SECOND);
	place->wall += 60 * DAY; /* less than the gap */
	pass(place, 2 * 3600 * SECOND);
	start_at(place, START + 5 * 3600 * SECOND);
	expect(place, "", START + 5 * 3600 * SECOND, START + 5 * 3600 * SECOND);
}

static void
test_confirm(struct place *place, gconstpointer unused)
{
	(void)unused;
	start_at(place, START + 1000 * DAY);
	g_assert_true(daybook_confirm(place->book, NULL));
	expect(place, "", START + 1000 * DAY, START + 1000 * DAY);
	start_at(place, START + 1001 * DAY);
	expect(place, "", START + 1001 * DAY, START + 1001 * DAY);
	/* Back, too. */
	start_at(place, START);
	expect(place, "behind", START, START + 1001 * DAY);
	g_assert_true(daybook_confirm(place->book, NULL));
	expect(place, "", START, START);
}

/* The trail is heard where there is no daybook alone. */
static void
test_hear(struct place *place, gconstpointer unused)
{
	(void)unused;
	daybook_hear(place->book, START + 9 * DAY);
	g_assert_true(daybook_tend(place->book, NULL));
	open_book(place);
	daybook_hear(place->book, START + 9 * DAY);
	expect(place, "", START, START);
	for (guint i = 0; i < 2; i++) {
		g_assert_cmpint(unlinkat(place->keys, DAYBOOK_NAME, 0), ==, 0);
		if (i == 1) /* damaged */
			g_assert_true(file_replace(place->keys, DAYBOOK_NAME,
			    "{\"last\":-5}", 11, 0600, NULL));
		open_book(place);
		daybook_hear(place->book, START + 9 * DAY);
		expect(place, "behind", START, START + 9 * DAY);
		/* An old state that was put back. */
		open_book(place);
		daybook_hear(place->book, START - 400 * DAY);
		expect(place, "", START, START);
		g_assert_true(daybook_tend(place->book, NULL));
	}
}

static void
test_look(struct place *place, gconstpointer unused)
{
	json_t *state;

	(void)unused;
	place->wall = START + 1000 * DAY;
	state = daybook_look(place->folder.path, GAP, &place->clock);
	g_assert_cmpstr(
	    json_string_value(json_object_get(state, "doubt")), ==, "ahead");
	json_decref(state);
	g_assert_null(daybook_look("/nowhere", GAP, &place->clock));
}

#define ADD(name, function) \
	g_test_add(name, struct place, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/daybook/judge", test_judge);
	ADD("/daybook/ahead", test_ahead);
	ADD("/daybook/behind", test_behind);
	ADD("/daybook/jump", test_jump);
	ADD("/daybook/confirm", test_confirm);
	ADD("/daybook/hear", test_hear);
	ADD("/daybook/look", test_look);
	return g_test_run();
}
