/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ceiling on records.
 *
 * When a lesson has brought the model above max_records, some are let go: the
 * rarest first (most records were seen in one lesson only and say little), the
 * oldest of them first.  To find the very rarest of twenty million would take
 * seconds, so the choice is made among a window of neighbours: digests are
 * random, so neighbours are a fair sample, and what is deleted lies together.
 * The next window begins where this one ended.  A model smaller than the window
 * is judged whole.
 *
 * A record takes its base along.  One that comes back later is born anew, so
 * that taking back a lesson from before does not touch it (model.h).  Totals
 * are never aged: they count lessons.
 */
#include <stdlib.h>
#include <string.h>

#include "classifier/learn_private.h"

#define WINDOW 65536

struct record {
	guint64 digest;
	guint32 lessons; /* that had it */
	guint32 last;
};

static int
by_worth(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->lessons != y->lessons)
		return x->lessons < y->lessons ? -1 : 1;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->digest < y->digest ? -1 : x->digest > y->digest;
}

/* Appends records from the digest `from` on until the window is full. */
static void
collect(struct learn *learn, guint64 from, GArray *window)
{
	struct store_cursor *cursor =
	    store_cursor_begin(learn->txn, MODEL_COUNTS, &from, sizeof(from));
	struct store_value key, value;

	while (
	    window->len < WINDOW && store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		struct record record;

		memcpy(&record.digest, key.data, sizeof(record.digest));
		model_read_count(&value, &count);
		record.lessons = count.spam + count.ham;
		record.last = count.last;
		g_array_append_val(window, record);
	}
	store_cursor_end(&cursor);
}

static void
let_go(struct learn *learn, const struct record *record)
{
	if (!store_del(learn->txn, MODEL_COUNTS, &record->digest,
		sizeof(record->digest)))
		return;
	learn->records--;
	learn->totals.aged = learn->totals.seq;
	learn_changed(learn, record->digest, 0, 0);
}

/* One window; FALSE when nothing could be let go. */
static gboolean
sweep(struct learn *learn)
{
	g_autoptr(GArray) window =
	    g_array_sized_new(FALSE, FALSE, sizeof(struct record), 4096);
	guint64 before = learn->records;
	guint64 excess = before - learn->settings.max_records;
	guint drop;

	collect(learn, learn->hand, window);
	if (window->len < WINDOW && learn->hand > 0) {
		g_array_set_size(window, 0);
		collect(learn, 0, window);
	}
	if (window->len == 0)
		return FALSE;
	learn->hand =
	    g_array_index(window, struct record, window->len - 1).digest;
	qsort(window->data, window->len, sizeof(struct record), by_worth);
	/* Somewhat more than is needed, so that not every lesson pays. */
	drop = MIN(excess + window->len / 8, window->len);
	for (guint i = 0; i < drop; i++)
		let_go(learn, &g_array_index(window, struct record, i));
	return learn->records < before;
}

void
age_records(struct learn *learn)
{
	while (learn->records > learn->settings.max_records &&
	       !store_failed(learn->txn) && sweep(learn))
		;
}
