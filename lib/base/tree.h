/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_TREE_H
#define DESKGATE_LIB_BASE_TREE_H

#include <glib.h>
#include <sys/types.h>

/*
 * A folder with all that is below it.  Symbolic links are never followed.
 */

/* Folders within folders; deeper ones are no folder of ours. */

#define TREE_DEEP 8

/* The paths of all files, relative to `dir`, sorted; char *, the caller's.  BAD
 * when anything is neither file nor folder, or nested too deep. */
GPtrArray *tree_files(int dir, GError **error);
/* Whether nothing is in it; FALSE with *error when it cannot be read. */
gboolean tree_is_empty(int dir, GError **error);

/* Makes the folders that a relative path goes through, mode 0700. */
gboolean tree_make_folders(int dir, const char *path, GError **error);
/* Brings all folders, `dir` included, to the disk; files are their writer's
 * concern. */
gboolean tree_sync(int dir, GError **error);

/* Whose everything is, and how it can be read; (uid_t)-1 and (gid_t)-1 leave
 * that as it is. */
struct tree_owner {
	uid_t owner;
	gid_t group;
	/* The mode of a relative path; "" is the folder itself. */
	mode_t (*mode)(const char *path, gboolean folder);
};
/* Gives all to its owner, what is below a folder before the folder. */
gboolean tree_give(int dir, const struct tree_owner *owner, GError **error);

/* Removes `name` in `parent` with all below it; TRUE also when it is not there.
 * With `wipe` files are first written over, as far as a disk lets us. */
gboolean tree_remove(
    int parent, const char *name, gboolean wipe, GError **error);

#endif
