/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom an agent vouched for, and who taught how much.  A person is there as his
 * subject only; an actor under the name that the audit trail has.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/ledger_marks.h"
#include "tickets/ledger_private.h"

#define OTHERS "others"

gboolean
ledger_trust_get(struct ledger *ledger, const struct ident *subject,
    struct ledger_trust *trust_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_value value;
	json_t *object;

	if (txn == NULL)
		return FALSE;
	memset(trust_r, 0, sizeof(*trust_r));
	if (!store_get(txn, TABLE_TRUST, subject->bytes, IDENT_BYTES, &value))
		return ledger_absent(&txn, "not trusted", error);
	/* What cannot be read is no trust. */
	object = json_loadb(value.data, value.length, 0, NULL);
	trust_r->until = json_integer_value(json_object_get(object, "used"));
	ledger_get_text(
	    object, "network", trust_r->network, sizeof(trust_r->network));
	json_decref(object);
	return TRUE;
}

gboolean
ledger_trust_put(struct ledger *ledger, const struct ident *subject,
    const struct ledger_trust *trust, GError **error)
{
	json_t *object;
	g_autofree char *text = NULL;

	if (trust->until == 0)
		return ledger_del_record(
		    ledger, TABLE_TRUST, subject->bytes, IDENT_BYTES, error);
	object = json_object();
	/* Its end is the time it ages from. */
	json_object_set_new(object, "used", json_integer(trust->until));
	ledger_set_text(object, "network", trust->network);
	text = ledger_dump(object);
	return ledger_put_text(
	    ledger, TABLE_TRUST, subject->bytes, IDENT_BYTES, text, error);
}

/* --- who taught --- */

static json_t *
tally_of(struct store_txn *txn, const char *actor)
{
	struct store_value value;
	json_t *object = NULL;

	if (store_get(txn, TABLE_TALLY, actor, strlen(actor), &value))
		object = json_loadb(value.data, value.length, 0, NULL);
	return object;
}

/* Names come from desks: there is an end to how many are kept apart. */
static gboolean
is_full(struct store_txn *txn)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_TALLY, NULL, 0);
	struct store_value key, value;
	guint count = 0;

	while (count < LEDGER_TALLY_ACTORS &&
	       store_cursor_next(cursor, &key, &value))
		count++;
	return count >= LEDGER_TALLY_ACTORS;
}

gboolean
ledger_tally(struct ledger *ledger, const char *actor, const char *act,
    gint64 now, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autofree char *text = NULL;
	json_t *object;

	if (txn == NULL)
		return FALSE;
	object = tally_of(txn, actor);
	if (object == NULL && is_full(txn)) {
		actor = OTHERS;
		object = tally_of(txn, actor);
	}
	if (object == NULL)
		object = json_object();
	json_object_set_new(object, act,
	    json_integer(json_integer_value(json_object_get(object, act)) + 1));
	json_object_set_new(object, "used", json_integer(now));
	text = ledger_dump(object);
	store_put(txn, TABLE_TALLY, actor, strlen(actor), text, strlen(text));
	return store_commit(&txn, error);
}

json_t *
ledger_tallies(struct ledger *ledger, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value;
	json_t *all;

	if (txn == NULL)
		return NULL;
	all = json_object();
	cursor = store_cursor_begin(txn, TABLE_TALLY, NULL, 0);
	while (store_cursor_next(cursor, &key, &value)) {
		g_autofree char *actor = g_strndup(key.data, key.length);
		json_t *one = json_loadb(value.data, value.length, 0, NULL);

		(void)json_object_del(one, "used");
		json_object_set_new(
		    all, actor, one == NULL ? json_object() : one);
	}
	store_cursor_end(&cursor);
	if (!store_failed(txn))
		return all;
	json_decref(all);
	if (store_commit(&txn, error))
		err_set(error, DG_ERROR_IO, "ledger: cannot read");
	return NULL;
}
