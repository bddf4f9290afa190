/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: hard_mime [-q] [-s MS] [-m MB] FILE...
 *
 * Reads each file as mail, in this process: parsed, every accessor asked,
 * scored, explained and made a ticket by the readers' own jobs.  A file that
 * begins as a mailbox does is read whole, and once more message by message.
 * Prints what each took
 * ("MS KB PATH": wall clock, growth of the peak resident memory), then
 * the worst of all.  -q prints only those above the ceilings, -s and -m (1000
 * ms, 256 MB); exit 1 when there are any.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifier/classify.h"
#include "classifier/features.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/html.h"
#include "tickets/convert.h"

/* Digests of each message that get counts, so that reasons are found too. */
#define KNOWN 20

struct hard {
	struct classify_context classify;
	struct convert_context convert;
	struct table *table;
	char *table_path;
	gboolean quiet;
	double most_ms;
	gsize most_kb;
	guint files, messages, over;
	double worst_ms;
	gsize worst_kb;
	char *slowest, *largest;
};

static gsize
status_kb(const char *name)
{
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
		return 0;
	line = strstr(text, name);
	return line != NULL ? g_ascii_strtoull(line + strlen(name), NULL, 10)
			    : 0;
}

/* The peak begins anew from what is resident now. */
static void
reset_peak(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "5", 1) != 1)
		perror("clear_refs");
	file_close(&fd);
}

static void
must_be_text(const char *what, const char *text)
{
	if (text != NULL && !g_utf8_validate(text, -1, NULL))
		g_error("%s is no UTF-8", what);
}

static void
ask_parts(struct message *message)
{
	for (guint i = 0; i < message_part_count(message); i++) {
		const struct part *part = message_part(message, i);
		g_autoptr(GBytes) bytes = message_part_bytes(message, i, NULL);

		must_be_text("type", part->type);
		must_be_text("charset", part->charset);
		must_be_text("name", part->filename);
		must_be_text("id", part->content_id);
		must_be_text("text", part->text);
		if (bytes != NULL)
			g_assert(part->size == g_bytes_get_size(bytes));
	}
}

static void
ask_header(struct message *message)
{
	static const char *const lists[] = { "From", "Sender", "Reply-To", "To",
		"Cc" };
	gsize header, body;

	for (guint i = 0; i < message_header_count(message); i++) {
		g_assert(message_header_name(message, i) != NULL);
		g_assert(message_header_raw(message, i) != NULL);
		must_be_text("value", message_header_value(message, i));
		g_assert(message_header(
			     message, message_header_name(message, i)) != NULL);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		const GPtrArray *list = message_addresses(message, lists[i]);

		for (guint a = 0; a < list->len; a++) {
			const struct addr *addr = list->pdata[a];

			must_be_text("name", addr->name);
			g_assert(addr_valid(addr->address));
		}
	}
	(void)message_header_block(message, &header);
	(void)message_body_block(message, &body);
	g_assert(message_oddities(message) < 256);
}

static void
ask_all(struct hard *hard, const guint8 *data, gsize length)
{
	struct message *message OWNED(message_free) =
	    message_parse(data, length, &hard->convert.limits, NULL);
	struct features features OWNED(features_clear) = { 0 };
	const GPtrArray *references;
	gint zone;

	if (message == NULL)
		return;
	ask_header(message);
	ask_parts(message);
	must_be_text("id", message_id(message));
	references = message_references(message);
	g_assert(references->len <= 20);
	for (guint i = 0; i < references->len; i++)
		must_be_text("reference", references->pdata[i]);
	must_be_text("subject", message_subject(message));
	must_be_text("text", message_text(message));
	must_be_text("html", message_html(message));
	(void)message_markup(message);
	(void)message_date(message, &zone);
	features_extract(message,
	    &(struct features_rules){ .key = hard->classify.feature_key }, NULL,
	    &features);
	for (guint i = 0; i < MIN(features.n, KNOWN); i++)
		g_assert(table_set(hard->table, features.digests[i], i * i % 7,
		    i % 5 + 1, NULL));
}

typedef gboolean (*job)(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error);

static void
run_job(job run, void *context, const char *request, int message, int table)
{
	const int fds[] = { message, table };
	const struct worker_call call = { (const guint8 *)request,
		strlen(request), fds, 2 };
	struct worker_answer answer = { .record = g_byte_array_new() };

	(void)run(context, &call, &answer, NULL);
	for (guint i = 0; i < answer.n_fds; i++)
		file_close(&answer.fds[i]);
	g_byte_array_unref(answer.record);
}

