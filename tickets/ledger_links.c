/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger's threads: which ticket an id or a code belongs to, and who takes
 * part in it.
 */
#include "tickets/ledger_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

#include "lib/base/seal.h"

/* A ticket's name and a subject. */
#define MEMBER_BYTES ((gsize)2 * IDENT_BYTES)

enum thread_kind {
	THREAD_BY_ID = 'i',
	THREAD_BY_CODE = 'c',
	THREAD_TICKET = 't'
};

/* The place of an id, code or ticket in the tables. */
static void
thread_key(const struct ledger *ledger, enum thread_kind kind, const char *desk,
    const char *inbox, const char *text, guint8 key_r[IDENT_BYTES])
{
	const char word[2] = { (char)kind, '\0' };
	g_autofree char *title = g_ascii_strdown(inbox, -1);
	struct seal_digest *digest = seal_digest_new(secret_data(ledger->key),
	    secret_length(ledger->key), "ledger-thread");

	seal_digest_add(digest, word, 1);
	seal_digest_add(digest, desk, strlen(desk));
	seal_digest_add(digest, title, strlen(title));
	seal_digest_add(digest, text, strlen(text));
	seal_digest_end(&digest, key_r, IDENT_BYTES);
}

static void
member_key(const struct ledger *ledger, const char *desk, const char *ticket,
    const struct ident *subject, guint8 key_r[2 * IDENT_BYTES])
{
	thread_key(ledger, THREAD_TICKET, desk, "", ticket, key_r);
	memcpy(key_r + IDENT_BYTES, subject->bytes, IDENT_BYTES);
}

/* Joins one id or code to the entry's ticket, unless it has one; what is that
 * ticket's already was used once more. */
static void
thread_put(struct store_txn *txn, const guint8 key[IDENT_BYTES],
    const struct ledger_entry *entry)
{
	json_t *object = NULL;
	g_autofree char *text = NULL;
	struct store_value value;
	const char *ticket;

	if (store_get(txn, TABLE_THREAD, key, IDENT_BYTES, &value)) {
		object = json_loadb(value.data, value.length, 0, NULL);
		ticket = json_string_value(json_object_get(object, "ticket"));
		if (g_strcmp0(ticket, entry->ticket) != 0) {
			json_decref(object);
			return;
		}
	} else {
		object = json_object();
		ledger_set_text(object, "desk", entry->desk);
		ledger_set_text(object, "ticket", entry->ticket);
		ledger_set_text(object, "code", entry->code);
		ledger_set_text(object, "inbox", entry->inbox);
	}
	json_object_set_new(object, "used", json_integer(entry->changed));
	text = ledger_dump(object);
	store_put(txn, TABLE_THREAD, key, IDENT_BYTES, text, strlen(text));
}

void
ledger_links_put(struct ledger *ledger, struct store_txn *txn,
    const struct ledger_entry *entry, const struct ledger_links *links)
{
	const char *const *ids = links->message_ids;
	guint8 key[IDENT_BYTES], member[2 * IDENT_BYTES];

	for (; ids != NULL && *ids != NULL; ids++) {
		thread_key(
		    ledger, THREAD_BY_ID, entry->desk, entry->inbox, *ids, key);
		thread_put(txn, key, entry);
		thread_key(ledger, THREAD_BY_ID, entry->desk, "", *ids, key);
		thread_put(txn, key, entry);
	}
	if (entry->code[0] != '\0') {
		thread_key(
		    ledger, THREAD_BY_CODE, entry->desk, "", entry->code, key);
		thread_put(txn, key, entry);
	}
	thread_key(ledger, THREAD_TICKET, entry->desk, "", entry->ticket, key);
	thread_put(txn, key, entry);
	for (guint i = 0; i < links->n_subjects; i++) {
		gint64 used = GINT64_TO_BE(entry->changed);

		member_key(ledger, entry->desk, entry->ticket,
		    &links->subjects[i], member);
		store_put(txn, TABLE_MEMBER, member, sizeof(member), &used,
		    sizeof(used));
	}
}

void
ledger_links_forget(struct ledger *ledger, struct store_txn *txn,
    const char *desk, const char *ticket, const char *code)
{
	guint8 key[IDENT_BYTES];
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	g_autoptr(GPtrArray) members =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct store_value found, value;

	thread_key(ledger, THREAD_BY_CODE, desk, "", code, key);
	(void)store_del(txn, TABLE_THREAD, key, IDENT_BYTES);
	thread_key(ledger, THREAD_TICKET, desk, "", ticket, key);
	(void)store_del(txn, TABLE_THREAD, key, IDENT_BYTES);
	cursor = store_cursor_begin(txn, TABLE_MEMBER, key, IDENT_BYTES);
	while (store_cursor_next(cursor, &found, &value) &&
	       found.length == MEMBER_BYTES &&
	       memcmp(found.data, key, IDENT_BYTES) == 0)
		g_ptr_array_add(members, g_bytes_new(found.data, found.length));
	store_cursor_end(&cursor);
	for (guint i = 0; i < members->len; i++)
		(void)store_del(txn, TABLE_MEMBER,
		    g_bytes_get_data(members->pdata[i], NULL), MEMBER_BYTES);
}

