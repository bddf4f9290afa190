/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder of LMDB: opening, sizes, copies.  Transactions are in txn.c, and
 * putting a compact copy in the place of the store is in compact.c.
 *
 * What is ruled out: WRITEMAP (a full disk is SIGBUS there), NOSYNC (a power
 * cut can damage the file), DUPSORT and nested transactions (their corners are
 * where LMDB's bugs have been).  MDB_NOTLS, since a reading transaction may
 * outlive its thread's turn.  Stale readers of killed processes, which would
 * keep pages from being used again, are cleared at opening and by whoever
 * writes.
 */
#include "lib/store/store.h"

#include <errno.h>
#include <lmdb.h>
#include <sys/stat.h>

#include "lib/base/err.h"
#include "lib/store/store_private.h"

gboolean
store_fault(GError **error, int code, const char *what)
{
	switch (code) {
	case MDB_MAP_FULL:
		return err_set(error, DG_ERROR_FULL,
		    "%s: the store has reached its map size (model-map-size, "
		    "ledger-map-size); raise it",
		    what);
	case MDB_NOTFOUND:
		return err_set(error, DG_ERROR_NOTFOUND, "%s: not there", what);
	case MDB_READERS_FULL:
	case MDB_MAP_RESIZED:
		return err_set(
		    error, DG_ERROR_AGAIN, "%s: %s", what, mdb_strerror(code));
	case MDB_BAD_TXN: /* the first fault: a page that it met on the way */
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
		/* Not BAD, which callers take for one record's own fault. */
		return err_set(error, DG_ERROR_IO,
		    "%s: the store is damaged (%s); see \"deskgate check "
		    "--deep --help\"",
		    what, mdb_strerror(code));
	case MDB_PANIC:
		return err_set(error, DG_ERROR_IO,
		    "%s: the disk failed in the middle of a commit; the next "
		    "start of this program goes on",
		    what);
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
		return err_set(error, DG_ERROR_BAD,
		    "%s: the store is damaged or of another format (%s)", what,
		    mdb_strerror(code));
	default:
		if (code > 0)
			return err_errno(error, code, "%s", what);
		return err_set(
		    error, DG_ERROR_IO, "%s: %s", what, mdb_strerror(code));
	}
}

void
store_note(struct store *store, int code)
{
	if (code == MDB_BAD_TXN || code == MDB_CORRUPTED ||
	    code == MDB_PAGE_NOTFOUND || code == MDB_PANIC)
		g_atomic_int_set(&store->lost, 1);
}

void
store_doubt(struct store *store)
{
	g_atomic_int_set(&store->lost, 1);
}

gboolean
store_lost(struct store *store)
{
	return g_atomic_int_get(&store->lost) != 0;
}

/* An existing table keeps the flags it was made with, in silence. */
static int
open_table(MDB_txn *txn, const struct store_table *table, MDB_dbi *dbi_r)
{
	unsigned wanted = table->integer_keys ? MDB_INTEGERKEY : 0, flags;
	int code = mdb_dbi_open(txn, table->name, MDB_CREATE | wanted, dbi_r);

	if (code == 0)
		code = mdb_dbi_flags(txn, *dbi_r, &flags);
	if (code == 0 && (flags & MDB_INTEGERKEY) != wanted)
		code = MDB_INCOMPATIBLE;
	return code;
}

static int
open_tables(struct store *store, const struct store_table *tables)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(store->env, NULL, 0, &txn);

	if (code != 0)
		return code;
	for (; tables->name != NULL && code == 0; tables++) {
		g_assert(store->n_tables < STORE_TABLES_MOST);
		code =
		    open_table(txn, tables, &store->tables[store->n_tables++]);
	}
	if (code == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return code;
}

void
store_detach(struct store *store)
{
	if (store->env != NULL)
		mdb_env_close(store->env);
	store->env = NULL;
}

gboolean
store_attach(struct store *store, GError **error)
{
	int code = mdb_env_create(&store->env), dead;

	store->n_tables = 0;
	if (code == 0)
		code = mdb_env_set_maxdbs(store->env, STORE_TABLES_MOST);
	if (code == 0)
		code = mdb_env_set_mapsize(store->env, store->map_bytes);
	if (code == 0)
		code = mdb_env_open(store->env, store->folder, MDB_NOTLS, 0600);
	if (code == 0)
		code = mdb_reader_check(store->env, &dead);
	if (code == 0)
		code = open_tables(store, store->list);
	if (code == 0)
		return TRUE;
	store_detach(store);
	return store_fault(error, code, store->folder);
}

struct store *
store_open(const char *folder, const struct store_table *tables,
    guint64 map_bytes, GError **error)
{
	struct store *store = g_new0(struct store, 1);
	pthread_condattr_t attributes;

	store->folder = g_strdup(folder);
	store->list = tables;
	store->map_bytes = map_bytes;
	store->owes = TRUE;
	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&store->quiet, &attributes);
	pthread_condattr_destroy(&attributes);
	store_heal(folder);
	if (!store_attach(store, error))
		store_close(&store);
	return store;
}

