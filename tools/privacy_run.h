/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PRIVACY_RUN_H
#define DESKGATE_TOOLS_PRIVACY_RUN_H

#include <glib.h>

/*
 * Going on with requests that are open, in a thread of their own: a desk that
 * hangs holds up nobody else.  Each request has its own pauses, from
 * PRIVACY_RUN_PAUSE on, twice as long after each try, a day at most; one that
 * is added is begun with at once, after a restart too.  Thread-safe.
 */
struct privacy_run;

struct privacy_work {
	/* One try; TRUE when there is nothing more to do.  Once *stopping
	 * (atomic) is set it should come to its end soon. */
	gboolean (*go_on)(void *self, guint64 id, gint *stopping);
	void *self;
};

#define PRIVACY_RUN_PAUSE ((gint64)10 * 60) /* seconds */
#define PRIVACY_RUN_MOST ((gint64)24 * 60 * 60)

/* Without its thread yet. */
struct privacy_run *privacy_run_new(const struct privacy_work *work);
/* Stops it first.  Accepts NULL. */
void privacy_run_free(struct privacy_run **address);
/* Starts the thread. */
gboolean privacy_run_start(struct privacy_run *run, GError **error);
/* Ends it; waits for the try that runs. */
void privacy_run_stop(struct privacy_run *run);

/* A request that is open. */
void privacy_run_add(struct privacy_run *run, guint64 id);
/* Without a thread: tries all that are due, here and now. */
void privacy_run_settle(struct privacy_run *run);
/* Whether it is being tried, or is due. */
gboolean privacy_run_busy(struct privacy_run *run, guint64 id);

/* Seconds until the next try after so many, from 1 on. */
gint64 privacy_run_pause(guint tries);

#endif