static gboolean
place_get(struct ledger *ledger, struct store_txn *txn,
    const struct ledger_question *question, const guint8 key[IDENT_BYTES],
    struct ledger_place *place_r)
{
	guint8 member[2 * IDENT_BYTES];
	struct store_value value;
	json_t *object;

	if (!store_get(txn, TABLE_THREAD, key, IDENT_BYTES, &value))
		return FALSE;
	object = json_loadb(value.data, value.length, 0, NULL);
	memset(place_r, 0, sizeof(*place_r));
	ledger_get_text(
	    object, "ticket", place_r->ticket, sizeof(place_r->ticket));
	ledger_get_text(object, "code", place_r->code, sizeof(place_r->code));
	json_decref(object);
	if (place_r->ticket[0] == '\0')
		return FALSE;
	if (question->subject != NULL) {
		member_key(ledger, question->desk, place_r->ticket,
		    question->subject, member);
		place_r->takes_part = store_get(
		    txn, TABLE_MEMBER, member, sizeof(member), &value);
	}
	return TRUE;
}

/* Ends a look-up: an error that stuck is not "nothing there". */
static gboolean
place_end(struct store_txn **txn, gboolean found, GError **error)
{
	return (found && !store_failed(*txn)) ||
	       ledger_absent(txn, "no such thread", error);
}

gboolean
ledger_by_id(struct ledger *ledger, const struct ledger_question *question,
    const char *message_id, struct ledger_place *place_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	guint8 key[IDENT_BYTES];
	gboolean found, same;

	if (txn == NULL)
		return FALSE;
	thread_key(ledger, THREAD_BY_ID, question->desk, question->inbox,
	    message_id, key);
	same = found = place_get(ledger, txn, question, key, place_r);
	if (!found) {
		thread_key(
		    ledger, THREAD_BY_ID, question->desk, "", message_id, key);
		found = place_get(ledger, txn, question, key, place_r);
	}
	place_r->same_inbox = same;
	return place_end(&txn, found, error);
}

/* By what has no inbox. */
static gboolean
place_by(struct ledger *ledger, const struct ledger_question *question,
    const guint8 key[IDENT_BYTES], struct ledger_place *place_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	gboolean found;

	if (txn == NULL)
		return FALSE;
	found = place_get(ledger, txn, question, key, place_r);
	return place_end(&txn, found, error);
}

gboolean
ledger_by_code(struct ledger *ledger, const struct ledger_question *question,
    const char *code, struct ledger_place *place_r, GError **error)
{
	guint8 key[IDENT_BYTES];

	thread_key(ledger, THREAD_BY_CODE, question->desk, "", code, key);
	return place_by(ledger, question, key, place_r, error);
}

gboolean
ledger_by_ticket(struct ledger *ledger, const struct ledger_question *question,
    const char *ticket, struct ledger_place *place_r, GError **error)
{
	guint8 key[IDENT_BYTES];

	thread_key(ledger, THREAD_TICKET, question->desk, "", ticket, key);
	return place_by(ledger, question, key, place_r, error);
}

gboolean
ledger_takes_part(struct ledger *ledger, const char *desk, const char *ticket,
    const struct ident *subject, gboolean *answer_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	guint8 member[2 * IDENT_BYTES];
	struct store_value value;

	*answer_r = FALSE;
	if (txn == NULL)
		return FALSE;
	member_key(ledger, desk, ticket, subject, member);
	*answer_r =
	    store_get(txn, TABLE_MEMBER, member, sizeof(member), &value);
	return *answer_r || !store_failed(txn) || place_end(&txn, FALSE, error);
}

/* The number of the ticket that a thread's record names, if it is of the desk;
 * else 0. */
static gint64
number_of(const struct store_value *value, const char *desk)
{
	json_t *object = json_loadb(value->data, value->length, 0, NULL);
	const char *of = json_string_value(json_object_get(object, "desk"));
	const char *id = json_string_value(json_object_get(object, "ticket"));
	guint64 number = 0;

	if (g_strcmp0(of, desk) != 0 || id == NULL ||
	    !g_ascii_string_to_unsigned(id, 10, 1, G_MAXINT64, &number, NULL))
		number = 0;
	json_decref(object);
	return (gint64)number;
}

gboolean
ledger_highest(
    struct ledger *ledger, const char *desk, gint64 *number_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value;

	*number_r = 0;
	if (txn == NULL)
		return FALSE;
	cursor = store_cursor_begin(txn, TABLE_THREAD, NULL, 0);
	while (store_cursor_next(cursor, &key, &value))
		*number_r = MAX(*number_r, number_of(&value, desk));
	return !store_failed(txn) || place_end(&txn, FALSE, error);
}

gboolean
ledger_join(struct ledger *ledger, const struct ledger_entry *entry,
    const char *const *message_ids, GError **error)
{
	const struct ledger_links links = { .message_ids = message_ids };
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	ledger_links_put(ledger, txn, entry, &links);
	return store_commit(&txn, error);
}
