/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger: the memory that makes one ticket of one message.
 *
 * Tables:
 *   entry   key (16)                                -> JSON of struct
 * ledger_entry thread  digest of desk, inbox, Message-ID (16)  -> JSON: ticket,
 * code, used the same with no inbox                  -> the ticket that had it
 * first digest of desk, code (16)               -> the same member  digest of
 * desk, ticket (16), subject (16) -> time of last use
 *
 * Message-IDs and codes are there as keyed digests only, people as subjects. An
 * id stays with the first ticket that had it: a later message that claims a
 * known id cannot pull a thread over to itself.
 *
 * Values are JSON, since records outlive versions of this program: a member
 * that is missing reads as zero.  A record that is not JSON at all is BAD and
 * never taken for "unknown", which would make a second ticket.
 */
#include "tickets/ledger.h"

#include <jansson.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/unicode.h"
#include "lib/store/store.h"

enum { TABLE_ENTRY, TABLE_THREAD, TABLE_MEMBER, TABLES };
static const struct store_table tables[] = {
	{ "entry", FALSE },
	{ "thread", FALSE },
	{ "member", FALSE },
	{ NULL, FALSE },
};

struct ledger {
	struct store *store;
	struct secret *key;
};

struct ledger *
ledger_open(const char *folder, const struct secret *key, guint64 map_bytes,
    GError **error)
{
	struct ledger *ledger = g_new0(struct ledger, 1);

	ledger->key = secret_new(secret_data(key), secret_length(key));
	ledger->store = store_open(folder, tables, map_bytes, error);
	if (ledger->store == NULL) {
		g_prefix_error(error, "ledger: ");
		ledger_close(&ledger);
	}
	return ledger;
}

void
ledger_close(struct ledger **ledger)
{
	struct ledger *old = *ledger;

	*ledger = NULL;
	if (old == NULL)
		return;
	store_close(&old->store);
	secret_free(&old->key);
	g_free(old);
}

/* Text of a fixed array as JSON, whatever bytes are in it. */
static void
set_text(json_t *object, const char *name, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	json_object_set_new(object, name, json_string(valid));
}

static void
get_text(const json_t *object, const char *name, char *text_r, gsize size)
{
	const char *text = json_string_value(json_object_get(object, name));

	g_strlcpy(text_r, text == NULL ? "" : text, size);
	unicode_cut(text_r, size - 1);
}

static char *
dump(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	g_assert(text != NULL);
	return text;
}

static char *
entry_pack(const struct ledger_entry *entry)
{
	json_t *object = json_object();

	set_text(object, "desk", entry->desk);
	set_text(object, "ticket", entry->ticket);
	set_text(object, "code", entry->code);
	set_text(object, "inbox", entry->inbox);
	json_object_set_new(object, "intent", json_boolean(entry->intent));
	json_object_set_new(object, "appended", json_boolean(entry->appended));
	json_object_set_new(object, "released", json_boolean(entry->released));
	json_object_set_new(object, "attempts", json_integer(entry->attempts));
	json_object_set_new(object, "next", json_integer(entry->next));
	json_object_set_new(object, "changed", json_integer(entry->changed));
	set_text(object, "reason", entry->reason);
	return dump(object);
}

static gboolean
entry_unpack(const struct store_value *value, struct ledger_entry *entry_r,
    GError **error)
{
	json_t *object = json_loadb(value->data, value->length, 0, NULL);
	json_int_t attempts;

	memset(entry_r, 0, sizeof(*entry_r));
	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(error, DG_ERROR_BAD, "ledger: damaged record");
	}
	get_text(object, "desk", entry_r->desk, sizeof(entry_r->desk));
	get_text(object, "ticket", entry_r->ticket, sizeof(entry_r->ticket));
	get_text(object, "code", entry_r->code, sizeof(entry_r->code));
	get_text(object, "inbox", entry_r->inbox, sizeof(entry_r->inbox));
	get_text(object, "reason", entry_r->reason, sizeof(entry_r->reason));
	entry_r->intent = json_is_true(json_object_get(object, "intent"));
	entry_r->appended = json_is_true(json_object_get(object, "appended"));
	entry_r->released = json_is_true(json_object_get(object, "released"));
	attempts = json_integer_value(json_object_get(object, "attempts"));
	entry_r->attempts = (guint)CLAMP(attempts, 0, G_MAXINT32);
	entry_r->next = json_integer_value(json_object_get(object, "next"));
	entry_r->changed =
	    json_integer_value(json_object_get(object, "changed"));
	json_decref(object);
	return TRUE;
}

