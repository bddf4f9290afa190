/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DELIVER_PRIVATE_H
#define DESKGATE_TICKETS_DELIVER_PRIVATE_H

#include <pthread.h>

#include "tickets/deliver.h"
#include "tickets/retry.h"
#include "tickets/rules.h"
#include "tickets/vaulted.h"

/*
 * Shared by deliver.c (desks, what people ask for), deliver_one.c (one
 * delivery) with deliver_call.c (its desk) and deliver_settle.c (its end),
 * deliver_run.c (threads) and deliver_tend.c (housekeeping).
 */

/* A desk with its thread and the entries that wait for it. */
struct lane {
	struct deliver *deliver;
	char *name;
	guint row; /* in the world's tally */
	struct desk *desk;
	pthread_mutex_t desk_lock; /* held during calls of the desk */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	GSequence *queue;   /* struct waiting *, oldest first */
	GHashTable *known;  /* the queued and the running one; owns them */
	guint faults;       /* of the desk, in a row */
	gint64 paused;      /* mono: no call before */
	gboolean recovered; /* it answers again: look at what waits */
	pthread_t thread;
	gboolean started;
};

struct deliver {
	struct deliver_world world;
	struct vaulted vaulted;
	struct retry_limits limits;
	struct rules *rules;
	struct post *post; /* NULL: no mail of our own is wanted */
	GPtrArray *lanes;  /* struct lane * */
	gint stopping;     /* atomic; desks have it too (desk.h) */
	int wake;          /* eventfd */
	pthread_t watcher;
	gboolean watching;
};

/* The desk of an inbox (NULL title: the first desk), or NULL with NOTFOUND. */
struct lane *deliver_lane(
    struct deliver *deliver, const char *inbox, GError **error);

/* NULL when there is no desk of this name. */
struct lane *deliver_lane_named(struct deliver *deliver, const char *name);

/* Tells the lane how its desk is: `good` ends a pause, else one begins or
 * grows. */
void lane_health(struct lane *lane, gboolean good);

/* --- deliver_forget_inbox.c */
/* Whether an entry is of this inbox.  FALSE on faults. */
gboolean deliver_is_of(struct deliver *deliver, const struct ident *key,
    const char *inbox, gboolean *of_r, GError **error);

/* Drops an entry that is in `from`; NOTFOUND when it is not, or not any more.
 */
gboolean deliver_drop_from(struct deliver *deliver, const struct ident *key,
    enum spool_state from, GError **error);

/* Whoever changes an entry takes it first, from `from` to busy (NOTFOUND: it is
 * not there, or not any more), and unless `done` gives it back to `from`;
 * answers `done`. */
gboolean deliver_take(struct deliver *deliver, const struct ident *key,
    enum spool_state from, GError **error);
gboolean deliver_give_back(struct deliver *deliver, const struct ident *key,
    enum spool_state from, gboolean done);
/* Removes one that was taken; with `forget` its record too. */
gboolean deliver_remove(struct deliver *deliver, const struct ident *key,
    gboolean forget, GError **error);

/* How an entry becomes new again, counted from 0. */
struct deliver_return {
	/* NULL: not released; "": by a person; else why. */
	const char *release;
	gboolean milder;
};
/* NOTFOUND when it is not in `from`, or not any more. */
gboolean deliver_back_to_new(struct deliver *deliver, const struct ident *key,
    enum spool_state from, const struct deliver_return *how, GError **error);

/* The ledger's record of an entry, all zero when there is none. FALSE on
 * faults. */
gboolean deliver_record(struct deliver *deliver, const struct ident *key,
    struct ledger_entry *record_r, GError **error);

/* One entry on its way; deliver_one's own. */
struct delivery {
	struct deliver *deliver;
	struct ident key;
	struct ledger_entry record;
	struct entry *entry;
	GBytes *message;
	struct ticket *ticket;
	struct ident subject; /* whom it is wrapped to */
	struct lane *lane;
};

/* --- deliver_one.c */
/* Frees what it holds. */
void delivery_clear(struct delivery *delivery);
/* Its message to its ticket, in a reader. */
gboolean delivery_convert(struct delivery *delivery, GError **error);

/* Wraps it to whom it belongs, which is `subject` then: the requester, or
 * nobody known. */
gboolean delivery_wrap(struct delivery *delivery, GError **error);

/* --- deliver_settle.c */
/* 0 to 1, at random. */
double delivery_chance(void);
/* The record (and `links`, unless NULL) into the ledger, durably. */
gboolean delivery_record(struct delivery *delivery,
    const struct ledger_links *links, GError **error);
/* busy -> `state`. */
gboolean delivery_move(
    struct delivery *delivery, enum spool_state state, GError **error);
/* Sets the record's reason; addresses in it are hidden. */
void delivery_reason(struct delivery *delivery, const char *text);
/* After a refusal: reason and due time into the ledger, then the state.  What
 * is only looked for is never dead: it is done then, and its search over. */
gboolean delivery_settle(struct delivery *delivery,
    const struct retry_step *step, const GError *fault, GError **error);

/* Into quarantine, with the reason. */
gboolean delivery_hold(
    struct delivery *delivery, const char *reason, GError **error);

/* --- deliver_teach.c */
/* Whether it was sent in to be taught. */
gboolean entry_teaches(const struct entry *entry);
/* Teaches what is attached to it, says in the log what came of it, and removes
 * it: whose mail it is were others'.  FALSE: it is to be tried again, and what
 * was taught by then is known. */
gboolean delivery_teach(struct delivery *delivery, GError **error);

/* --- deliver_trust.c */
/* Whether an agent vouched for who wrote it, so that it is not held; the
 * ticket's note then says so. */
gboolean delivery_trusted(struct delivery *delivery);

/* --- deliver_links.c */
/* Where it belongs, at the lane's desk. */
struct thread;
gboolean delivery_thread(
    struct delivery *delivery, struct thread *thread_r, GError **error);
/* The result: ticket, its ids and people, in one commit; then done. */
gboolean delivery_finish(struct delivery *delivery, const char *id,
    const char *code, GError **error);

/* --- deliver_call.c */
/* To the inbox's desk; TRUE when the entry reached a state. */
gboolean delivery_send(struct delivery *delivery, GError **error);

/* Whether the entry is of somebody who has restricted the use of his data; what
 * cannot be looked up is.  Of the stored alone: whose a new one is, nobody
 * knows yet. */
gboolean deliver_is_restricted(
    struct deliver *deliver, const struct ident *key);

#endif
