/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model in use: opening it, lessons in transactions, groups of them.
 *
 * The store is the truth and changes in one transaction per lesson (or group).
 * The score table is changed along the way, so that lessons of a group see each
 * other; when a commit fails it is built anew from the store.
 *
 * A transaction of LMDB belongs to the thread that began it.  So a group keeps
 * the lock from its begin to its end, and other threads' lessons wait for it.
 */
#include "classifier/learn.h"

#include <string.h>

#include "classifier/learn_private.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

/* --- the score table --- */

void
learn_changed(void *self, guint64 digest, guint32 spam, guint32 ham)
{
	struct learn *learn = self;

	if (!table_set(learn->table, digest, spam, ham, NULL))
		learn->table_failed = TRUE;
}

static gboolean
fill_table(struct table *table, struct store_txn *txn, GError **error)
{
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;
	gboolean filled = TRUE;

	while (filled && store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		guint64 digest;

		memcpy(&digest, key.data, sizeof(digest));
		model_read_count(&value, &count);
		filled = table_set(table, digest, count.spam, count.ham, error);
	}
	store_cursor_end(&cursor);
	return filled;
}

/* A model of another feature key has other digests for everything: it would
 * know nothing, in silence.  An empty one takes on this key. */
static gboolean
key_fits(struct learn *learn, GError **error)
{
	const struct ident *wanted = &learn->settings.key;

	if (learn->totals.seq == 0)
		learn->totals.key = *wanted;
	return ident_is_zero(wanted) ||
	       ident_equal(&learn->totals.key, wanted) ||
	       err_set(error, DG_ERROR_BAD,
		   "the model in %s was made with another feature key: put "
		   "back the feature.key that belongs to it, or teach anew in "
		   "an empty folder",
		   learn->settings.model_folder);
}

/* A table as the store has it now, in place of the one there is. */
static struct table *
make_table(struct learn *learn, GError **error)
{
	struct store_txn *txn = NULL;
	struct table *table = NULL;

	if (store_count(learn->store, MODEL_COUNTS, &learn->records, error))
		txn = store_begin(learn->store, FALSE, error);
	if (txn == NULL)
		return NULL;
	model_get_totals(txn, &learn->totals);
	if (key_fits(learn, error))
		table = table_create(learn->table_path, learn->records, error);
	if (table != NULL) {
		table_set_totals(table, &learn->totals.sums);
		if (!fill_table(table, txn, error) ||
		    !table_publish(table, error))
			table_free(&table);
	}
	store_abort(&txn);
	return table;
}

static gboolean
build_table(struct learn *learn, GError **error)
{
	struct table *table = make_table(learn, error);

	/* The old one may hold what was undone: better none. */
	if (table == NULL && learn->table != NULL)
		table_retire(learn->table);
	table_free(&learn->table);
	learn->table = table;
	learn->table_failed = FALSE;
	return table != NULL;
}

static void
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t kind;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(lock, &kind);
	pthread_mutexattr_destroy(&kind);
}

struct learn *
learn_open(const struct learn_settings *settings, struct classify *classify,
    GError **error)
{
	struct learn *learn = g_new0(struct learn, 1);

	learn->settings = *settings;
	if (learn->settings.clock == NULL)
		learn->settings.clock = &clock_system;
	if (learn->settings.aged == NULL)
		learn->settings.aged = learn->settings.clock;
	learn->table_path = g_strdup(settings->table_path);
	learn->classify = classify;
	init_lock(&learn->lock);
	learn->rate = rate_new(settings->train_rate);
	learn->store =
	    model_open(settings->model_folder, settings->map_bytes, error);
	if (learn->store == NULL || !build_table(learn, error))
		learn_close(&learn);
	else
		learn_recall_rate(learn);
	return learn;
}

