/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages made to hurt who reads them, through real jailed readers: each is
 * scored and made a ticket within a second and 256 MB, and the answer still
 * says what can be said.  They are made here and never stored.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "classifier/classify.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/convert.h"

#ifdef WITH_SANITIZERS
#define WALL_MS 30000
#else
#define WALL_MS 1000
#endif

#define MOST_MEMORY ((gsize)256 << 20)
#define MANY (1 << 20)

struct bench {
	struct classify_context classify;
	struct convert_context convert;
	struct worker_pool *pool;
};

static gboolean
job_score(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct bench *bench = context;

	return classify_job_score(&bench->classify, call, answer, error);
}

static gboolean
job_features(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct bench *bench = context;

	return classify_job_features(&bench->classify, call, answer, error);
}

static gboolean
job_convert(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct bench *bench = context;

	return convert_job(&bench->convert, call, answer, error);
}

static const struct worker_job jobs[] = {
	{ "score", job_score },
	{ "features", job_features },
	{ "convert", job_convert },
	{ NULL, NULL },
};

static void
prepare(void *context)
{
	(void)context;
	message_prepare();
}

/* --- the poisons --- */

static void
repeat(GString *text, const char *unit, gsize bytes)
{
	gsize most = text->len + bytes;

	while (text->len < most)
		g_string_append(text, unit);
}

static void
make_boundary_hang(GString *text)
{
	g_string_append(
	    text, "Subject: seen\nContent-Type: multipart/mixed;\n ");
	repeat(text, "\xd1\x9c", 72);
	g_string_append(text, "=\"\xd1\x9c\";\n\nseen\n");
}

static void
make_tiny_parts(GString *text)
{
	g_string_append(text,
	    "Subject: seen\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nseen\n");
	for (guint i = 0; i < 300000; i++)
		g_string_append(text, "--b\n\n\n\n");
}

static void
make_tiny_parts_hidden(GString *text)
{
	g_string_append(text,
	    "Subject: seen\nContent-Type: multipart/mixed;\n "
	    "boundary*0*=us-ascii''%62; boundary*1=c\n\n--bc\n\nseen\n");
	for (guint i = 0; i < 300000; i++)
		g_string_append(text, "--bc\n\n\n\n");
}

static void
make_many_headers(GString *text)
{
	g_string_append(text, "Subject: seen\n");
	for (guint i = 0; i < 200000; i++)
		g_string_append(text, "X-Field: v\n");
	g_string_append(text, "\nseen\n");
}

static void
make_part_headers(GString *text)
{
	g_string_append(text,
	    "Subject: seen\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nseen\n--b\n");
	for (guint i = 0; i < 200000; i++)
		g_string_append(text, "X-Field: v\n");
}

static void
make_deep_multiparts(GString *text)
{
	g_string_append(text, "Subject: seen\n");
	for (guint i = 0; i < 2000; i++)
		g_string_append_printf(text,
		    "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n"
		    "Content-Type: text/plain\n\nseen\n--b%u\n",
		    i, i, i);
}

static void
make_deep_messages(GString *text)
{
	g_string_append(text, "Subject: seen\n"
			      "Content-Type: multipart/mixed; boundary=b\n\n"
			      "--b\n\nseen\n--b\n");
	for (guint i = 0; i < 2000; i++)
		g_string_append(text, "Content-Type: message/rfc822\n\n");
}

static void
make_long_lines(GString *text)
{
	g_string_append(text, "Subject: seen\nX-Long: ");
	repeat(text, "x", 70000);
	g_string_append(text, "\n\nseen ");
	for (guint i = 0; i < 20; i++) {
		repeat(text, "y", 70000);
		g_string_append_c(text, '\n');
	}
}

static void
make_nuls(GString *text)
{
	g_string_append(text, "Subject: se");
	g_string_append_len(text, "\0", 1);
	g_string_append(text, "en\n\nseen");
	for (guint i = 0; i < MANY; i++)
		g_string_append_c(text, '\0');
}

static void
make_html(GString *text)
{
	g_string_append(text, "Subject: seen\nContent-Type: text/html\n\n");
}

static void
make_angles(GString *text)
{
	make_html(text);
	g_string_append(text, "seen");
	repeat(text, "<", MANY);
}

static void
make_deep_html(GString *text)
{
	make_html(text);
	repeat(text, "<div><b>", MANY / 2);
	g_string_append(text, "seen");
	repeat(text, "</i>", MANY / 2);
}

