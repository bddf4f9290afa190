/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages of a store do not tell: whether its records are records. */
#include "tickets/ledger_check.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/desk.h"
#include "tickets/ledger_private.h"

static const char *const table_words[] = { "entry", "thread", "member", "mark",
	"trust", "sender", "own", "undeliverable", "cursor", "tally" };

static void
broken_free(gpointer pointer)
{
	struct ledger_broken *broken = pointer;

	g_bytes_unref(broken->key);
	g_bytes_unref(broken->value);
	g_free(broken);
}

/* Each desk writes its cursor in its own way, but all of them in ASCII. */
static gboolean
is_cursor(const struct store_value *value)
{
	const char *text = value->data;

	for (gsize i = 0; i < value->length; i++)
		if (!g_ascii_isprint(text[i]))
			return FALSE;
	return value->length <= DESK_CURSOR_MAX;
}

static gboolean
is_record(guint table, const struct store_value *value)
{
	json_t *object;

	if (table == TABLE_MEMBER)
		return value->length == sizeof(gint64);
	if (table == TABLE_CURSOR)
		return is_cursor(value);
	object = json_loadb(
	    value->data, value->length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	json_decref(object);
	return object != NULL;
}

GPtrArray *
ledger_check(struct ledger *ledger, guint64 *records_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(broken_free);
	struct store_value key, value;

	*records_r = 0;
	for (guint i = 0; txn != NULL && i < G_N_ELEMENTS(table_words); i++) {
		struct store_cursor *cursor =
		    store_cursor_begin(txn, i, NULL, 0);

		while (store_cursor_next(cursor, &key, &value)) {
			struct ledger_broken *broken;

			(*records_r)++;
			if (is_record(i, &value))
				continue;
			broken = g_new0(struct ledger_broken, 1);
			broken->table = table_words[i];
			broken->place = i;
			broken->key = g_bytes_new(key.data, key.length);
			broken->value = g_bytes_new(value.data, value.length);
			if (i == TABLE_ENTRY && key.length == IDENT_BYTES)
				memcpy(
				    broken->entry.bytes, key.data, IDENT_BYTES);
			g_ptr_array_add(list, broken);
		}
		store_cursor_end(&cursor);
	}
	if (txn == NULL || !store_commit(&txn, error))
		return NULL;
	return g_steal_pointer(&list);
}

gboolean
ledger_remove_broken(
    struct ledger *ledger, const struct ledger_broken *broken, GError **error)
{
	gsize length;
	gconstpointer key = g_bytes_get_data(broken->key, &length);

	return ledger_del_record(ledger, broken->place, key, length, error);
}
