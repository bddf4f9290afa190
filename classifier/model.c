/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model's records.  Values are copied by memcpy in and out, since LMDB
 * promises no alignment; they are in native order, since a model does not move
 * between hosts but by an export.
 */
#include "classifier/model.h"

#include <string.h>

#include "classifier/features.h"
#include "lib/base/err.h"

static const struct store_table tables[] = {
	[MODEL_COUNTS] = { "counts", TRUE },
	[MODEL_JOURNAL] = { "journal", FALSE },
	[MODEL_META] = { "meta", FALSE },
	[MODEL_NOTED] = { "noted", FALSE },
	{ NULL, FALSE },
};

static const char totals_key[] = "totals";

void
model_get_totals(struct store_txn *txn, struct model_totals *totals_r)
{
	struct store_value value;

	*totals_r = (struct model_totals){ .version = FEATURES_VERSION };
	if (store_get(txn, MODEL_META, totals_key, strlen(totals_key), &value))
		memcpy(
		    totals_r, value.data, MIN(value.length, sizeof(*totals_r)));
}

void
model_put_totals(struct store_txn *txn, const struct model_totals *totals)
{
	store_put(txn, MODEL_META, totals_key, strlen(totals_key), totals,
	    sizeof(*totals));
}

static gboolean
version_fits(struct store *store, const char *folder, GError **error)
{
	struct store_txn *txn = store_begin(store, FALSE, error);
	struct store_value value;
	struct model_totals totals;
	gboolean fits, taught;

	if (txn == NULL)
		return FALSE;
	taught =
	    store_get(txn, MODEL_META, totals_key, strlen(totals_key), &value);
	/* The version stands first in every layout of the totals. */
	fits = !taught || value.length == sizeof(totals);
	model_get_totals(txn, &totals);
	store_abort(&txn);
	if (fits && totals.version == FEATURES_VERSION)
		return TRUE;
	return err_set(error, DG_ERROR_BAD,
	    "the model in %s was taught by a program of another version "
	    "(features %u, here %d); teach anew in an empty folder",
	    folder, totals.version, FEATURES_VERSION);
}

struct store *
model_open(const char *folder, guint64 map_bytes, GError **error)
{
	struct store *store = store_open(folder, tables, map_bytes, error);

	if (store != NULL && !version_fits(store, folder, error))
		store_close(&store);
	return store;
}

/* --- the journal's digests: sorted, so each as the difference to the one
 * before, seven bits a byte, low first --- */

static void
encode(GByteArray *out, const guint64 *digests, guint n)
{
	guint64 before = 0;

	for (guint i = 0; i < n; i++) {
		guint64 delta = digests[i] - before;

		before = digests[i];
		do {
			guint8 byte =
			    (delta & 0x7f) | (delta > 0x7f ? 0x80 : 0);

			g_byte_array_append(out, &byte, 1);
			delta >>= 7;
		} while (delta > 0);
	}
}

/* FALSE unless these bytes are exactly `n` digests, each above the one before:
 * one that came twice would be counted twice. */
static gboolean
decode(const guint8 *at, const guint8 *end, guint64 *digests, guint n)
{
	guint64 before = 0;

	for (guint i = 0; i < n; i++) {
		guint64 delta = 0;
		guint shift = 0;

		do {
			/* The tenth byte has one bit of 64 left. */
			if (at == end || shift > 63 || (shift == 63 && *at > 1))
				return FALSE;
			delta |= (guint64)(*at & 0x7f) << shift;
			shift += 7;
		} while ((*at++ & 0x80) != 0);
		digests[i] = before + delta;
		if (i > 0 && digests[i] <= before)
			return FALSE;
		before = digests[i];
	}
	return at == end;
}

gboolean
model_get_lesson(struct store_txn *txn, const struct ident *ident,
    struct model_lesson *lesson_r, guint64 **digests_r, GError **error)
{
	struct store_value value;
	const guint8 *data;

	*digests_r = NULL;
	if (!store_get(txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES, &value))
		return FALSE;
	data = value.data;
	if (value.length >= sizeof(*lesson_r)) {
		memcpy(lesson_r, data, sizeof(*lesson_r));
		if (lesson_r->n <= FEATURES_MAX) {
			*digests_r = g_new(guint64, lesson_r->n + 1);
			if (decode(data + sizeof(*lesson_r),
				data + value.length, *digests_r, lesson_r->n))
				return TRUE;
		}
	}
	g_clear_pointer(digests_r, g_free);
	return err_set(
	    error, DG_ERROR_BAD, "a lesson of the journal is damaged");
}

void
model_put_lesson(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests)
{
	g_autoptr(GByteArray) record = g_byte_array_new();

	g_byte_array_append(record, (const guint8 *)lesson, sizeof(*lesson));
	encode(record, digests, lesson->n);
	store_put(txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES, record->data,
	    record->len);
}

void
model_del_lesson(struct store_txn *txn, const struct ident *ident)
{
	store_del(txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES);
}

/* --- counts --- */

static void
get_count(struct store_txn *txn, guint64 digest, struct model_count *count_r)
{
	struct store_value value;

	*count_r = (struct model_count){ 0 };
	if (store_get(txn, MODEL_COUNTS, &digest, sizeof(digest), &value) &&
	    value.length == sizeof(*count_r))
		memcpy(count_r, value.data, sizeof(*count_r));
}

static gboolean
is_empty(const struct model_count *count)
{
	return count->spam == 0 && count->ham == 0;
}

static void
put_count(
    struct store_txn *txn, guint64 digest, const struct model_count *count)
{
	if (is_empty(count))
		store_del(txn, MODEL_COUNTS, &digest, sizeof(digest));
	else
		store_put(txn, MODEL_COUNTS, &digest, sizeof(digest), count,
		    sizeof(*count));
}

/* FALSE when the record does not hold this lesson. */
static gboolean
change_count(
    struct model_count *count, const struct model_lesson *lesson, int sign)
{
	guint32 *side =
	    lesson->class == VERDICT_SPAM ? &count->spam : &count->ham;

	if (sign < 0) {
		/* Born after the lesson: it was let go and made anew. */
		if (*side == 0 || count->born > lesson->seq)
			return FALSE;
		(*side)--;
		return TRUE;
	}
	if (is_empty(count))
		count->born = lesson->seq;
	count->last = lesson->seq;
	(*side)++;
	return TRUE;
}

gint64
model_add(struct store_txn *txn, const struct model_lesson *lesson,
    const guint64 *digests, int sign, model_changed changed, void *self)
{
	gint64 more = 0;

	for (guint i = 0; i < lesson->n && !store_failed(txn); i++) {
		struct model_count count;
		gboolean before;

		get_count(txn, digests[i], &count);
		before = !is_empty(&count);
		if (!change_count(&count, lesson, sign))
			continue;
		put_count(txn, digests[i], &count);
		more += !is_empty(&count) - before;
		changed(self, digests[i], count.spam, count.ham);
	}
	return more;
}
