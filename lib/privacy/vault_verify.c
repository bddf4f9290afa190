/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/vault_verify.h"

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/vault_private.h"

gboolean
vault_verify(
    struct vault *vault, guint64 *keys_r, guint64 *broken_r, GError **error)
{
	struct store_txn *txn = NULL;
	struct store_cursor *cursor;
	struct store_value key, value;
	gboolean done;

	*keys_r = *broken_r = 0;
	/* No rotation meanwhile. */
	pthread_rwlock_rdlock(&vault->lock);
	txn = store_begin(vault->store, FALSE, error);
	if (txn == NULL) {
		pthread_rwlock_unlock(&vault->lock);
		return FALSE;
	}
	cursor = store_cursor_begin(txn, TABLE_PERSON, NULL, 0);
	while (store_cursor_next(cursor, &key, &value)) {
		struct secret *opened OWNED(secret_free) =
		    seal_unwrap(vault->key, value.data, value.length, NULL);

		(*keys_r)++;
		*broken_r += opened == NULL || key.length != IDENT_BYTES;
	}
	store_cursor_end(&cursor);
	done = store_commit(&txn, error);
	pthread_rwlock_unlock(&vault->lock);
	return done;
}
