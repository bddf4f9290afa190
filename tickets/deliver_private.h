/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DELIVER_PRIVATE_H
#define DESKGATE_TICKETS_DELIVER_PRIVATE_H

#include <pthread.h>

#include "tickets/deliver.h"
#include "tickets/retry.h"
#include "tickets/vaulted.h"

/*
 * Shared by deliver.c (desks, what people ask for), deliver_one.c (one
 * delivery), deliver_run.c (threads) and deliver_tend.c (housekeeping).
 */

/* A desk with its thread and the entries that wait for it. */
struct lane {
	struct deliver *deliver;
	char *name;
	struct desk *desk;
	pthread_mutex_t desk_lock; /* held during calls of the desk */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	GQueue queue;      /* struct ident *, in order of arrival */
	GHashTable *known; /* the queued and the running one; owns the idents */
	guint faults;      /* of the desk, in a row */
	gint64 paused;     /* mono: no call before */
	gboolean recovered; /* it answers again: look at what waits */
	pthread_t thread;
	gboolean started;
};

struct deliver {
	struct deliver_world world;
	struct vaulted vaulted;
	struct retry_limits limits;
	GPtrArray *lanes; /* struct lane * */
	gint stopping;    /* atomic */
	int wake;         /* eventfd */
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

/* Drops an entry that is in `from`; NOTFOUND when it is not, or not any more.
 */
gboolean deliver_drop_from(struct deliver *deliver, const struct ident *key,
    enum spool_state from, GError **error);

/* The ledger's record of an entry, all zero when there is none. FALSE on
 * faults. */
gboolean deliver_record(struct deliver *deliver, const struct ident *key,
    struct ledger_entry *record_r, GError **error);

#endif
