/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model from its text.  The text is read twice: once to look whether all of
 * it is right, then to make the model of it in one transaction.
 */
#include <string.h>

#include "classifier/exchange_private.h"
#include "lib/base/err.h"

struct loader {
	struct learn *learn;
	struct exchange_lines lines;
	struct exchange_head head;
	struct model_source source; /* whose counts come now */
	gboolean in_source, in_journal;
	gboolean begun; /* a count has come; its digest: */
	guint64 digest;
	gboolean ended;
	GHashTable *seen; /* char *: names of lessons and sources */
	gboolean dry;     /* only looking */
};

static gboolean
key_fits(
    const struct learn *learn, const struct exchange_head *head, GError **error)
{
	const struct ident *key = &learn->settings.key;

	return ident_is_zero(key) || ident_equal(key, &head->key) ||
	       err_set(error, DG_ERROR_BAD,
		   "the model was made with another feature key: it can be of "
		   "use only where that key is");
}

static void
end_section(struct loader *loader)
{
	if (loader->in_source && !loader->dry)
		model_put_source(loader->learn->txn, &loader->source);
	loader->in_source = FALSE;
	loader->begun = FALSE;
}

/* Whether the name came before. */
static gboolean
is_second(struct loader *loader, const char *name)
{
	return loader->dry && !g_hash_table_add(loader->seen, g_strdup(name));
}

static gboolean
load_count(struct loader *loader, const struct import_row *row, GError **error)
{
	const struct table_totals *totals =
	    loader->in_source ? &loader->source.totals : &loader->head.totals;
	struct learn *learn = loader->learn;
	struct model_row share = { row->spam, row->ham, learn->totals.seq };
	guint8 key[MODEL_ROW_KEY];

	if (loader->in_journal ||
	    (loader->begun && row->digest <= loader->digest))
		return exchange_lines_fault(
		    &loader->lines, "a count out of order", error);
	if (row->spam > totals->spam || row->ham > totals->ham ||
	    (row->spam == 0 && row->ham == 0))
		return exchange_lines_fault(&loader->lines,
		    "a count that does not fit the totals", error);
	loader->begun = TRUE;
	loader->digest = row->digest;
	if (loader->dry)
		return TRUE;
	if (!loader->in_source) {
		exchange_put_base(learn, row->digest, row->spam, row->ham);
		return TRUE;
	}
	model_row_key(loader->source.id, row->digest, key);
	store_put(
	    learn->txn, MODEL_SOURCES, key, sizeof(key), &share, sizeof(share));
	learn->records += model_add_row(
	    learn->txn, row->digest, &share, 1, exchange_unseen, NULL);
	loader->source.left++;
	loader->source.last = row->digest;
	return TRUE;
}

static gboolean
load_source(
    struct loader *loader, const struct model_source *source, GError **error)
{
	guint32 id = loader->source.id + 1;

	/* Among counts they are told for who looks; the totals have them. */
	if (!loader->head.lessons)
		return !loader->begun || exchange_lines_fault(&loader->lines,
					     "a source out of order", error);
	if (loader->in_journal || is_second(loader, source->name))
		return exchange_lines_fault(
		    &loader->lines, "a source out of order", error);
	end_section(loader);
	loader->source = *source;
	loader->source.id = id;
	loader->source.rows = source->left;
	loader->source.left = 0;
	loader->source.state = MODEL_WHOLE;
	loader->in_source = TRUE;
	if (loader->dry)
		return TRUE;
	loader->learn->totals.seq++;
	exchange_add_totals(&loader->learn->totals.sums, &source->totals);
	return TRUE;
}

static gboolean
load_lesson(struct loader *loader, const struct ident *ident,
    struct model_lesson *lesson, GError **error)
{
	struct learn *learn = loader->learn;
	g_autofree guint64 *digests = g_new(guint64, lesson->n + 1);
	char name[IDENT_TEXT];

	ident_text(ident, name);
	if (!loader->head.lessons)
		return exchange_lines_fault(
		    &loader->lines, "a lesson among counts", error);
	if (lesson->n > 0 &&
	    (!exchange_lines_next(&loader->lines) ||
		!exchange_parse_digests(
		    loader->lines.line->str, lesson->n, digests)))
		return exchange_lines_fault(
		    &loader->lines, "the lesson's features are missing", error);
	if (is_second(loader, name))
		return exchange_lines_fault(
		    &loader->lines, "the lesson is there already", error);
	end_section(loader);
	loader->in_journal = TRUE;
	if (loader->dry)
		return TRUE;
	lesson->seq = ++learn->totals.seq;
	model_put_lesson(learn->txn, ident, lesson, digests);
	if (!lesson->trained && lesson->n > 0)
		rehearse_note(learn, ident, lesson);
	exchange_replay(learn, lesson, digests);
	return TRUE;
}

