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
#include "lib/base/seal.h"

static const struct store_table tables[] = {
	[MODEL_COUNTS] = { "counts", TRUE },
	[MODEL_JOURNAL] = { "journal", FALSE },
	[MODEL_META] = { "meta", FALSE },
	[MODEL_NOTED] = { "noted", FALSE },
	[MODEL_INDEX] = { "index", FALSE },
	[MODEL_SOURCES] = { "sources", FALSE },
	{ NULL, FALSE },
};

static const char totals_key[] = "totals";

void
model_key_check(const guint8 *key, gsize length, struct ident *check_r)
{
	struct seal_digest *digest = seal_digest_new(key, length, "model-key");

	seal_digest_end(&digest, check_r->bytes, sizeof(check_r->bytes));
}

void
model_get_totals(struct store_txn *txn, struct model_totals *totals_r)
{
	struct store_value value;

	*totals_r = (struct model_totals){ .version = FEATURES_VERSION,
		.records = MODEL_RECORDS_VERSION };
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
	/* The versions stand first in every layout of the totals. */
	fits = !taught || value.length == sizeof(totals);
	model_get_totals(txn, &totals);
	store_abort(&txn);
	if (fits && totals.version == FEATURES_VERSION &&
	    totals.records == MODEL_RECORDS_VERSION)
		return TRUE;
	return err_set(error, DG_ERROR_BAD,
	    "the model in %s was taught by a program of another version "
	    "(features %u, here %d; records here %d); teach anew in an empty "
	    "folder",
	    folder, totals.version, FEATURES_VERSION, MODEL_RECORDS_VERSION);
}

struct store *
model_open(const char *folder, guint64 map_bytes, GError **error)
{
	struct store *store = store_open(folder, tables, map_bytes, error);

	if (store != NULL && !version_fits(store, folder, error))
		store_close(&store);
	return store;
}

/* --- counts --- */

/* A record without a base is stored without one. */
#define BARE G_STRUCT_OFFSET(struct model_count, base_spam)

gboolean
model_read_count(const struct store_value *value, struct model_count *count_r)
{
	*count_r = (struct model_count){ 0 };
	if (value->length != BARE && value->length != sizeof(*count_r))
		return FALSE;
	memcpy(count_r, value->data, value->length);
	return TRUE;
}

void
model_get_count(
    struct store_txn *txn, guint64 digest, struct model_count *count_r)
{
	struct store_value value;

	*count_r = (struct model_count){ 0 };
	if (store_get(txn, MODEL_COUNTS, &digest, sizeof(digest), &value))
		model_read_count(&value, count_r);
}

gboolean
model_count_is_empty(const struct model_count *count)
{
	return count->spam == 0 && count->ham == 0;
}

void
model_put_count(
    struct store_txn *txn, guint64 digest, const struct model_count *count)
{
	gboolean bare = count->base_spam == 0 && count->base_ham == 0;

	if (model_count_is_empty(count))
		store_del(txn, MODEL_COUNTS, &digest, sizeof(digest));
	else
		store_put(txn, MODEL_COUNTS, &digest, sizeof(digest), count,
		    bare ? BARE : sizeof(*count));
}

/* FALSE when the record does not hold this share. */
static gboolean
change_count(struct model_count *count, const struct model_row *share, int sign)
{
	if (sign < 0) {
		/* Born after the lesson: it was let go and made anew. */
		if (count->born > share->seq ||
		    count->spam < count->base_spam + share->spam ||
		    count->ham < count->base_ham + share->ham)
			return FALSE;
		count->spam -= share->spam;
		count->ham -= share->ham;
		return TRUE;
	}
	/* The older one comes later only when all is replayed. */
	if (model_count_is_empty(count) || count->born > share->seq)
		count->born = share->seq;
	count->last = MAX(count->last, share->seq);
	count->spam += share->spam;
	count->ham += share->ham;
	return TRUE;
}

gint64
model_add_row(struct store_txn *txn, guint64 digest,
    const struct model_row *row, int sign, model_changed changed, void *self)
{
	struct model_count count;
	gboolean before;

	model_get_count(txn, digest, &count);
	before = !model_count_is_empty(&count);
	if (!change_count(&count, row, sign))
		return 0;
	model_put_count(txn, digest, &count);
	changed(self, digest, count.spam, count.ham);
	return !model_count_is_empty(&count) - before;
}

gint64
model_add(struct store_txn *txn, const struct model_lesson *lesson,
    const guint64 *digests, int sign, model_changed changed, void *self)
{
	gboolean spam = lesson->class == VERDICT_SPAM;
	const struct model_row share = { spam, !spam, lesson->seq };
	gint64 more = 0;

	for (guint i = 0; i < lesson->n && !store_failed(txn); i++)
		more +=
		    model_add_row(txn, digests[i], &share, sign, changed, self);
	return more;
}

void
model_fold(struct store_txn *txn, const struct model_lesson *lesson,
    const guint64 *digests)
{
	for (guint i = 0; i < lesson->n && !store_failed(txn); i++) {
		struct model_count count;

		model_get_count(txn, digests[i], &count);
		/* Born after the lesson, or let go: it is not in there. */
		if (model_count_is_empty(&count) || count.born > lesson->seq)
			continue;
		if (lesson->class == VERDICT_SPAM)
			count.base_spam++;
		else
			count.base_ham++;
		model_put_count(txn, digests[i], &count);
	}
}
