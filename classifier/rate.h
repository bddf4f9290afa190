/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_RATE_H
#define DESKGATE_CLASSIFIER_RATE_H

#include <glib.h>

/*
 * How fast one actor may teach: so many lessons at once, and again as many an
 * hour, evenly.  A desk account that was taken over, or a loop between two
 * systems that mark mail, then turns the model slowly enough to be seen and
 * taken back.  Whoever works at the machine itself ("cli:...", or no actor:
 * Deskgate's own) is not held up.
 *
 * Time is passed in, microseconds of a clock that never goes back.  In memory
 * alone; learn_open counts again what the journal has of the last day.  Names
 * are told apart by as much of them as a lesson keeps (RATE_NAME_BYTES with
 * their NUL).  Not thread-safe.
 */
#define RATE_NAME_BYTES 48
struct rate;
/* `per_hour` 0: nobody is ever held up. */
struct rate *rate_new(guint per_hour);
/* Accepts NULL inside. */
void rate_free(struct rate **address);

/* Microseconds until `actor` may teach again; 0: he may now. */
gint64 rate_wait(const struct rate *rate, const char *actor, gint64 now);
/* He has taught one. */
void rate_take(struct rate *rate, const char *actor, gint64 now);

#endif
