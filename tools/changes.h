/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_CHANGES_H
#define DESKGATE_TOOLS_CHANGES_H

#include "tools/keeper.h"

/*
 * How often something was done that an older copy of the vault would undo:
 * somebody erased, an inbox erased, suspended, ended or resumed, a request of a
 * person written down or what stands of him changed, a consent withdrawn, an
 * operator's name deleted.  The count is in KEYS/changes.json, beside what no
 * older copy is believed of, and only goes up: so it tells which of two copies
 * is the newer whatever the clocks say and whichever receipts are let go.
 */
#define CHANGES_NAME "changes.json"

/* One more, durably. */
gboolean changes_add(struct keeper *keeper, GError **error);
/* How many in a folder of keys; 0 where nothing was ever counted. */
gboolean changes_count(int keys, gint64 *count_r, GError **error);

#endif
