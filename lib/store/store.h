/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_STORE_STORE_H
#define DESKGATE_LIB_STORE_STORE_H

#include <glib.h>

/*
 * A folder of LMDB with named tables, by the rules of DESIGN ("Data"): one
 * writing process, commits durable (never NOSYNC or WRITEMAP), no DUPSORT, no
 * nested transactions, no delete while iterating, values copied out within the
 * transaction. lmdb.h is included by store.c and txn.c and by nobody else.
 */
struct store;
struct store_txn;

struct store_table {
	const char *name;      /* NULL ends a list of tables */
	gboolean integer_keys; /* keys are native guint64 */
};

/*
 * Opens (or makes, mode 0600 in a folder that exists) the store with its
 * tables, borrowed. `map_bytes` is the most it can ever hold (a sparse map).
 * FULL, IO (a damaged store too), BAD (one of another format) on failure: never
 * BAD of a store that was open.  One struct store per folder and process;
 * thread-safe.
 */
struct store *store_open(const char *folder, const struct store_table *tables,
    guint64 map_bytes, GError **error);
/* Closes it.  No transaction may be open. */
void store_close(struct store **address);

/*
 * Whether a page was found damaged since it was opened, or the disk failed in
 * the middle of a commit: nothing goes well then until the process starts anew,
 * and looks at it first (check.h).  Thread-safe.
 */
gboolean store_lost(struct store *store);
/* Tells it that check_store has found something: it is lost from now on. */
void store_doubt(struct store *store);

/* Bytes in use and the ceiling, for `stats`. */
void store_size(struct store *store, guint64 *used_r, guint64 *map_r);
/* Records of one table. */
gboolean store_count(
    struct store *store, guint table, guint64 *records_r, GError **error);

/* Writes a compact copy of what is committed at this moment into the existing
 * empty folder; nobody waits for it.  It is not brought to the disk. */
gboolean store_copy(struct store *store, const char *folder, GError **error);

/*
 * Puts a compact copy in the place of the store, so that no byte of what was
 * deleted or replaced is in its file any more.  Waits for a moment without a
 * transaction; whoever begins one meanwhile waits for the end.  The caller's
 * thread has none open.  A crash leaves the old store or the new one.
 *
 * AGAIN when there was no such moment for STORE_QUIET_SECONDS; FULL or IO when
 * there is no room for the copy: then nothing has changed.  After IO of the
 * very last step (opening what was put in place) each transaction answers IO
 * until the process starts anew.
 */
#define STORE_QUIET_SECONDS 30
gboolean store_compact(struct store *store, GError **error);

/*
 * Tells that something was deleted that must not stay readable for long:
 * store_settle then compacts.  A store that is opened owes it, since nobody
 * knows what a crash has left.  Thread-safe.
 */
void store_owe(struct store *store);
/*
 * Compacts what owes it: each time it is called while the store has at most
 * `small` bytes (STORE_SMALL_BYTES are a second's work), a larger one at most
 * once in STORE_LARGE_SECONDS of the steady time `mono`.  As store_compact.
 */
#define STORE_SMALL_BYTES ((guint64)256 << 20)
#define STORE_LARGE_SECONDS ((gint64)24 * 60 * 60)
gboolean store_settle(
    struct store *store, gint64 mono, guint64 small, GError **error);

/*
 * A transaction; writing ones wait for each other.  The first error sticks:
 * later calls do nothing and answer "absent", and commit reports it.  A
 * transaction belongs to the thread that began it.
 */
struct store_txn *store_begin(
    struct store *store, gboolean write, GError **error);
/* Ends it, durably when it wrote.  FALSE with the first error; the
 * transaction is gone either way. */
gboolean store_commit(
    struct store_txn **address, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Also ends a reading transaction; accepts NULL. */
void store_abort(struct store_txn **address);

struct store_value {
	/* Dies with the transaction or the next write in it. */
	const void *data;
	gsize length;
};

/* `table` is the index into the tables of store_open.  FALSE: absent (or error
 * stuck). */
gboolean store_get(struct store_txn *txn, guint table, const void *key,
    gsize key_length, struct store_value *value_r);
/* Adds a record or replaces it; an error sticks. */
void store_put(struct store_txn *txn, guint table, const void *key,
    gsize key_length, const void *value, gsize value_length);
/* TRUE when it was there. */
gboolean store_del(
    struct store_txn *txn, guint table, const void *key, gsize key_length);
/* Removes every record of a table. */
void store_clear(struct store_txn *txn, guint table);
/* Whether an error is stuck. */
gboolean store_failed(const struct store_txn *txn);

struct store_cursor;
/* Iteration in key order from `key` (NULL: the first) on. */
struct store_cursor *store_cursor_begin(
    struct store_txn *txn, guint table, const void *key, gsize key_length);
/* The next record, borrowed like a value; FALSE at the end (or error stuck). */
gboolean store_cursor_next(struct store_cursor *cursor,
    struct store_value *key_r, struct store_value *value_r);
/* Ends the iteration, before its transaction ends. */
void store_cursor_end(struct store_cursor **cursor);

#endif
