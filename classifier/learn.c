/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Learning: what a label does to the model.
 *
 * Thick-threshold training (TONE): a labelled message is added to the counts
 * when the model is wrong about it or right by less than `training_margin`;
 * otherwise the label is noted. Each lesson is in the journal, so that the same
 * one again changes nothing, the other label moves it, and it can be taken back
 * exactly.
 *
 * The store is the truth and changes in one transaction per lesson (or group).
 * The score table is changed along the way, so that lessons of a group see each
 * other; when a commit fails it is built anew from the store.
 */
#include "classifier/learn.h"

#include <pthread.h>
#include <string.h>

#include "classifier/model.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

struct learn {
	struct learn_settings settings;
	char *table_path;
	struct classify *classify;
	struct store *store;
	struct table *table;
	struct model_totals totals; /* as of the open transaction */
	struct store_txn *txn;      /* of a lesson or group, or NULL */
	gboolean grouped;
	gboolean group_failed; /* a lesson of it took the others along */
	gboolean table_failed; /* the table could not follow: build it anew */
	pthread_mutex_t lock;
};

/* --- the score table --- */

static void
changed(void *self, guint64 digest, guint32 spam, guint32 ham)
{
	struct learn *learn = self;

	if (!table_set(learn->table, digest, spam, ham, NULL))
		learn->table_failed = TRUE;
}

static gboolean
fill_table(struct learn *learn, struct store_txn *txn, GError **error)
{
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;
	gboolean filled = TRUE;

	while (filled && store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		guint64 digest;

		memcpy(&digest, key.data, sizeof(digest));
		memcpy(&count, value.data, sizeof(count));
		filled = table_set(
		    learn->table, digest, count.spam, count.ham, error);
	}
	store_cursor_end(&cursor);
	return filled;
}

/* Makes the table from the store; the old one, if any, is marked superseded. */
static gboolean
build_table(struct learn *learn, GError **error)
{
	struct store_txn *txn = NULL;
	guint64 records;
	gboolean built;

	if (learn->table != NULL)
		table_retire(learn->table);
	table_free(&learn->table);
	if (!store_count(learn->store, MODEL_COUNTS, &records, error))
		return FALSE;
	learn->table = table_create(learn->table_path, records, error);
	if (learn->table == NULL)
		return FALSE;
	txn = store_begin(learn->store, FALSE, error);
	if (txn == NULL)
		return FALSE;
	built = fill_table(learn, txn, error);
	model_get_totals(txn, &learn->totals);
	table_set_totals(learn->table, &learn->totals.sums);
	store_abort(&txn);
	learn->table_failed = !built;
	return built;
}

struct learn *
learn_open(const struct learn_settings *settings, struct classify *classify,
    GError **error)
{
	struct learn *learn = g_new0(struct learn, 1);

	learn->settings = *settings;
	learn->table_path = g_strdup(settings->table_path);
	learn->classify = classify;
	pthread_mutex_init(&learn->lock, NULL);
	learn->store =
	    model_open(settings->model_folder, settings->map_bytes, error);
	if (learn->store == NULL || !build_table(learn, error))
		learn_close(&learn);
	return learn;
}

void
learn_close(struct learn **address)
{
	struct learn *learn = *address;

	if (learn == NULL)
		return;
	store_abort(&learn->txn);
	if (learn->table != NULL)
		table_retire(learn->table);
	table_free(&learn->table);
	store_close(&learn->store);
	pthread_mutex_destroy(&learn->lock);
	g_free(learn->table_path);
	g_clear_pointer(address, g_free);
}

/* --- transactions --- */

/* The group's transaction, or one for this lesson. */
static gboolean
begin(struct learn *learn, GError **error)
{
	if (learn->txn == NULL)
		learn->txn = store_begin(learn->store, TRUE, error);
	return learn->txn != NULL;
}

/* After a failure the store is as it was, and the table is made to be so too.
 */
static void
undo(struct learn *learn)
{
	g_autoptr(GError) error = NULL;

	store_abort(&learn->txn);
	if (!build_table(learn, &error))
		log_error(LOG_LEVEL_ERROR, error, "score-table-lost", NULL);
}

