/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_THREAD_H
#define DESKGATE_TICKETS_THREAD_H

#include <glib.h>

#include "tickets/ledger.h"
#include "tickets/ticket.h"

/*
 * Which ticket a message belongs to.  In this order: a reply token that is
 * proven (tickets/token.h), the desk's tag in the subject, the ids of
 * In-Reply-To and References, newest first, at most 20 (before them what a
 * delivery report is about), the desk's tag in the text, and weak hints.
 *
 * A message joins a ticket only with a token, or when its sender takes part in
 * the ticket; else it becomes a ticket of its own that refers to the other.
 * What our MTA found to be forged never joins.  A hint of somebody who takes no
 * part says nothing.
 */
struct thread {
	gboolean joins;       /* append to place.ticket */
	gboolean refers;      /* new, but about place.code */
	gboolean repeated_id; /* its own Message-ID is another ticket's */
	struct ledger_place place;
};

/* Who asks. */
struct thread_asker {
	const struct ledger_question *question; /* its subject: the requester */
	const struct secret *key; /* of the tokens; NULL: none is proven */
	/* Who may join in his stead: whom a delivery report is about. */
	const struct ident *also;
	guint n_also;
	gboolean trusted; /* our own mail: it joins wherever it belongs */
};

/* FALSE on faults of the ledger only. */
gboolean thread_find(struct ledger *ledger, const struct thread_asker *asker,
    const struct ticket *ticket, struct thread *thread_r, GError **error);

/* What agents should know of it, one line, or NULL.  The caller frees it. */
char *thread_note(const struct thread *thread);

#endif
