/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DELIVER_H
#define DESKGATE_TICKETS_DELIVER_H

#include <glib.h>

#include "lib/base/clock.h"
#include "lib/base/conf.h"
#include "lib/base/worker.h"
#include "lib/mail/teacher.h"
#include "lib/privacy/vault.h"
#include "tickets/desk.h"
#include "tickets/entry.h"
#include "tickets/ledger.h"
#include "tickets/spool.h"

/*
 * Delivery: takes entries from the spool, makes tickets of them, calls the
 * desks. One thread per desk, so that a slow one holds up no other, and one
 * that watches the spool.  deliver_one is the whole of one delivery and can be
 * called without threads.
 */
struct deliver_world {
	struct spool *spool;
	struct vault *vault;
	struct intake *intake;
	struct ledger *ledger;
	struct worker_pool *pool; /* has the job "convert" */
	const struct conf *conf;
	const struct secret *subject_key;
	const char *state_dir;
	const struct clock *clock;
	/* For tests: NULL is desk_types, and convert_message with the pool. */
	const struct desk_ops *const *desk_types;
	gboolean (*convert)(const struct entry *entry, GBytes *message,
	    const char *subject_tag, struct ticket **ticket_r, GError **error);
};

struct deliver;
/* Opens all desks of the settings. */
struct deliver *deliver_open(const struct deliver_world *world, GError **error);
/* Stops the threads first. Accepts NULL. */
void deliver_close(struct deliver **deliver);

/* Heals the spool, then starts the threads. */
gboolean deliver_start(struct deliver *deliver, GError **error);
/* Ends the threads; waits for calls of desks that run. */
void deliver_stop(struct deliver *deliver);
void deliver_wake(struct deliver *deliver); /* something new: look now */

/* Claims and delivers one entry of state new or wait (whether that is due is
 * the caller's to see).  TRUE when the entry reached a state, whichever; FALSE
 * with NOTFOUND when it was in neither, and with other codes on faults of our
 * own. */
gboolean deliver_one(
    struct deliver *deliver, const struct ident *key, GError **error);

/* What a person asks for, with its entry in the ledger; NOTFOUND when the entry
 * is not in a state that allows it.  Release: held -> new, as a ticket in any
 * case. */
gboolean deliver_release(
    struct deliver *deliver, const struct ident *key, GError **error);
/* wait or dead -> new, counted from 0. */
gboolean deliver_retry(
    struct deliver *deliver, const struct ident *key, GError **error);
/* Any state but busy (AGAIN) -> gone. */
gboolean deliver_drop(
    struct deliver *deliver, const struct ident *key, GError **error);

/* Housekeeping: adoption of stateless entries, ages (raw-retention,
 * held-retention), intake keys. */
gboolean deliver_tend(struct deliver *deliver, GError **error);

/* The desk of this name, for the command line's tickets and desk verbs; use
 * only between deliver_lock_desk and deliver_unlock_desk.  NOTFOUND when there
 * is none; BAD, without waiting for it, when it is not of `type` (NULL: any).
 */
struct desk *deliver_lock_desk(struct deliver *deliver, const char *name,
    const char *type, GError **error);
/* Gives it back to its thread. */
void deliver_unlock_desk(struct deliver *deliver, struct desk *desk);

#endif
