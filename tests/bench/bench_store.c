/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: bench_store [-r ROUNDS] [RECORDS...]
 *
 * What it costs to score a message against a model of 70,000, 700,000 and
 * 7,000,000 records (or RECORDS): by the score table; by gets from LMDB, one
 * for each feature; and by LMDB with records in buckets, 65536 of them by the
 * digest's high bits, each a sorted array.  All look up the same digests, of
 * which two in five are known, and add the same weights; the sums are compared.
 * Ways run in turn, and of ROUNDS (7) the best counts.  Between messages
 * nothing is done that would push the table out of the processor's cache, so
 * the times are those of a busy reader.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "classifier/classify.h"
#include "classifier/score.h"
#include "classifier/table.h"
#include "lib/base/owned.h"
#include "lib/store/store.h"

#define MESSAGES 200
#define DIGESTS 4000 /* about those of a message of 5 KB */
#define BUCKET_SHIFT 48
#define MAP_BYTES (G_GUINT64_CONSTANT(4) << 30)
#define SIZES_MOST 8

enum { RECORDS, BUCKETS };
static const struct store_table tables[] = { { "records", TRUE },
	{ "buckets", TRUE }, { NULL, FALSE } };
static const struct classify_settings settings = { 4, -4, 10, 64 };
static const struct table_totals totals = { 5000, 5000, 5000, 5000 };

struct record {
	guint64 digest;
	guint32 spam, ham;
};

struct bench {
	char *folder, *path; /* of LMDB on disk; of the table in memory */
	struct record *records;
	gsize n;
	guint64 *digests; /* MESSAGES times DIGESTS, sorted within each */
	struct table *writer;
	struct table_reader *reader;
	struct store *store;
};

/* --- what is looked up --- */

/* xorshift64*: the same on every run. */
static guint64
next(guint64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * G_GUINT64_CONSTANT(2685821657736338717);
}

/* A record and a digest both begin with the digest. */
static int
by_digest(const void *a, const void *b)
{
	const guint64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
make_records(struct bench *bench, gsize n)
{
	guint64 state = 88172645463325252;
	gsize kept = 0;

	bench->records = g_new(struct record, n);
	for (gsize i = 0; i < n; i++) {
		guint64 random = next(&state);

		/* Most features are of one class and rare. */
		bench->records[i] = (struct record){ next(&state) | 2,
			random & 1 ? 1 + random % 7 : 0,
			random & 1 ? 0 : 1 + random % 5 };
	}
	qsort(bench->records, n, sizeof(*bench->records), by_digest);
	for (gsize i = 0; i < n; i++) {
		if (kept == 0 ||
		    bench->records[kept - 1].digest != bench->records[i].digest)
			bench->records[kept++] = bench->records[i];
	}
	bench->n = kept;
}

static void
make_messages(struct bench *bench)
{
	guint64 state = 1234567;

	bench->digests = g_new(guint64, (gsize)MESSAGES * DIGESTS);
	for (gsize i = 0; i < (gsize)MESSAGES * DIGESTS; i++) {
		guint64 random = next(&state);

		bench->digests[i] =
		    next(&state) % 5 < 2
			? bench->records[random % bench->n].digest
			: random;
	}
	for (gsize i = 0; i < MESSAGES; i++)
		qsort(bench->digests + i * DIGESTS, DIGESTS, sizeof(guint64),
		    by_digest);
}

/* --- the three ways; each answers the margin --- */

static double
by_table(struct bench *bench, const guint64 *digests)
{
	struct verdict verdict;

	classify_verdict(bench->reader, &settings, digests, DIGESTS, &verdict);
	return verdict.margin;
}

struct adding {
	struct score_ramp ramp;
	struct score_memo memo;
	struct score_sum sum;
};

static void
adding_init(struct adding *adding)
{
	memset(adding, 0, sizeof(*adding));
	score_begin(&(struct score_totals){ totals.spam, totals.ham },
	    &adding->ramp, &adding->sum);
}

static void
add(struct adding *adding, guint64 digest, guint32 spam, guint32 ham)
{
	score_add(&adding->sum, SCORE_SIDE(digest),
	    score_feature_memo(&adding->ramp, &adding->memo, spam, ham));
}

static double
by_gets(struct bench *bench, const guint64 *digests)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(bench->store, FALSE, NULL);
	struct adding adding;

	adding_init(&adding);
	for (guint i = 0; i < DIGESTS; i++) {
		struct store_value value;
		guint32 counts[2];

		if (!store_get(
			txn, RECORDS, &digests[i], sizeof(*digests), &value))
			continue;
		memcpy(counts, value.data, sizeof(counts));
		add(&adding, digests[i], counts[0], counts[1]);
	}
	return score_margin(&adding.sum);
}

