/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_PATH_H
#define DESKGATE_MILTER_PATH_H

#include <glib.h>

/*
 * The address in a path of SMTP (RFC 5321 4.1.2): "<support@example.com>" is
 * "support@example.com", "<>" is "".  A source route is left out, quotes around
 * a local part that needs none are taken off, and so is a dot at the domain's
 * end: the MTA delivers all of these to the same mailbox, so they are the same
 * inbox.  The caller frees it.
 */
char *path_address(const char *path);

/* The number of a "SIZE=" parameter of MAIL, or 0.  `arguments` is NULL-ended.
 */
guint64 path_size(char *const *arguments);

#endif
