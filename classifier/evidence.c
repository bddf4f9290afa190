/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking up, adding up, and what it amounts to.
 */
#include "classifier/evidence.h"

/* How far ahead the table's memory is asked for: a look-up waits for it. */
#define AHEAD 16
/* Labels of the rarer class at which an own model has half of its say. */
#define HALF_TAUGHT 16

static gboolean
is_active(
    const struct table_totals *totals, const struct classify_settings *settings)
{
	return totals->label_spam >= settings->activation_labels &&
	       totals->label_ham >= settings->activation_labels &&
	       totals->label_spam + totals->label_ham >=
		   settings->activation_total;
}

void
evidence_gather(const struct table_reader *table, const guint64 *digests,
    guint n, struct evidence *evidence_r)
{
	const struct table_totals *totals = &evidence_r->totals;
	struct score_memo memo = { 0 };
	struct score_ramp ramp;

	table_totals(table, &evidence_r->totals);
	score_begin(&(struct score_totals){ totals->spam, totals->ham }, &ramp,
	    &evidence_r->sum);
	for (guint i = 0; i < MIN(n, AHEAD); i++)
		table_prefetch(table, digests[i]);
	for (guint i = 0; i < n; i++) {
		guint32 spam, ham;

		if (i + AHEAD < n)
			table_prefetch(table, digests[i + AHEAD]);
		table_get(table, digests[i], &spam, &ham);
		if (spam != 0 || ham != 0)
			score_add(&evidence_r->sum, SCORE_SIDE(digests[i]),
			    score_feature_memo(&ramp, &memo, spam, ham));
	}
}

guint
evidence_weight(const struct table_totals *own)
{
	guint64 rarer = MIN(own->label_spam, own->label_ham);

	if (own->spam == 0 || own->ham == 0)
		return 0;
	return rarer * EVIDENCE_ONE / (rarer + HALF_TAUGHT);
}

score_weight
evidence_mix(score_weight shared, score_weight own, guint weight)
{
	const score_weight one = EVIDENCE_ONE, whole = 2 * one;

	return (shared * (whole - weight) + own * 2 * weight) / whole;
}

void
evidence_blend(const struct evidence *shared, const struct evidence *own,
    struct evidence *both_r)
{
	guint weight = evidence_weight(&own->totals);
	const struct table_totals *a = &shared->totals, *b = &own->totals;

	for (int side = 0; side < SCORE_SIDES; side++) {
		both_r->sum.spam[side] = evidence_mix(
		    shared->sum.spam[side], own->sum.spam[side], weight);
		both_r->sum.ham[side] = evidence_mix(
		    shared->sum.ham[side], own->sum.ham[side], weight);
	}
	both_r->sum.prior =
	    evidence_mix(shared->sum.prior, own->sum.prior, weight);
	both_r->totals = (struct table_totals){
		.spam = MAX(a->spam, b->spam),
		.ham = MAX(a->ham, b->ham),
		.label_spam = MAX(a->label_spam, b->label_spam),
		.label_ham = MAX(a->label_ham, b->label_ham),
	};
}

void
evidence_verdict(const struct evidence *evidence,
    const struct classify_settings *settings, struct verdict *verdict_r)
{
	verdict_init(verdict_r, VERDICT_UNSURE, VERDICT_COLD, NULL);
	verdict_r->margin = score_margin(&evidence->sum);
	verdict_r->score = score_published(&evidence->sum);
	verdict_r->probability = score_probability(verdict_r->score);
	if (!is_active(&evidence->totals, settings))
		return;
	verdict_r->basis = VERDICT_SCORED;
	verdict_r->class = verdict_at(
	    verdict_r->score, settings->spam_score, settings->ham_score);
}