void
learn_close(struct learn **address)
{
	struct learn *learn = *address;

	if (learn == NULL)
		return;
	store_abort(&learn->txn);
	/* A group that never ended holds the lock. */
	if (learn->grouped)
		pthread_mutex_unlock(&learn->lock);
	if (learn->table != NULL)
		table_retire(learn->table);
	table_free(&learn->table);
	store_close(&learn->store);
	pthread_mutex_destroy(&learn->lock);
	rate_free(&learn->rate);
	g_free(learn->table_path);
	g_clear_pointer(address, g_free);
}

/* --- transactions --- */

/* The group's transaction, or one for this lesson. */
static gboolean
begin(struct learn *learn, GError **error)
{
	if (learn->group_failed)
		return err_set(error, DG_ERROR_IO,
		    "a lesson before it in its group could not be stored");
	if (learn->table == NULL && !build_table(learn, error))
		return FALSE;
	if (learn->txn != NULL)
		return TRUE;
	learn->dirty = FALSE;
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
	/* A commit costs an fsync: none for a lesson that was known. */
	if (!learn->dirty) {
		store_abort(&learn->txn);
		return TRUE;
	}
	model_put_totals(learn->txn, &learn->totals);
	if (!store_commit(&learn->txn, error)) {
		undo(learn);
		return FALSE;
	}
	if (learn->table_failed)
		undo(learn);
	return TRUE;
}

/* Ends a lesson: a group goes on, a single one is committed.  One that was
 * refused (`done` FALSE) has changed nothing; one whose store failed takes its
 * group along. */
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
	/* A table that is to be made anew keeps what fits its counts. */
	if (done && !learn->table_failed)
		table_set_totals(learn->table, &learn->totals.sums);
	if (learn->grouped)
		return done;
	if (done)
		return commit(learn, error);
	store_abort(&learn->txn);
	return FALSE;
}

gboolean
learn_enter(struct learn *learn, GError **error)
{
	pthread_mutex_lock(&learn->lock);
	if (begin(learn, error))
		return TRUE;
	pthread_mutex_unlock(&learn->lock);
	return FALSE;
}

gboolean
learn_leave(struct learn *learn, gboolean done, GError **error)
{
	done = finish(learn, done, error);
	pthread_mutex_unlock(&learn->lock);
	return done;
}

gboolean
learn_group_begin(struct learn *learn, GError **error)
{
	pthread_mutex_lock(&learn->lock);
	if (learn->grouped) {
		pthread_mutex_unlock(&learn->lock);
		return err_set(
		    error, DG_ERROR_BAD, "a group of lessons is open");
	}
	learn->grouped = TRUE;
	learn->group_failed = FALSE;
	return TRUE;
}

/* The group that is open; the caller holds the lock. */
static gboolean
end_group(struct learn *learn, GError **error)
{
	gboolean failed = learn->group_failed;

	learn->grouped = learn->group_failed = FALSE;
	/* The lock that learn_group_begin took. */
	pthread_mutex_unlock(&learn->lock);
	if (failed)
		return err_set(error, DG_ERROR_IO,
		    "a lesson could not be stored; none of its group was kept");
	return learn->txn == NULL || commit(learn, error);
}

gboolean
learn_group_end(struct learn *learn, GError **error)
{
	gboolean done;

	pthread_mutex_lock(&learn->lock);
	done = learn->grouped ? end_group(learn, error)
			      : err_set(error, DG_ERROR_BAD,
				    "no group of lessons is open");
	pthread_mutex_unlock(&learn->lock);
	return done;
}

gboolean
learn_compact(struct learn *learn, GError **error)
{
	gboolean done;

	pthread_mutex_lock(&learn->lock);
	done = learn->txn == NULL
		   ? store_compact(learn->store, error)
		   : err_set(error, DG_ERROR_AGAIN, "lessons are being kept");
	pthread_mutex_unlock(&learn->lock);
	return done;
}

struct store *
learn_store(struct learn *learn)
{
	return learn->store;
}

gboolean
learn_copy(struct learn *learn, const char *folder, GError **error)
{
	return store_copy(learn->store, folder, error);
}

