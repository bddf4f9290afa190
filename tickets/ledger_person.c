/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person in the ledger.  Some tables have the subject at the front of their
 * keys, some behind something else: the tables are walked, which is a matter of
 * seconds for the millions of records that a ledger holds at most.
 */
#include "tickets/ledger_person.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/owned.h"
#include "tickets/ledger_private.h"

/* Where in a key a subject stands. */
static const struct {
	guint table;
	gsize at;
} places[] = {
	{ TABLE_MEMBER, IDENT_BYTES }, /* behind the ticket */
	{ TABLE_SENDER, 0 }, { TABLE_TRUST, 0 }, { TABLE_UNDELIVERABLE, 0 },
	{ TABLE_OWN, 1 }, /* behind "d" (ledger_ack.c) */
};

static gboolean
subject_of(guint table, gsize at, const struct store_value *key,
    struct ident *subject_r)
{
	const guint8 *bytes = key->data;

	if (key->length < at + IDENT_BYTES ||
	    (table == TABLE_OWN && bytes[0] != 'd'))
		return FALSE;
	memcpy(subject_r->bytes, bytes + at, IDENT_BYTES);
	return TRUE;
}

static gboolean
is_of(const struct person *person, guint table, gsize at,
    const struct store_value *key)
{
	struct ident subject;

	return subject_of(table, at, key, &subject) &&
	       person_has(person, &subject);
}

/* The keys of his records in a table: GBytes *. */
static GPtrArray *
keys_of(
    struct store_txn *txn, const struct person *person, guint table, gsize at)
{
	GPtrArray *keys =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, table, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		if (is_of(person, table, at, &key))
			g_ptr_array_add(
			    keys, g_bytes_new(key.data, key.length));
	}
	return keys;
}

static void
visit(struct store_txn *txn, const struct person *person, gboolean forget,
    struct ledger_person *found)
{
	for (guint p = 0; p < G_N_ELEMENTS(places); p++) {
		g_autoptr(GPtrArray) keys =
		    keys_of(txn, person, places[p].table, places[p].at);

		*(places[p].table == TABLE_MEMBER ? &found->tickets
						  : &found->marks) += keys->len;
		for (guint i = 0; forget && i < keys->len; i++) {
			gsize length;
			const void *data =
			    g_bytes_get_data(keys->pdata[i], &length);

			(void)store_del(txn, places[p].table, data, length);
		}
	}
}

gboolean
ledger_person_find(struct ledger *ledger, const struct person *person,
    struct ledger_person *found_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);

	*found_r = (struct ledger_person){ 0 };
	if (txn == NULL)
		return FALSE;
	visit(txn, person, FALSE, found_r);
	return store_commit(&txn, error);
}

gboolean
ledger_person_forget(struct ledger *ledger, const struct person *person,
    struct ledger_person *gone_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	*gone_r = (struct ledger_person){ 0 };
	if (txn == NULL)
		return FALSE;
	visit(txn, person, TRUE, gone_r);
	return store_commit(&txn, error);
}

gboolean
ledger_people(struct ledger *ledger, struct people *people, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);

	if (txn == NULL)
		return FALSE;
	for (guint p = 0; p < G_N_ELEMENTS(places); p++) {
		struct store_cursor *cursor OWNED(store_cursor_end) =
		    store_cursor_begin(txn, places[p].table, NULL, 0);
		struct store_value key, value;
		struct ident subject;

		while (store_cursor_next(cursor, &key, &value))
			if (subject_of(
				places[p].table, places[p].at, &key, &subject))
				people_add(people, &subject);
	}
	return store_commit(&txn, error);
}

/* --- handing out --- */

static json_t *
time_of(const json_t *record, const char *member)
{
	g_autofree char *text =
	    clock_text(json_integer_value(json_object_get(record, member)));

	return json_string(text);
}

/* Desk, ticket and time of each that he opened. */
static void
export_opened(const json_t *record, json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(record, "tickets"), i, one)
	{
		json_int_t made = json_integer_value(json_array_get(one, 2));
		g_autofree char *text = clock_text(made);

		json_array_append_new(list,
		    json_pack("{s:O, s:O, s:s}", "desk", json_array_get(one, 0),
			"ticket", json_array_get(one, 1), "made", text));
	}
}

static void
export_record(guint table, GBytes *key, const json_t *record, json_t *data)
{
	static const char *const names[] = { [TABLE_SENDER] = "opened",
		[TABLE_TRUST] = "trusted",
		[TABLE_UNDELIVERABLE] = "bounced",
		[TABLE_OWN] = "acknowledged" };
	json_t *list = json_object_get(data, names[table]);
	gsize length, front = 1 + IDENT_BYTES;
	const char *bytes = g_bytes_get_data(key, &length);
	json_t *row = json_object();

	if (list == NULL) {
		list = json_array();
		json_object_set_new(data, names[table], list);
	}
	if (table == TABLE_SENDER) {
		export_opened(record, list);
		json_decref(row);
		return;
	}
	json_object_set_new(row, table == TABLE_TRUST ? "until" : "when",
	    time_of(record, "used"));
	if (table == TABLE_TRUST)
		json_object_set(
		    row, "network", json_object_get(record, "network"));
	else if (table == TABLE_UNDELIVERABLE)
		json_object_set(
		    row, "status", json_object_get(record, "status"));
	else
		json_object_set_new(
		    row, "inbox", json_stringn(bytes + front, length - front));
	json_array_append_new(list, row);
}

static void
export_table(
    struct store_txn *txn, const struct person *person, guint p, json_t *data)
{
	guint table = places[p].table;
	g_autoptr(GPtrArray) keys = keys_of(txn, person, table, places[p].at);

	if (table == TABLE_MEMBER) {
		json_object_set_new(data, "tickets", json_integer(keys->len));
		return;
	}
	for (guint i = 0; i < keys->len; i++) {
		struct store_value value;
		json_t *record = NULL;
		gsize length;
		const void *key = g_bytes_get_data(keys->pdata[i], &length);

		if (store_get(txn, table, key, length, &value))
			record = json_loadb(value.data, value.length, 0, NULL);
		export_record(table, keys->pdata[i], record, data);
		json_decref(record);
	}
}

gboolean
ledger_person_export(struct ledger *ledger, const struct person *person,
    json_t *data, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);

	if (txn == NULL)
		return FALSE;
	for (guint p = 0; p < G_N_ELEMENTS(places); p++)
		export_table(txn, person, p, data);
	return store_commit(&txn, error);
}

gboolean
ledger_compact(struct ledger *ledger, GError **error)
{
	return store_compact(ledger->store, error);
}

gboolean
ledger_copy(struct ledger *ledger, const char *folder, GError **error)
{
	return store_copy(ledger->store, folder, error);
}

gboolean
ledger_settle(struct ledger *ledger, gint64 mono, GError **error)
{
	return store_settle(ledger->store, mono, STORE_SMALL_BYTES, error);
}
