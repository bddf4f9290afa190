/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vault: a data key for each person, wrapped by the vault key, in LMDB.
 *
 * What is stored about a person is sealed by his data key and by nothing else,
 * so to forget the key is to forget all of it, copies in backups included.  The
 * keys stand wrapped, so the folder alone opens nothing: the vault key is a
 * file of its own.
 *
 * A record of known content tells a wrong vault key at the start, before any
 * new person's key is wrapped by it and the vault holds keys of two kinds.
 *
 * Deleted records stay readable in LMDB's free pages: erasure in the full sense
 * also rewrites the vault under a new key (vault_rotate.c).
 */
#include "lib/privacy/vault.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/person.h"
#include "lib/privacy/vault_private.h"

/* A sparse map; 100 bytes a person, so room for more than ten million. */
#define VAULT_MAP ((guint64)4 << 30)

#define CHECK_NAME "check"
#define CHECK_TEXT "deskgate vault, form 1, 32 bytes"

static const struct store_table tables[] = {
	{ "meta", FALSE },
	{ "person", FALSE },
	{ NULL, FALSE },
};

void
vault_put_check(struct store_txn *txn, const struct secret *key)
{
	struct secret *text OWNED(secret_free) =
	    secret_new(CHECK_TEXT, strlen(CHECK_TEXT));
	g_autoptr(GBytes) wrap = seal_wrap(key, text);
	gsize length;
	const void *data = g_bytes_get_data(wrap, &length);

	store_put(
	    txn, TABLE_META, CHECK_NAME, strlen(CHECK_NAME), data, length);
}

/* The check record: made when new, else it must open. */
static gboolean
vault_check(struct vault *vault, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, TRUE, error);
	struct secret *opened OWNED(secret_free) = NULL;
	struct store_value value;

	if (txn == NULL)
		return FALSE;
	if (store_get(
		txn, TABLE_META, CHECK_NAME, strlen(CHECK_NAME), &value)) {
		opened =
		    seal_unwrap(vault->key, value.data, value.length, NULL);
		if (opened == NULL)
			return err_set(error, DG_ERROR_BAD,
			    "vault: it was made with another vault key");
		return TRUE;
	}
	vault_put_check(txn, vault->key);
	return store_commit(&txn, error);
}

struct vault *
vault_open(const char *folder, const struct secret *key, GError **error)
{
	struct vault *vault;

	g_assert(secret_length(key) == SEAL_KEY_BYTES);
	vault = g_new0(struct vault, 1);
	pthread_rwlock_init(&vault->lock, NULL);
	pthread_mutex_init(&vault->rotating, NULL);
	pthread_mutex_init(&vault->asked, NULL);
	vault->unused = vault_set_new();
	vault->key = secret_new(secret_data(key), secret_length(key));
	vault->store = store_open(folder, tables, VAULT_MAP, error);
	if (vault->store == NULL || !vault_check(vault, error)) {
		g_prefix_error(error, "vault: ");
		vault_close(&vault);
	}
	return vault;
}

void
vault_close(struct vault **vault)
{
	struct vault *old = *vault;

	*vault = NULL;
	if (old == NULL)
		return;
	store_close(&old->store);
	secret_free(&old->key);
	pthread_rwlock_destroy(&old->lock);
	pthread_mutex_destroy(&old->rotating);
	pthread_mutex_destroy(&old->asked);
	g_hash_table_unref(old->unused);
	g_free(old);
}

/* The person's key as it stands in this transaction; NOTFOUND or BAD. */
static struct secret *
key_get(struct vault *vault, struct store_txn *txn, const struct ident *subject,
    GError **error)
{
	struct store_value value;
	struct secret *key;

	if (!store_get(
		txn, TABLE_PERSON, subject->bytes, IDENT_BYTES, &value)) {
		err_set(
		    error, DG_ERROR_NOTFOUND, "vault: no key of this person");
		return NULL;
	}
	key = seal_unwrap(vault->key, value.data, value.length, error);
	if (key != NULL && secret_length(key) != SEAL_KEY_BYTES) {
		secret_free(&key);
		err_set(error, DG_ERROR_BAD, "vault: a key of wrong length");
	}
	return key;
}

/* Looks again within the writing transaction: another thread may have made it.
 */
static struct secret *
key_make(struct vault *vault, const struct ident *subject, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, TRUE, error);
	g_autoptr(GError) absent = NULL;
	g_autoptr(GBytes) wrap = NULL;
	struct secret *key;
	const void *data;
	gsize length;

	if (txn == NULL)
		return NULL;
	key = key_get(vault, txn, subject, &absent);
	if (key != NULL)
		return key;
	if (!err_is(absent, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&absent));
		return NULL;
	}
	key = secret_random(SEAL_KEY_BYTES);
	wrap = seal_wrap(vault->key, key);
	data = g_bytes_get_data(wrap, &length);
	store_put(txn, TABLE_PERSON, subject->bytes, IDENT_BYTES, data, length);
	if (!store_commit(&txn, error))
		secret_free(&key);
	return key;
}

/* With the lock held. */
static struct secret *
key_find(struct vault *vault, const struct ident *subject, gboolean make,
    GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, FALSE, error);
	g_autoptr(GError) absent = NULL;
	struct secret *key;

	if (txn == NULL)
		return NULL;
	key = key_get(vault, txn, subject, &absent);
	if (key != NULL)
		return key;
	if (!make || !err_is(absent, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&absent));
		return NULL;
	}
	store_abort(&txn);
	return key_make(vault, subject, error);
}

struct secret *
vault_key(struct vault *vault, const struct ident *subject, gboolean make,
    GError **error)
{
	struct secret *key;

	pthread_rwlock_rdlock(&vault->lock);
	vault_touch(vault, subject);
	key = key_find(vault, subject, make, error);
	pthread_rwlock_unlock(&vault->lock);
	return key;
}

gboolean
vault_forget(struct vault *vault, const struct ident *subject, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	(void)store_del(txn, TABLE_PERSON, subject->bytes, IDENT_BYTES);
	return store_commit(&txn, error);
}

struct store *
vault_store(struct vault *vault)
{
	return vault->store;
}

gboolean
vault_count(struct vault *vault, guint64 *keys_r, GError **error)
{
	return store_count(vault->store, TABLE_PERSON, keys_r, error);
}

gboolean
vault_people(struct vault *vault, struct people *people, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, FALSE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value;
	struct ident subject;

	if (txn == NULL)
		return FALSE;
	cursor = store_cursor_begin(txn, TABLE_PERSON, NULL, 0);
	while (store_cursor_next(cursor, &key, &value)) {
		if (key.length != IDENT_BYTES)
			continue;
		memcpy(subject.bytes, key.data, IDENT_BYTES);
		people_add(people, &subject);
	}
	store_cursor_end(&cursor);
	return store_commit(&txn, error);
}
