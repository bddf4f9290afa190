/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_MAILDIR_H
#define DESKGATE_TOOLS_MAILDIR_H

#include <glib.h>

/*
 * What of a Maildir is mail (maildir(5), https://cr.yp.to/proto/maildir.html;
 * for what stands beside it Dovecot and Courier).  Messages lie in cur and new;
 * what tmp has is not there yet; indexes, lists of ids and subscriptions lie
 * beside these three, and are no mail.  Functions of names and of what lstat
 * says; any thread.
 *
 * Behind the name of a message in cur stands what was done with it, ":2," and
 * a letter each:
 *
 *	D	a draft: nobody sent it, so it is no example of mail that came
 *	T	trashed: deleted, and gone at the next expunge
 *	P R S F	passed on, replied to, seen, flagged: mail like any other
 *	a-z	keywords of the mailbox's own: likewise
 *
 * Where a file system knows no colon, ";" or "!" stands for it.
 */

/* Whether a folder is one: it has cur and new. */
gboolean maildir_is(const char *folder);

/* Whether `name` in the Maildir `folder` leads to mail: cur, new, or a Maildir
 * in it. */
gboolean maildir_has(const char *folder, const char *name);

/* Whether a file in a folder cur is marked as trashed or a draft; of any other
 * folder, FALSE. */
gboolean maildir_left(const char *folder, const char *name);

#endif
