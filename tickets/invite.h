/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_INVITE_H
#define DESKGATE_TICKETS_INVITE_H

#include <glib.h>

/*
 * Calendar parts (iCalendar, RFC 5545; how they are sent: RFC 5546) in words:
 * what is asked, when, where and by whom.  libical reads them, invite.c alone
 * includes it.  It keeps state of its own, so this is for one thread.  No zone
 * is looked up on this machine: what the part says of its zones counts.
 */

/* Whether a part is one, by its type or, where that says nothing, its name (or
 * NULL). */
gboolean invite_is(const char *type, const char *name);

/*
 * Some lines, each ended: "Invitation: Review", "When: 2026-03-05 14:00 to
 * 15:00 (Europe/Berlin, UTC+01:00)" ...  `text` is valid UTF-8.  NULL for what
 * is no calendar, has no event in it, or is too large for a person's event.
 * The caller frees it.
 */
char *invite_summary(const char *text, gsize length);

#endif
