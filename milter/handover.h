/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_HANDOVER_H
#define DESKGATE_MILTER_HANDOVER_H

#include <glib.h>

#include "milter/collect.h"
#include "tickets/spool.h"

/*
 * Handing a message over to the keeper: its name, its entry, the spool.  The
 * milter and `deskgate accept` do it alike, so that a message that comes in by
 * both doors is one.
 */
struct handover {
	struct spool *spool;
	const struct secret *entry_key;
	int key_dir; /* where intake.pub is */
};

/* A message with what its name is made of. */
struct parcel {
	const struct envelope *envelope; /* borrowed, like the letter */
	const struct letter *letter;
	struct loop_headers headers;
	guint8 body_digest[32];
	GBytes *scored; /* what was scored, its own; NULL: nothing */
};

/* A parcel of a message; borrows both. */
void parcel_init(struct parcel *parcel, const struct envelope *envelope,
    const struct letter *letter);
/* Frees what is its own. */
void parcel_clear(struct parcel *parcel);

/*
 * The name of the message in an inbox.  Without a Message-ID of the client's
 * the name holds for `window` microseconds: an equal message that came in no
 * longer ago gives its name to this one.
 */
void handover_key(const struct handover *handover, const struct parcel *parcel,
    const char *inbox, gint64 window, struct ident *key_r);

struct handover_item {
	struct ident key;
	const char *inbox;     /* its title */
	const char *recipient; /* as given */
	enum entry_action action;
	const struct verdict *verdict;
	gboolean imported; /* old mail that somebody brings (entry.h) */
	/* Asked just before the message becomes ours; FALSE stores nothing
	 * (AGAIN).  May be NULL. */
	gboolean (*check)(void *self);
	void *self;
};

/*
 * TRUE when the message is on disk for this inbox, now or already; a copy that
 * makes a ticket by its verdict lets go one that is held for its own.  Any
 * error is a "later" to the client: NOTFOUND when the keeper was never started.
 */
gboolean handover_put(const struct handover *handover,
    const struct parcel *parcel, const struct handover_item *item,
    enum spool_put *result_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
