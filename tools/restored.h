/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RESTORED_H
#define DESKGATE_TOOLS_RESTORED_H

#include "tools/keeper.h"

/*
 * What the keeper's start does of a backup that was put back (restore.h),
 * before anything is delivered, taught or answered; STATE/restored.json says
 * that it is to be done, and goes last, so that a kill leaves it to the next
 * start.
 *
 *  - Who was erased after the backup was begun is erased again, by the list in
 *    key-dir, wherever the stores know him.  Desks of others had been asked
 * then.
 *  - An inbox whose erasure has begun or has ended since is erased again, by
 * the lives in key-dir.
 *  - Lessons of who restricted the use of his data since, or objected, are
 * taken back.  What was asked for stands beside the keys too, and is the
 * newest.
 *  - Requests that were open then and have ended since end again.
 *  - What was not delivered then may have been since: its desk is asked for it
 *    before it is delivered.
 *  - The stores are written anew, the vault with a new key.
 *
 * What was done is kept as {"made": TEXT, "kept": BOOL, "erased": n,
 * "inboxes": n, "lessons": n, "requests": n, "lost": [7, 8], "waiting": n} for
 * who asks (keeper->restored), and is in the audit trail; `kept` when what
 * people had asked for here was newer than the copy of the vault, and stayed;
 * `lost` are the numbers of requests of which that copy lacks whom they are
 * about.
 */
gboolean restored_apply(struct keeper *keeper, GError **error);

#endif
