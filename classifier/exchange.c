/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing the model as text.  Everything stands in an order that depends on
 * what is there alone, so that equal models give equal bytes.
 */
#include "classifier/exchange.h"

#include <string.h>

#include "classifier/features.h"
#include "classifier/learn_private.h"
#include "lib/base/err.h"

static void
put_totals(GString *out, const char *word, const struct table_totals *totals)
{
	g_string_append_printf(out, "%s %u %u %u %u\n", word, totals->spam,
	    totals->ham, totals->label_spam, totals->label_ham);
}

static void
put_head(GString *out, const struct learn_view *view, const char *kind)
{
	char key[IDENT_TEXT];

	ident_text(&view->totals.key, key);
	g_string_append_printf(out, "deskgate-model 1\nfeatures %u\nkey %s\n",
	    view->totals.version, key);
	g_string_append_printf(out, "kind %s\n", kind);
}

/* FALSE: a record is damaged. */
static gboolean
put_counts(GString *out, const struct learn_view *view)
{
	struct store_cursor *cursor =
	    store_cursor_begin(view->txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;
	gboolean good = TRUE;

	while (good && store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		guint64 digest;

		memcpy(&digest, key.data, sizeof(digest));
		good = model_read_count(&value, &count);
		g_string_append_printf(out,
		    "%016" G_GINT64_MODIFIER "x %u %u\n", digest, count.spam,
		    count.ham);
	}
	store_cursor_end(&cursor);
	return good;
}

gboolean
exchange_dump(
    struct learn *learn, enum exchange_kind kind, GString *out, GError **error)
{
	struct learn_view view;
	gboolean good;

	(void)kind;
	if (!learn_view_begin(learn, &view, error))
		return FALSE;
	put_head(out, &view, "counts");
	put_totals(out, "totals", &view.totals.sums);
	good = put_counts(out, &view) && !store_failed(view.txn);
	learn_view_end(learn, &view);
	if (!good)
		return err_set(
		    error, DG_ERROR_BAD, "a record of the counts is damaged");
	g_string_append(out, "end\n");
	return TRUE;
}
