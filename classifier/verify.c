/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts against the journal.
 *
 * Every lesson gives each of its digests a share.  All shares of a large model
 * do not fit in memory, so digests are looked at range by range: the shares of
 * a range are gathered, sorted, and walked along with the counts.
 *
 * A share may be missing from its record only when the record was let go since:
 * when it is not younger than the last time that records were let go.
 *
 * All is looked at as it stood when it began, and lessons go on meanwhile.  The
 * score table alone has no such view: where it differs, it is compared once
 * more with what the count is by now.
 */
#include "classifier/verify.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/learn_private.h"
#include "lib/base/err.h"

/* Shares looked at in one go: 48 MB. */
#define RANGE_SHARES (2U << 20)

struct share {
	guint64 digest;
	guint32 seq;
	guint32 spam, ham;
};

struct verifier {
	struct learn *learn;
	struct learn_view view;
	gboolean apart;  /* nobody waits for the view */
	guint64 records; /* that the model thought it has when it began */
	struct verify_report *report;
	struct table_totals sums; /* of lessons and base, added up */
	guint64 shares;           /* in all */
	guint64 places;           /* the index should have */
	guint64 first, last;      /* the range looked at */
	GArray *range;            /* struct share: those in it */
};

static void differs(struct verifier *verifier, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void
differs(struct verifier *verifier, const char *format, ...)
{
	struct verify_report *report = verifier->report;
	va_list list;

	if (report->differences++ >= VERIFY_SHOWN)
		return;
	va_start(list, format);
	g_ptr_array_add(report->shown, g_strdup_vprintf(format, list));
	va_end(list);
}

/* --- the journal --- */

/* Does something with each lesson; FALSE when one cannot be read. */
typedef void (*each_lesson)(struct verifier *verifier,
    const struct ident *ident, const struct model_lesson *lesson,
    const guint64 *digests);

static gboolean
walk_journal(struct verifier *verifier, each_lesson each, GError **error)
{
	struct store_cursor *cursor =
	    store_cursor_begin(verifier->view.txn, MODEL_JOURNAL, NULL, 0);
	struct store_value key, value;
	gboolean good = TRUE;

	while (good && store_cursor_next(cursor, &key, &value)) {
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson = { 0 };
		struct ident ident;

		good = key.length == IDENT_BYTES
			   ? model_read_lesson(&value, &lesson, &digests, error)
			   : err_set(
				 error, DG_ERROR_BAD, "the journal is damaged");
		if (!good)
			break;
		memcpy(ident.bytes, key.data, IDENT_BYTES);
		each(verifier, &ident, &lesson, digests);
	}
	store_cursor_end(&cursor);
	return good;
}

/* The first look: totals, index, how much there is. */
static void
tally(struct verifier *verifier, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests)
{
	gboolean spam = lesson->class == VERDICT_SPAM;
	char name[IDENT_TEXT];
	guint places;

	(void)digests;
	verifier->report->lessons++;
	verifier->sums.label_spam += spam;
	verifier->sums.label_ham += !spam;
	if (lesson->trained) {
		verifier->sums.spam += spam;
		verifier->sums.ham += !spam;
		verifier->shares += lesson->n;
	}
	ident_text(ident, name);
	if (!model_is_indexed(verifier->view.txn, ident, lesson, &places))
		differs(verifier, "lesson %s: not in the index", name);
	verifier->places += places;
	if (lesson->seq > verifier->view.totals.seq)
		differs(verifier, "lesson %s: number %u of %u", name,
		    lesson->seq, verifier->view.totals.seq);
}

static void
gather(struct verifier *verifier, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests)
{
	struct share share = { .seq = lesson->seq,
		.spam = lesson->class == VERDICT_SPAM,
		.ham = lesson->class != VERDICT_SPAM };

	(void)ident;
	for (guint i = 0; lesson->trained && i < lesson->n; i++) {
		share.digest = digests[i];
		if (share.digest >= verifier->first &&
		    share.digest <= verifier->last)
			g_array_append_val(verifier->range, share);
	}
}

/* --- the sources --- */

/* Does something with each row; likewise. */
static gboolean
walk_rows(struct verifier *verifier, GError **error)
{
	struct store_cursor *cursor =
	    store_cursor_begin(verifier->view.txn, MODEL_SOURCES, NULL, 0);
	struct store_value key, value;
	gboolean good = TRUE;

	while (good && store_cursor_next(cursor, &key, &value)) {
		struct share share;
		struct model_row row;
		guint32 source;

		good =
		    model_read_row(&key, &value, &source, &share.digest, &row);
		share.seq = row.seq;
		share.spam = row.spam;
		share.ham = row.ham;
		if (good && share.digest >= verifier->first &&
		    share.digest <= verifier->last)
			g_array_append_val(verifier->range, share);
	}
	store_cursor_end(&cursor);
	return good ||
	       err_set(error, DG_ERROR_BAD, "a row of the sources is damaged");
}

/* Their totals, and how many rows each says it has. */
static void
tally_sources(struct verifier *verifier)
{
	g_autoptr(GArray) sources = model_sources(verifier->view.txn);
	struct store_cursor *cursor =
	    store_cursor_begin(verifier->view.txn, MODEL_SOURCES, NULL, 0);
	struct store_value key, value;
	struct table_totals part;
	guint64 rows = 0, told = 0;

	while (store_cursor_next(cursor, &key, &value))
		rows++;
	store_cursor_end(&cursor);
	for (guint i = 0; i < sources->len; i++)
		told += g_array_index(sources, struct model_source, i).left;
	if (rows != told)
		differs(verifier,
		    "sources: %" G_GUINT64_FORMAT
		    " rows; they say %" G_GUINT64_FORMAT,
		    rows, told);
	import_totals(verifier->view.txn, &part);
	verifier->sums.spam += part.spam;
	verifier->sums.ham += part.ham;
	verifier->sums.label_spam += part.label_spam;
	verifier->sums.label_ham += part.label_ham;
	verifier->shares += rows;
}

/* --- the counts --- */

static int
by_digest(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->digest < y->digest ? -1 : x->digest > y->digest;
}

static void
check_missing(struct verifier *verifier, const struct share *share)
{
	if (share->seq > verifier->view.totals.aged)
		differs(verifier,
		    "record %016" G_GINT64_MODIFIER
		    "x: lacks lesson %u, and was not let go",
		    share->digest, share->seq);
}

/* Whether a count is by now what the score table says; the caller holds the
 * lock, and no lesson is open. */
static gboolean
is_changed(struct verifier *verifier, guint64 digest, guint32 spam, guint32 ham)
{
	struct store_txn *txn =
	    store_begin(verifier->learn->store, FALSE, NULL);
	struct model_count now = { 0 };
	gboolean same;

	if (txn == NULL)
		return FALSE;
	model_get_count(txn, digest, &now);
	same = !store_failed(txn) && now.spam == spam && now.ham == ham;
	store_abort(&txn);
	return same;
}

static void
check_table(
    struct verifier *verifier, guint64 digest, const struct model_count *count)
{
	struct learn *learn = verifier->learn;
	guint32 spam = count->spam, ham = count->ham;
	gboolean good;

	pthread_mutex_lock(&learn->lock);
	if (learn->table != NULL)
		table_look(learn->table, digest, &spam, &ham);
	good = (spam == count->spam && ham == count->ham) ||
	       (verifier->apart && is_changed(verifier, digest, spam, ham));
	pthread_mutex_unlock(&learn->lock);
	if (!good)
		differs(verifier,
		    "record %016" G_GINT64_MODIFIER
		    "x: %u spam, %u ham; the score table says %u, %u",
		    digest, count->spam, count->ham, spam, ham);
}

/* One record with its shares, from `at` on; returns where the next's begin. */
static guint
check_record(struct verifier *verifier, guint64 digest,
    const struct model_count *count, guint at)
{
	guint32 spam = count->base_spam, ham = count->base_ham;

	for (; at < verifier->range->len; at++) {
		const struct share *share =
		    &g_array_index(verifier->range, struct share, at);

		if (share->digest > digest)
			break;
		if (share->digest < digest || share->seq < count->born) {
			check_missing(verifier, share);
			continue;
		}
		spam += share->spam;
		ham += share->ham;
	}
	verifier->report->records++;
	if (spam != count->spam || ham != count->ham)
		differs(verifier,
		    "record %016" G_GINT64_MODIFIER
		    "x: %u spam, %u ham; base and lessons give %u, %u",
		    digest, count->spam, count->ham, spam, ham);
	else if (model_count_is_empty(count))
		differs(verifier,
		    "record %016" G_GINT64_MODIFIER "x: counts nothing",
		    digest);
	check_table(verifier, digest, count);
	return at;
}

/* The records of the range along with their shares. */
static gboolean
check_range(struct verifier *verifier, GError **error)
{
	struct store_cursor *cursor = store_cursor_begin(verifier->view.txn,
	    MODEL_COUNTS, &verifier->first, sizeof(verifier->first));
	struct store_value key, value;
	gboolean good = TRUE;
	guint at = 0;

	/* One without shares may have no data at all. */
	if (verifier->range->len > 0)
		qsort(verifier->range->data, verifier->range->len,
		    sizeof(struct share), by_digest);
	while (good && store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		guint64 digest;

		memcpy(&digest, key.data, sizeof(digest));
		if (digest > verifier->last)
			break;
		good = model_read_count(&value, &count);
		if (good)
			at = check_record(verifier, digest, &count, at);
	}
	store_cursor_end(&cursor);
	for (; at < verifier->range->len; at++)
		check_missing(verifier,
		    &g_array_index(verifier->range, struct share, at));
	return good || err_set(error, DG_ERROR_BAD,
			   "a record of the counts is damaged");
}

static gboolean
check_counts(struct verifier *verifier, GError **error)
{
	guint64 ranges = verifier->shares / RANGE_SHARES + 1;
	guint64 width = G_MAXUINT64 / ranges;
	gboolean good = TRUE;

	verifier->range = g_array_new(FALSE, FALSE, sizeof(struct share));
	for (guint64 i = 0; good && i < ranges; i++) {
		verifier->first = i * width + (i > 0);
		verifier->last =
		    i == ranges - 1 ? G_MAXUINT64 : (i + 1) * width;
		g_array_set_size(verifier->range, 0);
		good = walk_journal(verifier, gather, error) &&
		       walk_rows(verifier, error) &&
		       check_range(verifier, error);
	}
	g_array_unref(verifier->range);
	return good;
}

/* --- the rest --- */

static void
check_sum(struct verifier *verifier, const char *what, guint32 told,
    guint32 base, guint32 lessons)
{
	if (told != base + lessons)
		differs(verifier, "%s: %u; base and lessons give %u", what,
		    told, base + lessons);
}

static void
check_totals(struct verifier *verifier)
{
	const struct table_totals *told = &verifier->view.totals.sums;
	const struct table_totals *base = &verifier->view.totals.base;
	const struct table_totals *sums = &verifier->sums;

	check_sum(verifier, "spam learnt", told->spam, base->spam, sums->spam);
	check_sum(verifier, "ham learnt", told->ham, base->ham, sums->ham);
	check_sum(verifier, "spam labels", told->label_spam, base->label_spam,
	    sums->label_spam);
	check_sum(verifier, "ham labels", told->label_ham, base->label_ham,
	    sums->label_ham);
	if (verifier->report->records != verifier->records)
		differs(verifier,
		    "records: %" G_GUINT64_FORMAT " thought, %" G_GUINT64_FORMAT
		    " found",
		    verifier->records, verifier->report->records);
}

/* Each lesson has its places; there are no others. */
static void
check_index(struct verifier *verifier)
{
	struct store_cursor *cursor =
	    store_cursor_begin(verifier->view.txn, MODEL_INDEX, NULL, 0);
	struct store_value key, value;
	guint64 found = 0, lost = 0;
	struct ident ident;

	while (store_cursor_next(cursor, &key, &value)) {
		if (!model_is_inbox(&key, &ident))
			found++;
		else if (!store_get(verifier->view.txn, MODEL_JOURNAL,
			     ident.bytes, IDENT_BYTES, &value))
			lost++;
	}
	store_cursor_end(&cursor);
	if (lost > 0)
		differs(verifier,
		    "index: %" G_GUINT64_FORMAT
		    " inboxes of lessons that are not there",
		    lost);
	if (found != verifier->places)
		differs(verifier,
		    "index: %" G_GUINT64_FORMAT
		    " places; the lessons have %" G_GUINT64_FORMAT,
		    found, verifier->places);
}

/* What was kept stays in view without the lock.  Within a group of this thread
 * its lessons are in view, and others wait for its end all the same. */
static gboolean
begin(struct verifier *verifier, GError **error)
{
	struct learn *learn = verifier->learn;

	if (!learn_view_begin(learn, &verifier->view, error))
		return FALSE;
	verifier->records = learn->records;
	verifier->apart = verifier->view.txn != learn->txn;
	if (verifier->apart)
		pthread_mutex_unlock(&learn->lock);
	return TRUE;
}

static void
end(struct verifier *verifier)
{
	if (verifier->apart)
		pthread_mutex_lock(&verifier->learn->lock);
	learn_view_end(verifier->learn, &verifier->view);
}

gboolean
verify_model(
    struct learn *learn, struct verify_report *report_r, GError **error)
{
	struct verifier verifier = { .learn = learn, .report = report_r };
	gboolean good;

	*report_r = (struct verify_report){ 0 };
	if (!begin(&verifier, error))
		return FALSE;
	report_r->shown = g_ptr_array_new_with_free_func(g_free);
	good = walk_journal(&verifier, tally, error);
	if (good)
		tally_sources(&verifier);
	good = good && check_counts(&verifier, error);
	if (good) {
		check_totals(&verifier);
		check_index(&verifier);
	}
	if (good && store_failed(verifier.view.txn))
		good = err_set(
		    error, DG_ERROR_IO, "the model's store cannot be read");
	end(&verifier);
	if (!good)
		verify_report_clear(report_r);
	return good;
}

void
verify_report_clear(struct verify_report *report)
{
	g_clear_pointer(&report->shown, g_ptr_array_unref);
}
