/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DELIVER_SCREEN_H
#define DESKGATE_TICKETS_DELIVER_SCREEN_H

#include "tickets/deliver_private.h"

/*
 * What is decided of a message between its reading and its desk: what rules
 * give its ticket, and whether it is held after all.
 *
 * From the weakest to the strongest: the entry's action (by verdict), an
 * agent's word for the sender, the allow list, a rule's action, the block list,
 * how much the sender has sent, a person's release.
 */

/* Sets the ticket's marks, its desk among them, by the rules that matched, and
 * decides nothing. */
void delivery_mark(struct delivery *delivery);

/* The same, with a note of the rules.  *reason_r is why it is held, for people,
 * and the caller's to free; NULL: it goes to its desk.  FALSE on faults of our
 * own. */
gboolean delivery_screen(
    struct delivery *delivery, char **reason_r, GError **error);

/* Tells the ticket what its sender has asked for or agreed to: a tag
 * "restricted", and notes.  *reason_r is why it is held for that, and the
 * caller's to free; NULL: it is not.  FALSE on faults of our own. */
gboolean delivery_standing(
    struct delivery *delivery, char **reason_r, GError **error);

/* *reason_r is why no further ticket of this sender is made now, and the
 * caller's to free; NULL: none.  FALSE on faults of our own. */
gboolean delivery_too_many(
    struct delivery *delivery, char **reason_r, GError **error);
/* Counts the ticket that the delivery has made. */
gboolean delivery_count(const struct delivery *delivery, GError **error);

#endif
