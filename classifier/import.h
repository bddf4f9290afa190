/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_IMPORT_H
#define DESKGATE_CLASSIFIER_IMPORT_H

#include "classifier/learn.h"
#include "classifier/model.h"

/*
 * Sources: counts from another installation of the same feature key, or of a
 * starter model, added under a name and exactly removable by it.
 *
 * They come and go in pieces, each in a transaction of its own, so that lessons
 * never wait long.  Which rows are there does not hurt meanwhile: it is as if
 * the others had been let go (age.c).  Their totals are in force as long as
 * there is a row.
 *
 * A starter gives no labels: a foreign corpus does not know one's own ham, so
 * it activates nothing.  It is outvoted step by step: with m own labels of the
 * class that has fewer, the share m / starter_labels of its rows is gone; then
 * all of it.
 */
struct import_row {
	guint64 digest;
	guint32 spam, ham;
};

/* Whether it can be a name: letters, digits, "._-", at most 32. */
gboolean import_is_name(const char *name);

/* Whether there is a source of this name. */
gboolean import_has(struct learn *learn, const char *name);
/* Makes a source without rows.  BAD when the name is none or is taken. */
gboolean import_begin(struct learn *learn, const char *name, gboolean starter,
    const struct table_totals *totals, GError **error);
/* Adds rows, sorted, above those that came before: BAD otherwise, or when they
 * are more than the totals can have; then none is added. */
gboolean import_rows(struct learn *learn, const char *name,
    const struct import_row *rows, guint n, GError **error);
/* All have come. */
gboolean import_end(struct learn *learn, const char *name, GError **error);

/* Takes up to some ten thousand rows away; *more_r: call again (learn_tend goes
 * on with it too).  NOTFOUND when there is no such source. */
gboolean import_forget(
    struct learn *learn, const char *name, gboolean *more_r, GError **error);

#endif
