/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_VAULT_H
#define DESKGATE_LIB_PRIVACY_VAULT_H

#include <glib.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"
#include "lib/privacy/intake.h"

/*
 * The vault: one data key per person, wrapped by the vault key, in an LMDB
 * folder within key-dir.  Whoever deletes a person's key has made all that was
 * sealed by it unreadable.  Only the keeper opens it.  Thread-safe.
 */
struct vault;

/* `folder` exists.  `key` is the vault key (SEAL_KEY_BYTES); the vault keeps a
 * copy.  BAD when the vault was made with another key. */
struct vault *vault_open(
    const char *folder, const struct secret *key, GError **error);
/* Accepts NULL. */
void vault_close(struct vault **vault);

/* The person's data key; made (durably) when there is none and `make` is set,
 * else NOTFOUND.  The caller frees it. */
struct secret *vault_key(struct vault *vault, const struct ident *subject,
    gboolean make, GError **error);

/* Deletes a person's key; TRUE also when there was none. */
gboolean vault_forget(
    struct vault *vault, const struct ident *subject, GError **error);

/*
 * Keys of people of whom nothing is left.  `users` says whose keys are in use;
 * who asks for a key may be about to use it, so one goes when it was in
 * nobody's use twice, VAULT_PRUNE_SECONDS apart at least, and nobody asked for
 * it in between; at once when nobody else is at work.
 */
struct vault_users {
	/* Adds subjects (struct ident *, copies by g_memdup2) to a set. */
	gboolean (*add)(void *self, GHashTable *used, GError **error);
	void *self;
	gboolean alone;
};
#define VAULT_PRUNE_SECONDS ((gint64)10 * 60)
/* Copied; without it no key goes. */
void vault_set_users(struct vault *vault, const struct vault_users *users);
/* Destroys those; `mono` is the steady time.  *unused_r: how many are in
 * nobody's use and there still. */
gboolean vault_prune(struct vault *vault, gint64 mono, guint64 *gone_r,
    guint64 *unused_r, GError **error);

/* Its store, for store_settle; borrowed. */
struct store;
struct store *vault_store(struct vault *vault);
/* Copies the vault as it stands into the empty folder `folder`, and its key as
 * the file vault.key into `key_dir`; both are of one moment, also while it is
 * wrapped anew.  What was deleted is not in the copy. */
gboolean vault_copy(
    struct vault *vault, const char *folder, int key_dir, GError **error);

/* Adds whoever has a key; some are no persons but requests. */
struct people;
gboolean vault_people(
    struct vault *vault, struct people *people, GError **error);

/* How many keys there are. */
gboolean vault_count(struct vault *vault, guint64 *keys_r, GError **error);

#endif
