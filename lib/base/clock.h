/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_CLOCK_H
#define DESKGATE_LIB_BASE_CLOCK_H

#include <glib.h>

/*
 * Time as a value that is passed in, so that tests decide what time it is.
 * All times are microseconds: wall since 1970-01-01T00:00:00Z, mono since an
 * arbitrary start and never backwards.
 */
struct clock {
	gint64 (*wall)(void *self);
	gint64 (*mono)(void *self);
	void *self;
};

/* The machine's clocks.  Thread-safe. */
extern const struct clock clock_system;

/* What `clock` says the time is, and how far its steady clock has run. */
gint64 clock_wall(const struct clock *clock);
/* Microseconds of the clock that never goes back. */
gint64 clock_mono(const struct clock *clock);

/* `wall` as "2026-11-23T20:08:35Z" (RFC 3339, UTC).  The caller frees it. */
char *clock_text(gint64 wall);

/* The first second, since 1970, of a day written "2027-01-31", by the clock of
 * this host; FALSE when it is none.  Years from 1971 on. */
gboolean clock_parse_day(const char *text, gint64 *seconds_r);

#endif
