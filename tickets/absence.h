/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_ABSENCE_H
#define DESKGATE_TICKETS_ABSENCE_H

#include <glib.h>

#include "lib/mail/message.h"

/*
 * TRUE when the message says that somebody is away: a vacation program's
 * (RFC 5230, RFC 3834), Exchange's (X-MS-Exchange-Inbox-Rules-Loop), or one
 * with such a subject.  A subject alone counts only in the form that programs
 * give it, with a colon ("Automatic reply: ..."); where a program wrote the
 * message (`automatic`), its first words do.
 */
gboolean absence_message(const struct message *message, gboolean automatic);

/* What the subject alone tells (pure): 2 by its form, 1 by its first words, 0
 * nothing. */
guint absence_subject(const char *subject);

#endif
