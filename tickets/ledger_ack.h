/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_ACK_H
#define DESKGATE_TICKETS_LEDGER_ACK_H

#include "tickets/ledger.h"

/*
 * Mail of our own that is due, in the ledger: acknowledgements and digests.
 *
 * An acknowledgement is `due`, then `sending`, then gone.  What was `sending`
 * when a keeper ended may have been sent: it is dropped, so that nobody gets
 * two.  Whom it is for stands there as a subject only.
 */

struct ledger_ack_case {
	const struct ident *subject;
	const char *inbox;
	gint64 now, since; /* wall microseconds */
};

/* Makes an acknowledgement for the entry due, unless the person had one from
 * this inbox since `since`; both in one commit.  *wanted_r: whether it did. */
gboolean ledger_ack_want(struct ledger *ledger, const struct ident *key,
    const struct ledger_ack_case *of, gboolean *wanted_r, GError **error);

/* One that is due at `now`: TRUE; FALSE with NOTFOUND when there is none. */
gboolean ledger_ack_next(struct ledger *ledger, gint64 now, struct ident *key_r,
    guint *tries_r, GError **error);
/* It is about to be sent. */
gboolean ledger_ack_begin(
    struct ledger *ledger, const struct ident *key, GError **error);
/* It was certainly not sent: again at `next`. */
gboolean ledger_ack_again(struct ledger *ledger, const struct ident *key,
    gint64 next, guint tries, GError **error);
/* It was sent, or never will be. */
gboolean ledger_ack_end(
    struct ledger *ledger, const struct ident *key, GError **error);
/* Drops what was being sent when the last keeper ended, or `all`; how many. */
gboolean ledger_ack_heal(
    struct ledger *ledger, gboolean all, guint *dropped_r, GError **error);

/* The day (days since 1970, local) of an inbox's last digest; 0: none yet. */
gboolean ledger_digest_get(
    struct ledger *ledger, const char *inbox, gint64 *day_r, GError **error);
/* Keeps it. */
gboolean ledger_digest_put(
    struct ledger *ledger, const char *inbox, gint64 day, GError **error);

#endif
