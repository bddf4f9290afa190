/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions and cursors.  The first error sticks: later calls answer
 * "absent" and the commit reports it, so that a caller checks once.
 */
#include <lmdb.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/store/store_private.h"

struct store_txn {
	struct store *store;
	MDB_txn *txn;
	int code; /* the first failure, or 0 */
	gboolean write;
};

struct store_cursor {
	struct store_txn *txn;
	MDB_cursor *cursor;
	MDB_val key;
	MDB_cursor_op next; /* the operation that gives the next record */
};

/* A killed process that had it open too left its place as a reader. */
static int
begin(struct store *store, gboolean write, MDB_txn **txn_r)
{
	unsigned flags = write ? 0 : MDB_RDONLY;
	int dead, code = write ? mdb_reader_check(store->env, &dead) : 0;

	if (code == 0)
		code = mdb_txn_begin(store->env, NULL, flags, txn_r);
	if (code != MDB_READERS_FULL)
		return code;
	code = mdb_reader_check(store->env, &dead);
	return code != 0 ? code : mdb_txn_begin(store->env, NULL, flags, txn_r);
}

struct store_txn *
store_begin(struct store *store, gboolean write, GError **error)
{
	struct store_txn *txn;
	int code;

	if (!store_enter(store, error))
		return NULL;
	txn = g_new0(struct store_txn, 1);
	code = begin(store, write, &txn->txn);
	if (code != 0) {
		store_note(store, code);
		store_leave(store);
		store_fault(error, code, store->folder);
		g_free(txn);
		return NULL;
	}
	txn->store = store;
	txn->write = write;
	return txn;
}

gboolean
store_commit(struct store_txn **address, GError **error)
{
	struct store_txn *txn = g_steal_pointer(address);
	struct store *store = txn->store;
	int code = txn->code;

	/* mdb_txn_commit frees the handle even when it fails. */
	if (code != 0)
		mdb_txn_abort(txn->txn);
	else
		code = mdb_txn_commit(txn->txn);
	g_free(txn);
	store_note(store, code);
	store_leave(store);
	return code == 0 || store_fault(error, code, store->folder);
}

void
store_abort(struct store_txn **address)
{
	if (*address == NULL)
		return;
	mdb_txn_abort((*address)->txn);
	store_leave((*address)->store);
	g_clear_pointer(address, g_free);
}

gboolean
store_failed(const struct store_txn *txn)
{
	return txn->code != 0;
}

/* Keeps the first failure; MDB_NOTFOUND is an answer, not a failure. */
static gboolean
found(struct store_txn *txn, int code)
{
	if (code != 0 && code != MDB_NOTFOUND && txn->code == 0) {
		txn->code = code;
		store_note(txn->store, code);
	}
	return code == 0;
}

static MDB_val
value_of(const void *data, gsize length)
{
	return (MDB_val){ .mv_size = length, .mv_data = (void *)data };
}

gboolean
store_get(struct store_txn *txn, guint table, const void *key, gsize key_length,
    struct store_value *value_r)
{
	MDB_val k = value_of(key, key_length), v;

	if (txn->code != 0 ||
	    !found(txn, mdb_get(txn->txn, txn->store->tables[table], &k, &v)))
		return FALSE;
	value_r->data = v.mv_data;
	value_r->length = v.mv_size;
	return TRUE;
}

void
store_put(struct store_txn *txn, guint table, const void *key, gsize key_length,
    const void *value, gsize value_length)
{
	MDB_val k = value_of(key, key_length),
		v = value_of(value, value_length);

	g_assert(txn->write);
	if (txn->code == 0)
		found(txn,
		    mdb_put(txn->txn, txn->store->tables[table], &k, &v, 0));
}

gboolean
store_del(struct store_txn *txn, guint table, const void *key, gsize key_length)
{
	MDB_val k = value_of(key, key_length);

	g_assert(txn->write);
	return txn->code == 0 &&
	       found(
		   txn, mdb_del(txn->txn, txn->store->tables[table], &k, NULL));
}

void
store_clear(struct store_txn *txn, guint table)
{
	g_assert(txn->write);
	if (txn->code == 0)
		found(txn, mdb_drop(txn->txn, txn->store->tables[table], 0));
}

struct store_cursor *
store_cursor_begin(
    struct store_txn *txn, guint table, const void *key, gsize key_length)
{
	struct store_cursor *cursor = g_new0(struct store_cursor, 1);

	cursor->txn = txn;
	cursor->next = key == NULL ? MDB_FIRST : MDB_SET_RANGE;
	cursor->key = value_of(key, key_length);
	if (txn->code == 0 &&
	    !found(txn, mdb_cursor_open(txn->txn, txn->store->tables[table],
			    &cursor->cursor)))
		cursor->cursor = NULL;
	return cursor;
}

gboolean
store_cursor_next(struct store_cursor *cursor, struct store_value *key_r,
    struct store_value *value_r)
{
	MDB_val v;

	if (cursor->cursor == NULL || cursor->txn->code != 0 ||
	    !found(cursor->txn,
		mdb_cursor_get(cursor->cursor, &cursor->key, &v, cursor->next)))
		return FALSE;
	cursor->next = MDB_NEXT;
	key_r->data = cursor->key.mv_data;
	key_r->length = cursor->key.mv_size;
	value_r->data = v.mv_data;
	value_r->length = v.mv_size;
	return TRUE;
}

void
store_cursor_end(struct store_cursor **cursor)
{
	if (*cursor == NULL)
		return;
	if ((*cursor)->cursor != NULL)
		mdb_cursor_close((*cursor)->cursor);
	g_clear_pointer(cursor, g_free);
}
