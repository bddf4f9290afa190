/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schedule of what goes.
 */
#include "tools/retain.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tools/daybook.h"
#include "tools/steady.h"
#include "tools/traces.h"

/* Rounds of one run; what is left then waits for the next. */
#define ROUNDS_MOST 200

struct retain {
	struct keeper *keeper;
	gint stopping; /* atomic */
	pthread_t thread;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	gboolean started;
	gboolean wanted, running;
	struct steady_time seen; /* when the clock was last looked at */
	json_t *rows;            /* of the last run; NULL: none yet */
	gint64 ended;            /* wall: of it */
};

/* --- a run --- */

static json_t *
ask(struct retain *retain, gboolean run, gboolean *more)
{
	const struct holder_expiry expiry = {
		.now = daybook_now(retain->keeper->daybook),
		.run = run,
		.stopping = &retain->stopping,
		.conf = retain->keeper->conf,
		.standings = retain->keeper->standings,
		.more = more,
	};

	*more = FALSE;
	return registry_expire(retain->keeper->registry, &expiry);
}

/* Adds what went, by kind. */
static void
add_gone(const json_t *rows, json_t *gone)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));
		json_int_t n = json_integer_value(json_object_get(row, "gone"));

		if (kind != NULL && n > 0)
			json_object_set_new(gone, kind,
			    json_integer(n + json_integer_value(
						 json_object_get(gone, kind))));
	}
}

/* What went, in numbers alone.  A cut of the trail tells of itself, and what
 * tells must not be the cause of what is to be told the next time. */
static void
tell(struct retain *retain, json_t *gone)
{
	const char *kind;
	json_t *n;

	json_object_foreach(gone, kind, n)
	{
		g_autofree char *text =
		    g_strdup_printf("%lld gone", json_integer_value(n));
		const struct audit_act act = { "keeper", "expire", kind, text };
		g_autoptr(GError) fault = NULL;

		log_event(LOG_LEVEL_INFO, "expired", "kind", kind, "what", text,
		    NULL);
		if (strcmp(kind, "audit") != 0 &&
		    !audit_add(retain->keeper->audit, &act, &fault))
			log_error(LOG_LEVEL_ERROR, fault, "audit-fault", "act",
			    act.act, NULL);
	}
}

static void
run(struct retain *retain)
{
	json_t *gone = json_object(), *rows = NULL;
	g_autoptr(GError) fault = NULL;
	gboolean more = TRUE;

	for (guint i = 0;
	     more && i < ROUNDS_MOST && !g_atomic_int_get(&retain->stopping);
	     i++) {
		json_decref(rows);
		rows = ask(retain, TRUE, &more);
		add_gone(rows, gone);
	}
	tell(retain, gone);
	json_decref(gone);
	if (!g_atomic_int_get(&retain->stopping) &&
	    !traces_settle(retain->keeper, &fault))
		log_error(LOG_LEVEL_ERROR, fault, "compact-fault", NULL);
	pthread_mutex_lock(&retain->lock);
	json_decref(retain->rows);
	retain->rows = rows;
	retain->ended = clock_wall(&clock_system);
	pthread_mutex_unlock(&retain->lock);
}

/* --- the thread --- */

static struct steady_time
time_now(void)
{
	return (struct steady_time){ clock_wall(&clock_system),
		clock_mono(&clock_system) };
}

