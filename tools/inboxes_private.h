/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_INBOXES_PRIVATE_H
#define DESKGATE_TOOLS_INBOXES_PRIVATE_H

#include "lib/privacy/life.h"
#include "tools/keeper.h"

/* What the files of inboxes.h share. */

/* The inboxes of the settings, and those that left them with something
 * written: char *, the caller's. */
GPtrArray *inboxes_names(struct keeper *keeper, GError **error);
/* What the settings say of it. */
void inboxes_plan(
    struct keeper *keeper, const char *inbox, struct life_plan *plan_r);
/* NOTFOUND when it is none of those. */
gboolean inboxes_known(
    struct keeper *keeper, const char *inbox, GError **error);

#endif
