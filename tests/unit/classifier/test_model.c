/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/model.h"

#include <string.h>

#include "classifier/features.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

static const struct store_table tables[] = {
	[MODEL_COUNTS] = { "counts", TRUE },
	[MODEL_JOURNAL] = { "journal", FALSE },
	[MODEL_META] = { "meta", FALSE },
	[MODEL_NOTED] = { "noted", FALSE },
	[MODEL_INDEX] = { "index", FALSE },
	[MODEL_SOURCES] = { "sources", FALSE },
	{ NULL, FALSE },
};

static const struct ident name = { { 1, 2, 3 } };

static struct store *
open_model(const struct folder *folder)
{
	g_autoptr(GError) error = NULL;
	struct store *store = model_open(folder->path, 64 << 20, &error);

	g_assert_no_error(error);
	return store;
}

static struct store_txn *
begin(struct store *store)
{
	g_autoptr(GError) error = NULL;
	struct store_txn *txn = store_begin(store, TRUE, &error);

	g_assert_no_error(error);
	return txn;
}

static void
commit(struct store_txn **txn)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_commit(txn, &error));
	g_assert_no_error(error);
}

/* --- the journal --- */

static guint64
spread(guint i)
{
	return i * (G_MAXUINT64 / FEATURES_MAX);
}

static guint64
close_by(guint i)
{
	return G_MAXUINT64 - FEATURES_MAX + i;
}

static guint64
ends(guint i)
{
	return i == 0 ? 0 : G_MAXUINT64;
}

static guint64
by_bits(guint i)
{
	return G_MAXUINT64 >> (63 - i);
}

static void
assert_lesson(struct store_txn *txn, const struct model_lesson *want,
    const guint64 *digests)
{
	g_autoptr(GError) error = NULL;
	g_autofree guint64 *got = NULL;
	struct model_lesson lesson;

	g_assert_true(model_get_lesson(txn, &name, &lesson, &got, &error));
	g_assert_no_error(error);
	g_assert_cmpmem(&lesson, sizeof(lesson), want, sizeof(*want));
	g_assert_cmpmem(
	    got, lesson.n * sizeof(*got), digests, want->n * sizeof(*digests));
}

static void
test_round_trip(struct folder *folder, gconstpointer unused)
{
	static const struct {
		guint n;
		guint64 (*digest)(guint i);
	} rows[] = {
		{ 0, ends },
		{ 1, ends },
		{ 2, ends },
		{ 64, by_bits },
		{ FEATURES_MAX, spread },
		{ FEATURES_MAX, close_by },
	};
	struct store *store OWNED(store_close) = open_model(folder);

	(void)unused;
	for (gsize row = 0; row < G_N_ELEMENTS(rows); row++) {
		struct model_lesson want = { .seq = 7 + row,
			.class = VERDICT_SPAM,
			.trained = 1,
			.n = rows[row].n,
			.taught = G_MAXINT64,
			.actor = "cli:root" };
		g_autofree guint64 *digests = g_new0(guint64, FEATURES_MAX);
		struct store_txn *txn OWNED(store_abort) = begin(store);

		for (guint i = 0; i < want.n; i++)
			digests[i] = rows[row].digest(i);
		model_put_lesson(txn, &name, &want, digests);
		assert_lesson(txn, &want, digests);
		commit(&txn);
		txn = begin(store);
		assert_lesson(txn, &want, digests);
	}
}

static void
test_absent(struct folder *folder, gconstpointer unused)
{
	struct store *store OWNED(store_close) = open_model(folder);
	struct store_txn *txn OWNED(store_abort) = begin(store);
	const guint64 digests[] = { 4 };
	const struct model_lesson lesson = { .n = 1 };
	g_autoptr(GError) error = NULL;
	guint64 *got;
	struct model_lesson read;

	(void)unused;
	model_put_lesson(txn, &name, &lesson, digests);
	for (int i = 0; i < 2; i++) {
		model_del_lesson(txn, &name, &lesson);
		g_assert_false(
		    model_get_lesson(txn, &name, &read, &got, &error));
		g_assert_no_error(error);
		g_assert_null(got);
	}
	g_assert_false(store_failed(txn));
}

/* The record of a lesson with the digests 0x101 and 0x201, then as a row says.
 */
