/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_DEEP_PRIVATE_H
#define DESKGATE_TOOLS_DEEP_PRIVATE_H

#include "tools/deep.h"

/* What deep.c, deep_spool.c and deep_stores.c share. */
struct deep {
	struct keeper *keeper;
	gboolean mend;
	guint64 looked; /* at so many records, entries or files */
	json_t *found;
};

/* Something is wrong; `mended`: or was. */
void deep_found(struct deep *deep, gboolean mended, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* The steps; FALSE: it could not be looked at. */
gboolean deep_stores(struct deep *deep, GError **error); /* their pages */
/* Entries of the spool: states, seals. */
gboolean deep_spool(struct deep *deep, GError **error);
/* Records of the ledger, and what of the spool it does not know. */
gboolean deep_ledger(struct deep *deep, GError **error);
/* Counts of each model against base and journal. */
gboolean deep_models(struct deep *deep, GError **error);
/* Keys of people, and their requests. */
gboolean deep_people(struct deep *deep, GError **error);

#endif