void
store_close(struct store **address)
{
	struct store *store = *address;

	if (store == NULL)
		return;
	store_detach(store);
	pthread_cond_destroy(&store->quiet);
	pthread_mutex_destroy(&store->lock);
	g_free(store->folder);
	g_clear_pointer(address, g_free);
}

gboolean
store_enter(struct store *store, GError **error)
{
	gboolean there;

	pthread_mutex_lock(&store->lock);
	while (store->swapping)
		pthread_cond_wait(&store->quiet, &store->lock);
	there = store->env != NULL;
	store->inside += there;
	pthread_mutex_unlock(&store->lock);
	return there ||
	       err_set(error, DG_ERROR_IO,
		   "%s could not be opened again after it was made compact: "
		   "start this program anew",
		   store->folder);
}

void
store_leave(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	g_assert(store->inside > 0);
	if (--store->inside == 0)
		pthread_cond_broadcast(&store->quiet);
	pthread_mutex_unlock(&store->lock);
}

void
store_size(struct store *store, guint64 *used_r, guint64 *map_r)
{
	MDB_envinfo info;
	MDB_stat status;

	*used_r = 0;
	*map_r = store->map_bytes;
	if (!store_enter(store, NULL))
		return;
	mdb_env_info(store->env, &info);
	mdb_env_stat(store->env, &status);
	store_leave(store);
	*used_r = (guint64)(info.me_last_pgno + 1) * status.ms_psize;
	*map_r = info.me_mapsize;
}

gboolean
store_count(
    struct store *store, guint table, guint64 *records_r, GError **error)
{
	MDB_stat status;
	MDB_txn *txn;
	int code;

	if (!store_enter(store, error))
		return FALSE;
	code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
	if (code == 0) {
		code = mdb_stat(txn, store->tables[table], &status);
		mdb_txn_abort(txn);
	}
	store_leave(store);
	if (code != 0)
		return store_fault(error, code, store->folder);
	*records_r = status.ms_entries;
	return TRUE;
}

gboolean
store_copy_env(struct store *store, const char *folder, GError **error)
{
	int code = mdb_env_copy2(store->env, folder, MDB_CP_COMPACT);

	return code == 0 || store_fault(error, code, folder);
}

gboolean
store_copy(struct store *store, const char *folder, GError **error)
{
	g_autofree char *data = g_build_filename(folder, "data.mdb", NULL);
	gboolean done;

	if (!store_enter(store, error))
		return FALSE;
	done = store_copy_env(store, folder, error);
	store_leave(store);
	/* LMDB makes it as the umask lets it. */
	if (done && chmod(data, 0600) != 0)
		done =
		    err_errno(error, errno, "cannot set the mode of %s", data);
	return done;
}
