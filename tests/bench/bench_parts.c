/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: bench_parts [-r ROUNDS] [-n RECORDS] FILE...
 *
 * CPU per message of each step over the same messages in the same minute, as
 * ratios to the first: GMime's bare parse with all text parts decoded; our
 * reading; reading and scoring against a table of RECORDS (700,000); and all
 * that in a jailed reader, with reasons, the message handed over in a memory
 * file; and handing it over alone, to a job that does nothing.  Each step runs
 * ROUNDS times (5) in turn with the others, and its best round counts.
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "classifier/classify.h"
#include "classifier/features.h"
#include "classifier/table.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/message.h"

static const struct classify_settings settings = { 4, -4, 10, 64 };
static const guint8 key[FEATURES_KEY_BYTES] = "bench-parts-key";
static const struct features_rules rules = { .key = key };

struct bench {
	GPtrArray *messages; /* GBytes * */
	gsize bytes;
	guint records; /* of the table */
	struct table_reader *table;
	struct classify *classify;
	struct worker_pool *pool;
};

/* --- the steps; each handles one message --- */

static void
decode_part(GMimeObject *parent, GMimeObject *part, gpointer data)
{
	(void)parent;
	(void)data;
	if (GMIME_IS_TEXT_PART(part))
		g_free(g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
}

static void
step_bare(struct bench *bench, GBytes *bytes)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(bytes, &length);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	(void)bench;
	if (message != NULL) {
		g_mime_message_foreach(message, decode_part, NULL);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

static void
step_read(struct bench *bench, GBytes *bytes)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	struct message *message OWNED(message_free) =
	    message_parse(data, length, &message_limits_default, NULL);

	(void)bench;
	if (message != NULL)
		message_text(message);
}

static void
step_score(struct bench *bench, GBytes *bytes)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	struct message *message OWNED(message_free) =
	    features_read(data, length, &message_limits_default, NULL);
	struct features features OWNED(features_clear) = { 0 };
	struct verdict verdict;

	if (message == NULL)
		return;
	features_extract(message, &rules, NULL, &features);
	classify_verdict(
	    bench->table, &settings, features.digests, features.n, &verdict);
}

static void
step_jailed(struct bench *bench, GBytes *bytes)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(bytes, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, NULL);
	struct verdict verdict;

	if (!classify_message(bench->classify,
		&(struct classify_ask){ .message = fd }, &verdict, NULL,
		NULL) ||
	    verdict.basis != VERDICT_SCORED)
		abort();
}

/* The way to a reader and back, with a job that does nothing. */
static void
step_hand_over(struct bench *bench, GBytes *bytes)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(bytes, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, NULL);
	const struct worker_call call = { .fds = &fd, .n_fds = 1 };
	struct worker_reply reply;

	if (!worker_pool_run(bench->pool, "nothing", &call, 0, &reply, NULL))
		abort();
	worker_reply_clear(&reply);
}

static const struct {
	const char *name;
	void (*run)(struct bench *bench, GBytes *message);
} steps[] = {
	{ "GMime, bare parse and decode", step_bare },
	{ "reading", step_read },
	{ "reading and scoring", step_score },
	{ "the same in a jailed reader", step_jailed },
	{ "hand-over alone", step_hand_over },
};

/* --- readers --- */

static gboolean
job_score(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	return classify_job_score(context, call, answer, error);
}

static gboolean
job_nothing(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context;
	(void)call;
	(void)error;
	g_byte_array_append(answer->record, (const guint8 *)"{}", 2);
	return TRUE;
}

static void
prepare(void *context)
{
	(void)context;
	message_prepare();
}

static struct worker_pool *
start_pool(struct classify_context *context)
{
	static const struct worker_job jobs[] = { { "score", job_score },
		{ "nothing", job_nothing }, { NULL, NULL } };
	const struct worker_limits limits = { .readers = 1,
		.wall_ms = 10000,
		.memory_bytes = 256 << 20,
		.record_bytes = 1 << 20,
		.file_bytes = 1 << 20 };

	context->settings = settings;
	context->limits = message_limits_default;
	memcpy(context->feature_key, key, sizeof(context->feature_key));
	return worker_pool_start(jobs, context, prepare, &limits, NULL);
}

/* --- time --- */

static double
seconds(const struct timeval *a, const struct timeval *b)
{
	return a->tv_sec + b->tv_sec + (a->tv_usec + b->tv_usec) / 1e6;
}

