/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_H
#define DESKGATE_TICKETS_LEDGER_H

#include <glib.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"

/*
 * The ledger: which entry became which ticket, which Message-ID belongs to which
 * ticket, and how far a delivery has come.  LMDB; the keeper's alone; thread-safe.
 * Message-IDs are keys only as keyed digests.
 *
 * Exactly one ticket: `intent` is written before the desk is called and `result`
 * after.  An entry with intent and without result at start, or after IO, is looked up at the
 * desk before any second try.
 */
struct ledger;
struct ledger *ledger_open(const char *folder, const struct secret *key,
    guint64 map_bytes, GError **error);
void ledger_close(struct ledger **ledger);

struct ledger_entry {
	char desk[64];
	char ticket[64];    /* the desk's id, "" while there is none */
	char code[64];
	char inbox[256];
	gboolean intent;    /* the desk was or is being called */
	gboolean appended;  /* a follow-up, not a ticket of its own */
	gboolean released;  /* a person let it out of quarantine: deliver it as a
			     * ticket whatever the entry's action says */
	guint attempts;
	gint64 next;	    /* wall microseconds: not before */
	gint64 changed;
	char reason[512];   /* last refusal or fault, the desk's own words; or why held */
};

/* NOTFOUND when unknown. */
gboolean ledger_get(struct ledger *ledger, const struct ident *key,
    struct ledger_entry *entry_r, GError **error);
/* One durable commit. `message_ids` (NULL-ended, may be NULL) are joined to the ticket in the
 * same transaction, so that replies find it. `subject`: who takes part in it, may be NULL. */
gboolean ledger_put(struct ledger *ledger, const struct ident *key,
    const struct ledger_entry *entry, const char *const *message_ids,
    const struct ident *subject, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ledger_del(struct ledger *ledger, const struct ident *key, GError **error);

/* The ticket of this desk that a Message-ID belongs to, and whether `subject` takes part in it.
 * NOTFOUND when there is none. */
gboolean ledger_thread(struct ledger *ledger, const char *desk, const char *message_id,
    const struct ident *subject, char ticket_r[64], char code_r[64],
    gboolean *takes_part_r, GError **error);

#endif
