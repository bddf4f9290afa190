/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REPORT_H
#define DESKGATE_TICKETS_REPORT_H

#include <glib.h>

#include "lib/mail/message.h"
#include "tickets/origin.h"

/*
 * Delivery reports: RFC 3464 (multipart/report, message/delivery-status),
 * X-Failed-Recipients, and the texts of mail systems that keep to neither.
 */

/* Is it one?  `sender` is the envelope's.  A feedback report (RFC 5965) and a
 * disposition notification (RFC 8098) are none. */
gboolean report_message(struct message *message, const char *sender);

/* What one says: the addresses that it is about with their status, into
 * `origin`, and the Message-ID of the message that was sent, without <>, which
 * the caller frees, or NULL.  An address that was reached is left out, and so
 * is one that the report itself is from or to. */
char *report_read(struct message *message, struct origin *origin);

#endif
