/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_DOUBT_H
#define DESKGATE_CLASSIFIER_DOUBT_H

#include <glib.h>

/*
 * Labels that contradict the model, and by whom they were.
 *
 * One such label is likely to be wrong; when they come often, the model is out
 * of date, and they are to be believed.  The bits (model.h) say which of the
 * last 32 labels contradicted.  For that, one agent alone has to be no witness:
 * of his only so many are ever among the 32.  Further ones count for nothing,
 * and do not push out what others have said.
 *
 * Whose a bit is, is known in memory alone: one from before the start is
 * nobody's.  Not thread-safe; no pointers.
 */
struct doubt {
	guint32 whose[32]; /* of bit 0, the last, and so on; 0: nobody's */
};

/* Whether he is a person who teaches through a desk or a mailbox, which is what
 * is to be held up: not the command at the machine ("cli:...") or Deskgate
 * itself (NULL or ""). */
gboolean doubt_is_agent(const char *actor);

/* How many of the bits are his; of one who is no agent none. */
guint doubt_of(const struct doubt *doubt, guint32 bits, const char *actor);
/* A label was given: the bits with it, which contradicted the model or not.
 * NULL: it is held against nobody. */
guint32 doubt_add(struct doubt *doubt, guint32 bits, gboolean contradicted,
    const char *actor);

#endif