gboolean
learn_settle(struct learn *learn, gint64 mono, GError **error)
{
	gboolean done;

	pthread_mutex_lock(&learn->lock);
	done = learn->txn == NULL
		   ? store_settle(learn->store, mono, STORE_SMALL_BYTES, error)
		   : err_set(error, DG_ERROR_AGAIN, "lessons are being kept");
	pthread_mutex_unlock(&learn->lock);
	return done;
}

/* --- looking --- */

gboolean
learn_view_begin(struct learn *learn, struct learn_view *view_r, GError **error)
{
	pthread_mutex_lock(&learn->lock);
	view_r->txn = learn->txn != NULL
			  ? learn->txn
			  : store_begin(learn->store, FALSE, error);
	if (view_r->txn == NULL) {
		pthread_mutex_unlock(&learn->lock);
		return FALSE;
	}
	view_r->totals = learn->totals;
	return TRUE;
}

void
learn_view_end(struct learn *learn, struct learn_view *view)
{
	if (view->txn != learn->txn)
		store_abort(&view->txn);
	pthread_mutex_unlock(&learn->lock);
}

/* --- lessons --- */

const struct ident *
learn_key(const struct learn *learn)
{
	return &learn->settings.key;
}

gboolean
learn_is_active(const struct learn *learn)
{
	const struct table_totals *sums = &learn->totals.sums;

	return sums->label_spam >= learn->settings.activation_labels &&
	       sums->label_ham >= learn->settings.activation_labels &&
	       (guint64)sums->label_spam + sums->label_ham >=
		   learn->settings.activation_total;
}

gboolean
learn_lesson(struct learn *learn, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn,
		   lesson_teach(learn, lesson, wish, outcome_r, error), error);
}

void
learn_gather(struct learn *learn, const guint64 *digests, guint n,
    struct evidence *evidence_r)
{
	pthread_mutex_lock(&learn->lock);
	rehearse_gather(learn, digests, n, evidence_r);
	pthread_mutex_unlock(&learn->lock);
}

gboolean
learn_take_back(struct learn *learn, const struct ident *ident, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn, lesson_take_back(learn, ident, error), error);
}

/* What came from elsewhere. */
static json_t *
stats_sources(struct learn *learn)
{
	json_t *array = json_array();
	g_autoptr(GArray) sources = NULL;
	struct learn_view view;

	if (!learn_view_begin(learn, &view, NULL))
		return array;
	sources = model_sources(view.txn);
	learn_view_end(learn, &view);
	for (guint i = 0; i < sources->len; i++) {
		const struct model_source *source =
		    &g_array_index(sources, struct model_source, i);

		json_array_append_new(
		    array, json_pack("{s:s, s:b, s:b, s:I, s:I, s:I, s:I}",
			       "name", source->name, "starter", source->starter,
			       "whole", source->state == MODEL_WHOLE, "ham",
			       (json_int_t)source->totals.ham, "spam",
			       (json_int_t)source->totals.spam, "records",
			       (json_int_t)source->rows, "left",
			       (json_int_t)source->left));
	}
	return array;
}

json_t *
learn_stats(struct learn *learn, GError **error)
{
	const struct table_totals *sums = &learn->totals.sums;
	guint64 used, map;
	json_t *stats;

	(void)error;
	pthread_mutex_lock(&learn->lock);
	store_size(learn->store, &used, &map);
	/* Each label is one lesson of the journal. */
	stats = json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I}", "ham",
	    (json_int_t)sums->label_ham, "spam", (json_int_t)sums->label_spam,
	    "all", (json_int_t)sums->label_ham + sums->label_spam, "need_each",
	    (json_int_t)learn->settings.activation_labels, "need_all",
	    (json_int_t)learn->settings.activation_total, "active",
	    learn_is_active(learn), "learnt_ham", (json_int_t)sums->ham,
	    "learnt_spam", (json_int_t)sums->spam, "lessons",
	    (json_int_t)sums->label_ham + sums->label_spam, "records",
	    (json_int_t)learn->records, "bytes", (json_int_t)used);
	json_object_set_new(stats, "sources", stats_sources(learn));
	pthread_mutex_unlock(&learn->lock);
	return stats;
}
