/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vault under a new key:
 *
 *   vault-next.key written         killed here: it was never used, and goes
 *   all keys wrapped by it,        killed here: it is the one that opens the
 *     in one commit                vault, and takes its place at the next start
 *   vault-next.key -> vault.key    killed here: done, but for old pages, whose
 *                                  key is nowhere any more
 *   the store made compact
 */
#include "lib/privacy/vault_rotate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/safe.h"
#include "lib/privacy/vault_private.h"

#define KEY "vault.key"
#define NEXT "vault-next.key"
/* Read, then written: nothing is changed while iterating. */
#define AT_ONCE 1000

struct record {
	struct ident subject;
	GBytes *wrap;
};

static void
record_clear(gpointer item)
{
	g_bytes_unref(((struct record *)item)->wrap);
}

/* The next records behind `*last` (NULL: from the first on). */
static GArray *
read_some(struct store_txn *txn, const struct ident *last)
{
	struct store_cursor *cursor OWNED(
	    store_cursor_end) = store_cursor_begin(txn, TABLE_PERSON,
	    last != NULL ? last->bytes : NULL, last != NULL ? IDENT_BYTES : 0);
	GArray *records = g_array_new(FALSE, FALSE, sizeof(struct record));
	struct store_value key, value;

	g_array_set_clear_func(records, record_clear);
	while (
	    records->len < AT_ONCE && store_cursor_next(cursor, &key, &value)) {
		struct record record;

		if (key.length != IDENT_BYTES)
			continue;
		memcpy(record.subject.bytes, key.data, IDENT_BYTES);
		if (last != NULL && ident_equal(last, &record.subject))
			continue;
		record.wrap = g_bytes_new(value.data, value.length);
		g_array_append_val(records, record);
	}
	return records;
}

/* One that the old key does not open is nobody's any more, and stays as it is.
 */
static void
wrap_again(struct store_txn *txn, const struct secret *from,
    const struct secret *to, const struct record *record)
{
	struct secret *inner OWNED(secret_free) =
	    seal_unwrap(from, g_bytes_get_data(record->wrap, NULL),
		g_bytes_get_size(record->wrap), NULL);
	g_autoptr(GBytes) wrap = NULL;

	if (inner == NULL)
		return;
	wrap = seal_wrap(to, inner);
	store_put(txn, TABLE_PERSON, record->subject.bytes, IDENT_BYTES,
	    g_bytes_get_data(wrap, NULL), g_bytes_get_size(wrap));
}

static gboolean
wrap_all(struct vault *vault, const struct secret *to, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, TRUE, error);
	struct ident last;
	gboolean more = TRUE, begun = FALSE;

	if (txn == NULL)
		return FALSE;
	while (more) {
		g_autoptr(GArray) records =
		    read_some(txn, begun ? &last : NULL);

		for (guint i = 0; i < records->len; i++)
			wrap_again(txn, vault->key, to,
			    &g_array_index(records, struct record, i));
		more = records->len > 0 && !store_failed(txn);
		begun = TRUE;
		if (more)
			last = g_array_index(
			    records, struct record, records->len - 1)
				   .subject;
	}
	vault_put_check(txn, to);
	return store_commit(&txn, error);
}

/* The key that opens the vault into its place. */
static gboolean
settle(struct vault *vault, int key_dir, GError **error)
{
	if (renameat(key_dir, NEXT, key_dir, KEY) != 0)
		return err_errno(error, errno, "vault: rename " NEXT);
	vault->unsettled = FALSE;
	return file_sync(key_dir, error);
}

/* With the lock held. */
static gboolean
turn(struct vault *vault, struct secret **next, int key_dir, GError **error)
{
	if (!wrap_all(vault, *next, error))
		return FALSE;
	secret_free(&vault->key);
	vault->key = g_steal_pointer(next);
	vault->unsettled = TRUE;
	return settle(vault, key_dir, error) &&
	       store_compact(vault->store, error);
}

static gboolean
settle_before(struct vault *vault, int key_dir, GError **error)
{
	gboolean done;

	pthread_rwlock_wrlock(&vault->lock);
	done = !vault->unsettled || settle(vault, key_dir, error);
	pthread_rwlock_unlock(&vault->lock);
	return done;
}

/* A command that seals keys may be slow: who wants a person's key does not wait
 * for it. */
static gboolean
rotate(struct vault *vault, int key_dir, GError **error)
{
	struct secret *next OWNED(secret_free) = NULL;
	gboolean done;

	if (!settle_before(vault, key_dir, error))
		return FALSE;
	next = safe_load(vault->safe, key_dir, NEXT, TRUE, error);
	if (next == NULL)
		return FALSE;
	pthread_rwlock_wrlock(&vault->lock);
	done = turn(vault, &next, key_dir, error);
	pthread_rwlock_unlock(&vault->lock);
	return done;
}

gboolean
vault_rotate(struct vault *vault, int key_dir, GError **error)
{
	gboolean done;

	pthread_mutex_lock(&vault->rotating);
	done = rotate(vault, key_dir, error);
	pthread_mutex_unlock(&vault->rotating);
	return done;
}

gboolean
vault_copy(struct vault *vault, const char *folder, int key_dir, GError **error)
{
	gboolean done;

	pthread_rwlock_rdlock(&vault->lock);
	done = store_copy(vault->store, folder, error) &&
	       safe_store(vault->safe, key_dir, KEY, vault->key, error);
	pthread_rwlock_unlock(&vault->lock);
	return done;
}

struct vault *
vault_open_kept(int key_dir, const struct safe *safe, const char *folder,
    const struct secret *key, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct vault *vault = vault_open(folder, key, &fault);
	struct secret *next OWNED(secret_free) = NULL;

	if (vault != NULL) {
		/* It was made and never used. */
		(void)unlinkat(key_dir, NEXT, 0);
		vault->safe = safe;
		return vault;
	}
	if (err_is(fault, DG_ERROR_BAD))
		next = safe_load(safe, key_dir, NEXT, FALSE, NULL);
	if (next != NULL)
		vault = vault_open(folder, next, NULL);
	if (vault == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	vault->safe = safe;
	log_event(LOG_LEVEL_WARN, "vault-rotation-ended", NULL);
	if (!settle(vault, key_dir, error) ||
	    !store_compact(vault->store, error))
		vault_close(&vault);
	return vault;
}
