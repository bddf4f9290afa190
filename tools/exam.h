/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_EXAM_H
#define DESKGATE_TOOLS_EXAM_H

#include "classifier/figures.h"
#include "lib/base/conf.h"
#include "tools/pupil.h"

/*
 * An examination of the filter, by the protocol of the TREC spam track: each
 * message is judged by what was taught before it, then its label is taught, as
 * an agent's label would be.  In this process, without a keeper, in a temporary
 * folder that is removed, also on SIGINT, SIGTERM and SIGHUP.
 *
 * Messages are read in jailed readers, ahead on all cores.
 */
struct exam_item {
	enum verdict_class truth; /* HAM or SPAM */
	gboolean judged;          /* in the results */
	gboolean taught;          /* its label is given */
	char *path;
	const char *actor; /* whose label it is; NULL: the evaluator's */
};

struct exam_rules {
	guint delay; /* a label is given after so many further messages */
	double flip; /* share of labels that are given wrongly, 0..1 */
	guint64 seed;
	gboolean force;     /* no label is refused */
	gboolean body_only; /* nothing of the header is looked at */
	guint readers;      /* 0: as many as there are cores */
	struct classify_settings judging;
	struct learn_settings learning;
};

/* What came of it.  Times are in seconds of CPU. */
struct exam_report {
	GArray *results; /* struct figures_result, in order */
	guint taught[TEACHER_UNTAUGHT + 1]; /* labels, by outcome */
	guint flipped;                      /* labels given wrongly */
	guint missing;                      /* files that could not be read */
	guint unread; /* messages that no reader could read: unsure */
	guint read;   /* messages read */
	guint twice;  /* copies of others, left out (own mail only) */
	/* guint: where each fold ends in the results; empty without folds. */
	GArray *folds;
	gint64 learnt_ham, learnt_spam, records, bytes; /* of the model */
	double reading;
	struct pupil_cpu cpu;
};
/* Frees what it holds. */
void exam_report_clear(struct exam_report *report);

/* Fills in `judging` and `learning` from the settings. */
void exam_rules_set(struct exam_rules *rules, const struct conf *conf);

struct exam;
/* Starts the readers; to be called before there is any thread.  The rules and
 * the settings (limits, names of own hosts) are borrowed. */
struct exam *exam_open(
    const struct exam_rules *rules, const struct conf *conf, GError **error);
/* Ends the readers and removes the folder; accepts NULL. */
void exam_close(struct exam **address);

/* Told of each message as it is done, and of what went wrong with it (or NULL).
 */
struct exam_witness {
	void (*tell)(
	    void *self, guint done, const char *name, const GError *error);
	void *self;
};

/* An empty report, for results from elsewhere. */
void exam_report_init(struct exam_report *report);

/*
 * Runs through the items (struct exam_item) from an empty model on. FALSE with
 * AGAIN when a signal ended it.  The caller clears *report_r in any case.
 */
gboolean exam_run(struct exam *exam, const GArray *items,
    const struct exam_witness *witness, struct exam_report *report_r,
    GError **error);

/*
 * Own mail, from wherever tools/source.h finds it, or from an index.  It is
 * read first, as a whole, each message once: copies are left out, since a copy
 * in the lessons would answer for the one that is judged.  With `folds` of 0
 * the protocol is run on it, ham and spam interleaved.  With 2 or more, each
 * fold is judged by a model that was taught all the others, in order.
 */
struct exam_piles {
	char **ham, **spam;  /* paths, NULL-ended; or NULL */
	const GArray *items; /* of an index, instead; or NULL */
	guint folds;
};
/* See above; as exam_run. */
gboolean exam_run_piles(struct exam *exam, const struct exam_piles *piles,
    const struct exam_witness *witness, struct exam_report *report_r,
    GError **error);

/*
 * Reads an index: lines "ham|spam PATH"; Ham and Spam: judged, not taught; HAM
 * and SPAM: taught, not judged.  PATH is relative to the index's folder.  NULL
 * with BAD when a line is none.  The caller frees the array.
 */
GArray *exam_read_index(const char *path, GError **error);
/* The message in the file, at most CMD_MESSAGE_MOST bytes; BAD when it is no
 * regular file. */
GBytes *exam_read_message(const char *path, GError **error);

#endif
