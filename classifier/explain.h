/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EXPLAIN_H
#define DESKGATE_CLASSIFIER_EXPLAIN_H

#include <jansson.h>

#include "classifier/classify.h"

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

/*
 * The verdict with its strongest reasons filled in (verdict.h), a few of each
 * part at most, so that one part does not hide the others. `table` may be NULL.
 */
void explain_verdict(struct message *message,
    const struct features_rules *rules, const struct table_reader *table,
    const struct classify_settings *settings, struct verdict *verdict_r);

/*
 * The long form: {"verdict": {...}, "lessons": {"spam", "ham"}, "missing":
 * {"spam", "ham", "any"} (labels before the model decides), "features": n,
 * "known": n, "reasons": [{"part", "text", "weight", "spam", "ham"}...],
 * strongest first, at most 200 and of form, header and text 100, "parts":
 * {"sender": {"spam": A, "ham": B}, ...}}; the sums of all parts are the
 * verdict's evidence.  Pieces of header and text that follow each other and
 * speak for one side are one reason: the text they stand in and what is around
 * it, their summed weight, "grams" (how many), and the counts of the strongest.
 * The caller owns it.
 */
json_t *explain_message(struct message *message,
    const struct features_rules *rules, const struct table_reader *table,
    const struct classify_settings *settings);

#endif
