/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_NOTE_H
#define DESKGATE_TICKETS_NOTE_H

#include "tickets/deliver.h"
#include "tickets/ledger_due.h"

/*
 * Notes for agents that a desk takes by a call of their own, after the ticket:
 * kept until they are written, and written once at most.  One whose answer is
 * lost may be there and is not written again; one that is refused for good, or
 * may be missing, is told as the entry's reason ("deskgate queue list --all").
 *
 * A text is sealed by the key of whom the entry is wrapped to, and goes with
 * him.
 */
struct note {
	enum ledger_due_kind kind;
	const struct ident *key; /* of the entry */
	const char *desk, *ticket, *text;
};

/* Makes it due at `next`, in the place of an earlier one of its kind. */
gboolean note_want(struct deliver *deliver, const struct note *note,
    gint64 next, GError **error);

/* Writes it now, where it is due or will be.  Holds no desk's lock before. */
void note_now(struct deliver *deliver, enum ledger_due_kind kind,
    const struct ident *key);
/* Writes some that are due, of all desks. */
void note_turn(struct deliver *deliver);

/* Drops what was being written when the last keeper ended; `all`: another state
 * was put in the place of ours, and they may have been written since. */
gboolean note_heal(struct deliver *deliver, gboolean all, GError **error);

#endif
