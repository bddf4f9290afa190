/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Marks of tickets.  The record begins in the commit that says which ticket an
 * entry became, so that no ticket of ours is ever unknown here.
 */
#include "tickets/ledger_marks.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tickets/ledger_private.h"

static const char undo_letters[] = { [LEDGER_UNDO_NOTHING] = '-',
	[LEDGER_UNDO_PENDING] = 'p',
	[LEDGER_UNDO_TAUGHT] = 't',
	[LEDGER_UNDO_MOVED] = 'm' };

static void
mark_key(const struct ledger *ledger, const char *desk, const char *ticket,
    guint8 key_r[IDENT_BYTES])
{
	struct seal_digest *digest = seal_digest_new(secret_data(ledger->key),
	    secret_length(ledger->key), "ledger-mark");

	seal_digest_add(digest, desk, strlen(desk));
	seal_digest_add(digest, ticket, strlen(ticket));
	seal_digest_end(&digest, key_r, IDENT_BYTES);
}

/* "0123...:t" for each entry. */
static json_t *
pack_entries(const struct ledger_mark *mark)
{
	json_t *array = json_array();

	for (guint i = 0; i < mark->n; i++) {
		char text[IDENT_TEXT + 2];

		ident_text(&mark->entries[i].key, text);
		text[IDENT_TEXT - 1] = ':';
		text[IDENT_TEXT] = undo_letters[mark->entries[i].undo];
		text[IDENT_TEXT + 1] = '\0';
		json_array_append_new(array, json_string(text));
	}
	return array;
}

static void
unpack_entry(struct ledger_mark *mark, const char *text)
{
	char name[IDENT_TEXT];
	guint undo = 0;

	if (text == NULL || strlen(text) != IDENT_TEXT + 1 ||
	    mark->n == LEDGER_MARK_ENTRIES)
		return;
	g_strlcpy(name, text, sizeof(name));
	if (!ident_parse(name, &mark->entries[mark->n].key))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(undo_letters); i++)
		if (undo_letters[i] == text[IDENT_TEXT])
			undo = i;
	mark->entries[mark->n++].undo = undo;
}

static char *
mark_pack(const struct ledger_mark *mark, gint64 now)
{
	json_t *object = json_object();

	ledger_set_text(object, "status", mark->status);
	ledger_set_text(object, "noted", mark->noted);
	ledger_set_text(object, "inbox", mark->inbox);
	json_object_set_new(object, "ours", json_boolean(mark->ours));
	json_object_set_new(object, "when", json_integer(mark->when));
	json_object_set_new(object, "entries", pack_entries(mark));
	json_object_set_new(object, "used", json_integer(now));
	return ledger_dump(object);
}

static gboolean
mark_unpack(
    const struct store_value *value, struct ledger_mark *mark_r, GError **error)
{
	json_t *object = json_loadb(value->data, value->length, 0, NULL);
	const json_t *entry;
	size_t i;

	memset(mark_r, 0, sizeof(*mark_r));
	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(error, DG_ERROR_BAD, "ledger: damaged mark");
	}
	ledger_get_text(
	    object, "status", mark_r->status, sizeof(mark_r->status));
	ledger_get_text(object, "noted", mark_r->noted, sizeof(mark_r->noted));
	ledger_get_text(object, "inbox", mark_r->inbox, sizeof(mark_r->inbox));
	mark_r->ours = json_is_true(json_object_get(object, "ours"));
	mark_r->when = json_integer_value(json_object_get(object, "when"));
	json_array_foreach(json_object_get(object, "entries"), i, entry)
	    unpack_entry(mark_r, json_string_value(entry));
	json_decref(object);
	return TRUE;
}

/* --- within a delivery's commit --- */

static gboolean
has_entry(const struct ledger_mark *mark, const struct ident *key)
{
	for (guint i = 0; i < mark->n; i++)
		if (ident_equal(&mark->entries[i].key, key))
			return TRUE;
	return FALSE;
}

static void
add_entry(struct ledger_mark *mark, const struct ident *key)
{
	if (mark->n == LEDGER_MARK_ENTRIES) {
		memmove(&mark->entries[0], &mark->entries[1],
		    (LEDGER_MARK_ENTRIES - 1) * sizeof(mark->entries[0]));
		mark->n--;
	}
	mark->entries[mark->n].key = *key;
	mark->entries[mark->n].undo = LEDGER_UNDO_NOTHING;
	mark->n++;
}

void
ledger_mark_entry(struct ledger *ledger, struct store_txn *txn,
    const struct ident *key, const struct ledger_entry *entry)
{
	struct ledger_mark mark = { 0 };
	g_autofree char *text = NULL;
	struct store_value value;
	guint8 place[IDENT_BYTES];

	mark_key(ledger, entry->desk, entry->ticket, place);
	/* A damaged one begins anew: better than no delivery. */
	if (store_get(txn, TABLE_MARK, place, sizeof(place), &value))
		(void)mark_unpack(&value, &mark, NULL);
	if (has_entry(&mark, key))
		return;
	if (mark.n == 0 && !entry->appended && entry->spam) {
		mark.ours = TRUE;
		g_strlcpy(mark.status, "spam", sizeof(mark.status));
	}
	if (mark.inbox[0] == '\0')
		g_strlcpy(mark.inbox, entry->inbox, sizeof(mark.inbox));
	add_entry(&mark, key);
	text = mark_pack(&mark, entry->changed);
	store_put(txn, TABLE_MARK, place, sizeof(place), text, strlen(text));
}

/* --- for who learns --- */

gboolean
ledger_mark_get(struct ledger *ledger, const char *desk, const char *ticket,
    struct ledger_mark *mark_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_value value;
	guint8 key[IDENT_BYTES];

	if (txn == NULL)
		return FALSE;
	mark_key(ledger, desk, ticket, key);
	if (store_get(txn, TABLE_MARK, key, sizeof(key), &value))
		return mark_unpack(&value, mark_r, error);
	return ledger_absent(&txn, "no ticket of ours", error);
}

gboolean
ledger_mark_put(struct ledger *ledger, const char *desk, const char *ticket,
    const struct ledger_mark *mark, gint64 now, GError **error)
{
	g_autofree char *text = mark_pack(mark, now);
	guint8 key[IDENT_BYTES];

	mark_key(ledger, desk, ticket, key);
	return ledger_put_text(
	    ledger, TABLE_MARK, key, sizeof(key), text, error);
}

/* --- how far a desk was read --- */

gboolean
ledger_cursor_get(struct ledger *ledger, const char *desk,
    struct desk_cursor *cursor_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	g_autoptr(GError) fault = NULL;
	struct store_value value;

	memset(cursor_r, 0, sizeof(*cursor_r));
	if (txn == NULL)
		return FALSE;
	if (store_get(txn, TABLE_CURSOR, desk, strlen(desk), &value)) {
		memcpy(cursor_r->text, value.data,
		    MIN(value.length, DESK_CURSOR_MAX));
		return TRUE;
	}
	if (ledger_absent(&txn, "none", &fault) ||
	    err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

gboolean
ledger_cursor_put(struct ledger *ledger, const char *desk,
    const struct desk_cursor *cursor, GError **error)
{
	return ledger_put_text(
	    ledger, TABLE_CURSOR, desk, strlen(desk), cursor->text, error);
}

void
ledger_mark_forget(struct ledger *ledger, struct store_txn *txn,
    const char *desk, const char *ticket)
{
	guint8 key[IDENT_BYTES];

	mark_key(ledger, desk, ticket, key);
	(void)store_del(txn, TABLE_MARK, key, IDENT_BYTES);
}
