/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that goes on with requests.
 */
#include "tools/privacy_run.h"

#include <pthread.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"

struct item {
	guint64 id;
	guint tries;
	gint64 next; /* mono */
	gboolean running;
};

struct privacy_run {
	struct privacy_work work;
	gint stopping; /* atomic */
	pthread_t thread;
	gboolean started; /* its owner's alone; of others under the lock */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	GArray *items; /* struct item, in the order they came */
};

gint64
privacy_run_pause(guint tries)
{
	gint64 pause = PRIVACY_RUN_PAUSE;

	while (tries > 1 && pause < PRIVACY_RUN_MOST) {
		pause *= 2;
		tries--;
	}
	return MIN(pause, PRIVACY_RUN_MOST);
}

struct privacy_run *
privacy_run_new(const struct privacy_work *work)
{
	struct privacy_run *run = g_new0(struct privacy_run, 1);
	pthread_condattr_t attributes;

	run->work = *work;
	run->items = g_array_new(FALSE, FALSE, sizeof(struct item));
	pthread_mutex_init(&run->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&run->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return run;
}

void
privacy_run_free(struct privacy_run **address)
{
	struct privacy_run *run = *address;

	*address = NULL;
	if (run == NULL)
		return;
	privacy_run_stop(run);
	g_array_unref(run->items);
	pthread_cond_destroy(&run->changed);
	pthread_mutex_destroy(&run->lock);
	g_free(run);
}

/* With the lock held, as all that follow. */
static struct item *
find(struct privacy_run *run, guint64 id, guint *at_r)
{
	for (guint i = 0; i < run->items->len; i++) {
		struct item *item = &g_array_index(run->items, struct item, i);

		if (item->id == id) {
			if (at_r != NULL)
				*at_r = i;
			return item;
		}
	}
	return NULL;
}

/* The first that is due, or NULL with the time of the next. */
static struct item *
find_due(struct privacy_run *run, gint64 *next_r)
{
	gint64 now = clock_mono(&clock_system);

	*next_r = G_MAXINT64;
	for (guint i = 0; i < run->items->len; i++) {
		struct item *item = &g_array_index(run->items, struct item, i);

		if (!item->running && item->next <= now)
			return item;
		if (!item->running)
			*next_r = MIN(*next_r, item->next);
	}
	return NULL;
}

static gboolean
is_stopping(struct privacy_run *run)
{
	return g_atomic_int_get(&run->stopping) != 0;
}

/* Tries one, without the lock meanwhile. */
static void
try_one(struct privacy_run *run, struct item *item)
{
	guint64 id = item->id;
	gboolean ended;
	guint at = 0;

	item->running = TRUE;
	pthread_mutex_unlock(&run->lock);
	ended = run->work.go_on(run->work.self, id, &run->stopping);
	pthread_mutex_lock(&run->lock);
	/* Others may have been added, which moves it in memory. */
	item = find(run, id, &at);
	g_assert(item != NULL);
	if (ended) {
		g_array_remove_index(run->items, at);
		return;
	}
	item->running = FALSE;
	item->tries++;
	item->next = clock_mono(&clock_system) +
		     privacy_run_pause(item->tries) * G_USEC_PER_SEC;
}

static void
wait_until(struct privacy_run *run, gint64 next)
{
	const struct timespec at = { .tv_sec = next / G_USEC_PER_SEC,
		.tv_nsec = next % G_USEC_PER_SEC * 1000 };

	if (next == G_MAXINT64)
		pthread_cond_wait(&run->changed, &run->lock);
	else
		pthread_cond_timedwait(&run->changed, &run->lock, &at);
}

static void *
run_thread(void *self)
{
	struct privacy_run *run = self;
	struct item *item;
	gint64 next;

	pthread_mutex_lock(&run->lock);
	while (!is_stopping(run)) {
		item = find_due(run, &next);
		if (item != NULL)
			try_one(run, item);
		else
			wait_until(run, next);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* Others ask by the control socket, also as it starts and ends. */
static void
set_started(struct privacy_run *run, gboolean started)
{
	pthread_mutex_lock(&run->lock);
	run->started = started;
	pthread_mutex_unlock(&run->lock);
}

gboolean
privacy_run_start(struct privacy_run *run, GError **error)
{
	int number;

	g_atomic_int_set(&run->stopping, 0);
	number = pthread_create(&run->thread, NULL, run_thread, run);
	if (number != 0)
		return err_errno(error, number, "privacy: thread");
	set_started(run, TRUE);
	return TRUE;
}

void
privacy_run_stop(struct privacy_run *run)
{
	g_atomic_int_set(&run->stopping, 1);
	pthread_mutex_lock(&run->lock);
	pthread_cond_broadcast(&run->changed);
	pthread_mutex_unlock(&run->lock);
	if (run->started)
		pthread_join(run->thread, NULL);
	set_started(run, FALSE);
}

void
privacy_run_add(struct privacy_run *run, guint64 id)
{
	const struct item item = { .id = id };

	pthread_mutex_lock(&run->lock);
	if (find(run, id, NULL) == NULL)
		g_array_append_val(run->items, item);
	pthread_cond_broadcast(&run->changed);
	pthread_mutex_unlock(&run->lock);
}

void
privacy_run_settle(struct privacy_run *run)
{
	struct item *item;
	gint64 next;

	pthread_mutex_lock(&run->lock);
	while (!run->started && (item = find_due(run, &next)) != NULL)
		try_one(run, item);
	pthread_mutex_unlock(&run->lock);
}

gboolean
privacy_run_busy(struct privacy_run *run, guint64 id)
{
	const struct item *item;
	gboolean busy;

	pthread_mutex_lock(&run->lock);
	item = find(run, id, NULL);
	busy = item != NULL &&
	       (item->running || item->next <= clock_mono(&clock_system));
	pthread_mutex_unlock(&run->lock);
	return busy;
}
