/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: bench_read INDEX [MESSAGES [ROUNDS]]
 *
 * CPU per message of what a reader does (parse, features, verdict) beside that
 * of GMime alone, which parses the same message and decodes every part and
 * text.  The model is taught from the messages behind the measured ones, so
 * that look-ups meet a table of a real size.  Both sides are measured in turn,
 * in the same run; the least of the rounds counts, since all else is the
 * machine's.
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "classifier/classify.h"
#include "classifier/features.h"
#include "classifier/learn.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/message.h"

#define TAUGHT 1000

static const struct classify_settings settings = { 20, -20, 10, 64 };
static const guint8 key[FEATURES_KEY_BYTES] = "bench-reading-k";

struct mail {
	enum verdict_class truth;
	char *data;
	gsize length;
};

static double
cpu_micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void
decode_part(GMimeObject *parent, GMimeObject *object, gpointer data)
{
	GMimeDataWrapper *content;
	GMimeStream *stream;

	(void)parent, (void)data;
	if (GMIME_IS_TEXT_PART(object)) {
		g_free(g_mime_text_part_get_text(GMIME_TEXT_PART(object)));
		return;
	}
	content = GMIME_IS_PART(object)
		      ? g_mime_part_get_content(GMIME_PART(object))
		      : NULL;
	if (content == NULL)
		return;
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
}

static void
read_bare(const struct mail *mail)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(mail->data, mail->length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		(void)g_mime_message_get_subject(message);
		g_mime_message_foreach(message, decode_part, NULL);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

/* The marks of one message: parse, features, verdict. */
static void
read_ours(
    const struct mail *mail, const struct table_reader *table, double spent[3])
{
	double start = cpu_micros(), parsed, extracted;
	struct message *message OWNED(message_free) = message_parse(
	    (guint8 *)mail->data, mail->length, &message_limits_default, NULL);
	struct features features OWNED(features_clear) = { 0 };
	struct verdict verdict;

	if (message == NULL)
		return;
	message_text(message);
	parsed = cpu_micros();
	features_extract(message, key, NULL, NULL, &features);
	extracted = cpu_micros();
	classify_verdict(
	    table, &settings, features.digests, features.n, &verdict);
	spent[0] += parsed - start;
	spent[1] += extracted - parsed;
	spent[2] += cpu_micros() - extracted;
}

static void
teach(struct learn *learn, const struct mail *mail)
{
	struct message *message OWNED(message_free) = message_parse(
	    (guint8 *)mail->data, mail->length, &message_limits_default, NULL);
	struct features features OWNED(features_clear) = { 0 };
	const struct teacher_lesson wish = { mail->truth, TRUE, "bench" };
	struct classify_lesson lesson = { 0 };
	enum teacher_outcome outcome;

	if (message == NULL)
		return;
	features_extract(message, key, NULL, NULL, &features);
	classify_ident(key, message, &lesson.ident);
	lesson.digests = features.digests;
	lesson.n = features.n;
	if (!learn_lesson(learn, &lesson, &wish, &outcome, NULL))
		fprintf(stderr, "a lesson failed\n");
}

static GArray *
load(const char *index, guint most)
{
	GArray *mails = g_array_new(FALSE, FALSE, sizeof(struct mail));
	g_autofree char *folder = g_path_get_dirname(index);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	g_file_get_contents(index, &text, NULL, NULL);
	lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	for (guint i = 0; lines[i] != NULL && mails->len < most; i++) {
		g_auto(GStrv) words = g_strsplit(lines[i], " ", 2);
		g_autofree char *path = NULL;
		struct mail mail;

		if (words[0] == NULL || words[1] == NULL ||
		    !verdict_parse(words[0], &mail.truth))
			continue;
		path = g_build_filename(folder, words[1], NULL);
		if (g_file_get_contents(path, &mail.data, &mail.length, NULL))
			g_array_append_val(mails, mail);
	}
	return mails;
}

static void
measure(const GArray *mails, guint n, guint rounds,
    const struct table_reader *table)
{
	double bare = G_MAXDOUBLE, ours = G_MAXDOUBLE, best[3] = { 0 };
	double bytes = 0;

	for (guint round = 0; round < rounds; round++) {
		double start = cpu_micros(), spent[3] = { 0 }, all;

		for (guint i = 0; i < n; i++)
			read_bare(&g_array_index(mails, struct mail, i));
		bare = MIN(bare, cpu_micros() - start);
		for (guint i = 0; i < n; i++)
			read_ours(&g_array_index(mails, struct mail, i), table,
			    spent);
		all = spent[0] + spent[1] + spent[2];
		if (all < ours)
			memcpy(best, spent, sizeof(best));
		ours = MIN(ours, all);
	}
	for (guint i = 0; i < n; i++)
		bytes += g_array_index(mails, struct mail, i).length;
	printf("messages %u, %.0f bytes each\n", n, bytes / n);
	printf("CPU per message: GMime alone %.0f us; ours %.0f us "
	       "(read %.0f, features %.0f, verdict %.0f)\n",
	    bare / n, ours / n, best[0] / n, best[1] / n, best[2] / n);
	printf("ratio %.2f\n", ours / bare);
}

int
main(int argc, char **argv)
{
	g_autofree char *folder = g_dir_make_tmp("bench-read-XXXXXX", NULL);
	g_autofree char *table_path = g_build_filename(folder, "table", NULL);
	struct learn_settings learn_settings = { .model_folder = folder,
		.table_path = table_path,
		.map_bytes = (guint64)1 << 30,
		.training_margin = 40,
		.refuse_margin = 60,
		.max_records = 100000000,
		.activation_labels = 10,
		.activation_total = 64 };
	guint n = argc > 2 ? (guint)strtoul(argv[2], NULL, 10) : 500;
	guint rounds = argc > 3 ? (guint)strtoul(argv[3], NULL, 10) : 5;
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) mails = NULL;
	struct learn *learn;
	struct table_reader *table;

	if (argc < 2 || n == 0 || !seal_init(&error))
		return 64;
	message_prepare();
	learn = learn_open(&learn_settings, NULL, &error);
	mails = load(argv[1], n + TAUGHT);
	if (learn == NULL || mails->len <= n) {
		fprintf(stderr, "%s\n",
		    error != NULL ? error->message : "too few messages");
		return 70;
	}
	if (!learn_group_begin(learn, &error))
		fprintf(stderr, "%s\n", error->message);
	for (guint i = n; i < mails->len; i++)
		teach(learn, &g_array_index(mails, struct mail, i));
	if (!learn_group_end(learn, &error))
		return 70;
	table = table_map(table_open(table_path, NULL), NULL);
	measure(mails, n, rounds, table);
	table_unmap(&table);
	learn_close(&learn);
	return 0;
}