static gboolean
load_line(struct loader *loader, GError **error)
{
	const char *line = loader->lines.line->str;
	struct import_row row;
	struct model_source source;
	struct model_lesson lesson;
	struct ident ident;

	if (exchange_parse_count(line, &row))
		return load_count(loader, &row, error);
	if (exchange_parse_lesson(line, &ident, &lesson))
		return load_lesson(loader, &ident, &lesson, error);
	if (exchange_parse_source(line, &source))
		return load_source(loader, &source, error);
	loader->ended = strcmp(line, "end") == 0;
	return loader->ended || exchange_lines_fault(&loader->lines,
				    "this is no line of a model", error);
}

/* An empty model with these totals in its base. */
static void
clear(struct loader *loader)
{
	struct learn *learn = loader->learn;
	g_autoptr(GArray) sources = model_sources(learn->txn);

	for (guint i = 0; i < sources->len; i++)
		model_del_source(learn->txn,
		    &g_array_index(sources, struct model_source, i));
	store_clear(learn->txn, MODEL_SOURCES);
	store_clear(learn->txn, MODEL_JOURNAL);
	store_clear(learn->txn, MODEL_INDEX);
	store_clear(learn->txn, MODEL_NOTED);
	exchange_clear_counts(learn);
	memset(learn->totals.noted, 0, sizeof(learn->totals.noted));
	learn->totals.seq = 1;
	learn->totals.sums = learn->totals.base = loader->head.totals;
	learn->totals.key = loader->head.key;
}

/* Reads all of the text; when `dry`, it only looks, so that nothing is changed
 * by one that is wrong at its end. */
static gboolean
pass(struct learn *learn, const char *text, gsize length, gboolean dry,
    GError **error)
{
	struct loader loader = { .learn = learn, .dry = dry };
	gboolean good;

	exchange_lines_init(&loader.lines, text, length);
	loader.seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	good = exchange_parse_head(&loader.lines, &loader.head, error) &&
	       key_fits(learn, &loader.head, error);
	if (good && !dry)
		clear(&loader);
	while (good && !loader.ended && exchange_lines_next(&loader.lines))
		good = load_line(&loader, error);
	end_section(&loader);
	if (good && (!loader.ended || loader.lines.at != loader.lines.end))
		good = exchange_lines_fault(&loader.lines,
		    "the model is cut, or goes on after its end", error);
	g_hash_table_unref(loader.seen);
	exchange_lines_fini(&loader.lines);
	return good;
}

static gboolean
load(struct learn *learn, const char *text, gsize length, gboolean replace,
    GError **error)
{
	if (learn->totals.seq != 0 && !replace)
		return err_set(error, DG_ERROR_BAD,
		    "there is a model already; --replace puts this one in its "
		    "place");
	if (!pass(learn, text, length, TRUE, error) ||
	    !pass(learn, text, length, FALSE, error))
		return FALSE;
	age_records(learn);
	return TRUE;
}

gboolean
exchange_load(struct learn *learn, const char *text, gsize length,
    gboolean replace, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(
		   learn, load(learn, text, length, replace, error), error);
}

gboolean
exchange_clear(struct learn *learn, GError **error)
{
	struct loader loader = { .learn = learn,
		.head = { .key = learn->totals.key } };

	if (!learn_enter(learn, error))
		return FALSE;
	clear(&loader);
	return learn_leave(learn, TRUE, error);
}

/* --- importing --- */

/* Between the head and the counts stand sources and nothing else. */
static gboolean
only_sources(struct exchange_lines *lines, GError **error)
{
	struct model_source source;

	while (exchange_lines_next(lines)) {
		if (!exchange_parse_source(lines->line->str, &source))
			return exchange_lines_fault(
			    lines, "this is no line of a model", error);
	}
	return lines->at == lines->end ||
	       exchange_lines_fault(
		   lines, "the line after it is no line of a model", error);
}

gboolean
exchange_import_begin(struct learn *learn, const char *name, gboolean starter,
    const char *head, gsize length, GError **error)
{
	struct exchange_lines lines;
	struct exchange_head parsed;
	gboolean good;

	exchange_lines_init(&lines, head, length);
	good = exchange_parse_head(&lines, &parsed, error) &&
	       key_fits(learn, &parsed, error);
	if (good && parsed.lessons)
		good = err_set(error, DG_ERROR_BAD,
		    "this has single lessons, which are of one installation "
		    "alone; what \"model export\" writes can be imported");
	good = good && only_sources(&lines, error);
	exchange_lines_fini(&lines);
	return good &&
	       import_begin(learn, name, starter, &parsed.totals, error);
}

gboolean
exchange_import_rows(struct learn *learn, const char *name, const char *text,
    gsize length, GError **error)
{
	g_autoptr(GArray) rows =
	    g_array_new(FALSE, FALSE, sizeof(struct import_row));
	struct exchange_lines lines;
	gboolean good = TRUE;

	exchange_lines_init(&lines, text, length);
	while (good && exchange_lines_next(&lines)) {
		struct import_row row;

		good = exchange_parse_count(lines.line->str, &row);
		if (good)
			g_array_append_val(rows, row);
	}
	if (good && lines.at != lines.end)
		good = FALSE;
	exchange_lines_fini(&lines);
	if (!good)
		return err_set(error, DG_ERROR_BAD,
		    "among the counts is a line that is none");
	return import_rows(learn, name, (const struct import_row *)rows->data,
	    rows->len, error);
}
