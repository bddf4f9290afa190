/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When the keeper was last at work.
 *
 * What is written is only ever a time that was believed: a clock that jumped
 * while the keeper ran is believed after steady.h's doubt alone, and one that
 * is in doubt never, so that it cannot talk itself right.
 */
#include "tools/daybook.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tools/steady.h"

#define MOST 4096
/* Between two writes, and two lines of the log. */
#define EVERY ((gint64)60 * 60 * G_USEC_PER_SEC)
#define DAY ((gint64)24 * 60 * 60 * G_USEC_PER_SEC)

struct daybook {
	int keys;
	gint64 gap;
	const struct clock *clock;
	struct clock aged;   /* daybook_clock */
	struct clock latest; /* daybook_latest */
	gboolean found;      /* the file was there */

	pthread_mutex_t lock; /* of what follows */
	gint64 last;          /* 0: nothing is known */
	gint64 written;       /* mono; 0: not yet */
	gint64 told;          /* mono; 0: nothing to tell of */
	struct steady steady;
};

enum daybook_doubt
daybook_judge(gint64 last, gint64 wall, gint64 gap)
{
	if (last == 0)
		return DAYBOOK_GOOD;
	if (wall < last - DAYBOOK_BACK)
		return DAYBOOK_BEHIND;
	return wall - last > gap ? DAYBOOK_AHEAD : DAYBOOK_GOOD;
}

/* --- the file --- */

/* *last_r is 0 where there is none, or a damaged one. */
static gboolean
read_last(int keys, gint64 *last_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) bytes = file_read(keys, DAYBOOK_NAME, MOST, &fault);
	json_t *whole;

	*last_r = 0;
	if (bytes == NULL && !err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	whole = bytes == NULL || g_bytes_get_size(bytes) == 0
		    ? NULL
		    : json_loadb(g_bytes_get_data(bytes, NULL),
			  g_bytes_get_size(bytes), 0, NULL);
	*last_r = json_integer_value(json_object_get(whole, "last"));
	json_decref(whole);
	/* A clock says no such times. */
	if (*last_r < 0 || *last_r > G_MAXINT64 / G_USEC_PER_SEC / 2)
		*last_r = 0;
	*last_r *= G_USEC_PER_SEC;
	return TRUE;
}

/* With the lock held: what is in *last now is on the disk. */
static gboolean
write_last(struct daybook *daybook, GError **error)
{
	g_autofree char *text = g_strdup_printf(
	    "{\"last\":%" PRId64 "}\n", daybook->last / G_USEC_PER_SEC);

	if (!file_replace(
		daybook->keys, DAYBOOK_NAME, text, strlen(text), 0600, error)) {
		g_prefix_error(error, "daybook: ");
		return FALSE;
	}
	daybook->written = clock_mono(daybook->clock);
	return TRUE;
}

/* --- what it says --- */

static const char *
doubt_word(enum daybook_doubt doubt)
{
	static const char *const words[] = { "", "behind", "ahead" };

	return words[doubt];
}

/* The caller's. */
static char *
doubt_text(enum daybook_doubt doubt, gint64 last, gint64 wall)
{
	g_autofree char *now = clock_text(wall);
	g_autofree char *then = clock_text(last);

	if (doubt == DAYBOOK_GOOD)
		return g_strdup("");
	return g_strdup_printf("the clock says %s, %" PRId64
			       " days %s when the keeper was last at work "
			       "(%s): mail flows, but nothing is let go by "
			       "time until the clock is set right; if it is, "
			       "say \"deskgate check --clock-is-right\"",
	    now, ABS(wall - last) / DAY,
	    doubt == DAYBOOK_AHEAD ? "after" : "before", then);
}

static json_t *
state_of(gint64 last, gint64 wall, gint64 gap)
{
	enum daybook_doubt doubt = daybook_judge(last, wall, gap);
	g_autofree char *now = clock_text(wall);
	g_autofree char *then = last != 0 ? clock_text(last) : NULL;
	g_autofree char *text = doubt_text(doubt, last, wall);

	return json_pack("{s:s, s:s, s:s?, s:s}", "doubt", doubt_word(doubt),
	    "now", now, "last", then, "text", text);
}

/* With the lock held. */
static enum daybook_doubt
judge(const struct daybook *daybook, gint64 wall)
{
	return daybook_judge(daybook->last, wall, daybook->gap);
}

static void
tell_log(struct daybook *daybook, enum daybook_doubt doubt, gint64 wall)
{
	g_autofree char *text = doubt_text(doubt, daybook->last, wall);
	gint64 mono = clock_mono(daybook->clock);

	if (doubt == DAYBOOK_GOOD && daybook->told != 0)
		log_event(LOG_LEVEL_INFO, "clock-believed", NULL);
	if (doubt == DAYBOOK_GOOD)
		daybook->told = 0;
	else if (daybook->told == 0 || mono - daybook->told >= EVERY) {
		log_event(LOG_LEVEL_ERROR, "clock-doubted", "clock",
		    doubt_word(doubt), "text", text, NULL);
		daybook->told = mono;
	}
}

