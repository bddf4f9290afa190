/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EXCHANGE_H
#define DESKGATE_CLASSIFIER_EXCHANGE_H

#include "classifier/learn.h"

/*
 * The model as text, for backups, comparisons and other installations of the
 * same feature key.  contrib/doc/model-format.md says what it looks like.
 */
enum exchange_kind {
	EXCHANGE_COUNTS,  /* all that is counted, without stamps */
	EXCHANGE_OWN,     /* the same without what came from sources */
	EXCHANGE_LESSONS, /* base, sources and journal: the model can be made
			   * of it anew, lesson by lesson */
};

/* Appends the text to `out`. */
gboolean exchange_dump(
    struct learn *learn, enum exchange_kind kind, GString *out, GError **error);

/*
 * Makes the model that the text says, in one transaction: counts become the
 * base, lessons are replayed.  BAD, with the line, when it is no such text, is
 * cut, or is of another feature key or version; or when the model holds
 * something and `replace` is not set.
 */
gboolean exchange_load(struct learn *learn, const char *text, gsize length,
    gboolean replace, GError **error);

/*
 * Makes the counts anew of base, sources and journal, in one transaction: what
 * was let go and still has its lesson is there again, up to max_records.
 */
gboolean exchange_rebuild(struct learn *learn, GError **error);

/* Makes it an empty one: an inbox's own model, when that is erased. */
gboolean exchange_clear(struct learn *learn, GError **error);

/* Begins a source (import.h) by the head of a text of counts: its lines before
 * the first count. */
gboolean exchange_import_begin(struct learn *learn, const char *name,
    gboolean starter, const char *head, gsize length, GError **error);
/* Adds counts: `text` is whole lines of the same. */
gboolean exchange_import_rows(struct learn *learn, const char *name,
    const char *text, gsize length, GError **error);

#endif
