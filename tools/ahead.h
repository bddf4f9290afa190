/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_AHEAD_H
#define DESKGATE_TOOLS_AHEAD_H

#include "classifier/classify.h"

/*
 * Reading ahead: messages are read in jailed readers on all cores, and come out
 * in the order they went in.  What is read, the features, does not depend on
 * the model, so judging and teaching can follow strictly in order.
 */
struct ahead;

/* Where the messages come from; the contract of source_next.  Called by one
 * thread at a time, but not always the same. */
typedef gboolean (*ahead_supply)(
    void *self, GBytes **message_r, char **name_r, GError **error);

struct ahead_item {
	char *name;
	struct classify_lesson lesson; /* its verdict is of no model */
	gboolean supplied;             /* FALSE: there was no message to read */
	GError *error; /* why it was not supplied or not read, or NULL */
};

/* Begins with `threads` at once.  All is borrowed. */
struct ahead *ahead_open(
    struct classify *classify, guint threads, ahead_supply supply, void *self);
/* Stops the readers, also in the midst; accepts NULL. */
void ahead_close(struct ahead **address);

/* The next message, waiting for it; FALSE at the end.  The caller clears it. */
gboolean ahead_next(struct ahead *ahead, struct ahead_item *item_r);
/* Frees what it holds. */
void ahead_item_clear(struct ahead_item *item);

#endif
