/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RECORDS_H
#define DESKGATE_TOOLS_RECORDS_H

#include "tools/keeper.h"

/*
 * What is of nobody who writes to us: keys of the installation, names of
 * operators, what a restore has set aside.
 */

/* Adds it to the keeper's registry as the holder "records". */
void records_add_holder(struct keeper *keeper);

/* Removes what a restore has set aside, in both folders: nobody can be erased
 * from that alone, and it opens by the keys that are in it.  Of each erasure,
 * before it is said to be done. */
gboolean records_drop_aside(struct keeper *keeper, GError **error);

#endif
