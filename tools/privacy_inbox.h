/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PRIVACY_INBOX_H
#define DESKGATE_TOOLS_PRIVACY_INBOX_H

#include "tools/keeper.h"

/*
 * Erasing an inbox: a request of the register, gone on with as that of a person
 * (privacy.h), whose receipt tells what went in each holder.
 */

/* Asks for it: its number, or that of one that is open already; 0 with *error.
 */
guint64 privacy_erase_inbox(
    struct keeper *keeper, const char *inbox, GError **error);

/* How such a request stands. */
enum privacy_inbox {
	/* There is none of this number and inbox: an older state was put back.
	 */
	PRIVACY_INBOX_UNKNOWN,
	PRIVACY_INBOX_OPEN,
	PRIVACY_INBOX_ENDED
};
gboolean privacy_inbox_look(struct keeper *keeper, guint64 id,
    const char *inbox, enum privacy_inbox *how_r, GError **error);

#endif
