/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_FEEDBACK_PRIVATE_H
#define DESKGATE_TICKETS_FEEDBACK_PRIVATE_H

#include <pthread.h>

#include "tickets/feedback.h"
#include "tickets/decision.h"
#include "tickets/vaulted.h"

/* Shared by feedback.c (threads), feedback_teach.c (a decision) and
 * feedback_rescore.c (what waits), and by nobody else. */

/* A person of whom something may wait, and whose lesson it was. */
struct waiter {
	struct ident subject;
	char actor[DECISION_ACTOR_MOST + 1];
};

/* Asks one desk. */
struct poller {
	struct feedback *feedback;
	char *desk;
	gint64 interval; /* microseconds */
	gboolean nudged; /* under feedback->lock, as are those that follow */
	pthread_t thread;
	gboolean started;
	guint faults; /* in a row; the thread's own */
};

struct feedback {
	struct feedback_world world;
	gboolean rescore, unmark_is_ham;
	gint64 trust_for;     /* microseconds */
	GPtrArray *pollers;   /* struct poller * */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	GArray *waiters; /* struct waiter, each person once */
	pthread_t rescorer;
	gboolean rescoring; /* the thread runs */
	gboolean stopping;
};

/* Remembers that something of this person may wait. */
void feedback_wait(
    struct feedback *feedback, const struct ident *subject, const char *actor);
/* Judges what waits of these; in whose thread does not matter. */
void feedback_rescore(struct feedback *feedback, const GArray *waiters);
/* Into the audit trail; a failure is logged, since the deed is done. */
void feedback_audit(struct feedback *feedback, const char *actor,
    const char *act, const char *object, const char *outcome);
/* Counts it for the statistics; likewise. */
void feedback_count(
    struct feedback *feedback, const char *actor, const char *act);

#endif
