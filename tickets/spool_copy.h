/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_SPOOL_COPY_H
#define DESKGATE_TICKETS_SPOOL_COPY_H

#include "tickets/spool.h"

/*
 * A copy of the spool while mail comes in and goes out.
 *
 * It has the entries that it is told, unless they were dropped meanwhile, each
 * whole and in one state, or without one, which is `new`.  What is being
 * delivered is `new` in the copy.
 *
 * Of an entry that is wrapped to a person the copy leaves out the message key
 * that was boxed to the intake key: only the person's data key opens it, so
 * that it is gone with that, whatever becomes of intake keys.  An entry that is
 * not wrapped needs its intake key, which is told.
 */
struct spool_copy {
	/* Whether its wrap is whole and one of these bytes (vaulted.h). */
	gboolean (*is_wrapped)(void *self, const struct ident *key);
	/* Called after each entry; FALSE stops. */
	gboolean (*tell)(void *self, guint done, guint all, GError **error);
	void *self;
	guint entries;  /* that were copied */
	GArray *needed; /* struct ident: intake keys, each once; the caller's */
};

/* These (struct ident, as spool_keys gives them) into the existing empty
 * folder; not brought to the disk. */
gboolean spool_copy(struct spool *spool, const GArray *keys, const char *folder,
    struct spool_copy *copy, GError **error);

#endif
