/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/bucket.h"

#define SECOND G_USEC_PER_SEC

static const struct {
	const char *name;
	gint64 now; /* seconds */
	guint count;
	gint64 want; /* seconds to wait, rounded up */
} steps[] = {
	{ "a full minute's calls at once", 100, 60, 0 },
	{ "then none", 100, 1, 1 },
	{ "one a second comes back", 101, 1, 0 },
	{ "and only one", 101, 1, 1 },
	{ "all or none", 106, 10, 5 },
	{ "what was refused took nothing", 106, 5, 0 },
	{ "a clock that goes back gives nothing", 50, 1, 1 },
	{ "never more than full", 100000, 60, 0 },
	{ "not one above", 100000, 1, 1 },
	{ "more than full costs a full one", 200000, 500, 0 },
	{ "and empties it", 200000, 1, 1 },
};

static void
test_steps(void)
{
	struct bucket bucket;

	bucket_init(&bucket, 60, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		gint64 wait =
		    bucket_take(&bucket, steps[i].count, steps[i].now * SECOND);

		g_test_message("%s", steps[i].name);
		g_assert_cmpint(
		    (wait + SECOND - 2) / SECOND, ==, steps[i].want);
	}
}

/* Whoever waits as long as he was told gets his calls. */
static void
test_wait_is_enough(void)
{
	struct bucket bucket;
	gint64 now = 0;

	bucket_init(&bucket, 180, now);
	for (guint i = 0; i < 5000; i++) {
		gint64 wait = bucket_take(&bucket, 1 + i % 7, now);

		if (wait > 0) {
			now += wait;
			g_assert_cmpint(
			    bucket_take(&bucket, 1 + i % 7, now), ==, 0);
		}
	}
	/* 4 calls each on average, 3 a second, the first 180 at once. */
	g_assert_cmpint(now / SECOND, >=, (5000 * 4 - 180) / 3 - 10);
	g_assert_cmpint(now / SECOND, <=, (5000 * 4 - 180) / 3 + 10);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/bucket/steps", test_steps);
	g_test_add_func("/tickets/bucket/wait", test_wait_is_enough);
	return g_test_run();
}
