/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_AUTOMATIC_H
#define DESKGATE_TICKETS_AUTOMATIC_H

#include <glib.h>

#include "lib/mail/message.h"

/*
 * TRUE when a program wrote the message: RFC 3834 (Auto-Submitted), the
 * Precedence values and the X- fields that mail systems set, list fields of RFC
 * 2369 and RFC 2919, the null sender, and sender names that are no person's. It
 * still becomes a ticket; nothing ever answers it.
 */
gboolean automatic_message(const struct message *message, const char *sender);

#endif
