/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal is what all else is made of, so it comes first.  Nothing is
 * deleted while a table is walked: what is to go is noted, and goes then.
 */
#include "classifier/repair.h"

#include <string.h>

#include "classifier/exchange_private.h"

struct repair {
	struct learn *learn;
	struct store_txn *txn;
	struct repair_report *report;
	GArray *lessons;   /* struct ident: those that can be read */
	GPtrArray *broken; /* GBytes *: keys of one table */
	guint32 seq;       /* the highest of a lesson */
};

static void
note(struct repair *repair, const struct store_value *key, guint64 *count)
{
	(*count)++;
	g_ptr_array_add(repair->broken, g_bytes_new(key->data, key->length));
}

static void
remove_noted(struct repair *repair, guint table)
{
	for (guint i = 0; i < repair->broken->len; i++) {
		gsize length;
		gconstpointer key =
		    g_bytes_get_data(repair->broken->pdata[i], &length);

		store_del(repair->txn, table, key, length);
	}
	g_ptr_array_set_size(repair->broken, 0);
}

static void
read_journal(struct repair *repair)
{
	struct store_cursor *cursor =
	    store_cursor_begin(repair->txn, MODEL_JOURNAL, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson;

		if (key.length != IDENT_BYTES ||
		    !model_read_lesson(&value, &lesson, &digests, NULL)) {
			note(repair, &key, &repair->report->lessons);
			continue;
		}
		repair->seq = MAX(repair->seq, lesson.seq);
		g_array_append_vals(repair->lessons, key.data, 1);
	}
	store_cursor_end(&cursor);
	remove_noted(repair, MODEL_JOURNAL);
}

static void
read_counts(struct repair *repair)
{
	struct store_cursor *cursor =
	    store_cursor_begin(repair->txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;
	struct model_count count;

	while (store_cursor_next(cursor, &key, &value)) {
		/* A base is a part of its record. */
		if (!model_read_count(&value, &count) ||
		    count.base_spam > count.spam || count.base_ham > count.ham)
			note(repair, &key, &repair->report->counts);
	}
	store_cursor_end(&cursor);
	remove_noted(repair, MODEL_COUNTS);
}

/* How many rows a source has; those of none go. */
static void
read_rows(struct repair *repair)
{
	g_autoptr(GArray) sources = model_sources(repair->txn);
	struct store_cursor *cursor =
	    store_cursor_begin(repair->txn, MODEL_SOURCES, NULL, 0);
	struct store_value key, value;

	for (guint i = 0; i < sources->len; i++)
		g_array_index(sources, struct model_source, i).left = 0;
	while (store_cursor_next(cursor, &key, &value)) {
		guint32 id = 0;
		guint64 digest;
		struct model_row row;
		gboolean good =
		    model_read_row(&key, &value, &id, &digest, &row);
		guint i = 0;

		while (i < sources->len &&
		       g_array_index(sources, struct model_source, i).id != id)
			i++;
		if (good && i < sources->len)
			g_array_index(sources, struct model_source, i).left++;
		else
			note(repair, &key, &repair->report->rows);
	}
	store_cursor_end(&cursor);
	remove_noted(repair, MODEL_SOURCES);
	for (guint i = 0; i < sources->len; i++)
		model_put_source(repair->txn,
		    &g_array_index(sources, struct model_source, i));
}

/* The inboxes of lessons stand in the index alone: keys of theirs stay. */
static void
remake_index(struct repair *repair)
{
	struct store_cursor *cursor =
	    store_cursor_begin(repair->txn, MODEL_INDEX, NULL, 0);
	struct store_value key, value;
	struct ident ident;
	guint64 kept = 0;

	while (store_cursor_next(cursor, &key, &value)) {
		if (model_is_inbox(&key, &ident) &&
		    store_get(repair->txn, MODEL_JOURNAL, ident.bytes,
			IDENT_BYTES, &value))
			note(repair, &key, &kept);
	}
	store_cursor_end(&cursor);
	store_clear(repair->txn, MODEL_INDEX);
	for (guint i = 0; i < repair->broken->len; i++) {
		gsize length;
		gconstpointer place =
		    g_bytes_get_data(repair->broken->pdata[i], &length);

		store_put(repair->txn, MODEL_INDEX, place, length, "", 0);
	}
	g_ptr_array_set_size(repair->broken, 0);
	for (guint i = 0; i < repair->lessons->len; i++) {
		const struct ident *name =
		    &g_array_index(repair->lessons, struct ident, i);
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson;

		if (model_get_lesson(
			repair->txn, name, &lesson, &digests, NULL))
			model_put_lesson(repair->txn, name, &lesson, digests);
	}
}

static gboolean
work(struct repair *repair, GError **error)
{
	struct model_totals *totals = &repair->learn->totals;

	read_journal(repair);
	read_counts(repair);
	read_rows(repair);
	remake_index(repair);
	store_clear(repair->txn, MODEL_NOTED);
	memset(totals->noted, 0, sizeof(totals->noted));
	totals->doubts = 0;
	totals->seq = MAX(totals->seq, repair->seq);
	if (ident_is_zero(&totals->key))
		totals->key = repair->learn->settings.key;
	return exchange_recount(repair->learn, error);
}

gboolean
repair_model(
    struct learn *learn, struct repair_report *report_r, GError **error)
{
	struct repair repair = { .learn = learn, .report = report_r };
	gboolean done;

	*report_r = (struct repair_report){ 0 };
	if (!learn_enter(learn, error))
		return FALSE;
	repair.txn = learn->txn;
	repair.lessons = g_array_new(FALSE, FALSE, sizeof(struct ident));
	repair.broken =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	done = work(&repair, error);
	g_array_unref(repair.lessons);
	g_ptr_array_unref(repair.broken);
	return learn_leave(learn, done, error);
}
