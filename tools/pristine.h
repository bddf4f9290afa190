/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PRISTINE_H
#define DESKGATE_TOOLS_PRISTINE_H

#include <glib.h>

/*
 * A message as it was before another filter changed it, for teaching mail that
 * went through one: what a filter writes would else be learnt as the mark of
 * spam.  Header fields need nothing, the classifier leaves them out itself
 * (classifier/canonical.h).  What is undone:
 *
 *  - SpamAssassin's report_safe, its default: what it calls spam becomes a part
 *    of a report, marked x-spam-type=original.
 *  - Its rewrite_header Subject, by X-Spam-Prev-Subject.
 *  - A tag in front of the subject, as bogofilter, rspamd and DSPAM put there,
 *    when it is known.
 */
enum pristine_done { /* bits */
	PRISTINE_UNWRAPPED = 1 << 0,
	PRISTINE_SUBJECT = 1 << 1
};

/*
 * The message as it was; the same one where nothing is to be undone.  `tag` is
 * NULL when none is known; *done_r (may be NULL) are the bits of what was done.
 * The caller's, to be unreferenced.  Works on bytes alone; thread-safe.
 */
GBytes *pristine_message(GBytes *message, const char *tag, guint *done_r);

#endif
