/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_SPOOL_LOOK_H
#define DESKGATE_TICKETS_SPOOL_LOOK_H

#include "tickets/spool.h"

/*
 * The spool as it lies on the disk, for "deskgate check --deep": what does not
 * fit together.  Thread-safe; the keeper's alone.
 */
struct spool_look {
	guint states;   /* a bit for each enum spool_state that it is in */
	gboolean bytes; /* msg/KEY is there */
};
/* At one moment, in which no state changes. */
void spool_look(
    struct spool *spool, const struct ident *key, struct spool_look *look_r);
/* Every key that has a state, more than once when it has more than one: GArray
 * of struct ident, the caller's. */
GArray *spool_marks(struct spool *spool, GError **error);
/* Takes one state away; TRUE also when it has not got it. */
gboolean spool_unmark(struct spool *spool, const struct ident *key,
    enum spool_state state, GError **error);
/* What stands in its folders under a name that is none of an entry:
 * "new/NAME", the caller's (char *). */
GPtrArray *spool_strangers(struct spool *spool, GError **error);

#endif
