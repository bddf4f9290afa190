/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_VAULT_VERIFY_H
#define DESKGATE_LIB_PRIVACY_VAULT_VERIFY_H

#include "lib/privacy/vault.h"

/* How many people's keys there are, and how many of them the vault key does not
 * open: what is sealed by those cannot be read any more. */
gboolean vault_verify(
    struct vault *vault, guint64 *keys_r, guint64 *broken_r, GError **error);

#endif
