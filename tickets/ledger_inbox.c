/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An inbox in the ledger.  Entries name their inbox; all else is found by the
 * tickets that they became.  A ticket on which mail of another inbox stands
 * stays known.
 */
#include "tickets/ledger_inbox.h"

#include <string.h>

#include "lib/base/owned.h"
#include "tickets/ledger_private.h"

/* One walk over the entries.  Tickets are known as "desk\nticket". */
struct survey {
	const char *inbox;
	GPtrArray *keys;     /* GBytes *: of its entries */
	GHashTable *own;     /* ticket -> json_t * of one entry of it */
	GHashTable *others;  /* ticket -> the other inbox */
	GHashTable *numbers; /* the others' tickets without their desks */
};

static void
survey_clear(struct survey *survey)
{
	g_clear_pointer(&survey->keys, g_ptr_array_unref);
	g_clear_pointer(&survey->own, g_hash_table_unref);
	g_clear_pointer(&survey->others, g_hash_table_unref);
	g_clear_pointer(&survey->numbers, g_hash_table_unref);
}

static const char *
text_of(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text != NULL ? text : "";
}

static char *
ticket_name(const char *desk, const char *ticket)
{
	return g_strdup_printf("%s\n%s", desk, ticket);
}

static void
add_entry(struct survey *survey, const struct store_value *key, json_t *record)
{
	const char *inbox = text_of(record, "inbox");
	const char *ticket = text_of(record, "ticket");
	gboolean own = g_ascii_strcasecmp(inbox, survey->inbox) == 0;
	char *name = ticket_name(text_of(record, "desk"), ticket);

	if (own)
		g_ptr_array_add(
		    survey->keys, g_bytes_new(key->data, key->length));
	if (ticket[0] == '\0') {
		g_free(name);
	} else if (own) {
		g_hash_table_replace(survey->own, name, json_incref(record));
	} else {
		g_hash_table_replace(survey->others, name, g_strdup(inbox));
		g_hash_table_add(survey->numbers, g_strdup(ticket));
	}
}

static void
decref(gpointer record)
{
	json_decref(record);
}

static void
look(struct store_txn *txn, const char *inbox, struct survey *survey_r)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_ENTRY, NULL, 0);
	struct store_value key, value;

	*survey_r = (struct survey){
		.inbox = inbox,
		.keys = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)g_bytes_unref),
		.own = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, decref),
		.others = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, g_free),
		.numbers = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, NULL),
	};
	while (store_cursor_next(cursor, &key, &value)) {
		json_t *record = json_loadb(value.data, value.length, 0, NULL);

		add_entry(survey_r, &key, record);
		json_decref(record);
	}
}

json_t *
ledger_inbox_tickets(struct ledger *ledger, const char *inbox, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct survey survey OWNED(survey_clear) = { 0 };
	json_t *counts = json_object();
	GHashTableIter iter;
	gpointer record;

	if (txn != NULL) {
		look(txn, inbox, &survey);
		g_hash_table_iter_init(&iter, survey.own);
	}
	while (txn != NULL && g_hash_table_iter_next(&iter, NULL, &record)) {
		const char *desk = text_of(record, "desk");

		json_object_set_new(counts, desk,
		    json_integer(
			json_integer_value(json_object_get(counts, desk)) + 1));
	}
	if (txn == NULL || !store_commit(&txn, error)) {
		json_decref(counts);
		return NULL;
	}
	return counts;
}

/* --- shared tickets --- */

static void
shared_free(gpointer item)
{
	struct ledger_shared *shared = item;

	g_array_unref(shared->entries);
	g_free(shared);
}

static struct ledger_shared *
shared_new(struct store_txn *txn, const struct survey *survey,
    const char *ticket, const char *other)
{
	struct ledger_shared *shared = g_new0(struct ledger_shared, 1);

	g_strlcpy(shared->ticket, ticket, sizeof(shared->ticket));
	g_strlcpy(shared->inbox, other, sizeof(shared->inbox));
	shared->entries = g_array_new(FALSE, FALSE, sizeof(struct ident));
	for (guint i = 0; i < survey->keys->len; i++) {
		gsize length;
		const void *key =
		    g_bytes_get_data(survey->keys->pdata[i], &length);
		struct store_value value;
		json_t *record = NULL;

		if (store_get(txn, TABLE_ENTRY, key, length, &value))
			record = json_loadb(value.data, value.length, 0, NULL);
		if (length == IDENT_BYTES &&
		    strcmp(text_of(record, "ticket"), ticket) == 0)
			g_array_append_vals(shared->entries, key, 1);
		json_decref(record);
	}
	return shared;
}

