/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_INBOXES_H
#define DESKGATE_TOOLS_SETUP_INBOXES_H

#include <glib.h>

#include "milter/terms.h"

/*
 * Whether the MTA takes mail for each inbox.  A route to the second door is no
 * recipient: an MTA that does not know an inbox's address refuses its mail at
 * RCPT, before any milter is asked to keep it, and nobody hears of that but the
 * senders.
 */

/*
 * Names each inbox of `terms` to the MTA at `entrance` (HOST:PORT) by MAIL and
 * RCPT, and takes all of it back by RSET: no message is sent.  Of an inbox that
 * is a whole domain a made-up address is named; one that is suspended or has
 * ended (as `key_dir`, a path, has it) is left out, since our own milter
 * refuses it. Adds to `findings` (struct setup_finding *): one for each inbox
 * that is refused, with the MTA's words, or one that says how many are taken,
 * where none is refused.  Waits `patience` seconds at most for each answer, and
 * stops asking at the first that does not come.
 */
void setup_inboxes_try(const char *entrance, const struct terms *terms,
    const char *key_dir, guint patience, GPtrArray *findings);

#endif
