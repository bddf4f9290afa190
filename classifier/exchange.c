/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing the model as text.  Everything stands in an order that depends on
 * what is there alone, so that equal models give equal bytes.
 */
#include "classifier/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/exchange_private.h"
#include "lib/base/err.h"

static const char *const kind_words[] = {
	[EXCHANGE_COUNTS] = "counts",
	[EXCHANGE_OWN] = "counts",
	[EXCHANGE_LESSONS] = "lessons",
};

struct writer {
	struct learn_view view;
	enum exchange_kind kind;
	GArray *sources;
	GString *out;
};

static gboolean
damaged(GError **error)
{
	return err_set(
	    error, DG_ERROR_BAD, "the model is damaged; see model verify");
}

static void
put_totals(GString *out, const struct table_totals *totals)
{
	g_string_append_printf(out, "%u %u %u %u", totals->spam, totals->ham,
	    totals->label_spam, totals->label_ham);
}

static void
put_count(GString *out, guint64 digest, guint32 spam, guint32 ham)
{
	g_string_append_printf(
	    out, "%016" G_GINT64_MODIFIER "x %u %u\n", digest, spam, ham);
}

static void
put_source(GString *out, const struct model_source *source)
{
	g_string_append_printf(out, "source %s %s ", source->name,
	    source->starter ? "starter" : "import");
	put_totals(out, &source->totals);
	g_string_append_printf(out, " %u\n", source->left);
}

static void
put_head(struct writer *writer)
{
	struct table_totals totals = writer->view.totals.sums, part;
	char key[IDENT_TEXT];

	ident_text(&writer->view.totals.key, key);
	g_string_append_printf(writer->out,
	    "deskgate-model 1\nfeatures %u\nkey %s\nkind %s\ntotals ",
	    writer->view.totals.version, key, kind_words[writer->kind]);
	if (writer->kind == EXCHANGE_LESSONS)
		totals = writer->view.totals.base;
	if (writer->kind == EXCHANGE_OWN) {
		import_totals(writer->view.txn, &part);
		totals.spam -= part.spam;
		totals.ham -= part.ham;
		totals.label_spam -= part.label_spam;
		totals.label_ham -= part.label_ham;
	}
	put_totals(writer->out, &totals);
	g_string_append_c(writer->out, '\n');
	/* For who looks at it: what of the counts is not one's own. */
	for (guint i = 0;
	     writer->kind == EXCHANGE_COUNTS && i < writer->sources->len; i++)
		put_source(writer->out,
		    &g_array_index(writer->sources, struct model_source, i));
}

/* Takes from a count what sources have given. */
static void
own_part(const struct writer *writer, guint64 digest, struct model_count *count)
{
	for (guint i = 0; i < writer->sources->len; i++) {
		const struct model_source *source =
		    &g_array_index(writer->sources, struct model_source, i);
		guint8 key[MODEL_ROW_KEY];
		const struct store_value place = { key, sizeof(key) };
		struct store_value value;
		struct model_row row;
		guint32 id;
		guint64 same;

		model_row_key(source->id, digest, key);
		if (store_get(writer->view.txn, MODEL_SOURCES, key, sizeof(key),
			&value) &&
		    model_read_row(&place, &value, &id, &same, &row) &&
		    row.seq >= count->born) {
			count->spam -= MIN(row.spam, count->spam);
			count->ham -= MIN(row.ham, count->ham);
		}
	}
}

