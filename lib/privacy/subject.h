/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_SUBJECT_H
#define DESKGATE_LIB_PRIVACY_SUBJECT_H

#include "lib/base/ident.h"
#include "lib/base/secret.h"

/*
 * A person, as stores know him: the keyed digest of the canonical address (GDPR
 * Article 4(5), pseudonymisation).  FALSE when the address is not valid.
 */
gboolean subject_ident(
    const struct secret *key, const char *address, struct ident *ident_r);

#endif
