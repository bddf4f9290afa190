/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger: the memory that makes one ticket of one message.
 *
 * Tables:
 *
 * - entry: an entry's key to its record, the JSON of struct ledger_entry
 *
 * - thread: the digest of desk, inbox and Message-ID, of desk and Message-ID,
 *   of desk and code, or of desk and ticket, to the ticket that had it first
 * (ticket, code, used)
 *
 * - member: the digest of desk and ticket, and the subject, to the time of last
 *   use
 *
 * - mark, trust, cursor, tally: see ledger_marks.h
 * - sender: see ledger_sender.h; own: see ledger_ack.h and ledger_due.h
 *
 * - undeliverable: a subject to the status of the mail that came back (status,
 *   used)
 *
 * Message-IDs and codes are there as keyed digests only, people as subjects. An
 * id stays with the first ticket that had it: a later message that claims a
 * known id cannot pull a thread over to itself.
 *
 * Values are JSON, since records outlive versions of this program: a member
 * that is missing reads as zero.  A record that is not JSON at all is BAD and
 * never taken for "unknown", which would make a second ticket.
 */
#include "tickets/ledger_private.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/unicode.h"

static const struct store_table tables[] = {
	{ "entry", FALSE },
	{ "thread", FALSE },
	{ "member", FALSE },
	{ "mark", FALSE },
	{ "trust", FALSE },
	{ "sender", FALSE },
	{ "own", FALSE },
	{ "undeliverable", FALSE },
	{ "cursor", FALSE },
	{ "tally", FALSE },
	{ NULL, FALSE },
};

struct ledger *
ledger_open(const char *folder, const struct secret *key, guint64 map_bytes,
    GError **error)
{
	struct ledger *ledger = g_new0(struct ledger, 1);

	ledger->key = secret_new(secret_data(key), secret_length(key));
	ledger->store = store_open(folder, tables, map_bytes, error);
	if (ledger->store == NULL) {
		g_prefix_error(error, "ledger: ");
		ledger_close(&ledger);
	}
	return ledger;
}

void
ledger_close(struct ledger **ledger)
{
	struct ledger *old = *ledger;

	*ledger = NULL;
	if (old == NULL)
		return;
	store_close(&old->store);
	secret_free(&old->key);
	g_free(old);
}

struct store *
ledger_store(struct ledger *ledger)
{
	return ledger->store;
}

void
ledger_set_text(json_t *object, const char *name, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	json_object_set_new(object, name, json_string(valid));
}

void
ledger_get_text(
    const json_t *object, const char *name, char *text_r, gsize size)
{
	const char *text = json_string_value(json_object_get(object, name));

	g_strlcpy(text_r, text == NULL ? "" : text, size);
	unicode_cut(text_r, size - 1);
}

char *
ledger_dump(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	g_assert(text != NULL);
	return text;
}

static char *
entry_pack(const struct ledger_entry *entry)
{
	json_t *object = json_object();

	ledger_set_text(object, "desk", entry->desk);
	ledger_set_text(object, "ticket", entry->ticket);
	ledger_set_text(object, "code", entry->code);
	ledger_set_text(object, "inbox", entry->inbox);
	json_object_set_new(object, "intent", json_boolean(entry->intent));
	json_object_set_new(object, "appended", json_boolean(entry->appended));
	json_object_set_new(object, "released", json_boolean(entry->released));
	json_object_set_new(
	    object, "by-verdict", json_boolean(entry->by_verdict));
	json_object_set_new(object, "milder", json_boolean(entry->milder));
	json_object_set_new(object, "spam", json_boolean(entry->spam));
	json_object_set_new(object, "quiet", json_boolean(entry->quiet));
	if (entry->sought)
		json_object_set_new(object, "sought", json_true());
	json_object_set_new(object, "attempts", json_integer(entry->attempts));
	json_object_set_new(object, "next", json_integer(entry->next));
	json_object_set_new(object, "changed", json_integer(entry->changed));
	ledger_set_text(object, "reason", entry->reason);
	return ledger_dump(object);
}

