/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RESTORE_H
#define DESKGATE_TOOLS_RESTORE_H

#include <jansson.h>

#include "tools/home.h"

/*
 * Putting a backup (backup.h) back where the settings say, by the command,
 * while no daemon runs.  All of it is copied and verified beside what is there
 * before anything changes, and a kill leaves the old or the new
 * (home_restore.h).
 *
 * Whoever was erased on this computer and is not yet in the list of the copy is
 * added to it: a copy of the vault that is older than the last erasure does not
 * undo that here.  Nor does it undo what people asked for here since, or bring
 * a name of an operator back: what is here stays when its count of changes
 * (changes.h) is no lower than the copy's.
 */
struct restore_wish {
	const char *state; /* DIR */
	const char *vault; /* DIR2; NULL: key-dir is as it should be */
	gboolean replace;  /* set aside what is there */
	gint64 keep;       /* seconds: no backup that is older (backup-keep) */
};

struct restore_progress {
	void (*tell)(void *self, guint done, guint all);
	void *self;
};

/*
 * Puts it in its place; the keeper's next start does the rest.  The facts of
 * the state's manifest, the caller's; NULL with BAD when the two do not belong
 * together, the state is older than `keep`, one is damaged, or something is
 * there; AGAIN when a daemon runs.
 */
json_t *restore_put(const struct paths *paths, const struct home_owners *owners,
    const struct restore_wish *wish, const struct restore_progress *progress,
    GError **error);

#endif
