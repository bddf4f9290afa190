/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_SENDER_H
#define DESKGATE_TICKETS_LEDGER_SENDER_H

#include "tickets/ledger.h"

/*
 * What the ledger knows of who writes to us: which tickets he has had lately,
 * and when he was last answered.  People are there as subjects only.
 */

/* As many tickets of one sender are kept, the newest; the settings ask for no
 * more. */
#define LEDGER_SENDER_TICKETS 200

struct ledger_sender_ticket {
	char desk[64];
	char ticket[64];
	gint64 made; /* wall microseconds */
};

struct ledger_sender {
	guint n;
	struct ledger_sender_ticket tickets[LEDGER_SENDER_TICKETS]; /* oldest
								     * first */
};

/* All empty when nothing is known; FALSE on faults. */
gboolean ledger_sender_get(struct ledger *ledger, const struct ident *subject,
    struct ledger_sender *sender_r, GError **error);
/* Adds a ticket, once; the oldest goes when there is no room. */
gboolean ledger_sender_add(struct ledger *ledger, const struct ident *subject,
    const struct ledger_sender_ticket *ticket,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