/* FALSE: a record is damaged. */
static gboolean
put_counts(struct writer *writer)
{
	struct store_cursor *cursor =
	    store_cursor_begin(writer->view.txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;
	gboolean good = TRUE;

	while (good && store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		guint64 digest;

		memcpy(&digest, key.data, sizeof(digest));
		good = model_read_count(&value, &count);
		if (writer->kind == EXCHANGE_LESSONS) {
			count.spam = count.base_spam;
			count.ham = count.base_ham;
		} else if (writer->kind == EXCHANGE_OWN) {
			own_part(writer, digest, &count);
		}
		if (!model_count_is_empty(&count))
			put_count(writer->out, digest, count.spam, count.ham);
	}
	store_cursor_end(&cursor);
	return good;
}

/* One source with its rows. */
static gboolean
put_rows(struct writer *writer, const struct model_source *source)
{
	guint8 front[MODEL_ROW_KEY];
	struct store_cursor *cursor;
	struct store_value key, value;
	gboolean good = TRUE;

	put_source(writer->out, source);
	model_row_key(source->id, 0, front);
	cursor = store_cursor_begin(
	    writer->view.txn, MODEL_SOURCES, front, sizeof(front));
	while (good && store_cursor_next(cursor, &key, &value)) {
		struct model_row row;
		guint64 digest;
		guint32 id;

		good = model_read_row(&key, &value, &id, &digest, &row);
		if (!good || id != source->id)
			break;
		put_count(writer->out, digest, row.spam, row.ham);
	}
	store_cursor_end(&cursor);
	return good;
}

static void
put_ident(GString *out, const struct ident *ident)
{
	char text[IDENT_TEXT];

	ident_text(ident, text);
	g_string_append_printf(out, " %s", ident_is_zero(ident) ? "-" : text);
}

static gboolean
put_lesson(
    struct writer *writer, const struct exchange_place *place, GError **error)
{
	GString *out = writer->out;
	g_autofree guint64 *digests = NULL;
	struct model_lesson lesson;

	if (!model_get_lesson(
		writer->view.txn, &place->ident, &lesson, &digests, error))
		return FALSE;
	g_string_append(out, "lesson");
	put_ident(out, &place->ident);
	g_string_append_printf(out, " %s %s %" G_GINT64_FORMAT,
	    verdict_word(lesson.class), lesson.trained ? "trained" : "noted",
	    lesson.taught);
	for (guint i = 0; i < MODEL_PEOPLE; i++)
		put_ident(out, &lesson.people[i]);
	put_ident(out, &lesson.id);
	lesson.actor[sizeof(lesson.actor) - 1] = '\0';
	g_strdelimit(lesson.actor, "\r\n", '?');
	g_string_append_printf(out, " %u %s\n", lesson.n,
	    *lesson.actor != '\0' ? lesson.actor : "-");
	for (guint i = 0; i < lesson.n; i++)
		g_string_append_printf(out, "%016" G_GINT64_MODIFIER "x%c",
		    digests[i], i + 1 < lesson.n ? ' ' : '\n');
	return TRUE;
}

static int
by_seq(const void *a, const void *b)
{
	const struct exchange_place *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

GArray *
exchange_order(struct store_txn *txn)
{
	GArray *order =
	    g_array_new(FALSE, FALSE, sizeof(struct exchange_place));
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_JOURNAL, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		struct exchange_place place;

		/* One that is damaged is found when it is read. */
		if (key.length != IDENT_BYTES ||
		    value.length < sizeof(place.seq))
			continue;
		memcpy(place.ident.bytes, key.data, IDENT_BYTES);
		memcpy(&place.seq, value.data, sizeof(place.seq));
		g_array_append_val(order, place);
	}
	store_cursor_end(&cursor);
	/* An empty one may have no data at all. */
	if (order->len > 0)
		qsort(order->data, order->len, sizeof(struct exchange_place),
		    by_seq);
	return order;
}

static gboolean
put_journal(struct writer *writer, GError **error)
{
	g_autoptr(GArray) order = exchange_order(writer->view.txn);

	for (guint i = 0; i < writer->sources->len; i++) {
		if (!put_rows(writer, &g_array_index(writer->sources,
					  struct model_source, i)))
			return damaged(error);
	}
	for (guint i = 0; i < order->len; i++) {
		if (!put_lesson(writer,
			&g_array_index(order, struct exchange_place, i), error))
			return FALSE;
	}
	return TRUE;
}

gboolean
exchange_dump(
    struct learn *learn, enum exchange_kind kind, GString *out, GError **error)
{
	struct writer writer = { .kind = kind, .out = out };
	gboolean good;

	if (!learn_view_begin(learn, &writer.view, error))
		return FALSE;
	writer.sources = model_sources(writer.view.txn);
	put_head(&writer);
	good = put_counts(&writer) || damaged(error);
	if (good && kind == EXCHANGE_LESSONS)
		good = put_journal(&writer, error);
	if (good && store_failed(writer.view.txn))
		good = damaged(error);
	g_array_unref(writer.sources);
	learn_view_end(learn, &writer.view);
	g_string_append(out, "end\n");
	return good;
}