struct retain *
retain_new(struct keeper *keeper)
{
	struct retain *retain = g_new0(struct retain, 1);
	pthread_condattr_t attributes;

	retain->keeper = keeper;
	retain->seen = time_now();
	pthread_mutex_init(&retain->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&retain->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return retain;
}

void
retain_free(struct retain **address)
{
	struct retain *retain = *address;

	*address = NULL;
	if (retain == NULL)
		return;
	retain_stop(retain);
	json_decref(retain->rows);
	pthread_cond_destroy(&retain->changed);
	pthread_mutex_destroy(&retain->lock);
	g_free(retain);
}

/* With the lock held: until it is time, or wanted, or the end. */
static void
wait_for(struct retain *retain, gint64 next)
{
	const struct timespec at = { .tv_sec = next / G_USEC_PER_SEC,
		.tv_nsec = next % G_USEC_PER_SEC * 1000 };
	int code = 0;

	while (code == 0 && !retain->wanted &&
	       !g_atomic_int_get(&retain->stopping))
		code = pthread_cond_timedwait(
		    &retain->changed, &retain->lock, &at);
}

/* With the lock held, but for the run itself.  A thread may begin while another
 * runs without it. */
static void
run_once(struct retain *retain)
{
	while (retain->running)
		pthread_cond_wait(&retain->changed, &retain->lock);
	retain->wanted = FALSE;
	retain->running = TRUE;
	pthread_mutex_unlock(&retain->lock);
	run(retain);
	pthread_mutex_lock(&retain->lock);
	retain->running = FALSE;
	pthread_cond_broadcast(&retain->changed);
}

/* With the lock held. */
static gboolean
is_time(struct retain *retain)
{
	const struct steady_time now = time_now();
	gboolean jumped = steady_jumped(&retain->seen, &now);

	retain->seen = now;
	if (jumped)
		log_event(LOG_LEVEL_WARN, "clock-jumped", "what",
		    "nothing is let go in this run", NULL);
	return !jumped;
}

static void *
run_thread(void *self)
{
	struct retain *retain = self;
	gint64 pause = RETAIN_FIRST;

	pthread_mutex_lock(&retain->lock);
	for (;;) {
		wait_for(
		    retain, clock_mono(&clock_system) + pause * G_USEC_PER_SEC);
		if (g_atomic_int_get(&retain->stopping))
			break;
		if (retain->wanted || is_time(retain))
			run_once(retain);
		pause = RETAIN_EVERY;
	}
	pthread_mutex_unlock(&retain->lock);
	return NULL;
}

gboolean
retain_start(struct retain *retain, GError **error)
{
	int number;

	g_atomic_int_set(&retain->stopping, 0);
	pthread_mutex_lock(&retain->lock);
	number = pthread_create(&retain->thread, NULL, run_thread, retain);
	retain->started = number == 0;
	pthread_mutex_unlock(&retain->lock);
	return number == 0 || err_errno(error, number, "retain: thread");
}

void
retain_stop(struct retain *retain)
{
	if (!retain->started)
		return;
	g_atomic_int_set(&retain->stopping, 1);
	pthread_mutex_lock(&retain->lock);
	pthread_cond_broadcast(&retain->changed);
	pthread_mutex_unlock(&retain->lock);
	pthread_join(retain->thread, NULL);
	pthread_mutex_lock(&retain->lock);
	retain->started = FALSE;
	pthread_mutex_unlock(&retain->lock);
}

void
retain_want(struct retain *retain)
{
	pthread_mutex_lock(&retain->lock);
	retain->wanted = TRUE;
	pthread_cond_broadcast(&retain->changed);
	pthread_mutex_unlock(&retain->lock);
}

void
retain_settle(struct retain *retain)
{
	pthread_mutex_lock(&retain->lock);
	if (retain->wanted && !retain->started)
		run_once(retain);
	pthread_mutex_unlock(&retain->lock);
}

gboolean
retain_is_busy(struct retain *retain)
{
	gboolean busy;

	pthread_mutex_lock(&retain->lock);
	busy = retain->wanted || retain->running;
	pthread_mutex_unlock(&retain->lock);
	return busy;
}

/* --- looking --- */

json_t *
retain_schedule(struct retain *retain)
{
	gboolean more;

	return ask(retain, FALSE, &more);
}

static void
merge(json_t *kinds, const json_t *row)
{
	const char *kind = json_string_value(json_object_get(row, "kind"));
	json_t *oldest = json_object_get(row, "oldest"), *one, *before;

	if (kind == NULL)
		return;
	one = json_object_get(kinds, kind);
	if (one == NULL) {
		one = json_pack(
		    "{s:i, s:n, s:i}", "count", 0, "oldest", "past", 0);
		json_object_set_new(kinds, kind, one);
	}
	for (guint i = 0; i < 2; i++) {
		const char *name = i == 0 ? "count" : "past";

		json_object_set_new(one, name,
		    json_integer(
			json_integer_value(json_object_get(one, name)) +
			json_integer_value(json_object_get(row, name))));
	}
	before = json_object_get(one, "oldest");
	if (json_is_string(oldest) &&
	    (!json_is_string(before) || strcmp(json_string_value(oldest),
					    json_string_value(before)) < 0))
		json_object_set(one, "oldest", oldest);
}

/* Seconds since its oldest, for who watches. */
static void
set_age(json_t *one, gint64 now)
{
	const char *text = json_string_value(json_object_get(one, "oldest"));
	g_autoptr(GDateTime) time =
	    text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	json_object_set_new(one, "age",
	    time != NULL
		? json_integer(now / G_USEC_PER_SEC - g_date_time_to_unix(time))
		: json_null());
}

json_t *
retain_oldest(struct retain *retain)
{
	gint64 now = clock_wall(&clock_system), asked = now;
	json_t *kinds = json_object(), *rows, *row;
	g_autofree char *text = NULL;
	const char *kind;
	size_t i;

	pthread_mutex_lock(&retain->lock);
	rows = json_incref(retain->rows);
	if (rows != NULL)
		asked = retain->ended;
	pthread_mutex_unlock(&retain->lock);
	if (rows == NULL)
		rows = retain_schedule(retain);
	json_array_foreach(rows, i, row) merge(kinds, row);
	json_decref(rows);
	json_object_foreach(kinds, kind, row) set_age(row, now);
	text = clock_text(asked);
	return json_pack("{s:o, s:s}", "kinds", kinds, "asked", text);
}
