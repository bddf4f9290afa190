/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See import.h. */
#include "classifier/import.h"

#include <string.h>

#include "classifier/learn_private.h"
#include "lib/base/err.h"

/* Rows that come or go in one transaction: a tenth of a second or so. */
#define PIECE 10000
/* Of a starter, for each lesson. */
#define WANE 5000

gboolean
import_is_name(const char *name)
{
	gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
				    "QRSTUVWXYZ0123456789._-");

	return length > 0 && length < MODEL_NAME && name[length] == '\0';
}

static void
add_totals(struct table_totals *sums, const struct table_totals *part, int sign)
{
	sums->spam += sign * (gint32)part->spam;
	sums->ham += sign * (gint32)part->ham;
	sums->label_spam += sign * (gint32)part->label_spam;
	sums->label_ham += sign * (gint32)part->label_ham;
}

void
import_totals(struct store_txn *txn, struct table_totals *totals_r)
{
	g_autoptr(GArray) sources = model_sources(txn);

	*totals_r = (struct table_totals){ 0 };
	for (guint i = 0; i < sources->len; i++)
		add_totals(totals_r,
		    &g_array_index(sources, struct model_source, i).totals, 1);
}

gboolean
import_has(struct learn *learn, const char *name)
{
	struct model_source source;
	struct learn_view view;
	gboolean has;

	if (!import_is_name(name) || !learn_view_begin(learn, &view, NULL))
		return FALSE;
	has = model_get_source(view.txn, name, &source);
	learn_view_end(learn, &view);
	return has;
}

static gboolean
begin_source(struct learn *learn, const char *name, gboolean starter,
    const struct table_totals *totals, GError **error)
{
	g_autoptr(GArray) sources = model_sources(learn->txn);
	struct model_source source = {
		.starter = starter, .totals = *totals, .state = MODEL_COMING
	};

	if (!import_is_name(name))
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no name: letters, digits and ._-, at most %d",
		    name, MODEL_NAME - 1);
	for (guint i = 0; i < sources->len; i++) {
		const struct model_source *other =
		    &g_array_index(sources, struct model_source, i);

		if (strcmp(other->name, name) == 0)
			return err_set(error, DG_ERROR_BAD,
			    "there is \"%s\" already; \"deskgate model forget "
			    "%s\" first",
			    name, name);
		source.id = MAX(source.id, other->id);
	}
	if (totals->spam > MODEL_TOTAL_MOST || totals->ham > MODEL_TOTAL_MOST ||
	    totals->label_spam > MODEL_TOTAL_MOST ||
	    totals->label_ham > MODEL_TOTAL_MOST)
		return err_set(error, DG_ERROR_BAD,
		    "the totals are more than a model can have");
	source.id++;
	g_strlcpy(source.name, name, sizeof(source.name));
	if (starter)
		source.totals.label_spam = source.totals.label_ham = 0;
	learn->dirty = TRUE;
	add_totals(&learn->totals.sums, &source.totals, 1);
	model_put_source(learn->txn, &source);
	return TRUE;
}

gboolean
import_begin(struct learn *learn, const char *name, gboolean starter,
    const struct table_totals *totals, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn,
		   begin_source(learn, name, starter, totals, error), error);
}

static gboolean
get_source(struct learn *learn, const char *name, struct model_source *source_r,
    GError **error)
{
	return model_get_source(learn->txn, name, source_r) ||
	       err_set(error, DG_ERROR_NOTFOUND,
		   "there is nothing in the model under the name \"%s\"", name);
}

static gboolean
are_sound(const struct model_source *source, const struct import_row *rows,
    guint n, GError **error)
{
	guint64 last = source->last;

	if (source->state != MODEL_COMING)
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is whole or going already", source->name);
	for (guint i = 0; i < n; i++) {
		if ((source->rows > 0 || i > 0) && rows[i].digest <= last)
			return err_set(error, DG_ERROR_BAD,
			    "its counts are not in the order of digests");
		if (rows[i].spam > source->totals.spam ||
		    rows[i].ham > source->totals.ham ||
		    (rows[i].spam == 0 && rows[i].ham == 0))
			return err_set(error, DG_ERROR_BAD,
			    "its counts do not fit its totals");
		last = rows[i].digest;
	}
	return TRUE;
}

