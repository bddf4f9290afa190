/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_COPY_H
#define DESKGATE_LIB_BASE_COPY_H

#include <glib.h>
#include <sys/types.h>

/*
 * Copies of files, by descriptors.  Nothing here is brought to the disk:
 * whoever copies many files does that once, at the end.
 */

/* A new file `name` in `dir` to write to, mode 0600; -1 with *error. */
int copy_new(int dir, const char *name, GError **error);
/* What is left to read of `from`, to `to`. */
gboolean copy_pour(int from, int to, GError **error);
/* The time at which `from` was changed last. */
gboolean copy_time(int from, int to, GError **error);
/* All three: a file, with the time of the one in the other folder.  NOTFOUND
 * when there is none. */
gboolean copy_file(
    int from, const char *name, int to, const char *copy, GError **error);

#endif
