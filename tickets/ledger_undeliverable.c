/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose address gives mail back for good.
 */
#include "tickets/ledger_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

gboolean
ledger_undeliverable(struct ledger *ledger, const struct ident *subject,
    char status_r[LEDGER_STATUS_MAX], GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_value value;
	json_t *object;

	status_r[0] = '\0';
	if (txn == NULL)
		return FALSE;
	if (store_get(txn, TABLE_UNDELIVERABLE, subject->bytes, IDENT_BYTES,
		&value)) {
		object = json_loadb(value.data, value.length, 0, NULL);
		ledger_get_text(object, "status", status_r, LEDGER_STATUS_MAX);
		json_decref(object);
		return TRUE;
	}
	if (!store_failed(txn))
		return TRUE;
	if (store_commit(&txn, error))
		err_set(error, DG_ERROR_IO, "ledger: cannot read");
	return FALSE;
}

gboolean
ledger_set_undeliverable(struct ledger *ledger, const struct ident *subject,
    const char *status, gint64 now, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autofree char *text = NULL;
	json_t *object;

	if (txn == NULL)
		return FALSE;
	if (status == NULL) {
		(void)store_del(
		    txn, TABLE_UNDELIVERABLE, subject->bytes, IDENT_BYTES);
		return store_commit(&txn, error);
	}
	object = json_object();
	ledger_set_text(object, "status", status);
	json_object_set_new(object, "used", json_integer(now));
	text = ledger_dump(object);
	store_put(txn, TABLE_UNDELIVERABLE, subject->bytes, IDENT_BYTES, text,
	    strlen(text));
	return store_commit(&txn, error);
}
