/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RETAIN_H
#define DESKGATE_TOOLS_RETAIN_H

#include "tools/keeper.h"

/*
 * What is past its time goes: a thread that asks each holder in turn
 * (lib/privacy/holder.h, `expire`), RETAIN_FIRST seconds after the start and
 * then every RETAIN_EVERY, so that nothing stays for an hour longer than it is
 * kept.  Then the stores are freed of what was deleted (store_settle).  A wall
 * clock that jumped (steady.h) is given until the next run to come back; who
 * asks for a run has it all the same.  Thread-safe.
 */
struct retain;

#define RETAIN_FIRST ((gint64)20)
#define RETAIN_EVERY ((gint64)30 * 60)

/* The keeper's registry is complete. */
struct retain *retain_new(struct keeper *keeper);
/* Stops it first.  Accepts NULL. */
void retain_free(struct retain **address);
/* Starts the thread: of a daemon alone. */
gboolean retain_start(struct retain *retain, GError **error);
/* Ends it; waits for the holder that is asked just now. */
void retain_stop(struct retain *retain);

/* Somebody wants a run now: by the thread, or without one by retain_settle. */
void retain_want(struct retain *retain);
/* Without a thread: the run that is wanted, here and now.  Not within a group
 * of lessons of this thread. */
void retain_settle(struct retain *retain);
/* Whether a run is wanted or under way. */
gboolean retain_is_busy(struct retain *retain);

/* All rows as they stand now (kept.h, each with its "holder"); the caller's. */
json_t *retain_schedule(struct retain *retain);
/* {"kinds": {"raw": {"count": 3, "oldest": "2026-...", "age": 3600, "past": 0},
 * ...}, "asked": "2026-..."}, of all inboxes together.  Of a daemon as of the
 * end of its last run, since to count all may take seconds; the caller's. */
json_t *retain_oldest(struct retain *retain);

#endif