static char *
convert_request(void)
{
	struct entry *entry OWNED(entry_free) = entry_new();
	json_t *request = json_object();
	char *text;

	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	json_object_set_new(request, "entry", entry_to_json(entry));
	json_object_set_new(
	    request, "terms", json_pack("{s:s}", "subject_tag", "#([0-9]+)"));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

static void
run_jobs(struct hard *hard, const guint8 *data, gsize length)
{
	int message OWNED(file_close) =
	    file_memory("message", data, length, NULL);
	int table OWNED(file_close) = table_open(hard->table_path, NULL);
	char *request = convert_request();

	run_job((job)classify_job_score, &hard->classify, "", message, table);
	run_job(
	    (job)classify_job_features, &hard->classify, "", message, table);
	run_job((job)classify_job_explain, &hard->classify, "", message, table);
	run_job((job)convert_job, &hard->convert, request, message, table);
	free(request);
}

static void
note(struct hard *hard, const char *path, double ms, gsize kb)
{
	gboolean over = ms > hard->most_ms || kb > hard->most_kb;

	hard->messages++;
	hard->over += over;
	if (over || !hard->quiet)
		printf("%7.1f ms %7zu KB %s%s\n", ms, kb, path,
		    over ? " TOO MUCH" : "");
	if (ms > hard->worst_ms) {
		hard->worst_ms = ms;
		g_free(hard->slowest);
		hard->slowest = g_strdup(path);
	}
	if (kb > hard->worst_kb) {
		hard->worst_kb = kb;
		g_free(hard->largest);
		hard->largest = g_strdup(path);
	}
}

static void
read_one(struct hard *hard, const char *path, const guint8 *data, gsize length)
{
	gsize before, peak;
	gint64 start;

	reset_peak();
	before = status_kb("VmRSS:");
	start = g_get_monotonic_time();
	ask_all(hard, data, length);
	run_jobs(hard, data, length);
	peak = status_kb("VmHWM:");
	note(hard, path, (g_get_monotonic_time() - start) / 1000.0,
	    peak > before ? peak - before : 0);
}

/* The next message's start in a mailbox, or the end. */
static const char *
next_message(const char *at, const char *end)
{
	while (at < end) {
		at = memchr(at, '\n', end - at);
		if (at == NULL)
			return end;
		at++;
		if (end - at > 5 && memcmp(at, "From ", 5) == 0)
			return at;
	}
	return end;
}

static void
read_file(struct hard *hard, const char *path)
{
	g_autofree char *data = NULL;
	gsize length;
	const char *end, *next;

	if (!g_file_get_contents(path, &data, &length, NULL)) {
		fprintf(stderr, "cannot read %s\n", path);
		hard->over++;
		return;
	}
	hard->files++;
	end = data + length;
	read_one(hard, path, (const guint8 *)data, length);
	if (length < 5 || memcmp(data, "From ", 5) != 0)
		return;
	for (const char *at = data; at < end; at = next) {
		g_autofree char *copy = NULL;

		next = next_message(at, end);
		/* In memory of its own, so that a byte too many is seen. */
		copy = g_memdup2(at, next - at);
		read_one(hard, path, (const guint8 *)copy, next - at);
	}
}

static gboolean
prepare(struct hard *hard, GError **error)
{
	static const char *const inboxes[] = { "support@example.com", NULL };
	g_autofree char *folder = g_dir_make_tmp("hard-XXXXXX", error);
	const struct table_totals totals = { 40, 40, 40, 40 };

	if (folder == NULL || !seal_init(error))
		return FALSE;
	hard->table_path = g_build_filename(folder, "table", NULL);
	hard->table = table_create(hard->table_path, 1 << 16, error);
	if (hard->table == NULL)
		return FALSE;
	table_set_totals(hard->table, &totals);
	hard->classify.settings = (struct classify_settings){ 4, -4, 10, 64 };
	hard->classify.limits = message_limits_default;
	hard->convert.limits = message_limits_default;
	hard->convert.limits.scan_bytes = 64 << 20;
	hard->convert.inboxes = inboxes;
	hard->convert.max_followers = 40;
	message_prepare();
	return TRUE;
}

static void
finish(struct hard *hard)
{
	g_autofree char *folder = g_path_get_dirname(hard->table_path);

	printf("%u files, %u messages; worst %.1f ms (%s), %zu KB (%s); %u "
	       "above %.0f ms or %zu MB\n",
	    hard->files, hard->messages, hard->worst_ms, hard->slowest,
	    hard->worst_kb, hard->largest, hard->over, hard->most_ms,
	    hard->most_kb >> 10);
	for (guint i = 0; i < CLASSIFY_TABLES; i++)
		table_unmap(&hard->classify.tables[i].reader);
	table_free(&hard->table);
	unlink(hard->table_path);
	rmdir(folder);
	g_free(hard->table_path);
	g_free(hard->slowest);
	g_free(hard->largest);
}

int
main(int argc, char **argv)
{
	struct hard hard = { .most_ms = 1000, .most_kb = 256 << 10 };
	g_autoptr(GError) error = NULL;
	int option;

	while ((option = getopt(argc, argv, "qs:m:")) != -1) {
		if (option == 'q')
			hard.quiet = TRUE;
		else if (option == 's')
			hard.most_ms = g_ascii_strtod(optarg, NULL);
		else if (option == 'm')
			hard.most_kb = g_ascii_strtoull(optarg, NULL, 10) << 10;
		else
			return 64;
	}
	if (!prepare(&hard, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 70;
	}
	for (int i = optind; i < argc; i++)
		read_file(&hard, argv[i]);
	finish(&hard);
	return hard.over > 0;
}
