/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast one actor may teach, by a clock that the test sets. */
#include "classifier/rate.h"
#include "lib/base/owned.h"

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

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/rate/hour", test_hour);
	g_test_add_func("/rate/each-his-own", test_each_his_own);
	g_test_add_func("/rate/exempt", test_exempt);
	g_test_add_func("/rate/many-names", test_many_names);
	return g_test_run();
}
