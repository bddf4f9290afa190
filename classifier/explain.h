/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EXPLAIN_H
#define DESKGATE_CLASSIFIER_EXPLAIN_H

#include <jansson.h>

#include "classifier/classify.h"

/*
 * Why: the features of a message by name, with their weights.  Runs in a
 * reader.
 */

/* The verdict with its strongest reasons filled in (verdict.h). `table` may be
 * NULL. */
void explain_verdict(struct message *message, const guint8 *feature_key,
    const struct table_reader *table, const struct classify_settings *settings,
    struct verdict *verdict_r);

/*
 * The long form: {"verdict": {...}, "lessons": {"spam", "ham"}, "features": n,
 * "known": n, "reasons": [{"part", "text", "weight", "spam", "ham"}...],
 * strongest first, at most 200, "parts": {"sender": {"spam": A, "ham": B},
 * ...}, "grams": {"spam", "ham"}}. The caller owns it.
 */
json_t *explain_message(struct message *message, const guint8 *feature_key,
    const struct table_reader *table, const struct classify_settings *settings);

#endif