/* --- its life --- */

/* With the lock held: takes the time for a true one where it is. */
static gboolean
note(struct daybook *daybook, GError **error)
{
	const struct steady_time now = { clock_wall(daybook->clock),
		clock_mono(daybook->clock) };
	enum daybook_doubt doubt = judge(daybook, now.wall);

	tell_log(daybook, doubt, now.wall);
	if (doubt != DAYBOOK_GOOD || !steady_believe(&daybook->steady, &now))
		return TRUE;
	daybook->last = now.wall;
	return (daybook->written != 0 && now.mono - daybook->written < EVERY) ||
	       write_last(daybook, error);
}

static gint64
aged_wall(void *self)
{
	return daybook_now(self);
}

static gint64
latest_wall(void *self)
{
	struct daybook *daybook = self;
	gint64 wall = clock_wall(daybook->clock);

	pthread_mutex_lock(&daybook->lock);
	if (judge(daybook, wall) != DAYBOOK_GOOD)
		wall = MAX(wall, daybook->last);
	pthread_mutex_unlock(&daybook->lock);
	return wall;
}

static gint64
below_mono(void *self)
{
	struct daybook *daybook = self;

	return clock_mono(daybook->clock);
}

struct daybook *
daybook_open(int keys, gint64 gap, const struct clock *clock, GError **error)
{
	struct daybook *daybook = g_new0(struct daybook, 1);

	daybook->gap = gap;
	daybook->clock = clock;
	daybook->aged = (struct clock){ aged_wall, below_mono, daybook };
	daybook->latest = (struct clock){ latest_wall, below_mono, daybook };
	pthread_mutex_init(&daybook->lock, NULL);
	daybook->keys = openat(keys, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if ((daybook->keys < 0 &&
		!err_errno(error, errno, "daybook: open its folder")) ||
	    !read_last(daybook->keys, &daybook->last, error))
		daybook_close(&daybook);
	else
		daybook->found = daybook->last != 0;
	return daybook;
}

void
daybook_close(struct daybook **address)
{
	struct daybook *daybook = *address;

	*address = NULL;
	if (daybook == NULL)
		return;
	file_close(&daybook->keys);
	pthread_mutex_destroy(&daybook->lock);
	g_free(daybook);
}

void
daybook_hear(struct daybook *daybook, gint64 wall)
{
	pthread_mutex_lock(&daybook->lock);
	if (!daybook->found && daybook_judge(wall, clock_wall(daybook->clock),
				   G_MAXINT64) == DAYBOOK_BEHIND)
		daybook->last = MAX(daybook->last, wall);
	pthread_mutex_unlock(&daybook->lock);
}

gint64
daybook_now(struct daybook *daybook)
{
	gint64 wall = clock_wall(daybook->clock);

	pthread_mutex_lock(&daybook->lock);
	if (judge(daybook, wall) != DAYBOOK_GOOD)
		wall = MIN(wall, daybook->last);
	pthread_mutex_unlock(&daybook->lock);
	return wall;
}

const struct clock *
daybook_clock(struct daybook *daybook)
{
	return &daybook->aged;
}

const struct clock *
daybook_latest(struct daybook *daybook)
{
	return &daybook->latest;
}

gboolean
daybook_doubts(struct daybook *daybook)
{
	gint64 wall = clock_wall(daybook->clock);
	gboolean doubts;

	pthread_mutex_lock(&daybook->lock);
	doubts = judge(daybook, wall) != DAYBOOK_GOOD;
	pthread_mutex_unlock(&daybook->lock);
	return doubts;
}

gboolean
daybook_tend(struct daybook *daybook, GError **error)
{
	gboolean good;

	pthread_mutex_lock(&daybook->lock);
	good = note(daybook, error);
	pthread_mutex_unlock(&daybook->lock);
	return good;
}

gboolean
daybook_confirm(struct daybook *daybook, GError **error)
{
	gint64 before;
	gboolean good;

	pthread_mutex_lock(&daybook->lock);
	before = daybook->last;
	daybook->last = clock_wall(daybook->clock);
	good = write_last(daybook, error);
	if (good) {
		daybook->steady = (struct steady){ 0 };
		tell_log(daybook, DAYBOOK_GOOD, daybook->last);
	} else {
		daybook->last = before;
	}
	pthread_mutex_unlock(&daybook->lock);
	return good;
}

json_t *
daybook_state(struct daybook *daybook)
{
	gint64 wall = clock_wall(daybook->clock);
	json_t *state;

	pthread_mutex_lock(&daybook->lock);
	state = state_of(daybook->last, wall, daybook->gap);
	pthread_mutex_unlock(&daybook->lock);
	return state;
}

json_t *
daybook_look(const char *keys, gint64 gap, const struct clock *clock)
{
	int folder OWNED(file_close) = file_open_dir(keys, NULL);
	gint64 last;

	if (folder < 0 || !read_last(folder, &last, NULL))
		return NULL;
	return state_of(last, clock_wall(clock), gap);
}
