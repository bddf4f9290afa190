/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_FEEDBACK_H
#define DESKGATE_TICKETS_FEEDBACK_H

#include "lib/mail/teacher.h"
#include "lib/privacy/audit.h"
#include "lib/privacy/operator.h"
#include "tickets/deliver.h"

/*
 * The way back: what agents decide teaches the model.
 *
 * A thread for each desk that has `changes` asks it every `poll-interval`, or
 * at once when it is nudged (push.h), for tickets that changed, and decision.h
 * says what that means:
 *
 *   marked as spam     what was scored of each of its messages is learnt as
 *                      spam; the sender is no longer trusted
 *   un-marked          a mark of ours: learnt as ham.  A mark of an agent's:
 *                      its lessons are taken back, so that the model is as if
 *                      it had never been (with unmark = ham, learnt as ham
 *                      then).  The sender is trusted for `trust-for`.
 *
 * Then (rescore = yes) what waits of the same people is judged again: held mail
 * that is ham now, or whose sender is trusted now, goes to its desk; a ticket
 * that was unsure and is not now gets a note.  Tickets are never marked by it,
 * nor is anything that waits for its desk held back: that a person decides.
 *
 * In which order: the record says "about to be taught", then the lesson is
 * made, then the record says what it did, then the cursor moves.  A kill
 * anywhere between leads to the same lesson once more, which changes nothing,
 * and the mark can still be taken back exactly.
 *
 * Who taught what is counted (ledger_tallies) and in the audit trail.
 */
struct feedback_world {
	struct deliver *deliver;
	const struct vaulted *vaulted;
	struct ledger *ledger;
	struct audit *audit;
	struct operators *operators; /* NULL: names stay as they are */
	const struct teacher *teacher;
	const struct secret *subject_key;
	const struct conf *conf;
	const struct clock *clock;
	/* Between these, lessons of other threads wait; `end` FALSE: nothing of
	 * the group was kept. */
	gboolean (*begin)(void *self, GError **error);
	gboolean (*end)(void *self, GError **error);
	/* How the message in the memory file is judged today, for an inbox. */
	gboolean (*judge)(void *self, int message, const char *inbox,
	    struct verdict *verdict_r, GError **error);
	void *self;
};

struct feedback;
/* All of the world outlives it, and is copied. */
struct feedback *feedback_open(const struct feedback_world *world);
/* Stops first.  Accepts NULL. */
void feedback_close(struct feedback **address);

/* Starts the threads. */
gboolean feedback_start(struct feedback *feedback, GError **error);
/* Ends them; waits for a call of a desk that runs (deliver_hang_up). */
void feedback_stop(struct feedback *feedback);

/* Asks this desk now.  FALSE when it is not one that is asked. */
gboolean feedback_nudge(struct feedback *feedback, const char *desk);

struct feedback_decision {
	const char *desk;
	const char *ticket; /* the desk's id */
	const char *status; /* a word of desk.h */
	const char *actor;  /* who asks, or of feedback_actor */
	gint64 when;        /* seconds; 0: now */
	/* Said in so many words: counts also where the status is the same, as
	 * a confirmation. */
	gboolean said;
};
/*
 * A decision that did not come by `changes`: told at the command line, or
 * signed by a desk that is not asked.  Within a group (world.begin), and before
 * feedback_settle.  What became of it, in words, is added to `words` (may be
 * NULL).  NOTFOUND when the ticket is none of ours.
 */
gboolean feedback_decided(struct feedback *feedback,
    const struct feedback_decision *told, GString *words, GError **error);

/* The same in a group of its own, settled: for who has none open. */
gboolean feedback_tell(struct feedback *feedback,
    const struct feedback_decision *decision, GError **error);

/* What somebody at a desk (`who` NULL: the desk alone) is called from here on:
 * decision_actor's name for him, by its alias.  The caller's; NULL when that
 * cannot be written down. */
char *feedback_actor(struct feedback *feedback, const char *desk,
    const char *who, GError **error);

/* After the group of feedback_decided was kept: what waits is judged again, by
 * a thread when they run, else in this call. */
void feedback_settle(struct feedback *feedback);

#endif
