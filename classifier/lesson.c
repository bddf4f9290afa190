/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a label does to the model.
 *
 * Thick-threshold training (TONE): a labelled message is added to the counts
 * when the model is wrong about it or right by less than `training_margin`;
 * otherwise the label is noted.  Each lesson is in the journal, so that the
 * same one again changes nothing, the other label moves it, and it can be taken
 * back exactly.
 */
#include <string.h>

#include "classifier/learn_private.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

/* Of the last 32 labels: as many contradicted ones are labels' faults. */
#define DOUBTS_MOST 6

/* Old lessons that are folded for each one taught: more than come. */
#define FOLDS 2

static void
count_label(struct learn *learn, guint32 class, int sign)
{
	if (class == VERDICT_SPAM)
		learn->totals.sums.label_spam += sign;
	else
		learn->totals.sums.label_ham += sign;
}

static void
count_trained(struct learn *learn, guint32 class, int sign)
{
	if (class == VERDICT_SPAM)
		learn->totals.sums.spam += sign;
	else
		learn->totals.sums.ham += sign;
}

/* Takes a lesson of the journal out of counts, labels and journal. */
static void
remove_lesson(struct learn *learn, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests)
{
	learn->dirty = TRUE;
	if (lesson->trained) {
		learn->records += model_add(
		    learn->txn, lesson, digests, -1, learn_changed, learn);
		count_trained(learn, lesson->class, -1);
	}
	count_label(learn, lesson->class, -1);
	rehearse_forget(learn, ident, lesson);
	model_del_lesson(learn->txn, ident, lesson);
}

/* Puts a lesson, complete but for its seq, into journal, labels and counts. */
static void
add_lesson(struct learn *learn, const struct ident *ident,
    struct model_lesson *record, const guint64 *digests)
{
	learn->dirty = TRUE;
	record->seq = ++learn->totals.seq;
	model_put_lesson(learn->txn, ident, record, digests);
	count_label(learn, record->class, 1);
	if (!record->trained) {
		rehearse_note(learn, ident, record);
		return;
	}
	learn->records +=
	    model_add(learn->txn, record, digests, 1, learn_changed, learn);
	count_trained(learn, record->class, 1);
	age_records(learn);
}

static void
add_taught(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, gboolean train)
{
	struct model_lesson record = {
		.class = wish->class,
		.trained = train,
		.n = lesson->n,
		.taught = clock_wall(learn->settings.clock),
	};

	g_strlcpy(record.actor, wish->actor != NULL ? wish->actor : "",
	    sizeof(record.actor));
	links_set(learn, lesson, &record);
	add_lesson(learn, &lesson->ident, &record, lesson->digests);
}

void
lesson_train_noted(struct learn *learn, const struct ident *ident,
    const struct model_lesson *known, const guint64 *digests)
{
	/* Still the label that was given then, by whom it was. */
	struct model_lesson record = *known;

	remove_lesson(learn, ident, known, digests);
	record.trained = TRUE;
	add_lesson(learn, ident, &record, digests);
}

/* How sure the model is of the label: below 0 it contradicts. */
static double
agreement(
    const struct classify_lesson *lesson, const struct teacher_lesson *wish)
{
	return wish->class == VERDICT_SPAM ? lesson->verdict.margin
					   : -lesson->verdict.margin;
}

/* The model is very sure of the opposite. */
static gboolean
is_contradicted(const struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish)
{
	double score = wish->class == VERDICT_SPAM ? lesson->verdict.score
						   : -lesson->verdict.score;

	return learn_is_active(learn) && score < -learn->settings.refuse_score;
}

/* When contradictions come often, it is the model that is out of date, not the
 * labels: then they are believed, lest the model stay wrong for ever. */
static gboolean
is_often(const struct learn *learn)
{
	return __builtin_popcount(learn->totals.doubts) >= DOUBTS_MOST;
}

/* An agent who has called spam of late what the model was very sure is good
 * mail, and more often than he may, is not heard where he says so of anything
 * that it takes for good: one who errs, or whose account was taken over, does
 * not talk it out of good mail alone.  Who lets mail go is heard as ever. */
static gboolean
is_outspoken(const struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish)
{
	guint most = learn->settings.agent_doubts;

	return most > 0 && wish->class == VERDICT_SPAM &&
	       lesson->verdict.score < 0 &&
	       doubt_of(&learn->doubt, learn->totals.doubts, wish->actor) >=
		   most;
}