static gboolean
add_rows(struct learn *learn, const char *name, const struct import_row *rows,
    guint n, GError **error)
{
	struct model_source source;
	struct model_row row;

	if (!get_source(learn, name, &source, error) ||
	    !are_sound(&source, rows, n, error))
		return FALSE;
	learn->dirty = TRUE;
	/* As a lesson: records that were born since the last piece hold it. */
	row.seq = ++learn->totals.seq;
	for (guint i = 0; i < n && !store_failed(learn->txn); i++) {
		guint8 key[MODEL_ROW_KEY];

		row.spam = rows[i].spam;
		row.ham = rows[i].ham;
		model_row_key(source.id, rows[i].digest, key);
		store_put(learn->txn, MODEL_SOURCES, key, sizeof(key), &row,
		    sizeof(row));
		learn->records += model_add_row(
		    learn->txn, rows[i].digest, &row, 1, learn_changed, learn);
		source.last = rows[i].digest;
	}
	source.rows += n;
	source.left += n;
	model_put_source(learn->txn, &source);
	age_records(learn);
	return TRUE;
}

gboolean
import_rows(struct learn *learn, const char *name,
    const struct import_row *rows, guint n, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn, add_rows(learn, name, rows, n, error), error);
}

static gboolean
end_source(struct learn *learn, const char *name, GError **error)
{
	struct model_source source;

	if (!get_source(learn, name, &source, error))
		return FALSE;
	if (source.state != MODEL_COMING || source.rows == 0)
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is whole or going already, or has no counts", name);
	source.state = MODEL_WHOLE;
	learn->dirty = TRUE;
	model_put_source(learn->txn, &source);
	return TRUE;
}

gboolean
import_end(struct learn *learn, const char *name, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn, end_source(learn, name, error), error);
}

/* --- going --- */

/* The next row of the source; FALSE when there is none. */
static gboolean
first_row(struct store_txn *txn, const struct model_source *source,
    guint64 *digest_r, struct model_row *row_r)
{
	guint8 front[MODEL_ROW_KEY];
	struct store_value key, value;
	struct store_cursor *cursor;
	guint32 id;
	gboolean found;

	model_row_key(source->id, 0, front);
	cursor = store_cursor_begin(txn, MODEL_SOURCES, front, sizeof(front));
	found = store_cursor_next(cursor, &key, &value) &&
		model_read_row(&key, &value, &id, digest_r, row_r) &&
		id == source->id;
	store_cursor_end(&cursor);
	return found;
}

/* Takes up to `most` rows away, and with the last one the source. */
static void
take_rows(struct learn *learn, struct model_source *source, guint most)
{
	struct model_row row;
	guint64 digest;

	learn->dirty = TRUE;
	for (; most > 0 && first_row(learn->txn, source, &digest, &row);
	     most--) {
		guint8 key[MODEL_ROW_KEY];

		model_row_key(source->id, digest, key);
		store_del(learn->txn, MODEL_SOURCES, key, sizeof(key));
		learn->records += model_add_row(
		    learn->txn, digest, &row, -1, learn_changed, learn);
		source->left--;
	}
	if (source->left > 0) {
		model_put_source(learn->txn, source);
		return;
	}
	add_totals(&learn->totals.sums, &source->totals, -1);
	model_del_source(learn->txn, source);
}

static gboolean
forget(struct learn *learn, const char *name, gboolean *more_r, GError **error)
{
	struct model_source source;

	if (!get_source(learn, name, &source, error))
		return FALSE;
	source.state = MODEL_GOING;
	take_rows(learn, &source, PIECE);
	*more_r = source.left > 0;
	return TRUE;
}

gboolean
import_forget(
    struct learn *learn, const char *name, gboolean *more_r, GError **error)
{
	return learn_enter(learn, error) &&
	       learn_leave(learn, forget(learn, name, more_r, error), error);
}

/* How many rows of it are to go. */
static guint
surplus(const struct learn *learn, const struct model_source *source)
{
	const struct table_totals *sums = &learn->totals.sums;
	guint own = MIN(sums->label_spam, sums->label_ham);
	guint all = learn->settings.starter_labels;

	if (source->state == MODEL_GOING)
		return source->left;
	if (!source->starter || source->state == MODEL_COMING || all == 0)
		return 0;
	if (own >= all)
		return source->left;
	/* What stays, against what is left. */
	return source->left - MIN(source->left, (guint)((guint64)source->rows *
							(all - own) / all));
}

gboolean
import_wane(struct learn *learn)
{
	g_autoptr(GArray) sources = model_sources(learn->txn);
	gboolean more = FALSE;

	for (guint i = 0; i < sources->len; i++) {
		struct model_source *source =
		    &g_array_index(sources, struct model_source, i);
		guint going = surplus(learn, source);

		if (going > 0)
			take_rows(learn, source, MIN(going, WANE));
		more = more || going > WANE;
	}
	return more;
}
