/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_MARKS_H
#define DESKGATE_TICKETS_MARKS_H

#include <glib.h>

#include "lib/mail/envelope.h"
#include "lib/mail/message.h"
#include "tickets/ticket.h"

/*
 * What a message says of its own ticket.
 *
 * Anybody may call his mail important: X-Priority (1 and 2 are high, 4 and 5
 * low), Importance and X-MSMail-Priority give the ticket's priority, the first
 * of them that says anything but normal.
 *
 * X-Deskgate-Priority, -Tags ("one, two") and -Department are obeyed from our
 * own networks and from those who have logged in, and are nothing from all
 * others; the milter takes them out of mail that goes on.
 */

/* Longest tag and department (bytes), and how many tags a message may give. */
#define MARK_BYTES 64
#define MARK_TAGS 20

/* Whether the control fields of a message count. */
gboolean marks_trusted(const struct envelope *envelope);

/* Sets priority, tags and department of the ticket, `trusted` as above, and who
 * is in From. */
void marks_read(
    const struct message *message, gboolean trusted, struct ticket *ticket);

/* Whether a reader's answer has no other marks than marks_read and rules_mark
 * can have set. */
gboolean marks_make_sense(const struct ticket *ticket, gboolean trusted);

/* Whether it is one of "low", "normal", "high", "urgent". */
gboolean mark_is_priority(const char *word);

#endif
