/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: bench_filter INDEX [RESULTS]
 *
 * The TREC spam track's protocol in one process, without jails: each message of
 * the index (`ham|spam PATH`, PATH relative to the index) is scored, then
 * taught. Writes `ham|spam SCORE VERDICT` lines to RESULTS, and prints errors,
 * lessons, records and CPU per message; reading is measured apart, as bare
 * parse-and-decode.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "classifier/classify.h"
#include "classifier/canonical.h"
#include "classifier/learn.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/message.h"

#define GROUP 32

static const struct classify_settings settings = { 20, -20, 10, 64 };
static const guint8 key[FEATURES_KEY_BYTES] = "bench-filter-key";
static const struct features_rules rules = { .key = key };

struct bench {
	struct learn *learn;
	char *table_path;
	int table_fd;
	struct table_reader *table;
	double read_cpu, work_cpu;
	guint messages, wrong, ham_as_spam, spam_as_ham, unsure;
	guint outcomes[TEACHER_UNTAUGHT + 1];
};

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 +
	       usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}

static void
follow_table(struct bench *bench)
{
	if (bench->table != NULL && !table_superseded(bench->table))
		return;
	table_unmap(&bench->table);
	bench->table_fd = table_open(bench->table_path, NULL);
	bench->table = table_map(bench->table_fd, NULL);
	file_close(&bench->table_fd);
}

static void
count(struct bench *bench, enum verdict_class truth,
    const struct verdict *verdict)
{
	bench->messages++;
	bench->wrong += (verdict->score > 0) != (truth == VERDICT_SPAM);
	bench->unsure += verdict->class == VERDICT_UNSURE;
	bench->ham_as_spam +=
	    truth == VERDICT_HAM && verdict->class == VERDICT_SPAM;
	bench->spam_as_ham +=
	    truth == VERDICT_SPAM && verdict->class == VERDICT_HAM;
}

static void
one(struct bench *bench, enum verdict_class truth, const char *path,
    FILE *results)
{
	g_autofree char *data = NULL;
	gsize length;
	struct classify_lesson lesson = { 0 };
	struct features features OWNED(features_clear) = { 0 };
	const struct teacher_lesson wish = { truth, TRUE, "bench" };
	enum teacher_outcome outcome;
	struct message *message OWNED(message_free) = NULL;
	double start, read;

	if (!g_file_get_contents(path, &data, &length, NULL))
		return;
	start = cpu_seconds();
	message = message_parse(
	    (guint8 *)data, length, &message_limits_default, NULL);
	if (message == NULL)
		return;
	message_text(message);
	read = cpu_seconds();
	features_extract(message, &rules, NULL, NULL, &features);
	follow_table(bench);
	classify_verdict(bench->table, &settings, features.digests, features.n,
	    &lesson.verdict);
	bench->read_cpu += read - start;
	bench->work_cpu += cpu_seconds() - read;
	count(bench, truth, &lesson.verdict);
	if (results != NULL)
		fprintf(results, "%s %.8f %s\n", verdict_word(truth),
		    lesson.verdict.score, verdict_word(lesson.verdict.class));
	canonical_ident(message, key, &lesson.ident);
	lesson.digests = features.digests;
	lesson.n = features.n;
	if (learn_lesson(bench->learn, &lesson, &wish, &outcome, NULL))
		bench->outcomes[outcome]++;
}

static void
run(struct bench *bench, const char *index, FILE *results)
{
	g_autofree char *folder = g_path_get_dirname(index);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(index, &text, NULL, NULL);
	lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(lines[i], " ", 2);
		g_autofree char *path = NULL;
		enum verdict_class truth;

		if (words[0] == NULL || words[1] == NULL ||
		    !verdict_parse(words[0], &truth))
			continue;
		path = g_build_filename(folder, words[1], NULL);
		if (i % GROUP == 0 && i > 0 &&
		    !learn_group_end(bench->learn, &error))
			break;
		if (i % GROUP == 0 && !learn_group_begin(bench->learn, &error))
			break;
		one(bench, truth, path, results);
	}
	if (error != NULL || !learn_group_end(bench->learn, &error))
		fprintf(stderr, "%s\n", error->message);
}

static void
report(const struct bench *bench)
{
	double n = MAX(bench->messages, 1);

	printf(
	    "messages %u, wrong side of 0: %u (%.3f %%), ham called spam %u, "
	    "spam called ham %u, unsure %u (%.2f %%)\n",
	    bench->messages, bench->wrong, 100 * bench->wrong / n,
	    bench->ham_as_spam, bench->spam_as_ham, bench->unsure,
	    100 * bench->unsure / n);
	for (int i = 0; i <= TEACHER_UNTAUGHT; i++)
		printf("%s %u%s", teacher_word(i), bench->outcomes[i],
		    i < TEACHER_UNTAUGHT ? ", " : "\n");
	printf("CPU per message: read %.0f us, features and score %.0f us, "
	       "all / read = %.2f\n",
	    1e6 * bench->read_cpu / n, 1e6 * bench->work_cpu / n,
	    (bench->read_cpu + bench->work_cpu) / MAX(bench->read_cpu, 1e-9));
}

int
main(int argc, char **argv)
{
	g_autofree char *folder = g_dir_make_tmp("bench-filter-XXXXXX", NULL);
	g_autofree char *table_path = g_build_filename(folder, "table", NULL);
	struct learn_settings learn_settings = { .model_folder = folder,
		.table_path = table_path,
		.map_bytes = (guint64)4 << 30,
		.training_margin = 40,
		.refuse_margin = 60,
		.max_records = 100000000,
		.activation_labels = 10,
		.activation_total = 64 };
	struct bench bench = { .table_path = table_path, .table_fd = -1 };
	g_autoptr(GError) error = NULL;
	FILE *results = argc > 2 ? fopen(argv[2], "w") : NULL;

	if (argc < 2 || !seal_init(&error))
		return 64;
	message_prepare();
	bench.learn = learn_open(&learn_settings, NULL, &error);
	if (bench.learn == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 70;
	}
	run(&bench, argv[1], results);
	report(&bench);
	table_unmap(&bench.table);
	learn_close(&bench.learn);
	if (results != NULL)
		fclose(results);
	return 0;
}
