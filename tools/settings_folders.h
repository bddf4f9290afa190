/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETTINGS_FOLDERS_H
#define DESKGATE_TOOLS_SETTINGS_FOLDERS_H

#include "lib/base/conf.h"

/*
 * Adds a fault for each folder of the settings that cannot be, or that lies
 * where it must not: something else stands there, others can read the keys, the
 * keys are within the state (and so in its backup).  Makes nothing.
 */
void settings_check_folders(struct conf *conf);

#endif
