/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_STEADY_H
#define DESKGATE_TOOLS_STEADY_H

#include <glib.h>

/*
 * A wall clock that goes wrong for a moment would make everything old.  It is
 * held against the steady clock, which nobody sets.  Pure.
 */
struct steady_time {
	gint64 wall, mono;
};

/* Seconds that the wall clock may go further than the steady one. */
#define STEADY_JUMP ((gint64)24 * 60 * 60)
/* Whether it went further between these. */
gboolean steady_jumped(
    const struct steady_time *before, const struct steady_time *now);

/*
 * Looks that are seconds apart need more than that: the second one would find
 * nothing wrong any more.  A clock that jumped is in doubt until it is back, or
 * has stayed there for STEADY_DOUBT seconds: a host that slept for days is
 * right in the end.
 */
#define STEADY_DOUBT ((gint64)24 * 60 * 60)
struct steady {
	struct steady_time good; /* when it was believed last; 0: never yet */
	gint64 doubted;          /* mono: since then; 0: it is believed */
};
/* Whether it can be believed now. */
gboolean steady_believe(struct steady *steady, const struct steady_time *now);

#endif