static gboolean
entry_unpack(const struct store_value *value, struct ledger_entry *entry_r,
    GError **error)
{
	json_t *object = json_loadb(value->data, value->length, 0, NULL);
	json_int_t attempts;

	memset(entry_r, 0, sizeof(*entry_r));
	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(error, DG_ERROR_BAD, "ledger: damaged record");
	}
	ledger_get_text(object, "desk", entry_r->desk, sizeof(entry_r->desk));
	ledger_get_text(
	    object, "ticket", entry_r->ticket, sizeof(entry_r->ticket));
	ledger_get_text(object, "code", entry_r->code, sizeof(entry_r->code));
	ledger_get_text(
	    object, "inbox", entry_r->inbox, sizeof(entry_r->inbox));
	ledger_get_text(
	    object, "reason", entry_r->reason, sizeof(entry_r->reason));
	entry_r->intent = json_is_true(json_object_get(object, "intent"));
	entry_r->appended = json_is_true(json_object_get(object, "appended"));
	entry_r->released = json_is_true(json_object_get(object, "released"));
	entry_r->by_verdict =
	    json_is_true(json_object_get(object, "by-verdict"));
	entry_r->milder = json_is_true(json_object_get(object, "milder"));
	entry_r->spam = json_is_true(json_object_get(object, "spam"));
	entry_r->quiet = json_is_true(json_object_get(object, "quiet"));
	entry_r->sought = json_is_true(json_object_get(object, "sought"));
	attempts = json_integer_value(json_object_get(object, "attempts"));
	entry_r->attempts = (guint)CLAMP(attempts, 0, G_MAXINT32);
	entry_r->next = json_integer_value(json_object_get(object, "next"));
	entry_r->changed =
	    json_integer_value(json_object_get(object, "changed"));
	json_decref(object);
	return TRUE;
}

gboolean
ledger_absent(struct store_txn **txn, const char *what, GError **error)
{
	/* "Unknown" must be certain: an error that stuck is told by commit. */
	if (store_failed(*txn)) {
		if (store_commit(txn, error))
			err_set(error, DG_ERROR_IO, "ledger: cannot read");
		return FALSE;
	}
	return err_set(error, DG_ERROR_NOTFOUND, "%s", what);
}

gboolean
ledger_put_text(struct ledger *ledger, guint table, const void *key,
    gsize length, const char *text, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	store_put(txn, table, key, length, text, strlen(text));
	return store_commit(&txn, error);
}

gboolean
ledger_get(struct ledger *ledger, const struct ident *key,
    struct ledger_entry *entry_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_value value;

	if (txn == NULL)
		return FALSE;
	if (store_get(txn, TABLE_ENTRY, key->bytes, IDENT_BYTES, &value))
		return entry_unpack(&value, entry_r, error);
	return ledger_absent(&txn, "not in the ledger", error);
}

gboolean
ledger_put(struct ledger *ledger, const struct ident *key,
    const struct ledger_entry *entry, const struct ledger_links *links,
    GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autofree char *text = entry_pack(entry);

	if (txn == NULL)
		return FALSE;
	store_put(
	    txn, TABLE_ENTRY, key->bytes, IDENT_BYTES, text, strlen(text));
	if (links != NULL && entry->ticket[0] != '\0')
		ledger_links_put(ledger, txn, entry, links);
	if (entry->ticket[0] != '\0')
		ledger_mark_entry(ledger, txn, key, entry);
	return store_commit(&txn, error);
}

gboolean
ledger_del_record(struct ledger *ledger, guint table, const void *key,
    gsize length, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	(void)store_del(txn, table, key, length);
	return store_commit(&txn, error);
}

gboolean
ledger_del(struct ledger *ledger, const struct ident *key, GError **error)
{
	return ledger_del_record(
	    ledger, TABLE_ENTRY, key->bytes, IDENT_BYTES, error);
}
