/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_HALL_H
#define DESKGATE_MILTER_HALL_H

#include <glib.h>

#include "milter/terms.h"

/*
 * What all connections share: how many there are, the terms on which new ones
 * come in, and whether we are closing.  Thread-safe.
 */
struct hall;

/* Takes the terms over.  `most`: connections that there are descriptors for. */
struct hall *hall_new(struct terms *terms, guint most);
/* Nobody may be inside.  Accepts NULL. */
void hall_free(struct hall **hall);

/* New terms for connections to come; takes them over. */
void hall_change(struct hall *hall, struct terms *terms);

/* A connection comes in: the terms in force, which it gives back with
 * terms_unref. *welcome_r is FALSE when there are too many, or we are closing;
 * it is counted all the same, until hall_leave. */
struct terms *hall_enter(struct hall *hall, gboolean *welcome_r);
/* The end of a connection that entered. */
void hall_leave(struct hall *hall);
/* How many connections are in. */
guint hall_count(struct hall *hall);
/* Whether hall_close was called. */
gboolean hall_is_closing(struct hall *hall);

/* Around the work at the end of a message; FALSE when we are closing. */
gboolean hall_begin(struct hall *hall);
/* After a hall_begin that answered TRUE. */
void hall_end(struct hall *hall);

/* Lets no more work begin, and waits for what has begun, at most `usec`.  FALSE
 * when that was not enough. */
gboolean hall_close(struct hall *hall, gint64 usec);

#endif
