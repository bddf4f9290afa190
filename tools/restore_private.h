/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RESTORE_PRIVATE_H
#define DESKGATE_TOOLS_RESTORE_PRIVATE_H

#include "lib/base/ident.h"
#include "tools/restore.h"

/* What the files of a restore share.  Private. */
struct restore {
	const struct paths *paths;
	const struct home_owners *owners;
	const struct restore_wish *wish;
	const struct restore_progress *progress;
	int state, vault;      /* the backup's; vault may be -1 */
	json_t *facts, *keys;  /* its manifests */
	int to_state, to_keys; /* the folders of the settings */
	int lock, spool;       /* what keeps others out */
	gboolean kept;         /* what is here is newer than the vault's copy */
	guint done, all;
};

/* Of a manifest; "" when there is none. */
const char *restore_text(const json_t *manifest, const char *member);
/* Whether there is such a file. */
gboolean restore_has(int dir, const char *name);
/* The installation whose keys are in a folder, "" when there are none. */
void restore_installation(int keys, char text_r[IDENT_TEXT]);
/* Called with each file that is copied; `self` is the restore. */
gboolean restore_tell(void *self, GError **error);

/* --- restore_newest.c: what no older copy is believed of */
/* Looks whether what is here is newer than the vault's copy. */
gboolean restore_look(struct restore *restore, GError **error);
/* Puts the newest in the place of what the state's copy has. */
gboolean restore_newest(struct restore *restore, int data, GError **error);
/* Adds what only the keys here know to those that are staged: who was erased,
 * the lives of inboxes, the count of changes. */
gboolean restore_keep(
    const struct restore *restore, int staged, GError **error);

#endif