gboolean
lesson_needs_force(const struct learn *learn,
    const struct classify_lesson *lesson, const struct teacher_lesson *wish)
{
	return (is_contradicted(learn, lesson, wish) && !is_often(learn)) ||
	       is_outspoken(learn, lesson, wish);
}

/* Whether to refuse the label.  Remembers how it was for the last 32 labels;
 * one that is given again is the same doubt, and one of who is not heard is
 * none. */
static gboolean
is_doubtful(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish)
{
	gboolean contradicted = is_contradicted(learn, lesson, wish);
	gboolean needs = lesson_needs_force(learn, lesson, wish);

	if (is_outspoken(learn, lesson, wish) ||
	    (contradicted &&
		ident_equal(&learn->totals.doubted, &lesson->ident)))
		return needs && !wish->force;
	learn->totals.doubts = doubt_add(&learn->doubt, learn->totals.doubts,
	    contradicted, wish->class == VERDICT_SPAM ? wish->actor : NULL);
	if (contradicted)
		learn->totals.doubted = lesson->ident;
	learn->dirty = TRUE;
	return needs && !wish->force;
}

/* Whether to refuse that an agent calls spam what somebody else has taught as
 * ham.  Who errs is corrected so; not often by one agent, and against what the
 * model is sure of. */
static gboolean
is_overruled(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, const struct model_lesson *known)
{
	if (wish->class != VERDICT_SPAM || known->class != VERDICT_HAM ||
	    !doubt_is_agent(wish->actor) ||
	    strncmp(known->actor, wish->actor, MODEL_ACTOR_BYTES - 1) == 0)
		return FALSE;
	if (is_outspoken(learn, lesson, wish))
		return !wish->force;
	if (is_contradicted(learn, lesson, wish))
		learn->totals.doubts = doubt_add(
		    &learn->doubt, learn->totals.doubts, TRUE, wish->actor);
	return FALSE;
}

gboolean
lesson_teach(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	struct model_lesson known;
	g_autofree guint64 *digests = NULL;
	g_autoptr(GError) damaged = NULL;
	gboolean move = model_get_lesson(
	    learn->txn, &lesson->ident, &known, &digests, &damaged);
	double agrees = agreement(lesson, wish);
	gboolean same;

	if (damaged != NULL) {
		g_propagate_error(error, g_steal_pointer(&damaged));
		return FALSE;
	}
	if (wish->class != VERDICT_HAM && wish->class != VERDICT_SPAM)
		return err_set(
		    error, DG_ERROR_BAD, "a lesson is of ham or of spam");
	/* A label that was noted without need may be needed by now. */
	same = move && known.class == (guint32)wish->class;
	if (same &&
	    (known.trained || agrees >= learn->settings.training_margin)) {
		links_inbox(learn, &lesson->ident, wish->inbox);
		*outcome_r = TEACHER_KNOWN;
		return TRUE;
	}
	if (move ? is_overruled(learn, lesson, wish, &known)
		 : is_doubtful(learn, lesson, wish)) {
		*outcome_r = TEACHER_REFUSED;
		return TRUE;
	}
	/* Who corrects himself is believed: no refusal.  A correction is always
	 * learnt, since the margin was made with the wrong label. */
	if (move)
		remove_lesson(learn, &lesson->ident, &known, digests);
	*outcome_r = same   ? TEACHER_LEARNT
		     : move ? TEACHER_MOVED
		     : agrees >= learn->settings.training_margin
			 ? TEACHER_NOTED
			 : TEACHER_LEARNT;
	add_taught(learn, lesson, wish, *outcome_r != TEACHER_NOTED);
	links_inbox(learn, &lesson->ident, wish->inbox);
	if (*outcome_r != TEACHER_NOTED)
		rehearse(learn);
	fold_lessons(learn, FOLDS);
	import_wane(learn);
	return TRUE;
}

gboolean
lesson_take_back(struct learn *learn, const struct ident *ident, GError **error)
{
	struct model_lesson known;
	g_autofree guint64 *digests = NULL;
	g_autoptr(GError) damaged = NULL;

	if (model_get_lesson(learn->txn, ident, &known, &digests, &damaged)) {
		remove_lesson(learn, ident, &known, digests);
		model_del_inboxes(learn->txn, ident);
		return TRUE;
	}
	if (damaged != NULL)
		g_propagate_error(error, g_steal_pointer(&damaged));
	else
		err_set(
		    error, DG_ERROR_NOTFOUND, "this message was never taught");
	return FALSE;
}
