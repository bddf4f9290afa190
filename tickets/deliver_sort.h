/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DELIVER_SORT_H
#define DESKGATE_TICKETS_DELIVER_SORT_H

#include "tickets/deliver_private.h"

/*
 * Whose mail is it?  Before any rule or desk is asked, what is our own is told
 * from what comes from outside.
 */
enum delivery_sort {
	SORT_MAIL,     /* from outside: on it goes */
	SORT_OUTGOING, /* ours to somebody: its ids are learnt, no ticket */
	SORT_TEACH,    /* sent in to be taught: no ticket */
	SORT_LOOP,     /* proven to be ours, come back: no ticket */
	SORT_DOUBT     /* held, with the reason */
};

/*
 * Outgoing: what the milter kept of mail that left from an inbox; and mail in
 * the name of an inbox of ours by somebody who may (authenticated, or from
 * own-networks).  A loop: what bears a token of ours as its own Message-ID, or
 * our own value in X-Deskgate-Loop.  Doubt: that field with another value, an
 * inbox of ours as the sender of mail from outside; and mail that DMARC
 * disowns, where the inbox says so (dmarc-fail).  *reason_r, for SORT_DOUBT, is
 * the caller's to free.
 *
 * What a person has released is mail.
 */
enum delivery_sort delivery_sort(struct delivery *delivery, char **reason_r);

/* Whether an address is an inbox of ours; of a catch-all ("@example.com") only
 * the address that the message came to is. */
gboolean delivery_is_inbox(
    const struct delivery *delivery, const char *address);

/* Learns ids and people of outgoing mail, then done. */
gboolean delivery_outgoing(struct delivery *delivery, GError **error);
/* A loop ends: logged, then done. */
gboolean delivery_end_loop(struct delivery *delivery, GError **error);

#endif
