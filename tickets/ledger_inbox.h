/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_INBOX_H
#define DESKGATE_TICKETS_LEDGER_INBOX_H

#include <jansson.h>

#include "tickets/ledger.h"

/*
 * What the ledger knows of an inbox's mail, for its erasure.
 */

/* How many tickets its mail became, by desk: {"main": 3, ...}; the caller's. */
json_t *ledger_inbox_tickets(
    struct ledger *ledger, const char *inbox, GError **error);

/* A ticket of a desk on which mail of another inbox stands too. */
struct ledger_shared {
	char ticket[64];
	char inbox[256]; /* the other one, or one of them */
	GArray *entries; /* struct ident: those of the inbox asked for */
};
/* All of these: struct ledger_shared *; the caller's. */
GPtrArray *ledger_inbox_shared(
    struct ledger *ledger, const char *desk, const char *inbox, GError **error);

/* Forgets, in one commit: the records of its entries; of tickets that were its
 * mail's alone ids, who takes part, marks, and that they count for their
 * sender; acknowledgements and digests.  *gone_r: how many entries. */
gboolean ledger_inbox_forget(struct ledger *ledger, const char *inbox,
    guint *gone_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
