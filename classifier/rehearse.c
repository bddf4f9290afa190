/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking again at labels that were noted without need.
 *
 * Whoever teaches a folder of ham and then a folder of spam gives the model a
 * one-sided view: after a few lessons all ham lies beyond the training margin
 * and is only noted, and then the spam moves the model until it takes that very
 * ham for spam (1,039 of 1,500 good messages, measured with 300 + 300 lessons
 * of a public corpus; 1 when the classes come in turns, 6 with what is here).
 * So the last labels of each class that were noted keep their features in the
 * journal, in a ring, and each lesson learnt has a few of them looked at again,
 * in turn: what lies within the training margin by now is learnt.  It is the
 * person's own label, given once and counted once.
 */
#include <string.h>

#include "classifier/learn_private.h"
#include "classifier/score.h"

/* Labels of each class that are kept to be looked at. */
#define KEPT 512
/* Looks at each class for each lesson learnt. */
#define LOOKS 4

struct slot_key {
	guint32 class, slot;
};

static gboolean
get_slot(
    struct learn *learn, guint32 class, guint32 slot, struct ident *ident_r)
{
	const struct slot_key key = { class, slot };
	struct store_value value;

	if (!store_get(learn->txn, MODEL_NOTED, &key, sizeof(key), &value) ||
	    value.length != IDENT_BYTES)
		return FALSE;
	memcpy(ident_r->bytes, value.data, IDENT_BYTES);
	return TRUE;
}

/* A lesson of this class that still is only noted, with its features. */
static gboolean
get_noted(struct learn *learn, guint32 class, const struct ident *ident,
    struct model_lesson *lesson_r, guint64 **digests_r)
{
	if (!model_get_lesson(learn->txn, ident, lesson_r, digests_r, NULL))
		return FALSE;
	if (!lesson_r->trained && lesson_r->class == class && lesson_r->n > 0)
		return TRUE;
	g_clear_pointer(digests_r, g_free);
	return FALSE;
}

/* The lesson stays noted, its features go. */
static void
let_go(struct learn *learn, guint32 class, const struct ident *ident)
{
	g_autofree guint64 *digests = NULL;
	struct model_lesson lesson;

	if (!get_noted(learn, class, ident, &lesson, &digests))
		return;
	lesson.n = 0;
	model_put_lesson(learn->txn, ident, &lesson, digests);
}

void
rehearse_note(struct learn *learn, guint32 class, const struct ident *ident)
{
	struct model_ring *ring = &learn->totals.noted[class == VERDICT_SPAM];
	const struct slot_key key = { class, ring->noted++ % KEPT };
	struct ident old;

	if (get_slot(learn, class, key.slot, &old) && !ident_equal(&old, ident))
		let_go(learn, class, &old);
	store_put(learn->txn, MODEL_NOTED, &key, sizeof(key), ident->bytes,
	    IDENT_BYTES);
}

/* What the model thinks now, in decades. */
static double
margin_now(const struct learn *learn, const guint64 *digests, guint n)
{
	const struct score_totals totals = { learn->totals.sums.spam,
		learn->totals.sums.ham };
	struct score_memo memo = { 0 };
	struct score_ramp ramp;
	struct score_sum sum;

	score_begin(&totals, &ramp, &sum);
	for (guint i = 0; i < n; i++) {
		guint32 spam, ham;

		table_look(learn->table, digests[i], &spam, &ham);
		if (spam != 0 || ham != 0)
			score_add(
			    &sum, score_feature_memo(&ramp, &memo, spam, ham));
	}
	return score_margin(&sum);
}

static void
look_at(struct learn *learn, guint32 class, const struct ident *ident)
{
	g_autofree guint64 *digests = NULL;
	struct model_lesson known;
	double margin;

	if (!get_noted(learn, class, ident, &known, &digests))
		return;
	margin = margin_now(learn, digests, known.n);
	if ((class == VERDICT_SPAM ? margin : -margin) <
	    learn->settings.training_margin)
		lesson_train_noted(learn, ident, &known, digests);
}

void
rehearse(struct learn *learn)
{
	static const guint32 classes[] = { VERDICT_HAM, VERDICT_SPAM };

	for (gsize i = 0; i < G_N_ELEMENTS(classes) * LOOKS; i++) {
		guint32 class = classes[i % G_N_ELEMENTS(classes)];
		struct model_ring *ring =
		    &learn->totals.noted[class == VERDICT_SPAM];
		struct ident ident;

		if (ring->noted == 0 || store_failed(learn->txn))
			continue;
		if (get_slot(learn, class,
			ring->looked++ % MIN(ring->noted, KEPT), &ident))
			look_at(learn, class, &ident);
	}
}
