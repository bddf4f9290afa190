/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_HOLDER_PRIVATE_H
#define DESKGATE_LIB_PRIVACY_HOLDER_PRIVATE_H

#include "lib/privacy/holder.h"

/* What the files of the registry share; for no one else. */
struct registry {
	GArray *holders; /* struct holder */
};

/* Below registry->holders->len. */
const struct holder *registry_at(const struct registry *registry, guint i);
gboolean registry_has(const struct registry *registry, const char *name);

#endif
