/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_DUE_H
#define DESKGATE_TICKETS_LEDGER_DUE_H

#include <jansson.h>

#include "tickets/ledger.h"

/*
 * What is to be sent some time on account of an entry, once at most: it is
 * `due`, then `sending`, then gone.  What was `sending` when a keeper ended may
 * have been sent: it is dropped.
 */
enum ledger_due_kind {
	LEDGER_DUE_ACK = 'p',  /* an acknowledgement (ledger_ack.h) */
	LEDGER_DUE_NOTE = 'n', /* the note of a new ticket (note.h) */
	LEDGER_DUE_AGAIN = 'r' /* a note of what was judged again */
};
struct store_txn;

/* Makes it due at `next`, in the place of an earlier one, within a transaction;
 * takes over `more`, what is to be known of it then (NULL: nothing). */
void ledger_due_put(struct store_txn *txn, enum ledger_due_kind kind,
    const struct ident *key, gint64 next, json_t *more);
/* The same in a commit of its own. */
gboolean ledger_due_want(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, gint64 next, json_t *more, GError **error);

/* One that is due at `now`: TRUE; FALSE with NOTFOUND when there is none. */
gboolean ledger_due_next(struct ledger *ledger, enum ledger_due_kind kind,
    gint64 now, struct ident *key_r, guint *tries_r, GError **error);
/* It is about to be sent.  *more_r (unless NULL): the caller's, all that is
 * known of it.  NOTFOUND when it is gone, or is being sent. */
gboolean ledger_due_begin(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, json_t **more_r, GError **error);
/* It was certainly not sent: again at `next`. */
gboolean ledger_due_again(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, gint64 next, guint tries, GError **error);
/* It was sent, or never will be. */
gboolean ledger_due_end(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, GError **error);
/* Drops what was being sent when the last keeper ended, or `all`; how many. */
gboolean ledger_due_drop(struct ledger *ledger, enum ledger_due_kind kind,
    gboolean all, guint *dropped_r, GError **error);

#endif
