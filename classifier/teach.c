/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What holds for all doors that labels come in by: how fast one actor may
 * teach, and what the log has to say.
 */
#include "classifier/learn_private.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* How far back a keeper that begins counts who has taught. */
#define RECALLED ((gint64)24 * 3600 * G_USEC_PER_SEC)
G_STATIC_ASSERT(RATE_NAME_BYTES == MODEL_ACTOR_BYTES);

/* Who overrides the model answers for it: the lesson's name finds it again. */
static void
log_forced(
    const struct classify_lesson *lesson, const struct teacher_lesson *wish)
{
	g_autofree char *margin =
	    g_strdup_printf("%+.1f", lesson->verdict.margin);
	char name[IDENT_TEXT];

	ident_text(&lesson->ident, name);
	log_event(LOG_LEVEL_WARN, "lesson-forced", "lesson", name, "class",
	    verdict_word(wish->class), "margin", margin, "actor",
	    wish->actor != NULL ? wish->actor : "", NULL);
}

/* What the journal has: lessons that were relabelled keep their first time, and
 * those taken back are gone, so it is no more than was taught. */
void
learn_recall_rate(struct learn *learn)
{
	gint64 mono = clock_mono(learn->settings.clock);
	gint64 wall = clock_wall(learn->settings.clock);
	struct store_txn *txn = learn->settings.train_rate > 0
				    ? store_begin(learn->store, FALSE, NULL)
				    : NULL;
	g_autoptr(GArray) list = NULL;

	if (txn == NULL)
		return;
	list = model_taught_since(txn, wall - RECALLED);
	store_abort(&txn);
	for (guint i = 0; i < list->len; i++) {
		const struct model_taught *one =
		    &g_array_index(list, struct model_taught, i);

		rate_take(
		    learn->rate, one->actor, mono - MAX(wall - one->taught, 0));
	}
}

/* No label is lost in silence. */
gboolean
learn_holds_up(struct learn *learn, const struct teacher_lesson *wish,
    struct teacher_reason *reason)
{
	g_autofree char *seconds = NULL;

	pthread_mutex_lock(&learn->lock);
	reason->wait = rate_wait(
	    learn->rate, wish->actor, clock_mono(learn->settings.clock));
	pthread_mutex_unlock(&learn->lock);
	if (reason->wait == 0)
		return FALSE;
	seconds = g_strdup_printf(
	    "%" G_GINT64_FORMAT, reason->wait / G_USEC_PER_SEC + 1);
	log_event(LOG_LEVEL_WARN, "lesson-put-off", "class",
	    verdict_word(wish->class), "actor", wish->actor, "wait", seconds,
	    NULL);
	return TRUE;
}

gboolean
learn_label(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	gboolean forced, done;

	/* Both under one lock, so that they speak of the same model. */
	pthread_mutex_lock(&learn->lock);
	forced = wish->force && lesson_needs_force(learn, lesson, wish);
	done = learn_lesson(learn, lesson, wish, outcome_r, error);
	/* What changes nothing costs nothing. */
	if (done && *outcome_r != TEACHER_KNOWN &&
	    *outcome_r != TEACHER_REFUSED)
		rate_take(learn->rate, wish->actor,
		    clock_mono(learn->settings.clock));
	pthread_mutex_unlock(&learn->lock);
	if (done && forced && *outcome_r == TEACHER_LEARNT)
		log_forced(lesson, wish);
	return done;
}
