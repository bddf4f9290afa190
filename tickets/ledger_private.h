/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_PRIVATE_H
#define DESKGATE_TICKETS_LEDGER_PRIVATE_H

#include <jansson.h>

#include "lib/store/store.h"
#include "tickets/ledger.h"

/* What the files of the ledger share; for no one else. */

/* All but the cursors, which name nobody, are forgotten when they were not used
 * for long (ledger_expire.c). */
enum {
	TABLE_ENTRY,
	TABLE_THREAD,
	TABLE_MEMBER,
	TABLE_MARK,
	TABLE_TRUST,
	TABLE_SENDER,
	TABLE_OWN,
	TABLE_UNDELIVERABLE,
	TABLE_CURSOR,
	TABLE_TALLY
};

struct ledger {
	struct store *store;
	struct secret *key;
};

/* Text of a fixed array as JSON, whatever bytes are in it. */
void ledger_set_text(json_t *object, const char *name, const char *text);
/* And back, cut to the array's size. */
void ledger_get_text(
    const json_t *object, const char *name, char *text_r, gsize size);
/* The object as text, which the caller frees; takes the object over. */
char *ledger_dump(json_t *object);

/* Ends a transaction in which nothing was found: NOTFOUND with `what`, but an
 * error that stuck is not "nothing there".  Always FALSE. */
gboolean ledger_absent(
    struct store_txn **txn, const char *what, GError **error);
/* Puts one record, durably. */
gboolean ledger_put_text(struct ledger *ledger, guint table, const void *key,
    gsize length, const char *text, GError **error);

/* Removes one, durably; TRUE also when there was none. */
gboolean ledger_del_record(struct ledger *ledger, guint table, const void *key,
    gsize length, GError **error);

/* --- ledger_marks.c */
/* Joins the entry to the mark of its ticket, within its transaction. */
void ledger_mark_entry(struct ledger *ledger, struct store_txn *txn,
    const struct ident *key, const struct ledger_entry *entry);

/* Forgets a ticket's mark. */
void ledger_mark_forget(struct ledger *ledger, struct store_txn *txn,
    const char *desk, const char *ticket);

/* --- ledger_sender.c */
/* Forgets of all senders the tickets that `goes` says so of. */
void ledger_sender_forget(struct store_txn *txn,
    gboolean (*goes)(gpointer self, const char *desk, const char *ticket),
    gpointer self);

/* --- ledger_links.c */
/* Forgets who is on a ticket, and that it was one, by number and by code; its
 * Message-IDs are found by their values alone. */
void ledger_links_forget(struct ledger *ledger, struct store_txn *txn,
    const char *desk, const char *ticket, const char *code);
/* The links of an entry that has a ticket, within its transaction. */
void ledger_links_put(struct ledger *ledger, struct store_txn *txn,
    const struct ledger_entry *entry, const struct ledger_links *links);

#endif