static void
make_attributes(GString *text)
{
	make_html(text);
	g_string_append(text, "seen <a");
	for (guint i = 0; i < 60000; i++)
		g_string_append_printf(text, " a%u=b", i);
	g_string_append(text, ">x");
}

static void
make_base64_line(GString *text)
{
	g_string_append(text,
	    "Subject: seen\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nseen\n--b\nContent-Type: application/pdf; name=a.pdf\n"
	    "Content-Transfer-Encoding: base64\n\n");
	repeat(text, "YWJj", 10 << 20);
	g_string_append(text, "\n--b--\n");
}

static void
make_base64_text(GString *text)
{
	g_string_append(text, "Subject: seen\nContent-Type: text/plain\n"
			      "Content-Transfer-Encoding: base64\n\nc2VlbiAg");
	repeat(text, "YWJj", 10 << 20);
}

static void
make_addresses(GString *text)
{
	g_string_append(text, "Subject: seen\nTo: a@example.com");
	repeat(text, ", a@example.com", 100000);
	g_string_append(text, "\nCc: ");
	repeat(text, "(", 100000);
	g_string_append(text, "\n\nseen\n");
}

static void
make_words(GString *text)
{
	g_string_append(text, "Subject: seen ");
	repeat(text, "=?utf-8?b?", 60000);
	g_string_append(text, "\nFrom: ");
	repeat(text, "=?gb2312?q?=e9?= ", 60000);
	g_string_append(text, "\n\nseen\n");
}

static void
make_references(GString *text)
{
	g_string_append(text, "Subject: seen\nReferences:");
	for (guint i = 0; i < 15000; i++)
		g_string_append_printf(text, " <%u@x>", i);
	g_string_append(text, "\n\nseen\n");
}

static void
make_dashes(GString *text)
{
	g_string_append(text,
	    "Subject: seen\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nseen\n");
	for (guint i = 0; i < 60; i++)
		g_string_append_printf(text, "boundary=%050u\n", i);
	repeat(text, "--\n", 2 * MANY);
}

static void
make_bad_charset(GString *text)
{
	g_string_append(text,
	    "Subject: seen\nContent-Type: text/plain; charset=gb18030\n\nseen");
	repeat(text, "\xff", MANY);
}

static void
make_escapes(GString *text)
{
	g_string_append(text, "Subject: seen\n"
			      "Content-Type: text/plain; charset=iso-2022-jp\n"
			      "\nseen");
	repeat(text, "\x1b$B\x1b(B", MANY);
}

static void
make_parameters(GString *text)
{
	g_string_append(
	    text, "Subject: seen\nContent-Type: text/plain; charset=utf-8");
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(text, ";\n n*%u=x", i);
	g_string_append(text, "\n\nseen\n");
}

static void
make_links(GString *text)
{
	g_string_append(text, "Subject: seen\n\nseen ");
	repeat(text, "http://example.com/a ", MANY);
	repeat(text, "http://", MANY / 4);
}

static void
make_dense_script(GString *text)
{
	g_string_append(text, "Subject: seen\n"
			      "Content-Type: text/plain; charset=utf-8\n\n"
			      "seen");
	repeat(text, "\xe4\xb8\xad\xcc\x81", MANY);
}

static const struct {
	const char *name;
	void (*make)(GString *text);
} poisons[] = {
	{ "boundary-hang", make_boundary_hang },
	{ "tiny-parts", make_tiny_parts },
	{ "tiny-parts-hidden", make_tiny_parts_hidden },
	{ "many-headers", make_many_headers },
	{ "part-headers", make_part_headers },
	{ "deep-multiparts", make_deep_multiparts },
	{ "deep-messages", make_deep_messages },
	{ "long-lines", make_long_lines },
	{ "nuls", make_nuls },
	{ "angles", make_angles },
	{ "deep-html", make_deep_html },
	{ "attributes", make_attributes },
	{ "base64-line", make_base64_line },
	{ "base64-text", make_base64_text },
	{ "addresses", make_addresses },
	{ "words", make_words },
	{ "references", make_references },
	{ "dashes", make_dashes },
	{ "bad-charset", make_bad_charset },
	{ "escapes", make_escapes },
	{ "parameters", make_parameters },
	{ "links", make_links },
	{ "dense-script", make_dense_script },
};

/* --- */

