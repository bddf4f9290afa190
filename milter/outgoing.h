/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_OUTGOING_H
#define DESKGATE_MILTER_OUTGOING_H

#include "milter/session_private.h"

/*
 * Mail that leaves from an inbox of ours, by somebody who may (authenticated,
 * or from own-networks): its header is kept for the keeper, who learns its ids,
 * so that a customer's answer finds its ticket.  It is neither scored nor
 * changed, and whatever fails here, it goes on: an answer to a customer is
 * worth more than knowing it again.
 */

/* The next field, while the message may be such a one. */
void outgoing_header(
    struct session *session, const char *name, const char *value);
/* At the header's end: stores what was kept. */
void outgoing_end(struct session *session);

#endif
