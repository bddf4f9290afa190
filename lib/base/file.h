/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_FILE_H
#define DESKGATE_LIB_BASE_FILE_H

#include <glib.h>
#include <sys/types.h>

/*
 * Talking to the disk: everything here checks each call and says yes only
 * when the bytes are durable (STYLE: write, flush, fsync, close, rename, fsync
 * the folder).  Folders are passed as descriptors, so that a renamed parent or
 * a symbolic link changes nothing.  All functions are thread-safe.
 */

/* Opens a folder (O_DIRECTORY|O_CLOEXEC).  -1 and *error on failure. */
int file_open_dir(const char *path, GError **error);

/*
 * Makes `path` if it is not there, with `mode` regardless of umask, and with
 * owner and group when they are not (uid_t)-1 and (gid_t)-1; an existing folder
 * keeps what it has.  The parent must exist.
 */
gboolean file_make_dir(
    const char *path, mode_t mode, uid_t owner, gid_t group, GError **error);

/*
 * Writes the whole of `data` to `name` in `dir` so that after a crash there is
 * either the old file or the new one, whole: temporary file, fsync, rename,
 * fsync of the folder.
 */
gboolean file_replace(int dir, const char *name, const void *data, gsize length,
    mode_t mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, but fails with BAD when `name` is there already (link(2)). */
gboolean file_create(int dir, const char *name, const void *data, gsize length,
    mode_t mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* write(2) until all is written, EINTR included. */
gboolean file_write_all(int fd, const void *data, gsize length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* fsync(2) of a descriptor; after a failure never call it on the same one. */
gboolean file_sync(int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Reads a whole file of at most `max` bytes; FULL when it is larger.  `dir` may
 * be AT_FDCWD.  file_read_fd reads from the descriptor's start, whatever its
 * offset, when it can seek, and else to its end.  NULL and *error on failure.
 */
GBytes *file_read(int dir, const char *name, gsize max, GError **error);
/* The same from a descriptor: from its start when it can seek, whatever its
 * offset, and else to its end. */
GBytes *file_read_fd(int fd, gsize max, GError **error);

struct stat;
/*
 * fstat(2), also in the jail of a reader: glibc's own asks by a call that can
 * take a path, which is refused there.
 */
gboolean file_status(
    int fd, struct stat *status_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A memory file (memfd) with these bytes, offset 0, sealed against every change
 * (F_SEAL_WRITE|SHRINK|GROW|SEAL): the way messages are handed to readers and
 * to the keeper.  -1 and *error on failure.  The caller closes it.
 */
int file_memory(
    const char *name, const void *data, gsize length, GError **error);

/*
 * Takes the exclusive lock of the open file description on `name` in `dir`
 * (made if missing), without waiting.  The descriptor holds the lock until it
 * is closed.  -1 with AGAIN when someone else holds it.
 */
int file_lock(int dir, const char *name, GError **error);

/*
 * Takes the lock of a folder that is open (flock(2)), without waiting: alone,
 * or together with all that do not want to be alone.  It is held until the
 * descriptor, and each that a child has of it, is closed.  AGAIN when it is
 * held otherwise.
 */
gboolean file_lock_folder(int dir, gboolean alone, GError **error);

/* Closes *fd unless it is negative, and makes it -1.  Keeps errno. */
void file_close(int *fd);

#endif
