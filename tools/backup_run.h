/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_BACKUP_RUN_H
#define DESKGATE_TOOLS_BACKUP_RUN_H

#include "tools/backup.h"

/*
 * A backup in a thread of its own, since it may take long, and others want to
 * be answered meanwhile.  One at a time.  All are called by the thread that
 * answers verbs.
 */
struct backup_run;

/* Nothing runs yet. */
struct backup_run *backup_run_new(struct keeper *keeper);
/* Stops what runs, and waits for it.  Accepts NULL. */
void backup_run_free(struct backup_run **run);

/* Begins one; AGAIN when another runs. */
gboolean backup_run_begin(
    struct backup_run *run, const struct backup_wish *wish, GError **error);
/* How it is: {"busy": true, "stage": TEXT, "entries": n, "all": n}, or at the
 * end {"busy": false, "backup": {...}} as backup_make tells it; the caller's.
 * NULL with its error when it failed; NOTFOUND when there was none. */
json_t *backup_run_look(struct backup_run *run, GError **error);

#endif
