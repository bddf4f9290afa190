/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EXPLAIN_H
#define DESKGATE_CLASSIFIER_EXPLAIN_H

#include <jansson.h>

#include "classifier/classify.h"
#include "classifier/score.h"

/*
 * Why: the features of a message by name, with their weights.  Runs in a
 * reader.
 *
 * Parts, for people: subject, sender, recipient, wording, links, field (of the
 * header), route, history, structure; form (what no one can read: shapes,
 * orders, sizes), header and text (pieces of six bytes).  The last three are
 * never among the reasons of a verdict, only in the long form.
 */

/* Weights below this are not worth a person's time. */
#define EXPLAIN_LEAST 0.2

/* Score tables of the installation (NULL: no model) and of own models. */
struct explain_tables {
	const struct table_reader *const *readers;
	guint n; /* at least 1 */
};

/*
 * The verdicts with their strongest reasons filled in (verdict.h), a few of
 * each part at most, so that one part does not hide the others: verdicts_r[0]
 * is the installation's, and each that follows is of its table together with an
 * own one (evidence.h); a reason then has the weight of both, and the lessons
 * of the one with more.  The features are the caller's to clear: none when
 * there is no model.
 */
void explain_verdicts(struct message *message,
    const struct features_rules *rules, const struct explain_tables *tables,
    const struct classify_settings *settings, struct verdict *verdicts_r,
    struct features *features_r);

/* The weight of a feature in one model, or in two together. */
struct explain_scale {
	const struct table_reader *shared, *own; /* own: NULL: none */
	struct score_ramp ramps[2];
	struct score_memo memos[2];
	guint share; /* of the own one (evidence_weight) */
};
/* Begins with empty memos. */
void explain_scale_init(struct explain_scale *scale,
    const struct table_reader *shared, const struct table_reader *own);
/* FALSE when no lesson had it. */
gboolean explain_weigh(struct explain_scale *scale, guint64 digest,
    double *weight_r, guint32 *spam_r, guint32 *ham_r);

/*
 * The long form: {"verdict": {...}, "lessons": {"spam", "ham"}, "missing":
 * {"spam", "ham", "any"} (labels before the model decides), "features": n,
 * "known": n, "reasons": [{"part", "text", "weight", "spam", "ham"}...],
 * strongest first, at most 200 and of form, header and text 100, "parts":
 * {"sender": {"spam": A, "ham": B}, ...}}; the sums of all parts are the
 * verdict's evidence.  Pieces of header and text that follow each other and
 * speak for one side are one reason: the text they stand in and what is around
 * it, their summed weight, "grams" (how many), and the counts of the strongest.
 * With an own model (else `own` is NULL) all of it is of both.  The caller owns
 * it.
 */
json_t *explain_message(struct message *message,
    const struct features_rules *rules, const struct table_reader *table,
    const struct table_reader *own, const struct classify_settings *settings);

#endif
