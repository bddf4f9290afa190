/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_SPOOL_PRIVATE_H
#define DESKGATE_TICKETS_SPOOL_PRIVATE_H

#include <pthread.h>

#include "tickets/spool.h"

/*
 * Shared by spool.c (the putting side), spool_keep.c (the keeper's) and
 * spool_milder.c, and by nobody else.
 */
#define SPOOL_FOLDERS (SPOOL_STATES + 4)

struct spool {
	int state[SPOOL_STATES]; /* open folders */
	int msg, wrap, tmp, milder;
	pthread_mutex_t
	    lock;          /* of what follows, and of every change of state */
	gint64 count_next; /* mono: when the load is counted again */
	guint64 entries, bytes;
};

/* Appends the keys that stand in a folder to `keys` (of struct ident). */
gboolean spool_scan(int folder, GArray *keys, GError **error);

/* Writes `pieces` (GBytes, n of them) to a new file in tmp/, fsynced, and tells
 * its name.  On FALSE nothing is left. */
gboolean spool_write_tmp(struct spool *spool, GBytes *const *pieces, guint n,
    char name_r[IDENT_TEXT], GError **error);

/* Makes the empty state file if it is not there; not durable, see spool.c. */
gboolean spool_mark(struct spool *spool, const char *name,
    enum spool_state state, GError **error);

#endif
