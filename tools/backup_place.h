/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_BACKUP_PLACE_H
#define DESKGATE_TOOLS_BACKUP_PLACE_H

#include <glib.h>
#include <jansson.h>

#include "tools/paths.h"

/*
 * The two folders of a backup: what may be one, what an unfinished backup looks
 * like, and how a new copy of the vault takes the place of the old one.
 */
struct backup_place {
	char *path;
	int fd;
};
struct backup_places {
	struct backup_place state, vault;
};

/* Makes what is missing, mode 0700, and opens both.  BAD when they cannot be
 * the folders of a backup of `paths`. */
gboolean backup_places_open(struct backup_places *places,
    const struct paths *paths, const char *state, const char *vault,
    GError **error);
/* Closes what is open. */
void backup_places_clear(struct backup_places *places);
/* The same of one. */
void backup_place_clear(struct backup_place *place);

/* Marks the folder of the state as begun, first removing what one that was
 * stopped left there; BAD when anything else is in it. */
gboolean backup_place_begin(struct backup_place *place, GError **error);
/* It is complete. */
void backup_place_end(struct backup_place *place);
/* Removes what was begun. */
void backup_place_undo(struct backup_place *place);

/* A folder for the next copy of the vault; what is there stays as it is. */
gboolean backup_vault_begin(
    struct backup_place *vault, struct backup_place *next_r, GError **error);
/* Puts it in the place of the one before, which is written over and removed. */
gboolean backup_vault_end(struct backup_place *vault, GError **error);

/* Of the copies in such a folder, complete ones, the newest: its folder and its
 * manifest, the caller's.  NOTFOUND when there is none. */
int backup_vault_newest(int vault, json_t **manifest_r, GError **error);

/* The real path of what is there, or would be in the folder that is; NULL with
 * the error.  The caller frees it. */
char *backup_place_real(const char *path, GError **error);
/* Whether `path` is `folder` or below it; both real. */
gboolean backup_place_within(const char *folder, const char *path);

#endif
