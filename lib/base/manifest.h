/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_MANIFEST_H
#define DESKGATE_LIB_BASE_MANIFEST_H

#include <glib.h>
#include <jansson.h>

/*
 * What is in a folder of copies, and that it is all there: manifest.json, the
 * last file that is written there.  Without it the folder is unfinished.
 *
 *   {"format": "deskgate-backup", "version": 1, ...facts,
 *    "files": [["state/spool/msg/0a..", BYTES, TIME, "DIGEST"], ...]}
 *
 * TIME is when the file was changed last, in wall microseconds; DIGEST is of
 * its bytes, BLAKE2b of 256 bits.
 */
#define MANIFEST_NAME "manifest.json"
#define MANIFEST_VERSION 1

/* Brings all files in the folder `folder` of `dir` to the disk, and writes them
 * down with `facts` (an object, taken over). */
gboolean manifest_write(
    int dir, const char *folder, json_t *facts, GError **error);

/* The manifest, the caller's.  NOTFOUND when there is none, BAD when it is
 * damaged or of a later format. */
json_t *manifest_read(int dir, GError **error);

struct manifest_copy {
	const char *from; /* "state/": what is below that */
	/* Called for each file that was copied; may be NULL. FALSE stops. */
	gboolean (*tell)(void *self, GError **error);
	void *self;
};
/* Copies files into the folder `to`, durably, with their times, and makes sure
 * that what was written is what was written down.  BAD with the reason when a
 * file is missing, cut or changed; what was copied before stays. */
gboolean manifest_copy(int dir, const json_t *manifest,
    const struct manifest_copy *copy, int to, GError **error);

#endif
