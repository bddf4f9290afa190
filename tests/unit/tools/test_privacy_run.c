/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/privacy_run.h"

#include <pthread.h>

#include "lib/base/clock.h"

struct desk {
	pthread_mutex_t lock;
	guint tries[3];
	gboolean ends;  /* a try brings it to its end */
	gboolean hangs; /* until stopped */
};

static gboolean
go_on(void *self, guint64 id, gint *stopping)
{
	struct desk *desk = self;

	pthread_mutex_lock(&desk->lock);
	desk->tries[id]++;
	pthread_mutex_unlock(&desk->lock);
	while (desk->hangs && !g_atomic_int_get(stopping))
		g_usleep(1000);
	return desk->ends;
}

static guint
tries(struct desk *desk, guint64 id)
{
	guint n;

	pthread_mutex_lock(&desk->lock);
	n = desk->tries[id];
	pthread_mutex_unlock(&desk->lock);
	return n;
}

static void
wait_tried(struct desk *desk, guint64 id)
{
	for (guint i = 0; i < 5000 && tries(desk, id) == 0; i++)
		g_usleep(1000);
	g_assert_cmpuint(tries(desk, id), ==, 1);
}

static struct privacy_run *
run_new(struct desk *desk)
{
	pthread_mutex_init(&desk->lock, NULL);
	return privacy_run_new(&(struct privacy_work){ go_on, desk });
}

static void
test_pause(void)
{
	static const struct {
		guint tries;
		gint64 want;
	} cases[] = { { 1, 600 }, { 2, 1200 }, { 3, 2400 }, { 8, 76800 },
		{ 9, 86400 }, { 1000, 86400 } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(
		    privacy_run_pause(cases[i].tries), ==, cases[i].want);
}

/* Without a thread: at once, and not again before its pause is over. */
static void
test_settle(void)
{
	struct desk desk = { .ends = FALSE };
	struct privacy_run *run = run_new(&desk);

	privacy_run_add(run, 1);
	privacy_run_add(run, 1);
	g_assert_true(privacy_run_busy(run, 1));
	g_assert_false(privacy_run_busy(run, 2));
	for (guint i = 0; i < 3; i++)
		privacy_run_settle(run);
	g_assert_cmpuint(tries(&desk, 1), ==, 1);
	g_assert_false(privacy_run_busy(run, 1));
	desk.ends = TRUE;
	privacy_run_add(run, 2);
	privacy_run_settle(run);
	g_assert_cmpuint(tries(&desk, 1), ==, 1);
	g_assert_cmpuint(tries(&desk, 2), ==, 1);
	privacy_run_free(&run);
}

/* One is added while another is tried: it is begun with in its turn. */
static void
test_thread(void)
{
	struct desk desk = { .ends = TRUE };
	struct privacy_run *run = run_new(&desk);

	g_assert_true(privacy_run_start(run, NULL));
	for (guint64 id = 0; id < 3; id++)
		privacy_run_add(run, id);
	for (guint64 id = 0; id < 3; id++)
		wait_tried(&desk, id);
	privacy_run_free(&run);
}

static void
test_stop(void)
{
	struct desk desk = { .hangs = TRUE };
	struct privacy_run *run = run_new(&desk);
	gint64 start;

	g_assert_true(privacy_run_start(run, NULL));
	privacy_run_add(run, 1);
	wait_tried(&desk, 1);
	g_assert_true(privacy_run_busy(run, 1));
	privacy_run_add(run, 2);
	start = clock_mono(&clock_system);
	privacy_run_stop(run);
	g_assert_cmpint(
	    clock_mono(&clock_system) - start, <, 5 * G_USEC_PER_SEC);
	g_assert_cmpuint(tries(&desk, 2), ==, 0);
	privacy_run_free(&run);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tools/privacy-run/pause", test_pause);
	g_test_add_func("/tools/privacy-run/settle", test_settle);
	g_test_add_func("/tools/privacy-run/thread", test_thread);
	g_test_add_func("/tools/privacy-run/stop", test_stop);
	return g_test_run();
}
