/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_LEARN_PRIVATE_H
#define DESKGATE_CLASSIFIER_LEARN_PRIVATE_H

#include <pthread.h>

#include "classifier/doubt.h"
#include "classifier/evidence.h"
#include "classifier/learn.h"
#include "classifier/model.h"
#include "classifier/rate.h"

/*
 * What learn.c (opening, transactions, groups), lesson.c (what a label does),
 * rehearse.c (labels looked at again) and age.c (the ceiling) share.  The
 * caller holds `lock`, and `txn` is open.
 */
struct learn {
	struct learn_settings settings;
	char *table_path;
	struct classify *classify;
	struct store *store;
	struct table *table; /* NULL: it could not be built; tried anew at
			      * the next lesson */
	struct rate *rate;   /* of those who teach through a teacher */
	struct doubt doubt;  /* whose totals.doubts are */
	struct model_totals totals; /* as of the open transaction */
	guint64 records;            /* counts there are, likewise */
	guint64 hand;               /* where age.c goes on */
	struct store_txn *txn;      /* of a lesson or group, or NULL */
	gboolean dirty;             /* it has changes */
	gboolean grouped;
	gboolean group_failed; /* a lesson of it took the others along */
	gboolean table_failed; /* the table could not follow: build it anew */
	pthread_mutex_t
	    lock; /* recursive: a group holds it from begin to end */
};

/* For model_add: the score table follows each record that changes. */
void learn_changed(void *self, guint64 digest, guint32 spam, guint32 ham);

/* Whatever changes the model stands between these: the lock, and a transaction
 * of its own or the group's.  Enter answers FALSE with nothing to leave; `done`
 * FALSE promises that nothing was changed. */
gboolean learn_enter(struct learn *learn, GError **error);
/* Answers `done`, or FALSE when it could not be kept. */
gboolean learn_leave(struct learn *learn, gboolean done, GError **error);

/* The model as it stands, for looking at; with the lessons of a group that is
 * open.  Holds the lock until it ends. */
struct learn_view {
	struct store_txn *txn;
	struct model_totals totals;
};
/* FALSE: the store cannot be read; there is nothing to end. */
gboolean learn_view_begin(
    struct learn *learn, struct learn_view *view_r, GError **error);
/* Gives up what begin took. */
void learn_view_end(struct learn *learn, struct learn_view *view);

/* Whether enough labels were given. */
gboolean learn_is_active(const struct learn *learn);

/* Counts who has taught lately, for the rate of each actor. */
void learn_recall_rate(struct learn *learn);

/* Decides what the label does, and does it. FALSE has changed nothing. */
gboolean lesson_teach(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error);
/* Whether a label that is new would be refused without force. */
gboolean lesson_needs_force(const struct learn *learn,
    const struct classify_lesson *lesson, const struct teacher_lesson *wish);
/* NOTFOUND when it was never taught. FALSE has changed nothing. */
gboolean lesson_take_back(
    struct learn *learn, const struct ident *ident, GError **error);

/* Fills in by what the lesson will be found. */
void links_set(const struct learn *learn, const struct classify_lesson *lesson,
    struct model_lesson *record);

/* Keeps that a lesson was given for this inbox (NULL: for none). */
void links_inbox(
    struct learn *learn, const struct ident *ident, const char *inbox);

/* A lesson that was noted is in the counts from now on. */
void lesson_train_noted(struct learn *learn, const struct ident *ident,
    const struct model_lesson *known, const guint64 *digests);

/* Keeps a lesson that was noted in mind, and lets the features of the oldest
 * one go. */
void rehearse_note(struct learn *learn, const struct ident *ident,
    const struct model_lesson *lesson);
/* A lesson that is going away leaves no name in the ring. */
void rehearse_forget(struct learn *learn, const struct ident *ident,
    const struct model_lesson *lesson);
/* Looks at some that were noted, in turn, and learns those that need it by now.
 */
void rehearse(struct learn *learn);

/* What the model has to say now, from the table as its writer has it. */
void rehearse_gather(const struct learn *learn, const guint64 *digests, guint n,
    struct evidence *evidence_r);

/* Folds lessons that are older than journal_keep into the base, at most this
 * many; answers how many. */
guint fold_lessons(struct learn *learn, guint most);

/* Lets a part of a source go, if it is one that goes: a starter outvoted by own
 * labels, or one that is being forgotten.  Answers whether there is more. */
gboolean import_wane(struct learn *learn);
/* What sources add to the totals. */
void import_totals(struct store_txn *txn, struct table_totals *totals_r);

/* Lets the rarest and oldest records go while there are more than max_records.
 */
void age_records(struct learn *learn);

#endif
