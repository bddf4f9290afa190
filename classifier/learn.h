/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_LEARN_H
#define DESKGATE_CLASSIFIER_LEARN_H

#include <glib.h>
#include <jansson.h>

#include "classifier/classify.h"
#include "lib/base/secret.h"
#include "lib/mail/teacher.h"

/*
 * Learning: the keeper's side of the model.  Opens the model's LMDB folder,
 * builds the score table from it, teaches and takes back.  Thread-safe (one
 * lock).
 */
struct learn_settings {
	const char *model_folder;
	const char *table_path;
	guint64 map_bytes;
	double training_margin; /* 8: train within it (score_margin) */
	guint train_rate;       /* lessons an hour of an actor; 0: any (rate.h)
				 */
	double refuse_score;    /* 7: a label so contradicted needs
				   force */
	/* 2: how many of the last 32 labels may be spam of one agent that was
	 * ham to the model (doubt.h); 0: any. */
	guint agent_doubts;
	guint64 max_records;     /* above it the rarest and oldest are let go */
	guint activation_labels; /* as classify_settings: for stats and the
				    refusal */
	guint activation_total;
	/* Seconds after which a lesson loses its link to a person; 0: never. */
	gint64 journal_keep;
	/* Own labels of each class at which a starter model is gone; 0: it
	 * stays. */
	guint starter_labels;
	const struct clock *clock; /* borrowed; NULL: the system's */
	/* By which journal_keep is over, borrowed; NULL: `clock`. */
	const struct clock *aged;
	/* The subject key, borrowed: lessons are found by it. NULL: they have
	 * no link to a person or Message-ID. */
	const struct secret *subject_key;
	/* model_key_check of the feature key; zero: any model is opened. */
	struct ident key;
};

struct learn;
/* Opens or makes the model and publishes its score table. */
struct learn *learn_open(const struct learn_settings *settings,
    struct classify *classify, GError **error);
/* Retires the score table and closes; a group that is open, by this thread, is
 * undone. */
void learn_close(struct learn **address);

/* Teaches features that were read already; what the teacher's teach does behind
 * its reader. */
gboolean learn_lesson(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error);
/* The same, for whoever teaches by hand: it counts for the rate of the actor,
 * and the log tells of a label that was forced upon a model that would have
 * refused it. */
gboolean learn_label(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error);
/* Whether the actor has taught too fast; then reason->wait is how long he has
 * to wait. */
gboolean learn_holds_up(struct learn *learn, const struct teacher_lesson *wish,
    struct teacher_reason *reason);
/* Its settings' key. */
const struct ident *learn_key(const struct learn *learn);

struct evidence;
/* What the model has to say of features as it stands, with the lessons of a
 * group that is open (evidence.h). */
void learn_gather(struct learn *learn, const guint64 *digests, guint n,
    struct evidence *evidence_r);
/* Takes a lesson back by its name; NOTFOUND when there is none. */
gboolean learn_take_back(
    struct learn *learn, const struct ident *ident, GError **error);
/* Takes back all lessons that were sent by this address, or whose Message-ID
 * this is (with or without <>); *taken_r (may be NULL): how many.  NOTFOUND
 * when there is none, BAD when it is no address or id. */
gboolean learn_take_back_person(
    struct learn *learn, const char *address, guint *taken_r, GError **error);
/* The same of one who is known by his subject. */
gboolean learn_take_back_subject(struct learn *learn,
    const struct ident *subject, guint *taken_r, GError **error);
struct people;
/* Adds everybody whose mail gave a lesson that is in the journal. */
gboolean learn_people(
    struct learn *learn, struct people *people, GError **error);
/* How many lessons of this address the journal has. */
gboolean learn_count_person(
    struct learn *learn, const char *address, guint *lessons_r, GError **error);
/* Adds each of them to the array: {"taught": "2026-...", "class": "ham",
 * "counted": true, "by": "cli"}; who taught is told by his kind alone. */
gboolean learn_list_person(
    struct learn *learn, const char *address, json_t *list, GError **error);
/* The same by Message-ID. */
gboolean learn_take_back_id(
    struct learn *learn, const char *id, guint *taken_r, GError **error);

/* Takes back lessons of this actor, as the lessons name him, at most `most`;
 * *taken_r: how many; *more_r becomes TRUE when there are others of his, and
 * else stays as it is.  A lesson is his who gave it first, or changed its class
 * last.  NOTFOUND when none is, BAD when the journal cannot tell him from
 * others. */
gboolean learn_take_back_actor(struct learn *learn, const char *actor,
    guint most, guint *taken_r, gboolean *more_r, GError **error);

/* Takes back all lessons that were given for this inbox and for no other one;
 * *taken_r: how many, which may be none. */
gboolean learn_take_back_inbox(
    struct learn *learn, const char *inbox, guint *taken_r, GError **error);

/*
 * What is due without a lesson, a little at a time: folding of lessons older
 * than journal_keep, letting go of what is to be forgotten.  *more_r (may be
 * NULL): there is more.
 */
gboolean learn_tend(struct learn *learn, gboolean *more_r, GError **error);
/* What learn_tend_free left. */
enum learn_left {
	LEARN_LEFT_NOTHING,
	LEARN_LEFT_UNSEEN, /* another thread has the model: ask again soon */
	LEARN_LEFT_MORE,
};
/* The same, for who may not wait: nothing while another thread has the model.
 */
gboolean learn_tend_free(
    struct learn *learn, enum learn_left *left_r, GError **error);

/* How many lessons the journal has, with "journal-keep", and folds those that
 * are past their time when the expiry says so (lib/privacy/holder.h): a row.
 * `name` of an own model, or NULL. */
struct holder_expiry;
gboolean learn_expire(struct learn *learn, const char *name,
    const struct holder_expiry *expiry, json_t *rows, GError **error);
/* As store_settle; AGAIN within a group of this thread. */
gboolean learn_settle(struct learn *learn, gint64 mono, GError **error);

/* Its model's store, for whoever looks at it; borrowed. */
struct store *learn_store(struct learn *learn);
/* Frees the model's file of what was deleted (store_compact).  Not within a
 * group of this thread; waits for those of others. */
gboolean learn_compact(struct learn *learn, GError **error);
/* Copies the model as it was kept last (store_copy). */
gboolean learn_copy(struct learn *learn, const char *folder, GError **error);

/*
 * Between these, lessons share one commit: what was taught is durable only when
 * learn_group_end has answered TRUE; on FALSE all of the group is undone.  Both
 * are called by one thread; lessons of other threads wait until the group has
 * ended.  BAD when this thread has a group open.
 */
gboolean learn_group_begin(struct learn *learn, GError **error);
/* Commits the group; see above. */
gboolean learn_group_end(
    struct learn *learn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* {"ham":37,"spam":4,"all":41,"need_each":10,"need_all":64,"active":false,
 *  "learnt_ham":..,"learnt_spam":..,"lessons":..,"records":..,"bytes":..,
 *  "sources":[{"name":"..","starter":..,"whole":..,"ham":..,"spam":..,
 *  "records":..,"left":..}]}: labels given, and those that changed the counts;
 * what came from elsewhere. */
json_t *learn_stats(struct learn *learn, GError **error);

#endif
