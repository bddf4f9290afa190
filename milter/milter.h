/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_MILTER_H
#define DESKGATE_MILTER_MILTER_H

#include <glib.h>

#include "classifier/classify.h"
#include "lib/base/clock.h"
#include "lib/base/conf.h"
#include "lib/base/secret.h"
#include "lib/base/tally.h"
#include "lib/privacy/lives.h"
#include "milter/handover.h"
#include "tickets/spool.h"

/*
 * The milter, as the programs see it: one SMTP conversation to one decision.
 *One in a process, since libmilter is one.
 *
 *	milter_new, milter_start, then milter_tend once a second;
 *	milter_reload as often as wanted; milter_stop, milter_free.
 */
struct milter_world { /* all borrowed, and there until milter_free */
	struct spool *spool;
	const char *spool_folder;
	struct classify *classify;
	const struct secret *entry_key;
	int key_dir;
	struct lives *lives;
	guint reader_ms;    /* what a reader may take for a message */
	const char *socket; /* milter-socket, or what stands for it */
	int inherited;      /* a socket that listens instead of that one, which
			       is taken over; or -1 */
	const char *group;  /* milter-group, or NULL */
	const struct clock *clock;
	struct tally *tally; /* of counts_milter; NULL: nobody counts */
};

struct milter;

/* Opens the socket; the settings have no faults.  AGAIN when another milter
 * listens there. */
struct milter *milter_new(
    const struct milter_world *world, const struct conf *conf, GError **error);

/* Serves from now on, in threads of its own.  The signals that libmilter waits
 * for (SIGTERM, SIGHUP, SIGINT) are blocked in all of them, as the caller has
 * blocked them before. */
gboolean milter_start(struct milter *milter, GError **error);

/* To be called about once a second: tells waiting MTAs that we are at work.
 * FALSE when libmilter has ended: by a signal that it took before the caller
 * did, or, with *failed_r, because it gave up. */
gboolean milter_tend(struct milter *milter, gboolean *failed_r);

/* Settings for connections to come.  What the process holds open stays as it
 * was: socket, folders, keys, readers and their ceilings, margins of the
 * classifier, log. */
void milter_reload(struct milter *milter, const struct conf *conf);

/* Takes no more mail and ends what is at the end of a message (within its
 * deadline).  The socket is gone before, so that the MTA hears of it at once.
 */
void milter_stop(struct milter *milter);

/* After milter_stop, or instead of milter_start.  Connections that are still
 * open keep what they hold, for the process ends.  Accepts NULL. */
void milter_free(struct milter **address);

/* Whether the text of milter-socket can be used; BAD with what would be right.
 */
gboolean milter_socket_valid(const char *socket, GError **error);

#endif
