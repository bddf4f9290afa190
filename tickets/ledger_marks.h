/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_MARKS_H
#define DESKGATE_TICKETS_LEDGER_MARKS_H

#include "tickets/desk.h"
#include "tickets/ledger.h"

/*
 * What the ledger knows of agents' decisions: how a ticket stood when we last
 * looked and what its marks have taught, how far each desk's changes were read,
 * whom to trust for a time, and what was learnt from whom.  Each put is one
 * durable commit.
 */

/* Messages of a ticket that a mark teaches; of more the newest count. */
#define LEDGER_MARK_ENTRIES 64

/* What has to be done with a message when the ticket's mark goes. */
enum ledger_undo {
	LEDGER_UNDO_NOTHING, /* the mark taught nothing of it */
	LEDGER_UNDO_PENDING, /* it was about to be taught: a kill may have come
			      * between lesson and record */
	LEDGER_UNDO_TAUGHT,  /* take the lesson back */
	LEDGER_UNDO_MOVED    /* it was known as ham: make it ham again */
};

struct ledger_mark {
	char status[16]; /* a word of desk.h; "" as it was made */
	gboolean ours;   /* Deskgate made it as spam */
	gint64 when;     /* seconds: of the decision that made it so */
	char noted[16];  /* the class that a later look was noted with, or "" */
	char inbox[256]; /* of its first entry */
	guint n;
	struct {
		struct ident key; /* of its entries, oldest first */
		enum ledger_undo undo;
	} entries[LEDGER_MARK_ENTRIES];
};

/* NOTFOUND when the ticket is none of ours. */
gboolean ledger_mark_get(struct ledger *ledger, const char *desk,
    const char *ticket, struct ledger_mark *mark_r, GError **error);
/* Puts it; `now` in wall microseconds, from which it ages. */
gboolean ledger_mark_put(struct ledger *ledger, const char *desk,
    const char *ticket, const struct ledger_mark *mark, gint64 now,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Empty when there is none. */
gboolean ledger_cursor_get(struct ledger *ledger, const char *desk,
    struct desk_cursor *cursor_r, GError **error);
/* Keeps it for the next call, and over restarts. */
gboolean ledger_cursor_put(struct ledger *ledger, const char *desk,
    const struct desk_cursor *cursor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A person whose mail is not held for a time. */
struct ledger_trust {
	gint64 until;     /* wall microseconds */
	char network[64]; /* where his mail came from then, or "" */
};
/* NOTFOUND when nobody said so. */
gboolean ledger_trust_get(struct ledger *ledger, const struct ident *subject,
    struct ledger_trust *trust_r, GError **error);
/* Puts it in the place of an earlier one; until 0 takes trust away. */
gboolean ledger_trust_put(struct ledger *ledger, const struct ident *subject,
    const struct ledger_trust *trust, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Actors that are counted apart; all others together as "others". */
#define LEDGER_TALLY_ACTORS 1000

/* Counts one act ("learnt", "released") of an actor; `now` in wall
 * microseconds, from which it ages. */
gboolean ledger_tally(struct ledger *ledger, const char *actor, const char *act,
    gint64 now, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* {"desk:main:3": {"learnt": 4, ...}, ...}; the caller's. */
json_t *ledger_tallies(struct ledger *ledger, GError **error);

#endif