static gboolean
commit(struct learn *learn, GError **error)
{
	model_put_totals(learn->txn, &learn->totals);
	if (!store_commit(&learn->txn, error)) {
		undo(learn);
		return FALSE;
	}
	table_set_totals(learn->table, &learn->totals.sums);
	if (learn->table_failed)
		undo(learn);
	return TRUE;
}

/* Ends a lesson: a group goes on, a single one is committed.  A lesson that was
 * refused
 * (`done` FALSE) has changed nothing; one whose store failed takes its group
 * along. */
static gboolean
finish(struct learn *learn, gboolean done, GError **error)
{
	if (store_failed(learn->txn)) {
		if (error != NULL)
			g_clear_error(error);
		if (store_commit(&learn->txn, error))
			g_assert_not_reached();
		undo(learn);
		learn->group_failed = learn->grouped;
		return FALSE;
	}
	if (!done) {
		if (!learn->grouped)
			store_abort(&learn->txn);
		return FALSE;
	}
	table_set_totals(learn->table, &learn->totals.sums);
	return learn->grouped || commit(learn, error);
}

gboolean
learn_group_begin(struct learn *learn, GError **error)
{
	(void)error;
	pthread_mutex_lock(&learn->lock);
	learn->grouped = TRUE;
	learn->group_failed = FALSE;
	pthread_mutex_unlock(&learn->lock);
	return TRUE;
}

gboolean
learn_group_end(struct learn *learn, GError **error)
{
	gboolean done = TRUE;

	pthread_mutex_lock(&learn->lock);
	learn->grouped = FALSE;
	if (learn->group_failed) {
		store_abort(&learn->txn);
		undo(learn);
		done = err_set(error, DG_ERROR_IO,
		    "a lesson could not be stored; none of its group was kept");
	} else if (learn->txn != NULL) {
		done = commit(learn, error);
	}
	pthread_mutex_unlock(&learn->lock);
	return done;
}

/* --- lessons --- */

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
	if (lesson->trained) {
		model_add(learn->txn, lesson, digests, -1, changed, learn);
		count_trained(learn, lesson->class, -1);
	}
	count_label(learn, lesson->class, -1);
	model_del_lesson(learn->txn, ident);
}

static void
add_lesson(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, gboolean train)
{
	struct model_lesson record = {
		.seq = ++learn->totals.seq,
		.class = wish->class,
		.trained = train,
		.n = train ? lesson->n : 0,
		.taught = g_get_real_time(),
	};

	g_strlcpy(record.actor, wish->actor != NULL ? wish->actor : "",
	    sizeof(record.actor));
	model_put_lesson(learn->txn, &lesson->ident, &record, lesson->digests);
	count_label(learn, wish->class, 1);
	if (!train)
		return;
	model_add(learn->txn, &record, lesson->digests, 1, changed, learn);
	count_trained(learn, wish->class, 1);
}

/* How sure the model is of the label, in decades: below 0 it contradicts. */
static double
agreement(
    const struct classify_lesson *lesson, const struct teacher_lesson *wish)
{
	return wish->class == VERDICT_SPAM ? lesson->verdict.margin
					   : -lesson->verdict.margin;
}

static gboolean
is_active(const struct learn *learn)
{
	const struct table_totals *sums = &learn->totals.sums;

	return sums->label_spam >= learn->settings.activation_labels &&
	       sums->label_ham >= learn->settings.activation_labels &&
	       sums->label_spam + sums->label_ham >=
		   learn->settings.activation_total;
}

static gboolean
is_full(
    struct learn *learn, const struct classify_lesson *lesson, GError **error)
{
	guint64 records = 0;

	if (!store_count(learn->store, MODEL_COUNTS, &records, error))
		return TRUE;
	if (records + lesson->n <= learn->settings.max_records)
		return FALSE;
	err_set(error, DG_ERROR_FULL,
	    "the model has reached max-records; raise it");
	return TRUE;
}

