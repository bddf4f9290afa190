/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_DEEP_H
#define DESKGATE_TOOLS_DEEP_H

#include <jansson.h>

#include "tools/keeper.h"

/*
 * "deskgate check --deep": whether each store is whole, and fits the others.
 * One step at a time, so that who asks can show how far it is, and in a thread
 * of its own, so that others are answered; each store is looked at as it stands
 * at one moment, and mail flows meanwhile.
 *
 * With `mend` what can be worked out again is, and what cannot be is kept in
 * STATE/damaged and said; nothing is thrown away.
 */

/* {"steps": n, "name": "spool", "looked": n, "found": [{"text": TEXT, "mended":
 * BOOL}, ...]} of step `i`, from 0; the caller's.  NULL: it could not be made,
 * or there is no such step (NOTFOUND). */
json_t *deep_step(
    struct keeper *keeper, guint i, gboolean mend, GError **error);

/* The step that is being made, or was last.  All are called by the thread that
 * answers verbs. */
struct deep_run;
struct deep_run *deep_run_new(struct keeper *keeper);
/* Waits for what runs.  Accepts NULL. */
void deep_run_free(struct deep_run **run);

#endif
