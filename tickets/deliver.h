/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DELIVER_H
#define DESKGATE_TICKETS_DELIVER_H

#include <glib.h>

#include "lib/base/clock.h"
#include "lib/base/conf.h"
#include "lib/base/tally.h"
#include "lib/base/worker.h"
#include "lib/mail/teacher.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/lives.h"
#include "lib/privacy/standing.h"
#include "lib/privacy/vault.h"
#include "tickets/convert_terms.h"
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
/* A message that somebody sent in to be taught. */
struct deliver_lesson {
	GBytes *message; /* as he got it; borrowed, like all of this */
	enum verdict_class class;
	const char *login;       /* who he is to the MTA */
	const struct ident *key; /* of the entry that it came in */
};

struct deliver_world {
	struct spool *spool;
	struct vault *vault;
	struct intake *intake;
	struct ledger *ledger;
	struct worker_pool *pool; /* has the job "convert" */
	const struct conf *conf;
	const struct secret *subject_key;
	struct standings *standings; /* NULL: nobody has asked for anything */
	struct lives *lives;         /* of inboxes; NULL: none ever rests */
	const char *state_dir;
	gboolean mend; /* desk.h */
	const struct clock *clock;
	struct tally *tally; /* of counts_deliver; NULL: nobody counts */
	/* Teaches one; BAD when it can never be.  Of any lane's thread.  NULL:
	 * nothing is taught by mail. */
	gboolean (*lesson)(void *self, const struct deliver_lesson *lesson,
	    enum teacher_outcome *outcome_r, GError **error);
	void *lesson_self;
	/* For tests: NULL is desk_types, and convert_message with the pool. */
	const struct desk_ops *const *desk_types;
	gboolean (*convert)(const struct entry *entry, GBytes *message,
	    const struct convert_terms *terms, struct ticket **ticket_r,
	    GError **error);
};

struct deliver;
/* Opens all desks of the settings. */
struct deliver *deliver_open(const struct deliver_world *world, GError **error);
/* Stops the threads first. Accepts NULL. */
void deliver_close(struct deliver **deliver);

/* Heals the spool, then starts the threads. */
gboolean deliver_start(struct deliver *deliver, GError **error);
/* Ends calls of desks that run, and lets none begin; whoever waits for one can
 * then be stopped.  What a call may have done is looked for at the next start.
 */
void deliver_hang_up(struct deliver *deliver);
/* Hangs up, and ends the threads. */
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
/* The same, where it was not a person: `why` goes into the ticket's note. */
gboolean deliver_release_for(struct deliver *deliver, const struct ident *key,
    const char *why, GError **error);
/* wait or dead -> new, counted from 0. */
gboolean deliver_retry(
    struct deliver *deliver, const struct ident *key, GError **error);
/* Reads what became a ticket again and adds what is read today to it as a note;
 * *code_r is the ticket's, the caller's to free.  BAD when it is no ticket yet,
 * or its desk takes no notes; NOTFOUND when its raw source is gone. */
gboolean deliver_reprocess(struct deliver *deliver, const struct ident *key,
    char **code_r, GError **error);
/* Any state but busy (AGAIN) -> gone. */
gboolean deliver_drop(
    struct deliver *deliver, const struct ident *key, GError **error);

/* Drops every entry that belongs to these people, raw sources of their tickets
 * and what nobody has looked at yet included, and tells how many, on failure
 * too.  AGAIN when one is being delivered just now: ask again. */
gboolean deliver_forget(struct deliver *deliver, const struct ident *subjects,
    guint n_subjects, guint *dropped_r, GError **error);

/* Wraps to whom it belongs what nobody has looked at yet, as delivery does, so
 * that no intake key opens it alone.  *left_r: how many could not be, since
 * they are being delivered just now, or no reader had the time. */
gboolean deliver_wrap_all(
    struct deliver *deliver, guint *left_r, GError **error);

/* As deliver_forget of all that an inbox has in the spool; AGAIN also when some
 * of it is of people who restricted the use of their data, unless it came back
 * (lib/privacy/holder.h). */
struct holder_inbox;
gboolean deliver_forget_inbox(struct deliver *deliver,
    const struct holder_inbox *inbox, guint *dropped_r, GError **error);
/* Whether none of these (struct ident) did; AGAIN when somebody did. */
gboolean deliver_may_forget(
    struct deliver *deliver, const GArray *subjects, GError **error);

/* Lets go what is held for its verdict and of which a milder copy came.  One
 * that cannot be looked at is logged, keeps its mark and stands in nobody's
 * way; FALSE only when the marks cannot be read. */
gboolean deliver_milder(struct deliver *deliver, GError **error);

/* After another state was put in the place of ours: whatever is not delivered
 * may have been, so its desk is asked before it is, and its sender gets no
 * acknowledgement; those that were due may have been sent, and are dropped.
 * Automatic answers may fail to come, and must not come twice (RFC 3834). */
struct deliver_restored {
	guint waiting; /* messages that are not delivered */
	guint acks;    /* acknowledgements dropped */
};
gboolean deliver_look_first(struct deliver *deliver,
    struct deliver_restored *restored_r, GError **error);

/* After the ledger lost records: the same, and what was delivered and has none
 * waits, to be asked of its desk too, so that replies find its ticket;
 * *sought_r: how many of these.  Nothing is made twice. */
gboolean deliver_look_again(struct deliver *deliver,
    struct deliver_restored *restored_r, guint *sought_r, GError **error);
/* The same for one entry, whatever its record is; NOTFOUND when it has no
 * state. */
gboolean deliver_seek(
    struct deliver *deliver, const struct ident *key, GError **error);

/* Housekeeping: adoption of stateless entries, intake keys. */
gboolean deliver_tend(struct deliver *deliver, GError **error);

/* What the spool keeps, and what of it is past its time: rows of "raw",
 * "quarantine", "dead" and "queue" (lib/privacy/holder.h, `expire`). */
gboolean deliver_expire(struct deliver *deliver,
    const struct holder_expiry *expiry, json_t *rows, GError **error);
/* Whether the spool has the message of an entry, and after such a run still. */
gboolean deliver_keeps(struct deliver *deliver, const struct ident *key,
    const char *inbox, const struct holder_expiry *expiry);

/* How many messages of an inbox were accepted and have not come to a desk: on
 * their way, and laid aside (held, dead). */
gboolean deliver_inbox_load(struct deliver *deliver, const char *inbox,
    guint *waiting_r, guint *aside_r, GError **error);

/* Whether a desk of another maker is left alone: all inboxes that name it take
 * no mail, and no rule does. */
gboolean deliver_desk_rests(const struct deliver *deliver, const char *desk);

/* The name of each desk, from 0; NULL behind the last. Borrowed. */
const char *deliver_desk_name(const struct deliver *deliver, guint i);

/* How the desk at `i` is: the calls that failed in a row, and the messages that
 * stand in its queue. */
struct deliver_health {
	guint faults, queued;
};
struct deliver_health deliver_desk_health(
    const struct deliver *deliver, guint i);

/* The desk of this name, for the command line's tickets and desk verbs; use
 * only between deliver_lock_desk and deliver_unlock_desk.  NOTFOUND when there
 * is none; BAD, without waiting for it, when it is not of `type` (NULL: any).
 */
struct desk *deliver_lock_desk(struct deliver *deliver, const char *name,
    const char *type, GError **error);
/* Gives it back to its thread. */
void deliver_unlock_desk(struct deliver *deliver, struct desk *desk);

#endif
