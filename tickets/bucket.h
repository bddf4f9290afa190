/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_BUCKET_H
#define DESKGATE_TICKETS_BUCKET_H

#include <glib.h>

/*
 * A token bucket: how many calls a desk may be asked in a minute.  A plain
 * value, the time is passed in.
 */
struct bucket {
	double tokens;
	double capacity;
	gint64 last; /* microseconds of the clock given */
};

/* Full: `per_minute` calls at once, refilled evenly over each minute. */
void bucket_init(struct bucket *bucket, guint per_minute, gint64 now);

/*
 * Takes `count` tokens (more than a full bucket: a full one's), all or none.  0
 * when they were taken, else the microseconds until they are there.
 */
gint64 bucket_take(struct bucket *bucket, guint count, gint64 now);

#endif