/* Decides what the label does, and does it in the open transaction. */
static gboolean
apply(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	struct model_lesson known;
	g_autofree guint64 *digests = NULL;
	g_autoptr(GError) damaged = NULL;
	gboolean move = model_get_lesson(
	    learn->txn, &lesson->ident, &known, &digests, &damaged);
	double agrees = agreement(lesson, wish);

	if (damaged != NULL) {
		g_propagate_error(error, g_steal_pointer(&damaged));
		return FALSE;
	}
	if (move && known.class == (guint32)wish->class) {
		*outcome_r = TEACHER_KNOWN;
		return TRUE;
	}
	if (!move && !wish->force && is_active(learn) &&
	    agrees < -learn->settings.refuse_margin) {
		*outcome_r = TEACHER_REFUSED;
		return TRUE;
	}
	if (is_full(learn, lesson, error))
		return FALSE;
	if (move)
		remove_lesson(learn, &lesson->ident, &known, digests);
	*outcome_r = move ? TEACHER_MOVED
		     : agrees >= learn->settings.training_margin
			 ? TEACHER_NOTED
			 : TEACHER_LEARNT;
	add_lesson(learn, lesson, wish, *outcome_r != TEACHER_NOTED);
	return TRUE;
}

gboolean
learn_lesson(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	gboolean done;

	pthread_mutex_lock(&learn->lock);
	done =
	    begin(learn, error) &&
	    finish(learn, apply(learn, lesson, wish, outcome_r, error), error);
	pthread_mutex_unlock(&learn->lock);
	return done;
}

static gboolean
take_back(struct learn *learn, const struct ident *ident, GError **error)
{
	struct model_lesson known;
	g_autofree guint64 *digests = NULL;
	g_autoptr(GError) damaged = NULL;

	if (model_get_lesson(learn->txn, ident, &known, &digests, &damaged)) {
		remove_lesson(learn, ident, &known, digests);
		return TRUE;
	}
	if (damaged != NULL)
		g_propagate_error(error, g_steal_pointer(&damaged));
	else
		err_set(
		    error, DG_ERROR_NOTFOUND, "this message was never taught");
	return FALSE;
}

gboolean
learn_take_back(struct learn *learn, const struct ident *ident, GError **error)
{
	gboolean done;

	pthread_mutex_lock(&learn->lock);
	done = begin(learn, error) &&
	       finish(learn, take_back(learn, ident, error), error);
	pthread_mutex_unlock(&learn->lock);
	return done;
}

/* --- the teacher --- */

static gboolean
teach(void *self, int message, const struct teacher_lesson *wish,
    enum teacher_outcome *outcome_r, double *margin_r, GError **error)
{
	struct learn *learn = self;
	struct classify_lesson lesson;
	gboolean done;

	if (!classify_lesson(learn->classify, message, &lesson, error))
		return FALSE;
	if (margin_r != NULL)
		*margin_r = lesson.verdict.margin;
	done = learn_lesson(learn, &lesson, wish, outcome_r, error);
	classify_lesson_clear(&lesson);
	return done;
}

static gboolean
untrain(void *self, int message, const char *actor, GError **error)
{
	struct learn *learn = self;
	struct classify_lesson lesson;
	gboolean done;

	(void)actor;
	if (!classify_lesson(learn->classify, message, &lesson, error))
		return FALSE;
	done = learn_take_back(learn, &lesson.ident, error);
	classify_lesson_clear(&lesson);
	return done;
}

void
learn_teacher(struct learn *learn, struct teacher *teacher_r)
{
	*teacher_r = (struct teacher){ teach, untrain, learn };
}

json_t *
learn_stats(struct learn *learn, GError **error)
{
	guint64 records, lessons, used, map;
	const struct table_totals *sums = &learn->totals.sums;
	json_t *stats = NULL;

	pthread_mutex_lock(&learn->lock);
	if (store_count(learn->store, MODEL_COUNTS, &records, error) &&
	    store_count(learn->store, MODEL_JOURNAL, &lessons, error)) {
		store_size(learn->store, &used, &map);
		stats = json_pack(
		    "{s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I}",
		    "ham", (json_int_t)sums->label_ham, "spam",
		    (json_int_t)sums->label_spam, "all",
		    (json_int_t)sums->label_ham + sums->label_spam, "need_each",
		    (json_int_t)learn->settings.activation_labels, "need_all",
		    (json_int_t)learn->settings.activation_total, "active",
		    is_active(learn), "learnt_ham", (json_int_t)sums->ham,
		    "learnt_spam", (json_int_t)sums->spam, "lessons",
		    (json_int_t)lessons, "records", (json_int_t)records,
		    "bytes", (json_int_t)used);
	}
	pthread_mutex_unlock(&learn->lock);
	return stats;
}
