/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_STORE_STORE_PRIVATE_H
#define DESKGATE_LIB_STORE_STORE_PRIVATE_H

#include "lib/store/store.h"

/* What store.c and txn.c share; LMDB's types by their struct names. */
#define STORE_TABLES_MOST 16

struct store {
	struct MDB_env *env;
	char *folder;
	guint n_tables;
	unsigned int tables[STORE_TABLES_MOST]; /* MDB_dbi */
};

/* Sets *error from an LMDB code: the one place that knows them.  Returns FALSE.
 */
gboolean store_fault(GError **error, int code, const char *what);

#endif
