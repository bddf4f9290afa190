/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_CLASSIFY_H
#define DESKGATE_CLASSIFIER_CLASSIFY_H

#include <glib.h>

#include "classifier/table.h"
#include "lib/base/ident.h"
#include "lib/base/worker.h"
#include "lib/mail/message.h"
#include "lib/mail/verdict.h"

/*
 * From a message to a verdict, in two halves: the job that runs in a jailed
 * reader, and the call that hands it over.  classify_settings is what both
 * need.
 */
struct classify_settings {
	double spam_margin;      /* decades: at or above is spam (default 20) */
	double ham_margin;       /* decades: at or below is ham (default -20) */
	guint activation_labels; /* of each class (10) */
	guint activation_total;  /* in all (64) */
};

/* What readers of the classifier's jobs hold; filled before worker_pool_start.
 */
struct classify_context {
	guint8 feature_key[16];
	struct classify_settings settings;
	struct message_limits limits;
	struct table_reader
	    *table; /* the jobs' own: mapped last; NULL at first */
	guint64 table_inode;
};

/* Jobs: fds[0] message, fds[1] score table (absent: no model).
 *  score: record = a verdict in JSON
 *  features: record = the lesson's ident (16), n (guint32), n digests
 * (guint64), all in native order, then the verdict in JSON explain: record =
 * JSON with every named reason (see `deskgate explain --json`) */
gboolean classify_job_score(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);
gboolean classify_job_features(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);
gboolean classify_job_explain(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);

/*
 * The caller's side, for milter and keeper: one per process, thread-safe.
 * Follows the score table at `table_path` through replacements.  The pool must
 * have jobs named "score", "features" and "explain".
 */
struct classify;
struct classify *classify_new(struct worker_pool *pool, const char *table_path);
void classify_free(struct classify **classify);

/*
 * Judges the message in the memory file.  Always fills *verdict_r: a message
 * that no reader could read is UNREAD and unsure; without a table NO_MODEL.
 * FALSE only with AGAIN, when no reader could be had.
 */
gboolean classify_message(struct classify *classify, int message, guint wall_ms,
    struct verdict *verdict_r, GError **error);

/* The long answer to "why"; the caller frees the JSON text. */
char *classify_explain(struct classify *classify, int message, GError **error);

/*
 * What learning needs of a message.  `ident` names the lesson: a keyed digest
 * of Message-ID, From, Date and body, so that a copy from a mailbox, with other
 * local headers, is the same lesson as the one the milter saw.
 */
struct classify_lesson {
	struct ident ident;
	guint64 *digests; /* sorted, unique */
	guint n;
	struct verdict verdict; /* as of now */
};
gboolean classify_lesson(struct classify *classify, int message,
    struct classify_lesson *lesson_r, GError **error);
void classify_lesson_clear(struct classify_lesson *lesson);

/*
 * The verdict on features: pure but for the table it looks into (NULL: no
 * model).  Reasons are not filled.  For the jobs and for benchmarks that run
 * without a jail.
 */
void classify_verdict(const struct table_reader *table,
    const struct classify_settings *settings, const guint64 *digests, guint n,
    struct verdict *verdict_r);
/* The lesson's name for a message that was read. */
void classify_ident(const guint8 *feature_key, const struct message *message,
    struct ident *ident_r);

#endif
