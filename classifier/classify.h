/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_CLASSIFY_H
#define DESKGATE_CLASSIFIER_CLASSIFY_H

#include <glib.h>

#include "classifier/features.h"
#include "classifier/model.h"
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
	double spam_score;       /* at or above is spam (default 4) */
	double ham_score;        /* at or below is ham (default -4) */
	guint activation_labels; /* of each class (10) */
	guint activation_total;  /* in all (64) */
};

/* Own models of inboxes, beside the installation's, that there can be. */
#define CLASSIFY_MODELS 16
#define CLASSIFY_TABLES (1 + CLASSIFY_MODELS)

struct classify_table {
	struct table_reader *reader;
	guint64 inode, device;
	guint64 used; /* by which call, the last time */
};

/* What readers of the classifier's jobs hold; filled before worker_pool_start.
 */
struct classify_context {
	guint8 feature_key[FEATURES_KEY_BYTES];
	struct classify_settings settings;
	struct message_limits limits;
	/* Hosts and domains whose Received fields are our own deliveries' and
	 * are left out: this host's name and the inboxes' domains; a NULL ends
	 * them, NULL: none. */
	const char *const *local_domains;
	gboolean body_only; /* for evaluations; see features.h */
	/* The jobs' own: mapped last; zero at first. */
	struct classify_table tables[CLASSIFY_TABLES];
	guint64 calls;
};

/* Jobs: fds[0] message, fds[1] the installation's score table (absent: no
 * model), then those of own models (evidence.h).
 *  score: record = the installation's verdict, then those of own models
 * together with it, in their order; with a model then what was scored (wire.h)
 *  features: record = a lesson (wire.h)
 *  explain: record = JSON with every named reason (see `deskgate explain
 * --json`), of the first own model's too */
gboolean classify_job_score(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);
/* For teaching: the name, the features, the verdict. */
gboolean classify_job_features(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);
/* The long answer to "why". */
gboolean classify_job_explain(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);

/*
 * The caller's side, for milter and keeper: one per process, thread-safe.
 * Follows the score table at `table_path` through replacements.  The pool must
 * have jobs named "score", "features" and "explain".
 */
struct classify;
/* `pool` is borrowed, the path copied. */
struct classify *classify_new(struct worker_pool *pool, const char *table_path);
/* Makes an own model known by its name; before any thread asks for it.  Both
 * are copied. */
void classify_add(
    struct classify *classify, const char *model, const char *table_path);
/* Accepts NULL inside. */
void classify_free(struct classify **classify);

struct classify_ask {
	int message; /* memory file */
	/* Own models of inboxes, at most CLASSIFY_MODELS, a NULL ends them;
	 * NULL: none. */
	const char *const *models;
	guint wall_ms; /* 0: as the pool has it */
};

/*
 * Judges the message.  It is read once; verdicts_r[0] is the installation's,
 * and those that follow are one for each own model, which leaves the
 * installation's when it is not known or has no table.  Always fills them: a
 * message that no reader could read is UNREAD and unsure; without a table
 * NO_MODEL.  *scored_r (may be NULL) is what was scored, for a label that comes
 * later (wire.h): the caller's, or NULL when there was no model or no reading.
 * FALSE only with AGAIN, when no reader could be had.
 */
gboolean classify_message(struct classify *classify,
    const struct classify_ask *ask, struct verdict *verdicts_r,
    GBytes **scored_r, GError **error);

/* The long answer to "why", with an own model's part or (NULL) without; the
 * caller frees the JSON text. */
char *classify_explain(
    struct classify *classify, int message, const char *model, GError **error);

/*
 * What learning needs of a message.  `ident` names the lesson (canonical.h), so
 * that a copy from a mailbox, with other local headers, is the same lesson as
 * the one the milter saw.
 */
struct classify_lesson {
	struct ident ident;
	guint64 *digests; /* sorted, unique */
	guint n;
	struct verdict verdict; /* as of now */
	/* By what it can be found to be taken back; each may be NULL. */
	char *people[MODEL_PEOPLE]; /* addresses of the sender */
	char *id;                   /* Message-ID */
};
/* Reads the message for a lesson; BAD when no reader could read it. */
gboolean classify_lesson(struct classify *classify, int message,
    struct classify_lesson *lesson_r, GError **error);
/* Frees what it holds. */
void classify_lesson_clear(struct classify_lesson *lesson);

/*
 * The verdict on features: pure but for the table it looks into (NULL: no
 * model).  Reasons are not filled.  For the jobs and for benchmarks that run
 * without a jail.
 */
void classify_verdict(const struct table_reader *table,
    const struct classify_settings *settings, const guint64 *digests, guint n,
    struct verdict *verdict_r);

#endif