static double
by_buckets(struct bench *bench, const guint64 *digests)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(bench->store, FALSE, NULL);
	struct store_value value = { 0 };
	guint64 at = G_MAXUINT64;
	struct adding adding;

	adding_init(&adding);
	for (guint i = 0; i < DIGESTS; i++) {
		guint64 bucket = digests[i] >> BUCKET_SHIFT;
		const struct record *record;

		if (bucket != at &&
		    !store_get(txn, BUCKETS, &bucket, sizeof(bucket), &value))
			value.length = 0;
		at = bucket;
		record = bsearch(&digests[i], value.data,
		    value.length / sizeof(*record), sizeof(*record), by_digest);
		if (record != NULL)
			add(&adding, digests[i], record->spam, record->ham);
	}
	return score_margin(&adding.sum);
}

static const struct {
	const char *name;
	double (*run)(struct bench *bench, const guint64 *digests);
} ways[] = {
	{ "score table", by_table },
	{ "LMDB, a get each", by_gets },
	{ "LMDB, in buckets", by_buckets },
};
#define WAYS G_N_ELEMENTS(ways)

/* --- filling --- */

static gboolean
fill_table(struct bench *bench, GError **error)
{
	bench->writer = table_create(bench->path, bench->n, error);
	if (bench->writer == NULL)
		return FALSE;
	for (gsize i = 0; i < bench->n; i++) {
		const struct record *record = &bench->records[i];

		if (!table_set(bench->writer, record->digest, record->spam,
			record->ham, error))
			return FALSE;
	}
	table_set_totals(bench->writer, &totals);
	if (!table_publish(bench->writer, error))
		return FALSE;
	bench->reader = table_map(table_open(bench->path, error), error);
	return bench->reader != NULL;
}

static void
put_bucket(struct store_txn *txn, const struct record *first, gsize n)
{
	guint64 bucket = first->digest >> BUCKET_SHIFT;

	store_put(
	    txn, BUCKETS, &bucket, sizeof(bucket), first, n * sizeof(*first));
}

static gboolean
fill_store(struct bench *bench, GError **error)
{
	struct store_txn *txn;
	gsize first = 0;

	bench->store = store_open(bench->folder, tables, MAP_BYTES, error);
	txn = bench->store != NULL ? store_begin(bench->store, TRUE, error)
				   : NULL;
	if (txn == NULL)
		return FALSE;
	for (gsize i = 0; i < bench->n; i++) {
		const struct record *record = &bench->records[i];

		store_put(txn, RECORDS, &record->digest, sizeof(guint64),
		    &record->spam, 2 * sizeof(guint32));
		if (i + 1 < bench->n && record[1].digest >> BUCKET_SHIFT ==
					    record->digest >> BUCKET_SHIFT)
			continue;
		put_bucket(txn, bench->records + first, i + 1 - first);
		first = i + 1;
	}
	return store_commit(&txn, error);
}

/* --- measuring --- */

static double
cpu_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + now.tv_nsec / 1e9;
}

