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
	pthread_rwlock_t lock; /* of what follows: to write while rotating */
	struct secret *key;
	gboolean unsettled; /* key is not in vault.key yet */
};

/* The record of known content, by this key. */
void vault_put_check(struct store_txn *txn, const struct secret *key);

#endif
