/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_TABLE_H
#define DESKGATE_CLASSIFIER_TABLE_H

#include <glib.h>

/*
 * The score table: an image of the model's counts in a file of the runtime
 * folder (tmpfs), a hash table of (digest, counts) that the keeper alone
 * updates with one 64-bit store per record and replaces by rename when it
 * grows.  Readers map it read-only, take no lock, and may see a lesson half
 * applied for an instant (which moves a score by one lesson at most, never
 * crashes).  The durable truth is the model.
 */
struct table;        /* the keeper's, writing */
struct table_reader; /* mapped read-only */

struct table_totals {
	guint32 spam, ham;             /* lessons trained of each class */
	guint32 label_spam, label_ham; /* labels given, noted ones too */
};

/*
 * Makes a new table with room for `records`.  Nobody sees it before
 * table_publish, which puts it at `path` by rename and marks the one it
 * replaces, also one that a keeper before this left behind.
 */
struct table *table_create(const char *path, guint64 records, GError **error);
/* Puts a new table in the place of the one at its path. */
gboolean table_publish(struct table *table, GError **error);
void table_free(struct table **address); /* a published file stays */
/* Grows (a new file, the old one marked superseded) when more than 70 % is
 * used; FALSE when there is no room for that, and nothing has changed. */
gboolean table_set(struct table *table, guint64 digest, guint32 spam,
    guint32 ham, GError **error);
/* The counts as the writer has them. */
void table_look(
    const struct table *table, guint64 digest, guint32 *spam_r, guint32 *ham_r);
/* Tells readers the totals. */
void table_set_totals(struct table *table, const struct table_totals *totals);
/* Marks the table gone (at a clean stop or when the model is lost). */
void table_retire(struct table *table);

/* Opens for reading; the descriptor can be handed to a jailed reader. */
int table_open(const char *path, GError **error);
/* Maps a descriptor; NULL with BAD when it is no table. */
struct table_reader *table_map(int fd, GError **error);
/* Accepts NULL inside. */
void table_unmap(struct table_reader **reader);
/* TRUE when a newer table has replaced this one: open again. */
gboolean table_superseded(const struct table_reader *reader);
/* The totals as they stand now. */
void table_totals(
    const struct table_reader *reader, struct table_totals *totals_r);
/* The counts of a digest, 0 and 0 when it has none. */
void table_get(const struct table_reader *reader, guint64 digest,
    guint32 *spam_r, guint32 *ham_r);
/* Begins to fetch what table_get will look at: it costs one wait on memory
 * else. */
void table_prefetch(const struct table_reader *reader, guint64 digest);

#endif
