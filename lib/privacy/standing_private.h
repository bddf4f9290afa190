/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_STANDING_PRIVATE_H
#define DESKGATE_LIB_PRIVACY_STANDING_PRIVATE_H

#include "lib/privacy/standing.h"
#include "lib/store/store.h"

/* What the files of standings share, and nobody else. */
enum { TABLE_STANDING, TABLE_CONSENT };

struct standings {
	struct store *store;
};

/* Of a record; what cannot be read is no consent. */
void standings_read_consent(
    const struct store_value *value, struct consent *consent_r);

/* The holder's `erase_inbox`. */
gboolean standings_erase_inbox(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error);

/* The holder's `expire`. */
gboolean standings_expire(void *self, const struct holder_expiry *expiry,
    json_t *rows, GError **error);

#endif
