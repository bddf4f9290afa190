/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Senders in the ledger.  A record is JSON, {"used", "tickets": [[desk, ticket,
 * made], ...]}.
 */
#include "tickets/ledger_sender.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/ledger_private.h"

static void
take_ticket(const json_t *item, struct ledger_sender *sender)
{
	struct ledger_sender_ticket *ticket = &sender->tickets[sender->n];
	const char *desk = json_string_value(json_array_get(item, 0));
	const char *id = json_string_value(json_array_get(item, 1));

	if (desk == NULL || id == NULL || sender->n == LEDGER_SENDER_TICKETS)
		return;
	g_strlcpy(ticket->desk, desk, sizeof(ticket->desk));
	g_strlcpy(ticket->ticket, id, sizeof(ticket->ticket));
	ticket->made = json_integer_value(json_array_get(item, 2));
	sender->n++;
}

static void
unpack(const struct store_value *value, struct ledger_sender *sender_r)
{
	json_t *object = json_loadb(value->data, value->length, 0, NULL);
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(object, "tickets"), i, item)
	    take_ticket(item, sender_r);
	json_decref(object);
}

static char *
pack(const struct ledger_sender *sender)
{
	json_t *list = json_array();

	for (guint i = 0; i < sender->n; i++) {
		const struct ledger_sender_ticket *one = &sender->tickets[i];

		json_array_append_new(
		    list, json_pack("[s, s, I]", one->desk, one->ticket,
			      (json_int_t)one->made));
	}
	return ledger_dump(json_pack("{s:I, s:o}", "used",
	    (json_int_t)(sender->n > 0 ? sender->tickets[sender->n - 1].made
				       : 0),
	    "tickets", list));
}

/* Within a transaction; its errors stick. */
static void
look(struct store_txn *txn, const struct ident *subject,
    struct ledger_sender *sender_r)
{
	struct store_value value;

	sender_r->n = 0;
	if (store_get(txn, TABLE_SENDER, subject->bytes, IDENT_BYTES, &value))
		unpack(&value, sender_r);
}

gboolean
ledger_sender_get(struct ledger *ledger, const struct ident *subject,
    struct ledger_sender *sender_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);

	if (txn == NULL)
		return FALSE;
	look(txn, subject, sender_r);
	return store_commit(&txn, error);
}

static gboolean
is_known(const struct ledger_sender *sender,
    const struct ledger_sender_ticket *ticket)
{
	for (guint i = 0; i < sender->n; i++) {
		if (strcmp(sender->tickets[i].ticket, ticket->ticket) == 0 &&
		    strcmp(sender->tickets[i].desk, ticket->desk) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean
ledger_sender_add(struct ledger *ledger, const struct ident *subject,
    const struct ledger_sender_ticket *ticket, GError **error)
{
	g_autofree struct ledger_sender *sender =
	    g_new(struct ledger_sender, 1);
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autofree char *text = NULL;

	if (txn == NULL)
		return FALSE;
	look(txn, subject, sender);
	if (is_known(sender, ticket))
		return TRUE;
	if (sender->n == LEDGER_SENDER_TICKETS) {
		sender->n--;
		memmove(&sender->tickets[0], &sender->tickets[1],
		    sender->n * sizeof(sender->tickets[0]));
	}
	sender->tickets[sender->n++] = *ticket;
	text = pack(sender);
	store_put(
	    txn, TABLE_SENDER, subject->bytes, IDENT_BYTES, text, strlen(text));
	return store_commit(&txn, error);
}

/* What is left of a sender's tickets; NULL when all of them stay. */
static struct ledger_sender *
left_of(const struct store_value *value,
    gboolean (*goes)(gpointer self, const char *desk, const char *ticket),
    gpointer self)
{
	g_autofree struct ledger_sender *all = g_new0(struct ledger_sender, 1);
	struct ledger_sender *left = g_new0(struct ledger_sender, 1);

	unpack(value, all);
	for (guint i = 0; i < all->n; i++) {
		const struct ledger_sender_ticket *one = &all->tickets[i];

		if (!goes(self, one->desk, one->ticket))
			left->tickets[left->n++] = *one;
	}
	if (left->n == all->n)
		g_clear_pointer(&left, g_free);
	return left;
}

void
ledger_sender_forget(struct store_txn *txn,
    gboolean (*goes)(gpointer self, const char *desk, const char *ticket),
    gpointer self)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_SENDER, NULL, 0);
	g_autoptr(GPtrArray) keys =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		struct ledger_sender *left = left_of(&value, goes, self);

		if (left == NULL)
			continue;
		g_ptr_array_add(keys, g_bytes_new(key.data, key.length));
		g_ptr_array_add(values, left->n > 0 ? pack(left) : NULL);
		g_free(left);
	}
	store_cursor_end(&cursor);
	for (guint i = 0; i < keys->len; i++) {
		gsize length;
		const void *data = g_bytes_get_data(keys->pdata[i], &length);
		const char *text = values->pdata[i];

		if (text == NULL)
			(void)store_del(txn, TABLE_SENDER, data, length);
		else
			store_put(txn, TABLE_SENDER, data, length, text,
			    strlen(text));
	}
}
