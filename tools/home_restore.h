/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_HOME_RESTORE_H
#define DESKGATE_TOOLS_HOME_RESTORE_H

#include <glib.h>

#include "tools/paths.h"

/*
 * How a backup takes the place of what is there.  Folders may be the roots of
 * file systems and cannot be renamed, so what is in them is moved:
 *
 *   STATE/.restore/ and KEYS/.restore/ are filled   killed here: nothing has
 *   STATE/.restore/ready is written                 changed, and they go
 *   everything of old moves into .before-restore/   killed here, and from
 *   STATE/.restore/aside is written                 here on: whoever comes
 *   everything in .restore/ moves to its place      next goes on with it
 *   .restore/ is removed
 *
 * Whoever comes next is any program that is started: home_prepare asks for it
 * before all else.  What has to be done then stands in STATE/restored.json
 * (restored.h).
 */
#define HOME_STAGED ".restore"
#define HOME_BEFORE ".before-restore"
#define HOME_READY "ready"
#define HOME_ASIDE "aside"
#define HOME_LOCK "keeper.lock"

/* Goes on with one that was cut short; nothing to do when there is none.  AGAIN
 * when somebody else is at it, DENIED when it is not ours to do. */
gboolean home_restore_go_on(const struct paths *paths, GError **error);
/* The same, by who holds the keeper's lock. */
gboolean home_restore_finish(const struct paths *paths, GError **error);

/* The name of the runtime folder in that of the state, which stays where it is;
 * NULL when it is elsewhere.  The caller frees it. */
char *home_restore_runtime(const struct paths *paths);

#endif
