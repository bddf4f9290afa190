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

#endif
