/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_STORE_STORE_PRIVATE_H
#define DESKGATE_LIB_STORE_STORE_PRIVATE_H

#include <pthread.h>

#include "lib/store/store.h"

/* What store.c and txn.c share; LMDB's types by their struct names. */
#define STORE_TABLES_MOST 16
/* Where a copy is made within the store's folder. */
#define STORE_COPY "compact"
/* Of a store that is made of another's records: it has room for any. */
#define STORE_MEND_MAP ((guint64)1 << 40)

struct store {
	struct MDB_env *env; /* NULL: lost in compaction (compact.c) */
	const struct store_table *list;
	guint64 map_bytes;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t quiet; /* no transaction; or the swap has ended */
	guint inside;         /* open transactions */
	gboolean swapping;    /* nobody enters */
	gboolean owes;        /* bytes of what was deleted */
	gint lost;            /* atomic: no transaction will go well any more */
	gint64 settled; /* mono: when it was last made compact; 0: never */
	char *folder;
	guint n_tables;
	unsigned int tables[STORE_TABLES_MOST]; /* MDB_dbi */
};

/* Opens env and tables; FALSE leaves no env. */
gboolean store_attach(struct store *store, GError **error);
/* Closes env. */
void store_detach(struct store *store);
/* The compact copy of env; not on disk yet. */
gboolean store_copy_env(
    struct store *store, const char *folder, GError **error);
/* Before and after each use of env. FALSE: there is none. */
gboolean store_enter(struct store *store, GError **error);
void store_leave(struct store *store);
/* Removes what a crash in store_compact left. */
void store_heal(const char *folder);

/* Notes that an LMDB code says so (store_lost). */
void store_note(struct store *store, int code);
/* Sets *error from an LMDB code: the one place that knows them.  Returns FALSE.
 */
gboolean store_fault(GError **error, int code, const char *what);

#endif
