/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_WATCH_PRIVATE_H
#define DESKGATE_TOOLS_WATCH_PRIVATE_H

#include "tools/watch.h"

/* What watch.c (who is told) and watch_state.c (what is the case) share. */

/* Adds what is the case just now: spool, models, requests, backups, disks. */
void watch_state(struct keeper *keeper, json_t *page);

#endif
