/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people consented to for an inbox, at its end.  All else they asked for
 * is of no inbox.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/privacy/standing_private.h"

static gboolean
is_inbox(const struct store_value *key, const char *inbox)
{
	return key->length == IDENT_BYTES + strlen(inbox) &&
	       g_ascii_strncasecmp((const char *)key->data + IDENT_BYTES, inbox,
		   strlen(inbox)) == 0;
}

gboolean
standings_erase_inbox(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error)
{
	struct standings *standings = self;
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, TRUE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	g_autoptr(GPtrArray) keys =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct store_value key, value;

	if (txn == NULL)
		return FALSE;
	erased_r->outcome = HOLDER_DONE;
	/* It stands beside the keys and is the newest: what it has was granted
	 * since. */
	if (inbox->again)
		return TRUE;
	cursor = store_cursor_begin(txn, TABLE_CONSENT, NULL, 0);
	while (store_cursor_next(cursor, &key, &value))
		if (is_inbox(&key, inbox->name))
			g_ptr_array_add(
			    keys, g_bytes_new(key.data, key.length));
	store_cursor_end(&cursor);
	for (guint i = 0; i < keys->len; i++) {
		gsize length;
		const void *data = g_bytes_get_data(keys->pdata[i], &length);

		(void)store_del(txn, TABLE_CONSENT, data, length);
	}
	if (keys->len > 0)
		json_object_set_new(
		    counts, "consents", json_integer(keys->len));
	return store_commit(&txn, error);
}
