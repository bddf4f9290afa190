/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_H
#define DESKGATE_TICKETS_LEDGER_H

#include <glib.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"

/*
 * The ledger: which entry became which ticket, which Message-ID belongs to
 * which ticket, and how far a delivery has come.  LMDB; the keeper's alone;
 * thread-safe. Message-IDs are keys only as keyed digests.
 *
 * Exactly one ticket: `intent` is written before the desk is called and
 * `result` after.  An entry with intent and without result at start, or after
 * IO, is looked up at the desk before any second try.
 */
struct ledger;
/* `folder` exists; the key is copied. */
struct ledger *ledger_open(const char *folder, const struct secret *key,
    guint64 map_bytes, GError **error);
/* Accepts NULL. */
void ledger_close(struct ledger **ledger);
/* Its store, for whoever looks at it; borrowed. */
struct store *ledger_store(struct ledger *ledger);

struct ledger_entry {
	char desk[64];
	char ticket[64]; /* the desk's id, "" while there is none */
	char code[64];
	char inbox[256];
	gboolean intent;   /* the desk was or is being called */
	gboolean appended; /* a follow-up, not a ticket of its own */
	gboolean released; /* a person let it out of quarantine: deliver it as a
			    * ticket whatever the entry's action says */
	gboolean by_verdict; /* held for its verdict, and nothing else */
	gboolean milder;     /* a copy was judged milder: not held for it */
	gboolean spam;       /* its ticket was made as spam, by us */
	gboolean quiet;      /* never acknowledged: it may have been, before a
			      * restore */
	gboolean sought;     /* it was delivered, and its record was lost: its
			      * desk is asked for the ticket, and gets no other */
	guint attempts;
	gint64 next; /* wall microseconds: not before */
	gint64 changed;
	char reason[512]; /* last refusal or fault, the desk's own words; or why
			     held */
};

/* NOTFOUND when unknown. */
gboolean ledger_get(struct ledger *ledger, const struct ident *key,
    struct ledger_entry *entry_r, GError **error);

/* What a message brings to its ticket: ids by which replies find it, and who
 * takes part. */
struct ledger_links {
	const char *const
	    *message_ids; /* without <>, NULL-ended, may be NULL */
	const struct ident *subjects;
	guint n_subjects;
};

/* One durable commit, of the entry and (unless NULL) its links to
 * entry->ticket.  An id that belongs to a ticket of the inbox already stays
 * with that. */
gboolean ledger_put(struct ledger *ledger, const struct ident *key,
    const struct ledger_entry *entry, const struct ledger_links *links,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE also when there was none; its links stay until they age. */
gboolean ledger_del(
    struct ledger *ledger, const struct ident *key, GError **error);

/* Where a reply might belong. */
struct ledger_place {
	char ticket[64];
	char code[64];
	gboolean same_inbox;
	gboolean takes_part; /* `subject` is known to be on the ticket */
};

struct ledger_question {
	const char *desk;
	const char *inbox; /* its tickets are preferred to those of others */
	const struct ident *subject; /* may be NULL: takes part in nothing */
};

/* The ticket that a Message-ID belongs to, or that people call `code`.
 * NOTFOUND when there is none. */
gboolean ledger_by_id(struct ledger *ledger,
    const struct ledger_question *question, const char *message_id,
    struct ledger_place *place_r, GError **error);
/* The same by what people call the ticket. */
gboolean ledger_by_code(struct ledger *ledger,
    const struct ledger_question *question, const char *code,
    struct ledger_place *place_r, GError **error);

/* The same by its id at the desk, where a message became it or joined it. */
gboolean ledger_by_ticket(struct ledger *ledger,
    const struct ledger_question *question, const char *ticket,
    struct ledger_place *place_r, GError **error);
/* Whether the person is known to be on a desk's ticket. */
gboolean ledger_takes_part(struct ledger *ledger, const char *desk,
    const char *ticket, const struct ident *subject, gboolean *answer_r,
    GError **error);

/* The highest number among the desk's tickets that are known; 0: none is, or
 * none has a number for an id.  Goes through all threads. */
gboolean ledger_highest(
    struct ledger *ledger, const char *desk, gint64 *number_r, GError **error);

/* Joins Message-IDs to a ticket of ours after the fact (what agents sent from
 * it): `entry` is the record of one of its entries. */
gboolean ledger_join(struct ledger *ledger, const struct ledger_entry *entry,
    const char *const *message_ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- undeliverable people (ledger_undeliverable.c) */
#define LEDGER_STATUS_MAX 12
/* The status (RFC 3463, "5.1.1") with which mail to the person came back for
 * good, or "".  Whoever writes to people asks first. */
gboolean ledger_undeliverable(struct ledger *ledger,
    const struct ident *subject, char status_r[LEDGER_STATUS_MAX],
    GError **error);
/* Sets it, or with NULL takes it back; `now` in wall microseconds. */
gboolean ledger_set_undeliverable(struct ledger *ledger,
    const struct ident *subject, const char *status, gint64 now,
    GError **error);

#endif
