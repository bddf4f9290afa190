/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_VAULT_PRIVATE_H
#define DESKGATE_LIB_PRIVACY_VAULT_PRIVATE_H

#include <pthread.h>

#include "lib/privacy/vault.h"
#include "lib/store/store.h"

/* What vault.c and vault_rotate.c share. */
enum { TABLE_META, TABLE_PERSON };

struct vault {
	struct store *store;
	pthread_mutex_t rotating; /* one at a time; taken before `lock` */
	pthread_rwlock_t lock;    /* of what follows: to write while rotating */
	struct secret *key;
	const struct safe *safe; /* how it stands in its file; or NULL */
	gboolean unsettled;      /* key is not in vault.key yet */
	struct vault_users users;
	pthread_mutex_t asked; /* of what follows */
	GHashTable *unused;    /* struct ident *, as of the last prune */
	gint64 pruned;         /* mono: when that was; 0: never */
};

/* Somebody wants this key. */
void vault_touch(struct vault *vault, const struct ident *subject);
/* For sets of struct ident *. */
GHashTable *vault_set_new(void);

/* The record of known content, by this key. */
void vault_put_check(struct store_txn *txn, const struct secret *key);

#endif