static void
test_damaged(struct folder *folder, gconstpointer unused)
{
	static const struct {
		gsize length;     /* of the record's digests */
		const char *tail; /* they */
		guint32 n;
		gboolean good;
	} rows[] = {
		{ 4, "\x81\x02\x80\x02", 2, TRUE },
		{ 3, "\x81\x02\x80", 2, FALSE },         /* cut within one */
		{ 2, "\x81\x02", 2, FALSE },             /* cut after one */
		{ 0, "", 2, FALSE },                     /* no digests */
		{ 5, "\x81\x02\x80\x02\x01", 2, FALSE }, /* too many */
		{ 4, "\x81\x02\x80\x02", FEATURES_MAX + 1, FALSE },
		{ 4, "\x81\x02\x80\x02", G_MAXUINT32, FALSE },
		/* Bit 63, and beyond it. */
		{ 10, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 1, TRUE },
		{ 10, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 1, FALSE },
		{ 11, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 1,
		    FALSE },
		{ 2, "\x05\x00", 2, FALSE }, /* one twice */
		{ 1, "\x00", 1, TRUE },      /* the digest 0 */
		/* The second is past the last there can be. */
		{ 11, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01", 2,
		    FALSE },
	};
	struct store *store OWNED(store_close) = open_model(folder);
	struct store_txn *txn OWNED(store_abort) = begin(store);

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GByteArray) record = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson = { .n = rows[i].n };

		g_byte_array_append(
		    record, (const guint8 *)&lesson, sizeof(lesson));
		g_byte_array_append(
		    record, (const guint8 *)rows[i].tail, rows[i].length);
		store_put(txn, MODEL_JOURNAL, name.bytes, IDENT_BYTES,
		    record->data, record->len);
		g_test_message("row %zu", i);
		g_assert_cmpint(
		    model_get_lesson(txn, &name, &lesson, &digests, &error), ==,
		    rows[i].good);
		g_assert_cmpint(err_is(error, DG_ERROR_BAD), ==, !rows[i].good);
		g_assert_cmpint(digests != NULL, ==, rows[i].good);
	}
}

