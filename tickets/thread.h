/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_THREAD_H
#define DESKGATE_TICKETS_THREAD_H

#include <glib.h>

#include "tickets/ledger.h"
#include "tickets/ticket.h"

/*
 * Which ticket a message belongs to.  In this order: the desk's tag in the
 * subject, then the ids of In-Reply-To and References, newest first, at
 * most 20.  A message joins a ticket only when its sender takes part in it;
 * else it becomes a ticket of its own that refers to the other.
 */
struct thread {
	gboolean joins;       /* append to place.ticket */
	gboolean refers;      /* new, but about place.code */
	gboolean repeated_id; /* its own Message-ID is another ticket's */
	struct ledger_place place;
};

/* FALSE on faults of the ledger only. */
gboolean thread_find(struct ledger *ledger,
    const struct ledger_question *question, const struct ticket *ticket,
    struct thread *thread_r, GError **error);

/* What agents should know of it, one line, or NULL.  The caller frees it. */
char *thread_note(const struct thread *thread);

#endif
