/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_BULK_H
#define DESKGATE_TOOLS_BULK_H

#include <glib.h>

#include "lib/mail/verdict.h"
#include "tools/source.h"

/*
 * Two piles of mail, ham and spam, in the order in which they are best taught:
 * each in the order of its Date fields (a message without one stays behind the
 * one before it), the two interleaved so that each is spread evenly over the
 * whole.  A filter that is taught all ham first would take each spam for an
 * error, and learn far more than it needs.  Dates are not compared between the
 * piles: the spam that people keep is mostly newer than their ham.
 *
 * Only places and dates are kept in memory.  The same mail gives the same order
 * each time, so that an import that was broken off goes on behind what is known
 * already.
 */
struct bulk;

/* An empty one. */
struct bulk *bulk_new(void);
/* Accepts NULL inside. */
void bulk_free(struct bulk **address);

/* Looks at the next message of `source` and puts it on its pile.  The contract
 * is source_next's, but that no message comes of it. */
gboolean bulk_add(struct bulk *bulk, struct source *source,
    enum verdict_class class, char **name_r, GError **error);

/* Puts a message that source_next gave just now on that pile. */
void bulk_put(struct bulk *bulk, const struct source *source, GBytes *message,
    enum verdict_class class);

/* Ends the adding: puts all in order. */
void bulk_arrange(struct bulk *bulk);
/* How many there are, once they are arranged. */
guint bulk_count(const struct bulk *bulk);
/* The next of that order; the contract is source_next's. */
gboolean bulk_next(struct bulk *bulk, GBytes **message_r, char **name_r,
    enum verdict_class *class_r, GError **error);

/* Seconds since 1970 of a message's Date field; 0: none that makes sense. */
gint64 bulk_date(GBytes *message);

#endif