static void
test_short(struct folder *folder, gconstpointer unused)
{
	struct store *store OWNED(store_close) = open_model(folder);
	struct store_txn *txn OWNED(store_abort) = begin(store);
	g_autoptr(GError) error = NULL;
	struct model_lesson lesson;
	guint64 *digests;

	(void)unused;
	store_put(txn, MODEL_JOURNAL, name.bytes, IDENT_BYTES, "short", 5);
	g_assert_false(model_get_lesson(txn, &name, &lesson, &digests, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_null(digests);
}

/* --- counts --- */

struct told {
	guint times;
	guint64 digest;
	guint32 spam, ham;
};

static void
tell(void *self, guint64 digest, guint32 spam, guint32 ham)
{
	struct told *told = self;

	*told = (struct told){ told->times + 1, digest, spam, ham };
}

enum { LET_GO = 2, FOLD };
static const struct count_step {
	guint32 seq, class;
	int sign;
	gint64 more;
	guint told;
	struct model_count after;
} count_steps[] = {
	{ 1, VERDICT_SPAM, 1, 1, 1, { 1, 0, 1, 1 } },
	{ 2, VERDICT_HAM, 1, 0, 1, { 1, 1, 1, 2 } },
	{ 3, VERDICT_SPAM, 1, 0, 1, { 2, 1, 1, 3 } },
	{ 1, VERDICT_SPAM, -1, 0, 1, { 1, 1, 1, 3 } },
	{ 2, VERDICT_HAM, -1, 0, 1, { 1, 0, 1, 3 } },
	{ 2, VERDICT_HAM, -1, 0, 0, { 1, 0, 1, 3 } },
	{ 3, VERDICT_SPAM, -1, -1, 1, { 0, 0, 0, 0 } },
	{ 3, VERDICT_SPAM, -1, 0, 0, { 0, 0, 0, 0 } },
	{ 4, VERDICT_SPAM, 1, 1, 1, { 1, 0, 4, 4 } },
	{ 0, 0, LET_GO, 0, 0, { 0, 0, 0, 0 } },
	{ 6, VERDICT_SPAM, 1, 1, 1, { 1, 0, 6, 6 } },
	{ 4, VERDICT_SPAM, -1, 0, 0, { 1, 0, 6, 6 } },
	{ 6, VERDICT_SPAM, -1, -1, 1, { 0, 0, 0, 0 } },
	/* What is folded stays when lessons go, and goes when the
	 * record is let go. */
	{ 7, VERDICT_SPAM, 1, 1, 1, { 1, 0, 7, 7 } },
	{ 8, VERDICT_HAM, 1, 0, 1, { 1, 1, 7, 8 } },
	{ 6, VERDICT_SPAM, FOLD, 0, 0, { 1, 1, 7, 8 } },
	{ 7, VERDICT_SPAM, FOLD, 0, 0, { 1, 1, 7, 8, 1, 0 } },
	{ 9, VERDICT_SPAM, 1, 0, 1, { 2, 1, 7, 9, 1, 0 } },
	{ 9, VERDICT_SPAM, -1, 0, 1, { 1, 1, 7, 9, 1, 0 } },
	{ 9, VERDICT_SPAM, -1, 0, 0, { 1, 1, 7, 9, 1, 0 } },
	{ 8, VERDICT_HAM, FOLD, 0, 0, { 1, 1, 7, 9, 1, 1 } },
	{ 0, 0, LET_GO, 0, 0, { 0, 0, 0, 0 } },
	{ 7, VERDICT_SPAM, FOLD, 0, 0, { 0, 0, 0, 0 } },
};

/* One digest through the lives of a record: `born` keeps a lesson from before
 * it was let go from being taken out of it. */
static void
test_counts(struct folder *folder, gconstpointer unused)
{
	const guint64 digest = G_MAXUINT64;
	struct store *store OWNED(store_close) = open_model(folder);
	struct store_txn *txn OWNED(store_abort) = begin(store);

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(count_steps); i++) {
		const struct count_step *step = &count_steps[i];
		const struct model_lesson lesson = {
			.seq = step->seq, .class = step->class, .n = 1
		};
		struct model_count count = { 0 };
		struct store_value value;
		struct told told = { 0 };

		g_test_message("row %zu", i);
		if (step->sign == LET_GO)
			store_del(txn, MODEL_COUNTS, &digest, sizeof(digest));
		else if (step->sign == FOLD)
			model_fold(txn, &lesson, &digest);
		else
			g_assert_cmpint(model_add(txn, &lesson, &digest,
					    step->sign, tell, &told),
			    ==, step->more);
		if (store_get(
			txn, MODEL_COUNTS, &digest, sizeof(digest), &value))
			g_assert_true(model_read_count(&value, &count));
		g_assert_cmpmem(
		    &count, sizeof(count), &step->after, sizeof(count));
		g_assert_cmpuint(told.times, ==, step->told);
		if (told.times > 0) {
			g_assert_cmpuint(told.digest, ==, digest);
			g_assert_cmpuint(told.spam, ==, count.spam);
			g_assert_cmpuint(told.ham, ==, count.ham);
		}
	}
}

/* --- totals and versions --- */

static void
test_totals(struct folder *folder, gconstpointer unused)
{
	const struct model_totals want = { FEATURES_VERSION,
		MODEL_RECORDS_VERSION, 9, 10, { 1, 2, 3, 4 }, { 5, 6, 7, 8 },
		{ { 9, 10 }, { 11, 12 } }, 13, { { 14 } }, { { 15 } } };
	const struct model_totals none = { .version = FEATURES_VERSION,
		.records = MODEL_RECORDS_VERSION };
	struct model_totals got;
	struct store *store = open_model(folder);
	struct store_txn *txn OWNED(store_abort) = begin(store);

	(void)unused;
	model_get_totals(txn, &got);
	g_assert_cmpmem(&got, sizeof(got), &none, sizeof(none));
	model_put_totals(txn, &want);
	commit(&txn);
	store_close(&store);
	store = open_model(folder);
	txn = begin(store);
	model_get_totals(txn, &got);
	g_assert_cmpmem(&got, sizeof(got), &want, sizeof(want));
	store_abort(&txn);
	store_close(&store);
}

static void
test_version(struct folder *folder, gconstpointer unused)
{
	static const struct {
		guint32 version, records;
		gsize length;
	} rows[] = {
#define F FEATURES_VERSION
#define R MODEL_RECORDS_VERSION
		{ F + 1, R, sizeof(struct model_totals) },
		{ F, R + 1, sizeof(struct model_totals) },
		{ F, R - 1, sizeof(struct model_totals) },
		{ 0, R, sizeof(struct model_totals) },
		{ F, R, sizeof(struct model_totals) - 16 },
		{ F, R, sizeof(guint32) },
		{ F, R, 0 },
		{ F, R, sizeof(struct model_totals) + 4 },
	};
	struct store *store = open_model(folder);

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		struct model_totals totals[2] = { { rows[i].version,
		    rows[i].records } };
		struct store_txn *txn OWNED(store_abort) = begin(store);

		store_put(txn, MODEL_META, "totals", 6, totals, rows[i].length);
		commit(&txn);
		store_close(&store);
		g_assert_null(model_open(folder->path, 64 << 20, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		/* By the store's own door, to write the next. */
		store = store_open(folder->path, tables, 64 << 20, NULL);
		g_assert_nonnull(store);
	}
	store_close(&store);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct folder *, gconstpointer);
	} rows[] = {
		{ "/model/round-trip", test_round_trip },
		{ "/model/absent", test_absent },
		{ "/model/damaged", test_damaged },
		{ "/model/short", test_short },
		{ "/model/counts", test_counts },
		{ "/model/totals", test_totals },
		{ "/model/version", test_version },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_test_add(rows[i].name, struct folder, NULL, folder_init,
		    rows[i].run, folder_fini);
	return g_test_run();
}
