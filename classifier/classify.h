/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_CLASSIFY_H
#define DESKGATE_CLASSIFIER_CLASSIFY_H

#include <glib.h>

#include "lib/base/worker.h"
#include "lib/mail/message.h"
#include "lib/mail/verdict.h"

/*
 * From a message to a verdict, in two halves: the job that runs in a jailed reader, and
 * the call that hands it over.  classify_settings is what both need.
 */
struct classify_settings {
	double spam_margin;	 /* decades: at or above is spam (default 20) */
	double ham_margin;	 /* decades: at or below is ham (default -20) */
	guint activation_labels; /* of each class (10) */
	guint activation_total;	 /* in all (64) */
};

/* What readers of the classifier's jobs hold; filled before worker_pool_start. */
struct classify_context {
	guint8 feature_key[16];
	struct classify_settings settings;
	struct message_limits limits;
	void *cache; /* the job's own: the mapped table; NULL at first */
};

/* Jobs: fds[0] message, fds[1] score table (absent: no model).
 *  score: record = a verdict in JSON
 *  features: record = n x guint64 digests, native order, then the verdict in JSON
 *  explain: record = JSON with every named reason (see `deskgate explain --json`) */
gboolean classify_job_score(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer, GError **error);
gboolean classify_job_features(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer, GError **error);
gboolean classify_job_explain(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer, GError **error);

/*
 * The caller's side, for milter and keeper: one per process, thread-safe.  Follows the score
 * table at `table_path` through replacements.  The pool must have jobs named "score",
 * "features" and "explain".
 */
struct classify;
struct classify *classify_new(struct worker_pool *pool, const char *table_path);
void classify_free(struct classify **classify);

/*
 * Judges the message in the memory file.  Always fills *verdict_r: a message that no
 * reader could read is UNREAD and unsure; without a table NO_MODEL.  FALSE only with AGAIN, when
 * no reader could be had.
 */
gboolean classify_message(struct classify *classify, int message, guint wall_ms,
    struct verdict *verdict_r, GError **error);

/* The long answer to "why"; the caller frees the JSON text. */
char *classify_explain(struct classify *classify, int message, GError **error);

/* Digests of the message, for learning. The caller g_frees *digests_r. */
gboolean classify_features(struct classify *classify, int message,
    guint64 **digests_r, guint *n_r, struct verdict *verdict_r, GError **error);

#endif
