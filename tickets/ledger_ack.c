/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail of our own in the ledger.  Keys begin with what they are: those of what
 * is due (ledger_due.h), "d", a subject and an inbox
 * (when he last had one), "g" and an inbox (its last digest).
 */
#include "tickets/ledger_ack.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/ledger_due.h"
#include "tickets/ledger_private.h"

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

gboolean
ledger_ack_want(struct ledger *ledger, const struct ident *key,
    const struct ledger_ack_case *of, gboolean *wanted_r, GError **error)
{
	g_autoptr(GByteArray) person = named_key('d', of->subject, of->inbox);
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	json_t *last;

	if (txn == NULL)
		return FALSE;
	last = look(txn, person->data, person->len);
	*wanted_r = last == NULL || member(last, "used") < of->since;
	json_decref(last);
	if (*wanted_r) {
		put(txn, person->data, person->len,
		    json_pack("{s:I}", "used", (json_int_t)of->now));
		ledger_due_put(txn, LEDGER_DUE_ACK, key, of->now, NULL);
	}
	return store_commit(&txn, error);
}

gboolean
ledger_ack_next(struct ledger *ledger, gint64 now, struct ident *key_r,
    guint *tries_r, GError **error)
{
	return ledger_due_next(
	    ledger, LEDGER_DUE_ACK, now, key_r, tries_r, error);
}

gboolean
ledger_ack_begin(struct ledger *ledger, const struct ident *key, GError **error)
{
	return ledger_due_begin(ledger, LEDGER_DUE_ACK, key, NULL, error);
}

gboolean
ledger_ack_again(struct ledger *ledger, const struct ident *key, gint64 next,
    guint tries, GError **error)
{
	return ledger_due_again(
	    ledger, LEDGER_DUE_ACK, key, next, tries, error);
}

gboolean
ledger_ack_end(struct ledger *ledger, const struct ident *key, GError **error)
{
	return ledger_due_end(ledger, LEDGER_DUE_ACK, key, error);
}

gboolean
ledger_ack_heal(
    struct ledger *ledger, gboolean all, guint *dropped_r, GError **error)
{
	return ledger_due_drop(ledger, LEDGER_DUE_ACK, all, dropped_r, error);
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
