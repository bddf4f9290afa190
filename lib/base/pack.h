/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_PACK_H
#define DESKGATE_LIB_BASE_PACK_H

#include <glib.h>

/*
 * An archive of files that anybody can open: tar in the portable format of
 * POSIX (pax), by libarchive, which pack.c alone includes.
 *
 * It is written into a memory file, since what is in it is sealed on the disk;
 * PACK_MOST is its ceiling.  Names are relative, with "/" between folders and
 * file; letters outside ASCII are refused, so that every system can have them.
 */
struct pack;

#define PACK_MOST ((guint64)2 << 30)

/* An empty one; `made`, in seconds, becomes the time of each file. */
struct pack *pack_new(gint64 made, GError **error);
/* Adds a file (mode 0600).  BAD when the name is none, FULL at the ceiling. */
gboolean pack_add(
    struct pack *pack, const char *name, GBytes *bytes, GError **error);
/* Ends it and frees it: the memory file, at offset 0, is the caller's; -1 when
 * it could not be ended. */
int pack_end(struct pack **pack, GError **error);
/* Without its end.  Accepts NULL. */
void pack_free(struct pack **pack);

/* Unpacks the archive of `fd` into the folder `dir`: folders get 0700, files
 * 0600.  BAD when it is no archive of ours, or a file is there already; what
 * was unpacked before stays. */
gboolean pack_unpack(int fd, int dir, GError **error);

#endif
