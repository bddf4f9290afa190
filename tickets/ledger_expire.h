/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_EXPIRE_H
#define DESKGATE_TICKETS_LEDGER_EXPIRE_H

#include "lib/privacy/holder.h"
#include "tickets/ledger.h"

/*
 * What the ledger keeps, and what of it was not used for longer than
 * ledger-retention: rows of
 *   deliveries  which message became which ticket; one whose message is still
 *               in the spool stays as long as that
 *   threads     which Message-ID belongs to which ticket, and who takes part
 *   decisions   what agents' marks have taught
 *   senders     who wrote, who was answered, whose mail came back
 *   trust       whom an agent vouched for, until that ends
 */
struct ledger_expiry {
	const struct holder_expiry *expiry;
	/* Whether the message of an entry is still there, or will be after this
	 * run; NULL: it is not. */
	gboolean (*is_held)(
	    void *self, const struct ident *key, const char *inbox);
	void *self;
};
/* As `expire` of lib/privacy/holder.h. */
gboolean ledger_expire(struct ledger *ledger, const struct ledger_expiry *ask,
    json_t *rows, GError **error);

#endif
