/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_TRACES_H
#define DESKGATE_TOOLS_TRACES_H

#include "tools/keeper.h"

/*
 * What erasing leaves behind: bytes of deleted records in the stores' files,
 * and keys that would open copies of them.
 */

/* Makes all stores compact, the vault by a new key of its own, and begins a new
 * pair of intake keys.  Not within a group of lessons of this thread.  After
 * FALSE all works on, and it can be asked for again. */
gboolean traces_remove(struct keeper *keeper, GError **error);
/* Makes those compact that owe it (store_settle).  After FALSE some do so
 * still, and it can be asked for again. */
gboolean traces_settle(struct keeper *keeper, GError **error);
/* The vault's part alone, as a job (tools/job.h) of a struct keeper: {"keys":
 * n}, how many were wrapped anew. */
json_t *traces_rotate(void *self, GError **error);

#endif
