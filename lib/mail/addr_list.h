/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_ADDR_LIST_H
#define DESKGATE_LIB_MAIL_ADDR_LIST_H

#include <glib.h>

/*
 * Address fields as most are written.  Thread-safe.
 */

/* Adds what `value`, the value of an address field, says to `list` (struct
 * addr *), up to `max` in it: mailboxes with and without a name, in letters
 * that have no other meaning there.  FALSE, and nothing added, when there is
 * anything else in it (comments, groups, escapes, source routes, nothing at
 * all): that takes a whole parser. */
gboolean addr_list_plain(const char *value, guint max, GPtrArray *list);

#endif
