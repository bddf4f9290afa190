/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that nobody uses any more.
 *
 * A delivery asks for a key, then seals by it, then stores what it sealed: in
 * between nothing tells that the key is in use.  So a key that was found unused
 * is remembered first, and forgotten again when somebody asks for it; it goes
 * when it is found unused and remembered still.  Nobody can ask meanwhile: the
 * lock is held as for a rotation.
 */
#include "lib/base/owned.h"
#include "lib/privacy/vault_private.h"

#include <string.h>

static guint
ident_hash(gconstpointer key)
{
	guint hash;

	memcpy(&hash, key, sizeof(hash));
	return hash;
}

static gboolean
ident_same(gconstpointer a, gconstpointer b)
{
	return ident_equal(a, b);
}

GHashTable *
vault_set_new(void)
{
	return g_hash_table_new_full(ident_hash, ident_same, g_free, NULL);
}

void
vault_touch(struct vault *vault, const struct ident *subject)
{
	pthread_mutex_lock(&vault->asked);
	g_hash_table_remove(vault->unused, subject);
	pthread_mutex_unlock(&vault->asked);
}

void
vault_set_users(struct vault *vault, const struct vault_users *users)
{
	vault->users = *users;
}

/* All subjects that have a key and are not in the set. */
static GArray *
list_unused(struct store_txn *txn, GHashTable *used)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_PERSON, NULL, 0);
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct ident));
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		struct ident subject;

		if (key.length != IDENT_BYTES)
			continue;
		memcpy(subject.bytes, key.data, IDENT_BYTES);
		if (!g_hash_table_contains(used, &subject))
			g_array_append_val(list, subject);
	}
	return list;
}

/* With both locks held. */
static gboolean
prune(struct vault *vault, GHashTable *used, guint64 *gone_r, guint64 *unused_r,
    GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(vault->store, TRUE, error);
	g_autoptr(GHashTable) still = vault_set_new();
	g_autoptr(GArray) list = NULL;

	if (txn == NULL)
		return FALSE;
	list = list_unused(txn, used);
	for (guint i = 0; i < list->len; i++) {
		const struct ident *subject =
		    &g_array_index(list, struct ident, i);

		if (vault->users.alone ||
		    g_hash_table_contains(vault->unused, subject))
			*gone_r += store_del(
			    txn, TABLE_PERSON, subject->bytes, IDENT_BYTES);
		else
			g_hash_table_add(
			    still, g_memdup2(subject, sizeof(*subject)));
	}
	*unused_r = g_hash_table_size(still);
	if (!store_commit(&txn, error))
		return FALSE;
	g_hash_table_unref(vault->unused);
	vault->unused = g_steal_pointer(&still);
	if (*gone_r > 0)
		store_owe(vault->store);
	return TRUE;
}

gboolean
vault_prune(struct vault *vault, gint64 mono, guint64 *gone_r,
    guint64 *unused_r, GError **error)
{
	g_autoptr(GHashTable) used = vault_set_new();
	gboolean good = TRUE;

	*gone_r = *unused_r = 0;
	if (vault->users.add == NULL)
		return TRUE;
	if (!vault->users.add(vault->users.self, used, error))
		return FALSE;
	pthread_rwlock_wrlock(&vault->lock);
	pthread_mutex_lock(&vault->asked);
	if (vault->users.alone || vault->pruned == 0 ||
	    mono - vault->pruned >= VAULT_PRUNE_SECONDS * G_USEC_PER_SEC) {
		good = prune(vault, used, gone_r, unused_r, error);
		vault->pruned = MAX(mono, 1);
	} else {
		*unused_r = g_hash_table_size(vault->unused);
	}
	pthread_mutex_unlock(&vault->asked);
	pthread_rwlock_unlock(&vault->lock);
	return good;
}
