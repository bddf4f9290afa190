/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts from the journal, within one transaction; the score table is made anew
 * after it: readers see the old counts until then.
 */
#include <string.h>

#include "classifier/exchange_private.h"
#include "lib/base/err.h"

/* --- replaying --- */

void
exchange_unseen(void *self, guint64 digest, guint32 spam, guint32 ham)
{
	(void)self;
	(void)digest;
	(void)spam;
	(void)ham;
}

void
exchange_put_base(
    struct learn *learn, guint64 digest, guint32 spam, guint32 ham)
{
	const struct model_count count = { spam, ham, 0, 0, spam, ham };

	model_put_count(learn->txn, digest, &count);
	learn->records++;
}

void
exchange_replay(struct learn *learn, const struct model_lesson *lesson,
    const guint64 *digests)
{
	struct table_totals *sums = &learn->totals.sums;
	gboolean spam = lesson->class == VERDICT_SPAM;

	sums->label_spam += spam;
	sums->label_ham += !spam;
	if (!lesson->trained)
		return;
	sums->spam += spam;
	sums->ham += !spam;
	learn->records +=
	    model_add(learn->txn, lesson, digests, 1, exchange_unseen, NULL);
}

void
exchange_clear_counts(struct learn *learn)
{
	learn->dirty = TRUE;
	/* The score table does not follow along. */
	learn->table_failed = TRUE;
	store_clear(learn->txn, MODEL_COUNTS);
	learn->records = 0;
	learn->totals.aged = 0;
}

/* --- rebuilding --- */

/* GArray of struct import_row; NULL: a record is damaged. */
static GArray *
base_of(struct store_txn *txn)
{
	GArray *base = g_array_new(FALSE, FALSE, sizeof(struct import_row));
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;
	gboolean good = TRUE;

	while (good && store_cursor_next(cursor, &key, &value)) {
		struct import_row row;
		struct model_count count;

		good = model_read_count(&value, &count);
		memcpy(&row.digest, key.data, sizeof(row.digest));
		row.spam = count.base_spam;
		row.ham = count.base_ham;
		if (row.spam != 0 || row.ham != 0)
			g_array_append_val(base, row);
	}
	store_cursor_end(&cursor);
	if (!good)
		g_clear_pointer(&base, g_array_unref);
	return base;
}

static void
replay_rows(struct learn *learn)
{
	struct store_cursor *cursor =
	    store_cursor_begin(learn->txn, MODEL_SOURCES, NULL, 0);
	struct store_value key, value;

	/* Only other tables are written meanwhile. */
	while (store_cursor_next(cursor, &key, &value)) {
		struct model_row row;
		guint64 digest;
		guint32 source;

		if (model_read_row(&key, &value, &source, &digest, &row))
			learn->records += model_add_row(
			    learn->txn, digest, &row, 1, exchange_unseen, NULL);
	}
	store_cursor_end(&cursor);
}

/* All lessons can be read, so that nothing is begun that cannot be ended. */
static gboolean
is_readable(struct learn *learn, const GArray *order, GError **error)
{
	for (guint i = 0; i < order->len; i++) {
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson;

		if (!model_get_lesson(learn->txn,
			&g_array_index(order, struct exchange_place, i).ident,
			&lesson, &digests, error))
			return FALSE;
	}
	return TRUE;
}

static void
replay_journal(struct learn *learn, const GArray *order)
{
	for (guint i = 0; i < order->len && !store_failed(learn->txn); i++) {
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson;

		if (model_get_lesson(learn->txn,
			&g_array_index(order, struct exchange_place, i).ident,
			&lesson, &digests, NULL))
			exchange_replay(learn, &lesson, digests);
	}
}

void
exchange_add_totals(struct table_totals *sums, const struct table_totals *part)
{
	sums->spam += part->spam;
	sums->ham += part->ham;
	sums->label_spam += part->label_spam;
	sums->label_ham += part->label_ham;
}

gboolean
exchange_recount(struct learn *learn, GError **error)
{
	g_autoptr(GArray) order = exchange_order(learn->txn);
	g_autoptr(GArray) base = base_of(learn->txn);
	struct table_totals part;

	if (base == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "a record of the counts is damaged: its base is lost; load "
		    "a dump");
	if (!is_readable(learn, order, error))
		return FALSE;
	exchange_clear_counts(learn);
	for (guint i = 0; i < base->len; i++) {
		const struct import_row *row =
		    &g_array_index(base, struct import_row, i);

		exchange_put_base(learn, row->digest, row->spam, row->ham);
	}
	learn->totals.sums = learn->totals.base;
	import_totals(learn->txn, &part);
	exchange_add_totals(&learn->totals.sums, &part);
	replay_rows(learn);
	replay_journal(learn, order);
	age_records(learn);
	return TRUE;
}

gboolean
exchange_rebuild(struct learn *learn, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn, exchange_recount(learn, error), error);
}
