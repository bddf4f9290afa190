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

/* Labels of each class that are kept to be looked at. */
#define KEPT 512
/* Looks at each class for each lesson learnt. */
#define LOOKS 2

struct slot_key {
	guint32 class, slot;
};

/* A label that was taken back and noted again has another seq, and a slot of
 * its own: the one from before is not of it. */
struct slot {
	struct ident ident;
	guint32 seq;
};

static gboolean
get_slot(struct learn *learn, const struct slot_key *key, struct slot *slot_r)
{
	struct store_value value;

	if (!store_get(learn->txn, MODEL_NOTED, key, sizeof(*key), &value) ||
	    value.length != sizeof(*slot_r))
		return FALSE;
	memcpy(slot_r, value.data, sizeof(*slot_r));
	return TRUE;
}

/* The slot's lesson, if it still is only noted, with its features. */
static gboolean
get_noted(struct learn *learn, const struct slot *slot,
    struct model_lesson *lesson_r, guint64 **digests_r)
{
	if (!model_get_lesson(
		learn->txn, &slot->ident, lesson_r, digests_r, NULL))
		return FALSE;
	if (!lesson_r->trained && lesson_r->seq == slot->seq && lesson_r->n > 0)
		return TRUE;
	g_clear_pointer(digests_r, g_free);
	return FALSE;
}

/* The lesson stays noted, its features go. */
static void
let_go(struct learn *learn, const struct slot *slot)
{
	g_autofree guint64 *digests = NULL;
	struct model_lesson lesson;

	if (!get_noted(learn, slot, &lesson, &digests))
		return;
	lesson.n = 0;
	model_put_lesson(learn->txn, &slot->ident, &lesson, digests);
}

void
rehearse_note(struct learn *learn, const struct ident *ident,
    const struct model_lesson *lesson)
{
	struct model_ring *ring =
	    &learn->totals.noted[lesson->class == VERDICT_SPAM];
	const struct slot_key key = { lesson->class, ring->noted++ % KEPT };
	const struct slot slot = { *ident, lesson->seq };
	struct slot old;

	if (get_slot(learn, &key, &old))
		let_go(learn, &old);
	store_put(
	    learn->txn, MODEL_NOTED, &key, sizeof(key), &slot, sizeof(slot));
}

void
rehearse_forget(struct learn *learn, const struct ident *ident,
    const struct model_lesson *lesson)
{
	struct slot_key key = { .class = lesson->class };
	struct slot slot;

	if (lesson->trained || lesson->n == 0)
		return;
	for (; key.slot < KEPT; key.slot++) {
		if (get_slot(learn, &key, &slot) &&
		    ident_equal(&slot.ident, ident))
			store_del(learn->txn, MODEL_NOTED, &key, sizeof(key));
	}
}

void
rehearse_gather(const struct learn *learn, const guint64 *digests, guint n,
    struct evidence *evidence_r)
{
	const struct table_totals *totals = &learn->totals.sums;
	struct score_memo memo = { 0 };
	struct score_ramp ramp;

	evidence_r->totals = *totals;
	score_begin(&(struct score_totals){ totals->spam, totals->ham }, &ramp,
	    &evidence_r->sum);
	for (guint i = 0; learn->table != NULL && i < n; i++) {
		guint32 spam, ham;

		table_look(learn->table, digests[i], &spam, &ham);
		if (spam != 0 || ham != 0)
			score_add(&evidence_r->sum, SCORE_SIDE(digests[i]),
			    score_feature_memo(&ramp, &memo, spam, ham));
	}
}

static void
look_at(struct learn *learn, const struct slot *slot)
{
	g_autofree guint64 *digests = NULL;
	struct model_lesson known;
	struct evidence evidence;
	double margin;

	if (!get_noted(learn, slot, &known, &digests))
		return;
	rehearse_gather(learn, digests, known.n, &evidence);
	margin = score_margin(&evidence.sum);
	if ((known.class == VERDICT_SPAM ? margin : -margin) <
	    learn->settings.training_margin)
		lesson_train_noted(learn, &slot->ident, &known, digests);
}

void
rehearse(struct learn *learn)
{
	static const guint32 classes[] = { VERDICT_HAM, VERDICT_SPAM };

	for (gsize i = 0; i < G_N_ELEMENTS(classes) * LOOKS; i++) {
		guint32 class = classes[i % G_N_ELEMENTS(classes)];
		struct model_ring *ring =
		    &learn->totals.noted[class == VERDICT_SPAM];
		struct slot_key key = { .class = class };
		struct slot slot;

		if (ring->noted == 0 || store_failed(learn->txn))
			continue;
		key.slot = ring->looked++ % MIN(ring->noted, KEPT);
		if (get_slot(learn, &key, &slot))
			look_at(learn, &slot);
	}
}
