/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_VAULT_HOLDER_H
#define DESKGATE_LIB_PRIVACY_VAULT_HOLDER_H

#include "lib/privacy/holder.h"
#include "lib/privacy/vault.h"

/*
 * The vault's part of an erasure: the person's data keys.  To be added behind
 * all whose contents they open.
 */
void vault_holder_add(struct registry *registry, struct vault *vault);

#endif
