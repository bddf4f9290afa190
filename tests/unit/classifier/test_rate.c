/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast one actor may teach, by a clock that the test sets. */
#include "classifier/rate.h"

#include "lib/base/clock.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/classifier/school.h"

#define MINUTE ((gint64)60 * G_USEC_PER_SEC)
#define HOUR (60 * MINUTE)
/* A steady clock may begin anywhere. */
#define BEGIN ((gint64)17)

/* Teaches until he has to wait, at most `most`; answers how many. */
static guint
teach(struct rate *rate, const char *actor, guint most, gint64 now)
{
	guint taught = 0;

	while (taught < most && rate_wait(rate, actor, now) == 0) {
		rate_take(rate, actor, now);
		taught++;
	}
	return taught;
}

static void
test_hour(void)
{
	struct rate *rate OWNED(rate_free) = rate_new(60);
	gint64 now = BEGIN;

	g_assert_cmpuint(teach(rate, "desk:ann", 1000, now), ==, 60);
	g_assert_cmpint(rate_wait(rate, "desk:ann", now), ==, MINUTE);
	/* Asking costs nothing. */
	g_assert_cmpint(rate_wait(rate, "desk:ann", now), ==, MINUTE);
	now += MINUTE - 1;
	g_assert_cmpint(rate_wait(rate, "desk:ann", now), ==, 1);
	now += 1;
	g_assert_cmpuint(teach(rate, "desk:ann", 1000, now), ==, 1);
	now += 10 * MINUTE;
	g_assert_cmpuint(teach(rate, "desk:ann", 1000, now), ==, 10);
	/* Days of rest save up no more than an hour's. */
	now += 100 * HOUR;
	g_assert_cmpuint(teach(rate, "desk:ann", 1000, now), ==, 60);
}

static void
test_each_his_own(void)
{
	struct rate *rate OWNED(rate_free) = rate_new(3);

	g_assert_cmpuint(teach(rate, "imap:ann", 10, BEGIN), ==, 3);
	g_assert_cmpuint(teach(rate, "imap:bob", 10, BEGIN), ==, 3);
	g_assert_cmpuint(teach(rate, "imap:ann", 10, BEGIN), ==, 0);
}

static void
test_exempt(void)
{
	struct rate *rate OWNED(rate_free) = rate_new(1);
	struct rate *none OWNED(rate_free) = rate_new(0);

	g_assert_cmpuint(teach(rate, "cli:root", 500, BEGIN), ==, 500);
	g_assert_cmpuint(teach(rate, NULL, 500, BEGIN), ==, 500);
	g_assert_cmpuint(teach(rate, "", 500, BEGIN), ==, 500);
	g_assert_cmpuint(teach(rate, "client:x", 500, BEGIN), ==, 1);
	g_assert_cmpuint(teach(none, "desk:ann", 500, BEGIN), ==, 500);
}

/* However many names one thinks up, memory stays bounded, and who owes most is
 * not forgotten for those who owe little. */
static void
test_many_names(void)
{
	struct rate *rate OWNED(rate_free) = rate_new(10);

	g_assert_cmpuint(teach(rate, "desk:ann", 100, BEGIN), ==, 10);
	for (guint i = 0; i < 5000; i++) {
		g_autofree char *name = g_strdup_printf("desk:%u", i);

		g_assert_cmpuint(teach(rate, name, 1, BEGIN), ==, 1);
	}
	g_assert_cmpuint(teach(rate, "desk:ann", 100, BEGIN), ==, 0);
	g_assert_cmpuint(teach(rate, "desk:ann", 100, BEGIN + HOUR), ==, 10);
}

/* --- over a restart --- */

struct place {
	struct school school; /* first */
	struct clock clock;
	gint64 now;
};

static gint64
tell_time(void *self)
{
	return ((struct place *)self)->now;
}

static void
place_init(struct place *place, gconstpointer unused)
{
	school_init(&place->school, unused);
	place->now = 1000 * HOUR;
	place->clock = (struct clock){ tell_time, tell_time, place };
	place->school.settings.clock = &place->clock;
	place->school.settings.train_rate = 2;
	school_reopen(&place->school);
}

static void
place_fini(struct place *place, gconstpointer unused)
{
	school_fini(&place->school, unused);
}

static gboolean
may_teach(struct place *place, const char *actor)
{
	const struct teacher_lesson wish = { VERDICT_HAM, FALSE, actor };
	struct teacher_reason reason = { 0 };

	return !learn_holds_up(place->school.learn, &wish, &reason);
}

static void
teach_as(struct place *place, guint number, const char *actor)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	const struct teacher_lesson wish = { VERDICT_HAM, FALSE, actor };
	enum teacher_outcome outcome;
	g_autoptr(GError) error = NULL;

	school_lesson(&lesson, number, 1, 10, 5);
	lesson.verdict.margin = 0;
	g_assert_true(
	    learn_label(place->school.learn, &lesson, &wish, &outcome, &error));
	g_assert_no_error(error);
}

/* A keeper that begins anew goes on counting. */
static void
test_restart(struct place *place, gconstpointer unused)
{
	static const char longer[] =
	    "desk:main:an.agent.with.a.long.name@support.example.com";
	struct school *school = &place->school;

	(void)unused;
	teach_as(place, 1, "desk:ann");
	teach_as(place, 2, longer);
	place->now += 10 * MINUTE;
	teach_as(place, 3, "desk:ann");
	teach_as(place, 4, longer);
	teach_as(place, 5, "desk:bob");
	for (guint i = 0; i < 2; i++) {
		g_assert_false(may_teach(place, "desk:ann"));
		g_assert_false(may_teach(place, longer));
		g_assert_true(may_teach(place, "desk:bob"));
		school_reopen(school);
	}
	/* The first was ten minutes before the last. */
	place->now += 20 * MINUTE - 1;
	g_assert_false(may_teach(place, "desk:ann"));
	school_reopen(school);
	g_assert_false(may_teach(place, "desk:ann"));
	place->now += 1;
	school_reopen(school);
	g_assert_true(may_teach(place, "desk:ann"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/rate/hour", test_hour);
	g_test_add_func("/rate/each-his-own", test_each_his_own);
	g_test_add_func("/rate/exempt", test_exempt);
	g_test_add_func("/rate/many-names", test_many_names);
	g_test_add("/rate/restart", struct place, NULL, place_init,
	    test_restart, place_fini);
	return g_test_run();
}