gboolean
ledger_get(struct ledger *ledger, const struct ident *key,
    struct ledger_entry *entry_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	struct store_value value;

	if (txn == NULL)
		return FALSE;
	if (store_get(txn, TABLE_ENTRY, key->bytes, IDENT_BYTES, &value))
		return entry_unpack(&value, entry_r, error);
	/* "Unknown" must be certain: an error that stuck is told by commit. */
	if (store_failed(txn)) {
		if (store_commit(&txn, error))
			err_set(error, DG_ERROR_IO, "ledger: cannot read");
		return FALSE;
	}
	return err_set(error, DG_ERROR_NOTFOUND, "not in the ledger");
}

/* --- threads --- */

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

/* Joins one id or code to the entry's ticket, unless it has one. */
static void
thread_put(struct store_txn *txn, const guint8 key[IDENT_BYTES],
    const struct ledger_entry *entry)
{
	json_t *object;
	g_autofree char *text = NULL;
	struct store_value value;

	if (store_get(txn, TABLE_THREAD, key, IDENT_BYTES, &value))
		return;
	object = json_object();
	set_text(object, "ticket", entry->ticket);
	set_text(object, "code", entry->code);
	json_object_set_new(object, "used", json_integer(entry->changed));
	text = dump(object);
	store_put(txn, TABLE_THREAD, key, IDENT_BYTES, text, strlen(text));
}

static void
links_put(struct ledger *ledger, struct store_txn *txn,
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
	for (guint i = 0; i < links->n_subjects; i++) {
		gint64 used = GINT64_TO_BE(entry->changed);

		member_key(ledger, entry->desk, entry->ticket,
		    &links->subjects[i], member);
		store_put(txn, TABLE_MEMBER, member, sizeof(member), &used,
		    sizeof(used));
	}
}

gboolean
ledger_put(struct ledger *ledger, const struct ident *key,
    const struct ledger_entry *entry, const struct ledger_links *links,
    GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);
	g_autofree char *text = entry_pack(entry);

	if (txn == NULL)
		return FALSE;
	store_put(
	    txn, TABLE_ENTRY, key->bytes, IDENT_BYTES, text, strlen(text));
	if (links != NULL && entry->ticket[0] != '\0')
		links_put(ledger, txn, entry, links);
	return store_commit(&txn, error);
}

gboolean
ledger_del(struct ledger *ledger, const struct ident *key, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	(void)store_del(txn, TABLE_ENTRY, key->bytes, IDENT_BYTES);
	return store_commit(&txn, error);
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
	get_text(object, "ticket", place_r->ticket, sizeof(place_r->ticket));
	get_text(object, "code", place_r->code, sizeof(place_r->code));
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
	if (store_failed(*txn)) {
		if (store_commit(txn, error))
			err_set(error, DG_ERROR_IO, "ledger: cannot read");
		return FALSE;
	}
	if (!found)
		return err_set(error, DG_ERROR_NOTFOUND, "no such thread");
	return TRUE;
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

gboolean
ledger_by_code(struct ledger *ledger, const struct ledger_question *question,
    const char *code, struct ledger_place *place_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, FALSE, error);
	guint8 key[IDENT_BYTES];
	gboolean found;

	if (txn == NULL)
		return FALSE;
	thread_key(ledger, THREAD_BY_CODE, question->desk, "", code, key);
	found = place_get(ledger, txn, question, key, place_r);
	return place_end(&txn, found, error);
}

/* --- age --- */

static gint64
record_time(guint table, const struct store_value *value)
{
	gint64 used = 0;
	json_t *object;

	if (table == TABLE_MEMBER) {
		if (value->length == sizeof(used))
			memcpy(&used, value->data, sizeof(used));
		return GINT64_FROM_BE(used);
	}
	object = json_loadb(value->data, value->length, 0, NULL);
	used = json_integer_value(
	    json_object_get(object, table == TABLE_ENTRY ? "changed" : "used"));
	json_decref(object);
	return used;
}

/* Keys of records older than `before`, at most `max`; deleted after the walk,
 * never in it. */
static void
age_table(
    struct store_txn *txn, guint table, gint64 before, guint max, guint *gone)
{
	g_autoptr(GPtrArray) old =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, table, NULL, 0);
	struct store_value key, value;

	while (
	    old->len + *gone < max && store_cursor_next(cursor, &key, &value))
		if (record_time(table, &value) < before)
			g_ptr_array_add(old, g_bytes_new(key.data, key.length));
	store_cursor_end(&cursor);
	for (guint i = 0; i < old->len; i++) {
		gsize length;
		const void *data = g_bytes_get_data(old->pdata[i], &length);

		(void)store_del(txn, table, data, length);
	}
	*gone += old->len;
}

gboolean
ledger_age(struct ledger *ledger, gint64 before, guint max, guint *gone_r,
    GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(ledger->store, TRUE, error);

	*gone_r = 0;
	if (txn == NULL)
		return FALSE;
	for (guint table = 0; table < TABLES; table++)
		age_table(txn, table, before, max, gone_r);
	return store_commit(&txn, error);
}