GPtrArray *
ledger_inbox_shared(
    struct ledger *ledger, const char *desk, const char *inbox, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	GPtrArray *all = g_ptr_array_new_with_free_func(shared_free);
	struct survey survey OWNED(survey_clear) = { 0 };
	GHashTableIter iter;
	gpointer name, record;

	if (txn == NULL) {
		g_ptr_array_unref(all);
		return NULL;
	}
	look(txn, inbox, &survey);
	g_hash_table_iter_init(&iter, survey.own);
	while (g_hash_table_iter_next(&iter, &name, &record)) {
		const char *other = g_hash_table_lookup(survey.others, name);

		if (other != NULL &&
		    g_ascii_strcasecmp(text_of(record, "desk"), desk) == 0)
			g_ptr_array_add(
			    all, shared_new(txn, &survey,
				     text_of(record, "ticket"), other));
	}
	if (!store_commit(&txn, error))
		g_clear_pointer(&all, g_ptr_array_unref);
	return all;
}

/* --- forgetting --- */

static gboolean
is_gone(const struct survey *survey, const char *desk, const char *ticket)
{
	g_autofree char *name = ticket_name(desk, ticket);

	return g_hash_table_contains(survey->own, name) &&
	       !g_hash_table_contains(survey->others, name);
}

/* Of an older record that does not name its desk: unless the number is that of
 * another inbox's ticket. */
static gboolean
is_gone_somewhere(const struct survey *survey, const char *ticket)
{
	GHashTableIter iter;
	gpointer record;

	if (g_hash_table_contains(survey->numbers, ticket))
		return FALSE;
	g_hash_table_iter_init(&iter, survey->own);
	while (g_hash_table_iter_next(&iter, NULL, &record))
		if (strcmp(text_of(record, "ticket"), ticket) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
goes_thread(const struct survey *survey, const struct store_value *key,
    const json_t *record)
{
	const char *ticket = text_of(record, "ticket");

	(void)key;
	return json_object_get(record, "desk") != NULL
		   ? is_gone(survey, text_of(record, "desk"), ticket)
		   : is_gone_somewhere(survey, ticket);
}

/* What is due of an entry (ledger_due.h), "d", a subject and the inbox, "g" and
 * the inbox (ledger_ack.c). */
static gboolean
goes_own(const struct survey *survey, const struct store_value *key,
    const json_t *record)
{
	const char *bytes = key->data;
	gsize front = 1 + (bytes[0] == 'd' ? IDENT_BYTES : 0);

	(void)record;
	if (bytes[0] != 'd' && bytes[0] != 'g') {
		for (guint i = 0; i < survey->keys->len; i++) {
			gsize length;
			const void *entry =
			    g_bytes_get_data(survey->keys->pdata[i], &length);

			if (key->length == 1 + length &&
			    memcmp(bytes + 1, entry, length) == 0)
				return TRUE;
		}
		return FALSE;
	}
	return key->length == front + strlen(survey->inbox) &&
	       g_ascii_strncasecmp(
		   bytes + front, survey->inbox, key->length - front) == 0;
}

static void
sweep(struct store_txn *txn, const struct survey *survey, guint table,
    gboolean (*goes)(const struct survey *survey, const struct store_value *key,
	const json_t *record))
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, table, NULL, 0);
	g_autoptr(GPtrArray) keys =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		json_t *record = json_loadb(value.data, value.length, 0, NULL);

		if (goes(survey, &key, record))
			g_ptr_array_add(
			    keys, g_bytes_new(key.data, key.length));
		json_decref(record);
	}
	store_cursor_end(&cursor);
	for (guint i = 0; i < keys->len; i++) {
		gsize length;
		const void *data = g_bytes_get_data(keys->pdata[i], &length);

		(void)store_del(txn, table, data, length);
	}
}

static void
forget_entries(struct store_txn *txn, const struct survey *survey)
{
	for (guint i = 0; i < survey->keys->len; i++) {
		gsize length;
		const void *key =
		    g_bytes_get_data(survey->keys->pdata[i], &length);

		(void)store_del(txn, TABLE_ENTRY, key, length);
	}
}

static void
forget_tickets(
    struct ledger *ledger, struct store_txn *txn, const struct survey *survey)
{
	GHashTableIter iter;
	gpointer name, record;

	g_hash_table_iter_init(&iter, survey->own);
	while (g_hash_table_iter_next(&iter, &name, &record)) {
		const char *desk = text_of(record, "desk");
		const char *ticket = text_of(record, "ticket");

		if (g_hash_table_contains(survey->others, name))
			continue;
		ledger_links_forget(
		    ledger, txn, desk, ticket, text_of(record, "code"));
		ledger_mark_forget(ledger, txn, desk, ticket);
	}
}

static gboolean
goes_sender(gpointer self, const char *desk, const char *ticket)
{
	return is_gone(self, desk, ticket);
}

gboolean
ledger_inbox_forget(
    struct ledger *ledger, const char *inbox, guint *gone_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	struct survey survey OWNED(survey_clear) = { 0 };

	*gone_r = 0;
	if (txn == NULL)
		return FALSE;
	look(txn, inbox, &survey);
	*gone_r = survey.keys->len;
	sweep(txn, &survey, TABLE_THREAD, goes_thread);
	sweep(txn, &survey, TABLE_OWN, goes_own);
	forget_tickets(ledger, txn, &survey);
	ledger_sender_forget(txn, goes_sender, &survey);
	forget_entries(txn, &survey);
	return store_commit(&txn, error);
}
