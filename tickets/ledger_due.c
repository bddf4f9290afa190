/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is due, in the ledger.  Keys are the kind and an entry's key; a record
 * that is being sent has no time, and so never comes to its age.
 */
#include "tickets/ledger_due.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/ledger_private.h"

#define ENTRY_KEY (1 + IDENT_BYTES)

static void
entry_key(enum ledger_due_kind kind, const struct ident *key,
    guint8 bytes_r[ENTRY_KEY])
{
	bytes_r[0] = (guint8)kind;
	memcpy(bytes_r + 1, key->bytes, IDENT_BYTES);
}

static gint64
member(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static gboolean
is_sending(const json_t *record)
{
	return json_is_true(json_object_get(record, "sending"));
}

/* Takes over the record. */
static void
put(struct store_txn *txn, const guint8 entry[ENTRY_KEY], json_t *record)
{
	g_autofree char *text = ledger_dump(record);

	store_put(txn, TABLE_OWN, entry, ENTRY_KEY, text, strlen(text));
}

static void
set(json_t *record, gint64 next, guint tries, gboolean sending)
{
	json_object_set_new(record, "used", json_integer(next));
	json_object_set_new(record, "tries", json_integer(tries));
	json_object_set_new(record, "sending", json_boolean(sending));
}

void
ledger_due_put(struct store_txn *txn, enum ledger_due_kind kind,
    const struct ident *key, gint64 next, json_t *more)
{
	json_t *record = more != NULL ? more : json_object();
	guint8 entry[ENTRY_KEY];

	entry_key(kind, key, entry);
	set(record, next, 0, FALSE);
	put(txn, entry, record);
}

gboolean
ledger_due_want(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, gint64 next, json_t *more, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	if (txn == NULL) {
		json_decref(more);
		return FALSE;
	}
	ledger_due_put(txn, kind, key, next, more);
	return store_commit(&txn, error);
}

/* Calls `visit` for each of a kind until it says TRUE. */
static gboolean
walk(struct store_txn *txn, enum ledger_due_kind kind,
    gboolean (*visit)(
	const struct ident *key, const json_t *record, void *self),
    void *self)
{
	const char front = (char)kind;
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_OWN, &front, 1);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value) &&
	       ((const char *)key.data)[0] == front) {
		json_t *record = json_loadb(value.data, value.length, 0, NULL);
		struct ident ident;
		gboolean found;

		found = key.length == ENTRY_KEY;
		if (found) {
			memcpy(ident.bytes, (const guint8 *)key.data + 1,
			    IDENT_BYTES);
			found = visit(&ident, record, self);
		}
		json_decref(record);
		if (found)
			return TRUE;
	}
	return FALSE;
}

struct search {
	gint64 now;
	struct ident key;
	guint tries;
};

static gboolean
is_due(const struct ident *key, const json_t *record, void *self)
{
	struct search *search = self;

	if (is_sending(record) || member(record, "used") > search->now)
		return FALSE;
	search->key = *key;
	search->tries = (guint)member(record, "tries");
	return TRUE;
}

gboolean
ledger_due_next(struct ledger *ledger, enum ledger_due_kind kind, gint64 now,
    struct ident *key_r, guint *tries_r, GError **error)
{
	struct search search = { .now = now };
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);

	if (txn == NULL)
		return FALSE;
	if (!walk(txn, kind, is_due, &search))
		return ledger_absent(&txn, "nothing is due", error);
	*key_r = search.key;
	*tries_r = search.tries;
	return TRUE;
}

/* The record, or NULL; the caller's. */
static json_t *
look(struct store_txn *txn, const guint8 entry[ENTRY_KEY])
{
	struct store_value value;

	return store_get(txn, TABLE_OWN, entry, ENTRY_KEY, &value)
		   ? json_loadb(value.data, value.length, 0, NULL)
		   : NULL;
}

gboolean
ledger_due_begin(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, json_t **more_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	guint8 entry[ENTRY_KEY];
	json_t *record;
	gboolean good;

	if (txn == NULL)
		return FALSE;
	entry_key(kind, key, entry);
	record = look(txn, entry);
	if (record == NULL || is_sending(record)) {
		json_decref(record);
		return ledger_absent(&txn, "it is not due", error);
	}
	set(record, 0, (guint)member(record, "tries"), TRUE);
	put(txn, entry, json_incref(record));
	good = store_commit(&txn, error);
	if (good && more_r != NULL)
		*more_r = json_incref(record);
	json_decref(record);
	return good;
}

gboolean
ledger_due_again(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, gint64 next, guint tries, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	guint8 entry[ENTRY_KEY];
	json_t *record;

	if (txn == NULL)
		return FALSE;
	entry_key(kind, key, entry);
	record = look(txn, entry);
	if (record == NULL) /* its inbox was erased meanwhile */
		return store_commit(&txn, error);
	set(record, next, tries, FALSE);
	put(txn, entry, record);
	return store_commit(&txn, error);
}

gboolean
ledger_due_end(struct ledger *ledger, enum ledger_due_kind kind,
    const struct ident *key, GError **error)
{
	guint8 entry[ENTRY_KEY];

	entry_key(kind, key, entry);
	return ledger_del_record(ledger, TABLE_OWN, entry, ENTRY_KEY, error);
}

struct drop {
	gboolean all;
	GArray *keys;
};

static gboolean
note_gone(const struct ident *key, const json_t *record, void *self)
{
	struct drop *drop = self;

	if (drop->all || is_sending(record))
		g_array_append_val(drop->keys, *key);
	return FALSE;
}

gboolean
ledger_due_drop(struct ledger *ledger, enum ledger_due_kind kind, gboolean all,
    guint *dropped_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	struct drop drop = { all, keys };

	if (txn == NULL)
		return FALSE;
	(void)walk(txn, kind, note_gone, &drop);
	for (guint i = 0; i < keys->len; i++) {
		guint8 entry[ENTRY_KEY];

		entry_key(kind, &g_array_index(keys, struct ident, i), entry);
		(void)store_del(txn, TABLE_OWN, entry, ENTRY_KEY);
	}
	*dropped_r = keys->len;
	return store_commit(&txn, error);
}
