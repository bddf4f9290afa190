/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_WAYBACK_H
#define DESKGATE_TOOLS_WAYBACK_H

#include "tools/keeper.h"

/*
 * The way back from the desks, put together for the keeper: audit trail,
 * feedback, push listener; and what the verbs tell the audit trail.
 */

/* Opens audit trail and feedback; ledger, teacher and deliver are open. */
gboolean wayback_open(struct keeper *keeper, GError **error);
/* Starts what runs beside the keeper's own threads: of a daemon alone. */
gboolean wayback_start(struct keeper *keeper, GError **error);
/* Ends that again. */
void wayback_stop(struct keeper *keeper);
/* Closes what was opened, in the order that it needs. */
void wayback_close(struct keeper *keeper);
/* After a batch of verbs was kept: what waits is judged again, what was done
 * goes into the audit trail. */
void wayback_settle(struct keeper *keeper);

/* Before stored mail is shown to who asks: written down, with the reason that
 * the request gives.  FALSE, and nothing is to be shown, when it cannot be, or
 * when a reason is asked for (ask-reason) and not given. */
gboolean wayback_look(struct keeper *keeper,
    const struct control_request *request, const char *object, GError **error);

/* Before it is told what there is of a person: whom somebody looked for is
 * written down, by the digests of his addresses (struct ident).  FALSE, and
 * nothing is to be told, when it cannot be. */
gboolean wayback_search(struct keeper *keeper,
    const struct control_request *request, const GArray *subjects,
    GError **error);

/* An act of who asks: one line of the audit trail.  Without an object it is
 * counted, and told once for the batch ("25 times"). */
void wayback_act(struct keeper *keeper, const struct control_request *request,
    const char *act, const struct ident *object);

/* Any act; a fault of the trail is logged. */
void wayback_tell(struct keeper *keeper, const struct audit_act *act);

#endif
