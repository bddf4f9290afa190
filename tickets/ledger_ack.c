/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail of our own in the ledger.  Keys begin with what they are: "p" and an
 * entry's key (an acknowledgement that is due), "d", a subject and an inbox
 * (when he last had one), "g" and an inbox (its last digest).
 */
#include "tickets/ledger_ack.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/ledger_private.h"

#define ENTRY_KEY (1 + IDENT_BYTES)

static void
entry_key(const struct ident *key, guint8 bytes_r[ENTRY_KEY])
{
	bytes_r[0] = 'p';
	memcpy(bytes_r + 1, key->bytes, IDENT_BYTES);
}

static GByteArray *
named_key(char kind, const struct ident *subject, const char *inbox)
{
	g_autofree char *lower = g_ascii_strdown(inbox, -1);
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, (const guint8 *)&kind, 1);
	if (subject != NULL)
		g_byte_array_append(bytes, subject->bytes, IDENT_BYTES);
	g_byte_array_append(bytes, (const guint8 *)lower, strlen(lower));
	return bytes;
}

static json_t *
look(struct store_txn *txn, const void *key, gsize length)
{
	struct store_value value;

	return store_get(txn, TABLE_OWN, key, length, &value)
		   ? json_loadb(value.data, value.length, 0, NULL)
		   : NULL;
}

static gint64
member(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void
put(struct store_txn *txn, const void *key, gsize length, json_t *object)
{
	g_autofree char *text = ledger_dump(object);

	store_put(txn, TABLE_OWN, key, length, text, strlen(text));
}

static json_t *
due(gint64 next, guint tries, gboolean sending)
{
	return json_pack("{s:I, s:i, s:b}", "used", (json_int_t)next, "tries",
	    (int)tries, "sending", sending);
}

gboolean
ledger_ack_want(struct ledger *ledger, const struct ident *key,
    const struct ledger_ack_case *of, gboolean *wanted_r, GError **error)
{
	g_autoptr(GByteArray) person = named_key('d', of->subject, of->inbox);
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	guint8 entry[ENTRY_KEY];
	json_t *last;

	if (txn == NULL)
		return FALSE;
	last = look(txn, person->data, person->len);
	*wanted_r = last == NULL || member(last, "used") < of->since;
	json_decref(last);
	if (*wanted_r) {
		entry_key(key, entry);
		put(txn, person->data, person->len,
		    json_pack("{s:I}", "used", (json_int_t)of->now));
		put(txn, entry, ENTRY_KEY, due(of->now, 0, FALSE));
	}
	return store_commit(&txn, error);
}

/* Calls `visit` for each acknowledgement until it says TRUE. */
static gboolean
walk(struct store_txn *txn,
    gboolean (*visit)(
	const struct ident *key, const json_t *record, void *self),
    void *self)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_OWN, "p", 1);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value) &&
	       ((const char *)key.data)[0] == 'p') {
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

	if (json_is_true(json_object_get(record, "sending")) ||
	    member(record, "used") > search->now)
		return FALSE;
	search->key = *key;
	search->tries = (guint)member(record, "tries");
	return TRUE;
}

gboolean
ledger_ack_next(struct ledger *ledger, gint64 now, struct ident *key_r,
    guint *tries_r, GError **error)
{
	struct search search = { .now = now };
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);

	if (txn == NULL)
		return FALSE;
	if (!walk(txn, is_due, &search))
		return ledger_absent(&txn, "nothing is due", error);
	*key_r = search.key;
	*tries_r = search.tries;
	return TRUE;
}

static gboolean
put_due(struct ledger *ledger, const struct ident *key, json_t *record,
    GError **error)
{
	g_autofree char *text = ledger_dump(record);
	guint8 entry[ENTRY_KEY];

	entry_key(key, entry);
	return ledger_put_text(
	    ledger, TABLE_OWN, entry, ENTRY_KEY, text, error);
}

gboolean
ledger_ack_begin(struct ledger *ledger, const struct ident *key, GError **error)
{
	return put_due(ledger, key, due(0, 0, TRUE), error);
}

gboolean
ledger_ack_again(struct ledger *ledger, const struct ident *key, gint64 next,
    guint tries, GError **error)
{
	return put_due(ledger, key, due(next, tries, FALSE), error);
}

gboolean
ledger_ack_end(struct ledger *ledger, const struct ident *key, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	guint8 entry[ENTRY_KEY];

	if (txn == NULL)
		return FALSE;
	entry_key(key, entry);
	(void)store_del(txn, TABLE_OWN, entry, ENTRY_KEY);
	return store_commit(&txn, error);
}

static gboolean
note_sending(const struct ident *key, const json_t *record, void *self)
{
	if (json_is_true(json_object_get(record, "sending")))
		g_array_append_val((GArray *)self, *key);
	return FALSE;
}

gboolean
ledger_ack_heal(struct ledger *ledger, guint *dropped_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	if (txn == NULL)
		return FALSE;
	(void)walk(txn, note_sending, keys);
	for (guint i = 0; i < keys->len; i++) {
		guint8 entry[ENTRY_KEY];

		entry_key(&g_array_index(keys, struct ident, i), entry);
		(void)store_del(txn, TABLE_OWN, entry, ENTRY_KEY);
	}
	*dropped_r = keys->len;
	return store_commit(&txn, error);
}

gboolean
ledger_digest_get(
    struct ledger *ledger, const char *inbox, gint64 *day_r, GError **error)
{
	g_autoptr(GByteArray) key = named_key('g', NULL, inbox);
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	json_t *record;

	if (txn == NULL)
		return FALSE;
	record = look(txn, key->data, key->len);
	*day_r = member(record, "day");
	json_decref(record);
	return store_commit(&txn, error);
}

gboolean
ledger_digest_put(
    struct ledger *ledger, const char *inbox, gint64 day, GError **error)
{
	g_autoptr(GByteArray) key = named_key('g', NULL, inbox);
	g_autofree char *text = ledger_dump(json_pack("{s:I, s:I}", "day",
	    (json_int_t)day, "used", (json_int_t)day * 86400 * G_USEC_PER_SEC));

	return ledger_put_text(
	    ledger, TABLE_OWN, key->data, key->len, text, error);
}