static void
check_score(struct bench *bench, int message)
{
	struct classify *classify = classify_new(bench->pool, "/nonexistent");
	struct classify_lesson lesson = { 0 };
	struct verdict verdict;
	g_autoptr(GError) error = NULL;

	g_assert_true(classify_message(classify,
	    &(struct classify_ask){ .message = message }, &verdict, NULL,
	    &error));
	g_assert_no_error(error);
	g_assert_cmpstr(verdict_basis_word(verdict.basis), ==, "no-model");
	g_assert_true(classify_lesson(classify, message, &lesson, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(lesson.n, >, 0);
	classify_lesson_clear(&lesson);
	classify_free(&classify);
}

static void
check_ticket(struct bench *bench, const GString *text)
{
	struct entry *entry OWNED(entry_free) = entry_new();
	struct ticket *ticket OWNED(ticket_free) = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
	g_autoptr(GError) error = NULL;

	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	g_assert_true(convert_message(bench->pool, entry, bytes,
	    &(struct convert_terms){ .subject_tag = (char *)"#([0-9]+)" },
	    &ticket, &error));
	g_assert_no_error(error);
	g_assert_false(ticket->unread);
	g_assert_true(g_str_has_prefix(ticket->subject, "seen"));
	g_assert_true(g_str_has_prefix(ticket->text, "seen"));
}

/* The one reader that stands: a poison that kills it makes another. */
static pid_t
reader_of(struct bench *bench)
{
	pid_t pids[1] = { 0 };

	worker_pool_readers(bench->pool, pids, 1);
	return pids[0];
}

/* Begins to measure a reader's memory anew, where we may (as root). */
static void
measure(pid_t reader)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/clear_refs", reader);
	int fd OWNED(file_close) = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, "5", 1);
}

/* The most it had since then, in bytes. */
static gsize
peak_of(pid_t reader)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", reader);
	g_autofree char *text = NULL;
	const char *at;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	at = strstr(text, "VmHWM:");
	return at == NULL
		   ? 0
		   : g_ascii_strtoull(at + strlen("VmHWM:"), NULL, 10) * 1024;
}

static void
test_poison(struct bench *bench, gsize index)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int message OWNED(file_close) = -1;
	gint64 start;
	gsize peak;
	pid_t before = reader_of(bench);

	poisons[index].make(text);
	message = file_memory("message", text->str, text->len, NULL);
	start = g_get_monotonic_time();
	measure(before);
	check_score(bench, message);
	check_ticket(bench, text);
	peak = peak_of(reader_of(bench));
	g_test_message("%-20s %9" G_GSIZE_FORMAT
		       " bytes %5d ms %4" G_GSIZE_FORMAT " MiB at most",
	    poisons[index].name, text->len,
	    (int)((g_get_monotonic_time() - start) / 1000), peak >> 20);
	g_assert_cmpuint(peak, >, 0);
#ifndef WITH_SANITIZERS
	g_assert_cmpuint(peak, <=, MOST_MEMORY);
#endif
	if (before != 0)
		g_assert_cmpint(reader_of(bench), ==, before);
}

struct one {
	struct bench *bench;
	gsize index;
};

static void
run_one(gconstpointer data)
{
	const struct one *one = data;

	test_poison(one->bench, one->index);
}

int
main(int argc, char **argv)
{
	static const char *const inboxes[] = { "support@example.com", NULL };
	static const struct worker_limits limits = { 1, WALL_MS, MOST_MEMORY,
		16 << 20, 64 << 20, 0 };
	struct bench bench = {
		.classify = { .settings = { 4, -4, 10, 64 } },
		.convert = { message_limits_default, inboxes, 40 },
	};
	struct one ones[G_N_ELEMENTS(poisons)];
	int code;

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	bench.classify.limits = message_limits_default;
	/* A ticket wants the whole message, not only what is scored. */
	bench.convert.limits.scan_bytes = 64 << 20;
	bench.pool = worker_pool_start(jobs, &bench, prepare, &limits, NULL);
	g_assert_nonnull(bench.pool);
	for (gsize i = 0; i < G_N_ELEMENTS(poisons); i++) {
		g_autofree char *path =
		    g_strconcat("/poison/", poisons[i].name, NULL);

		ones[i] = (struct one){ &bench, i };
		g_test_add_data_func(path, &ones[i], run_one);
	}
	code = g_test_run();
	worker_pool_free(&bench.pool);
	return code;
}
