/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EVIDENCE_H
#define DESKGATE_CLASSIFIER_EVIDENCE_H

#include <glib.h>

#include "classifier/classify.h"
#include "classifier/score.h"
#include "classifier/table.h"

/*
 * What a model has to say about a message, and how what an inbox's own model
 * says is added to what the installation's says.  Pure but for the table.
 *
 * The sums (score.h) are added, each with its weight.  With m the labels of the
 * rarer class that the own model was given (0 until it has learnt some of
 * both):
 *
 *   w     = m / (m + 16)
 *   A, B  = (1 - w/2) * (A, B of the installation) + w * (A, B of the own)
 *
 * m counts labels and not only lessons learnt, since a label that was noted was
 * known well enough; and those of the rarer class, since one class alone is no
 * knowledge: a model that has seen ham only would call everything ham.  The own
 * one grows to twice the say of the other, because its mail is the very mail
 * that is judged; the other never goes, because it has seen what has not yet
 * come to this inbox. Both together are at most 1.5 times one of them, so that
 * scores and their thresholds mean about the same.  w is in steps of 1/1024 and
 * sums are whole numbers, so without lessons of both classes the installation's
 * verdict is unchanged to the last bit.
 *
 * A label given at an inbox is a label to both models, so both together have
 * at least as many of a class as the one that has more.
 */
#define EVIDENCE_ONE 1024 /* w of 1 */

struct evidence {
	struct table_totals totals;
	struct score_sum sum;
};

/* One look-up for each feature. */
void evidence_gather(const struct table_reader *table, const guint64 *digests,
    guint n, struct evidence *evidence_r);

/* w of an own model with these totals, 0..EVIDENCE_ONE. */
guint evidence_weight(const struct table_totals *own);
/* One number of both, weighted. */
score_weight evidence_mix(score_weight shared, score_weight own, guint weight);
/* Both together; lessons and prior too. */
void evidence_blend(const struct evidence *shared, const struct evidence *own,
    struct evidence *both_r);

/* Reasons are not filled. */
void evidence_verdict(const struct evidence *evidence,
    const struct classify_settings *settings, struct verdict *verdict_r);

#endif
