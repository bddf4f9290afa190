/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_VAULT_ROTATE_H
#define DESKGATE_LIB_PRIVACY_VAULT_ROTATE_H

#include "lib/privacy/safe.h"
#include "lib/privacy/vault.h"

/*
 * A new vault key.  The old one, and with it what a copy of the old vault's
 * file could still open, is gone at the end: persons' keys that were deleted
 * before cannot come back.  A crash at any moment leaves a vault that opens.
 */

/* As vault_open, with the key files of key-dir: ends what a crash in
 * vault_rotate left half done.  `key` is what stands in vault.key; `safe`, how
 * it stands there, outlives the vault. */
struct vault *vault_open_kept(int key_dir, const struct safe *safe,
    const char *folder, const struct secret *key, GError **error);

/* Wraps all persons' keys anew, by a key that replaces vault.key, and makes the
 * vault's file compact.  Whoever wants a person's key meanwhile waits.  After
 * FALSE the vault works on, and the call can be repeated. */
gboolean vault_rotate(struct vault *vault, int key_dir, GError **error);

#endif
