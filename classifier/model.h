/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_MODEL_H
#define DESKGATE_CLASSIFIER_MODEL_H

#include <glib.h>

#include "classifier/table.h"
#include "lib/base/ident.h"
#include "lib/mail/verdict.h"
#include "lib/store/store.h"

/*
 * The model in LMDB: counts per feature digest, the journal of lessons, the
 * totals. Everything here works within a transaction of the caller's.
 *
 *   counts   u64 digest -> struct model_count
 *   journal  ident -> struct model_lesson, then the delta-coded digests
 *   meta     "totals" -> struct model_totals
 *   noted    class, place (u32 each) -> ident, seq (u32) of the lesson
 *
 * A count is the sum over the journal's trained lessons that are not older than
 * the record (`born`): so a lesson can be taken back exactly.
 */
enum model_table { MODEL_COUNTS, MODEL_JOURNAL, MODEL_META, MODEL_NOTED };

struct model_count {
	guint32 spam, ham;
	guint32 born; /* seq of the lesson that made the record */
	guint32 last; /* seq of the last lesson that changed it */
};

/* A ring of labels that were noted without need (rehearse.c). */
struct model_ring {
	guint32 noted;  /* so far; the next one's place, by its size */
	guint32 looked; /* likewise of the next to be looked at */
};

struct model_totals {
	guint32 version; /* FEATURES_VERSION */
	guint32 seq;     /* of the last lesson */
	struct table_totals sums;
	struct model_ring noted[2]; /* ham, spam */
};

struct model_lesson {
	guint32 seq;
	guint32 class;   /* enum verdict_class: HAM or SPAM */
	guint32 trained; /* 1: in the counts; 0: label noted only */
	guint32 n;       /* digests that follow (0 when they are let go) */
	gint64 taught;   /* wall, microseconds */
	char actor[48];
};

/* Opens the store; BAD when its features or its records are of another version.
 */
struct store *model_open(const char *folder, guint64 map_bytes, GError **error);

/* All zero in a new model. */
void model_get_totals(struct store_txn *txn, struct model_totals *totals_r);
/* Written with the commit that changed them. */
void model_put_totals(struct store_txn *txn, const struct model_totals *totals);

/* FALSE when there is no such lesson.  *digests_r is the caller's to free. */
gboolean model_get_lesson(struct store_txn *txn, const struct ident *ident,
    struct model_lesson *lesson_r, guint64 **digests_r, GError **error);
/* Writes or replaces the lesson; `digests` are sorted. */
void model_put_lesson(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests);
/* Nothing to do when there is none. */
void model_del_lesson(struct store_txn *txn, const struct ident *ident);

/*
 * Adds or (`sign` -1) takes the digests of a lesson from the counts, and tells
 * `changed` of each record's new counts.  Returns by how many there are more
 * records than before.
 */
typedef void (*model_changed)(
    void *self, guint64 digest, guint32 spam, guint32 ham);
/* Answers by how much the number of records changed. */
gint64 model_add(struct store_txn *txn, const struct model_lesson *lesson,
    const guint64 *digests, int sign, model_changed changed, void *self);

#endif