/* CPU of the readers so far: children of the fork server, from /proc. */
static double
reader_cpu(struct worker_pool *pool)
{
	pid_t pids[64];
	guint n = pool != NULL ? worker_pool_readers(pool, pids, 64) : 0;
	double sum = 0;

	for (guint i = 0; i < n; i++) {
		g_autofree char *path =
		    g_strdup_printf("/proc/%d/schedstat", pids[i]);
		g_autofree char *text = NULL;

		if (g_file_get_contents(path, &text, NULL, NULL))
			sum += g_ascii_strtod(text, NULL) / 1e9;
	}
	return sum;
}

static double
cpu_now(struct bench *bench)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return seconds(&usage.ru_utime, &usage.ru_stime) +
	       reader_cpu(bench->pool);
}

static double
one_round(struct bench *bench, gsize step)
{
	double start = cpu_now(bench);

	for (guint i = 0; i < bench->messages->len; i++)
		steps[step].run(bench, bench->messages->pdata[i]);
	return (cpu_now(bench) - start) / bench->messages->len;
}

/* --- what is measured with --- */

static void
unref_bytes(gpointer bytes)
{
	g_bytes_unref(bytes);
}

static void
load(struct bench *bench, int n, char **paths)
{
	bench->messages = g_ptr_array_new_with_free_func(unref_bytes);
	for (int i = 0; i < n; i++) {
		char *data;
		gsize length;

		if (!g_file_get_contents(paths[i], &data, &length, NULL))
			continue;
		g_ptr_array_add(
		    bench->messages, g_bytes_new_take(data, length));
		bench->bytes += length;
	}
}

/* Every second message's features, and as many others as make up RECORDS. */
static void
fill_table(struct bench *bench, const char *path)
{
	struct table *table OWNED(table_free) =
	    table_create(path, bench->records, NULL);
	const struct table_totals totals = { 500, 500, 500, 500 };
	guint records = 0;

	for (guint i = 0; i < bench->messages->len; i += 2) {
		gsize length;
		const guint8 *data =
		    g_bytes_get_data(bench->messages->pdata[i], &length);
		struct message *message OWNED(message_free) =
		    features_read(data, length, &message_limits_default, NULL);
		struct features features OWNED(features_clear) = { 0 };

		if (message == NULL)
			continue;
		features_extract(message, &rules, NULL, &features);
		for (guint k = 0; k < features.n && records < bench->records;
		     k++)
			records += table_set(
			    table, features.digests[k], i % 3, 1 + i % 2, NULL);
	}
	for (; records < bench->records; records++) {
		guint64 digest;

		seal_random(&digest, sizeof(digest));
		table_set(table, digest, 1, 0, NULL);
	}
	table_set_totals(table, &totals);
	if (!table_publish(table, NULL))
		abort();
	bench->table = table_map(table_open(path, NULL), NULL);
	if (bench->table == NULL)
		abort();
}

static void
measure(struct bench *bench, guint rounds)
{
	double best[G_N_ELEMENTS(steps)] = { 0 };

	for (guint round = 0; round < rounds; round++) {
		for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
			double cpu = one_round(bench, i);

			if (round == 0 || cpu < best[i])
				best[i] = cpu;
		}
	}
	printf("%u messages, %.1f KB each in the mean, %u records, best of %u "
	       "rounds\n",
	    bench->messages->len, bench->bytes / 1024.0 / bench->messages->len,
	    bench->records, rounds);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
		printf("%-32s %7.3f ms CPU a message %6.0f/s  ratio %.2f\n",
		    steps[i].name, best[i] * 1e3, 1 / best[i],
		    best[i] / best[0]);
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };
	struct classify_context context = { 0 };
	g_autofree char *folder = g_dir_make_tmp("dg-bench-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "score.table", NULL);
	guint rounds = 5;
	int option;

	bench.records = 700000;
	while ((option = getopt(argc, argv, "r:n:")) != -1) {
		guint value =
		    optarg == NULL
			? 0
			: (guint)CLAMP(strtol(optarg, NULL, 10), 1, 50000000);

		if (option == 'r')
			rounds = value;
		else if (option == 'n')
			bench.records = value;
		else
			return 64;
	}
	if (argc <= optind || !seal_init(NULL)) {
		fprintf(stderr,
		    "usage: bench_parts [-r ROUNDS] [-n RECORDS] FILE...\n");
		return 64;
	}
	bench.pool = start_pool(&context);
	g_mime_init();
	message_prepare();
	load(&bench, argc - optind, argv + optind);
	if (bench.messages->len == 0)
		return 66;
	fill_table(&bench, path);
	bench.classify = classify_new(bench.pool, path);
	measure(&bench, rounds);
	classify_free(&bench.classify);
	worker_pool_free(&bench.pool);
	table_unmap(&bench.table);
	g_ptr_array_unref(bench.messages);
	unlink(path);
	rmdir(folder);
	return 0;
}