/* CPU seconds a message; *sum_r is what the margins add up to. */
static double
one_round(struct bench *bench, gsize way, double *sum_r)
{
	double start = cpu_now();

	*sum_r = 0;
	for (gsize i = 0; i < MESSAGES; i++)
		*sum_r += ways[way].run(bench, bench->digests + i * DIGESTS);
	return (cpu_now() - start) / MESSAGES;
}

static gboolean
measure(struct bench *bench, guint rounds, double best[WAYS])
{
	double sums[WAYS];

	for (guint round = 0; round < rounds; round++) {
		for (gsize way = 0; way < WAYS; way++) {
			double cpu = one_round(bench, way, &sums[way]);

			if (round == 0 || cpu < best[way])
				best[way] = cpu;
		}
	}
	/* Else they do not do the same work. */
	for (gsize way = 1; way < WAYS; way++) {
		if (sums[way] != sums[0]) {
			fprintf(stderr, "%s: other sums\n", ways[way].name);
			return FALSE;
		}
	}
	return TRUE;
}

static void
clear(struct bench *bench)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };

	table_unmap(&bench->reader);
	table_free(&bench->writer);
	unlink(bench->path);
	store_close(&bench->store);
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path =
		    g_build_filename(bench->folder, files[i], NULL);

		unlink(path);
	}
	g_clear_pointer(&bench->records, g_free);
	g_clear_pointer(&bench->digests, g_free);
}

static gboolean
one_size(struct bench *bench, gsize records, guint rounds, double best[WAYS])
{
	g_autoptr(GError) error = NULL;
	gboolean good;

	make_records(bench, records);
	make_messages(bench);
	good = fill_table(bench, &error) && fill_store(bench, &error);
	if (!good)
		fprintf(stderr, "bench_store: %s\n", error->message);
	good = good && measure(bench, rounds, best);
	clear(bench);
	return good;
}

static void
show(const gsize *sizes, guint n, double best[][WAYS])
{
	printf("%d features a message, CPU a message; in brackets the ratio to "
	       "%zu records\n%-18s",
	    DIGESTS, sizes[0], "records");
	for (guint i = 0; i < n; i++)
		printf(" %17zu", sizes[i]);
	printf("\n");
	for (gsize way = 0; way < WAYS; way++) {
		printf("%-18s", ways[way].name);
		for (guint i = 0; i < n; i++)
			printf(" %7.1f us (%4.2f)", best[i][way] * 1e6,
			    best[i][way] / best[0][way]);
		printf("\n");
	}
	for (gsize way = 1; way < WAYS; way++) {
		printf("%-16s /t", ways[way].name);
		for (guint i = 0; i < n; i++)
			printf(" %17.1f", best[i][way] / best[i][0]);
		printf("\n");
	}
}

int
main(int argc, char **argv)
{
	gsize sizes[SIZES_MOST] = { 70000, 700000, 7000000 };
	double best[SIZES_MOST][WAYS] = { 0 };
	struct bench bench = { 0 };
	g_autofree char *folder = g_dir_make_tmp("dg-bench-XXXXXX", NULL);
	/* The table lies in memory, as it does at work. */
	g_autofree char *path = g_strdup_printf("%s/dg-bench-table-%d",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : folder, getpid());
	guint n = 3, rounds = 7, first = 1;
	gboolean good = TRUE;

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		rounds = (guint)CLAMP(strtol(argv[2], NULL, 10), 1, 1000);
		first = 3;
	}
	for (guint i = first; i < (guint)argc && i - first < SIZES_MOST; i++) {
		sizes[i - first] =
		    (gsize)CLAMP(strtol(argv[i], NULL, 10), 1000, 50000000);
		n = i - first + 1;
	}
	bench.folder = folder;
	bench.path = path;
	for (guint i = 0; good && i < n; i++)
		good = one_size(&bench, sizes[i], rounds, best[i]);
	if (good)
		show(sizes, n, best);
	rmdir(folder);
	return good ? 0 : 74;
}
