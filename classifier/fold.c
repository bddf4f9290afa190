/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folding: after `journal_keep` a lesson becomes part of the base.
 *
 * Its counts stay, moved within each record from what is a lesson's to what is
 * nobody's; its features, its links to a person and its name go.  The name is a
 * keyed digest of the message and would tell whoever holds key and message that
 * it was taught: so it goes too, and the same message taught again after that
 * is a new lesson.  What was folded cannot be taken back.
 *
 * A few at a time: with each lesson taught, and by learn_tend, so that nothing
 * ever waits for it.
 */
#include "classifier/learn_private.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/privacy/holder.h"

/* In one turn of learn_tend: some tens of milliseconds. */
#define TURN 8

/* FALSE: it cannot be read. */
static gboolean
fold(struct learn *learn, const struct ident *ident)
{
	struct table_totals *base = &learn->totals.base;
	g_autofree guint64 *digests = NULL;
	g_autoptr(GError) error = NULL;
	struct model_lesson lesson;

	if (!model_get_lesson(learn->txn, ident, &lesson, &digests, &error)) {
		if (error != NULL)
			log_error(LOG_LEVEL_ERROR, error, "fold", NULL);
		return FALSE;
	}
	learn->dirty = TRUE;
	if (lesson.trained)
		model_fold(learn->txn, &lesson, digests);
	if (lesson.class == VERDICT_SPAM) {
		base->spam += lesson.trained;
		base->label_spam++;
	} else {
		base->ham += lesson.trained;
		base->label_ham++;
	}
	rehearse_forget(learn, ident, &lesson);
	model_del_lesson(learn->txn, ident, &lesson);
	store_owe(learn->store);
	model_del_inboxes(learn->txn, ident);
	return TRUE;
}

guint
fold_lessons(struct learn *learn, guint most)
{
	const struct learn_settings *settings = &learn->settings;
	gint64 until = clock_wall(settings->aged) -
		       settings->journal_keep * G_USEC_PER_SEC;
	struct ident ident;
	guint folded = 0;

	if (settings->journal_keep == 0)
		return 0;
	while (folded < most && model_oldest(learn->txn, until, &ident) &&
	       fold(learn, &ident))
		folded++;
	return folded;
}

gboolean
learn_tend(struct learn *learn, gboolean *more_r, GError **error)
{
	guint folded;

	if (more_r != NULL)
		*more_r = FALSE;
	if (!learn_enter(learn, error))
		return FALSE;
	folded = fold_lessons(learn, TURN);
	if (import_wane(learn) || folded == TURN) {
		if (more_r != NULL)
			*more_r = TRUE;
	}
	return learn_leave(learn, TRUE, error);
}

gboolean
learn_tend_free(struct learn *learn, enum learn_left *left_r, GError **error)
{
	gboolean done, more;

	*left_r = LEARN_LEFT_UNSEEN;
	if (pthread_mutex_trylock(&learn->lock) != 0)
		return TRUE;
	done = learn_tend(learn, &more, error);
	pthread_mutex_unlock(&learn->lock);
	*left_r = more ? LEARN_LEFT_MORE : LEARN_LEFT_NOTHING;
	return done;
}

/* --- as a holder --- */

static gboolean
count_journal(
    struct learn *learn, gint64 now, struct kept *kept, GError **error)
{
	g_autoptr(GArray) times = NULL;
	struct learn_view view;

	if (!learn_view_begin(learn, &view, error))
		return FALSE;
	times = model_times(view.txn);
	learn_view_end(learn, &view);
	for (guint i = 0; i < times->len; i++)
		kept_count(kept, g_array_index(times, gint64, i), now, FALSE);
	return TRUE;
}

gboolean
learn_expire(struct learn *learn, const char *name,
    const struct holder_expiry *expiry, json_t *rows, GError **error)
{
	const struct kept none = { .kind = "journal",
		.model = name,
		.setting = "journal-keep",
		.keep = learn->settings.journal_keep };
	struct kept kept = none, before = none;
	gboolean more = expiry->run, good = TRUE;

	good = count_journal(learn, expiry->now, &before, error);
	more = good && more && before.past > 0;
	while (more && good && !holder_is_stopping(expiry))
		good = learn_tend(learn, &more, error);
	if (!good || !count_journal(learn, expiry->now, &kept, error))
		return FALSE;
	kept.gone = before.past > kept.past ? before.past - kept.past : 0;
	kept_row(&kept, rows);
	return TRUE;
}
