/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One lock for four numbers and a pointer.
 */
#include "milter/hall.h"

#include <errno.h>
#include <pthread.h>

struct hall {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t quiet;
	struct terms *terms;
	guint most, inside, working;
	gboolean closing;
};

struct hall *
hall_new(struct terms *terms, guint most)
{
	struct hall *hall = g_new0(struct hall, 1);
	pthread_condattr_t attributes;

	hall->terms = terms;
	hall->most = most;
	pthread_mutex_init(&hall->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&hall->quiet, &attributes);
	pthread_condattr_destroy(&attributes);
	return hall;
}

void
hall_free(struct hall **hall)
{
	if (*hall == NULL)
		return;
	g_assert((*hall)->inside == 0);
	terms_unref(&(*hall)->terms);
	pthread_cond_destroy(&(*hall)->quiet);
	pthread_mutex_destroy(&(*hall)->lock);
	g_clear_pointer(hall, g_free);
}

void
hall_change(struct hall *hall, struct terms *terms)
{
	struct terms *old;

	pthread_mutex_lock(&hall->lock);
	old = hall->terms;
	hall->terms = terms;
	pthread_mutex_unlock(&hall->lock);
	terms_unref(&old);
}

struct terms *
hall_enter(struct hall *hall, gboolean *welcome_r)
{
	struct terms *terms;

	pthread_mutex_lock(&hall->lock);
	terms = terms_ref(hall->terms);
	*welcome_r = !hall->closing &&
		     hall->inside < MIN(terms->max_connections, hall->most);
	hall->inside++;
	pthread_mutex_unlock(&hall->lock);
	return terms;
}

void
hall_leave(struct hall *hall)
{
	pthread_mutex_lock(&hall->lock);
	hall->inside--;
	pthread_mutex_unlock(&hall->lock);
}

guint
hall_count(struct hall *hall)
{
	guint inside;

	pthread_mutex_lock(&hall->lock);
	inside = hall->inside;
	pthread_mutex_unlock(&hall->lock);
	return inside;
}

gboolean
hall_is_closing(struct hall *hall)
{
	gboolean closing;

	pthread_mutex_lock(&hall->lock);
	closing = hall->closing;
	pthread_mutex_unlock(&hall->lock);
	return closing;
}

gboolean
hall_begin(struct hall *hall)
{
	gboolean open;

	pthread_mutex_lock(&hall->lock);
	open = !hall->closing;
	if (open)
		hall->working++;
	pthread_mutex_unlock(&hall->lock);
	return open;
}

void
hall_end(struct hall *hall)
{
	pthread_mutex_lock(&hall->lock);
	if (--hall->working == 0)
		pthread_cond_broadcast(&hall->quiet);
	pthread_mutex_unlock(&hall->lock);
}

gboolean
hall_close(struct hall *hall, gint64 usec)
{
	gint64 end = g_get_monotonic_time() + usec;
	const struct timespec until = { end / G_USEC_PER_SEC,
		end % G_USEC_PER_SEC * 1000 };
	int number = 0;
	gboolean quiet;

	pthread_mutex_lock(&hall->lock);
	hall->closing = TRUE;
	while (hall->working > 0 && number != ETIMEDOUT)
		number =
		    pthread_cond_timedwait(&hall->quiet, &hall->lock, &until);
	quiet = hall->working == 0;
	pthread_mutex_unlock(&hall->lock);
	return quiet;
}
