/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/tally.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/exposition.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

enum { PLAIN, SHADES, BY_INBOX, TIMES, INBOX_TIMES };

static const char *const shades[] = { "light", "dark", NULL };
static const struct tally_metric metrics[] = {
	[PLAIN] = { "plain_total", "Help.", TALLY_COUNTER, NULL, NULL, NULL },
	[SHADES] = { "shades_total", "Help.", TALLY_COUNTER, NULL, "shade",
	    shades },
	[BY_INBOX] = { "inbox_total", "Help.", TALLY_COUNTER, "inbox", "shade",
	    shades },
	[TIMES] = { "time_seconds", "Help.", TALLY_SECONDS, NULL, NULL, NULL },
	[INBOX_TIMES] = { "inbox_seconds", "Help.", TALLY_SECONDS, "inbox",
	    NULL, NULL },
	{ NULL },
};
static const struct tally_metric others[] = {
	{ "another_total", "Help.", TALLY_COUNTER, NULL, NULL, NULL },
	{ NULL },
};

static char *
told(const struct tally *tally, gboolean (*known)(void *, const char *))
{
	json_t *page = exposition_new();
	char *text;

	tally_expose(tally, page, known, NULL);
	text = exposition_text(page);
	json_decref(page);
	return text;
}

static void
assert_has(const char *text, const char *line)
{
	g_autofree char *whole = g_strdup_printf("\n%s\n", line);

	if (strstr(text, whole) == NULL)
		g_test_fail_printf("no line \"%s\" in %s", line, text);
}

static void
test_counts(void)
{
	struct tally *tally OWNED(tally_free) = tally_new(metrics);
	g_autofree char *text = NULL;
	guint a = tally_row(tally, "a@example.com");

	tally_add(tally, PLAIN, 0, 0, 3);
	tally_add(tally, SHADES, 0, 1, 1);
	tally_add(tally, BY_INBOX, a, 0, 2);
	g_assert_cmpuint(tally_row(tally, "b@example.com"), !=, a);
	g_assert_cmpuint(tally_row(tally, "a@example.com"), ==, a);
	text = told(tally, NULL);
	assert_has(text, "plain_total 3");
	assert_has(text, "shades_total{shade=\"light\"} 0");
	assert_has(text, "shades_total{shade=\"dark\"} 1");
	assert_has(
	    text, "inbox_total{inbox=\"a@example.com\",shade=\"light\"} 2");
	/* who has a row is told from 0 on */
	assert_has(
	    text, "inbox_total{inbox=\"b@example.com\",shade=\"dark\"} 0");
	g_assert_null(strstr(text, TALLY_OTHER));
	/* nobody counts */
	tally_add(NULL, PLAIN, tally_row(NULL, "a"), 0, 1);
	tally_time(NULL, TIMES, 0, 1);
	tally_beat(NULL);
}

static void
test_times(void)
{
	static const gint64 took[] = { -5, 0, 1000, 1001, 700000, 2000000,
		G_GINT64_CONSTANT(7200000000) };
	struct tally *tally OWNED(tally_free) = tally_new(metrics);
	g_autofree char *text = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(took); i++)
		tally_time(tally, TIMES, 0, took[i]);
	text = told(tally, NULL);
	/* "le": up to and with; each bucket has those below it */
	assert_has(text, "time_seconds_bucket{le=\"0.001\"} 3");
	assert_has(text, "time_seconds_bucket{le=\"0.0025\"} 4");
	assert_has(text, "time_seconds_bucket{le=\"0.5\"} 4");
	assert_has(text, "time_seconds_bucket{le=\"1\"} 5");
	assert_has(text, "time_seconds_bucket{le=\"2.5\"} 6");
	assert_has(text, "time_seconds_bucket{le=\"3600\"} 6");
	assert_has(text, "time_seconds_bucket{le=\"+Inf\"} 7");
	assert_has(text, "time_seconds_count 7");
	assert_has(text, "time_seconds_sum 7202.702001");
	g_assert_nonnull(strstr(text, "# TYPE time_seconds histogram\n"));
}

static gboolean
is_first(void *self, const char *row)
{
	(void)self;
	return strcmp(row, "0@example.com") == 0;
}

/* However many names come, there are so many rows. */
static void
test_many_rows(void)
{
	struct tally *tally OWNED(tally_free) = tally_new(metrics);
	g_autofree char *text = NULL, *one = NULL, *long_name = NULL;

	for (guint i = 0; i < 1000; i++) {
		g_autofree char *name = g_strdup_printf("%u@example.com", i);

		tally_add(tally, BY_INBOX, tally_row(tally, name), 0, 1);
	}
	long_name = g_strnfill(TALLY_NAME_BYTES, 'x');
	g_assert_cmpuint(tally_row(tally, long_name), ==, TALLY_OTHERS);
	text = told(tally, NULL);
	assert_has(
	    text, "inbox_total{inbox=\"126@example.com\",shade=\"light\"} 1");
	assert_has(text, "inbox_total{inbox=\"other\",shade=\"light\"} 873");
	/* who is not known is one of them */
	one = told(tally, is_first);
	assert_has(
	    one, "inbox_total{inbox=\"0@example.com\",shade=\"light\"} 1");
	assert_has(one, "inbox_total{inbox=\"other\",shade=\"light\"} 999");
	g_assert_null(strstr(one, "126@"));
}

static void
test_file(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	struct tally *old OWNED(tally_free) = NULL;
	struct tally *ours OWNED(tally_free) = NULL;
	struct tally *copy OWNED(tally_free) = NULL;
	g_autofree char *text = NULL;
	struct stat status;

	(void)unused;
	g_assert_null(tally_read(metrics, folder->fd, "counts", &error));
	g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
	g_clear_error(&error);
	old = tally_make(metrics, folder->fd, "counts", &error);
	g_assert_no_error(error);
	ours = tally_make(metrics, folder->fd, "counts", &error);
	g_assert_no_error(error);
	tally_add(old, PLAIN, 0, 0, 100);
	tally_add(ours, PLAIN, 0, 0, 1);
	tally_add(ours, BY_INBOX, tally_row(ours, "a@example.com"), 1, 4);
	tally_beat(ours);
	g_assert_cmpint(
	    fstatat(folder->fd, "counts", &status, AT_SYMLINK_NOFOLLOW), ==, 0);
	g_assert_cmpuint(status.st_mode & 07777, ==, 0640);
	copy = tally_read(metrics, folder->fd, "counts", &error);
	g_assert_no_error(error);
	g_assert_cmpint(tally_started(copy), ==, tally_started(ours));
	g_assert_cmpint(tally_alive(copy), >=, tally_started(ours));
	text = told(copy, NULL);
	assert_has(
	    text, "inbox_total{inbox=\"a@example.com\",shade=\"dark\"} 4");
	g_assert_nonnull(strstr(text, "plain_total 1\n"));
	/* of another version */
	g_assert_null(tally_read(others, folder->fd, "counts", &error));
	g_assert_true(
	    err_is(error, DG_ERROR_BAD) || err_is(error, DG_ERROR_FULL));
}

/* The other program may be anybody's: whatever stands in its file, a page comes
 * out in which no sample is twice. */
static void
test_hostile_file(struct folder *folder, gconstpointer unused)
{
	struct tally *ours OWNED(tally_free) =
	    tally_make(metrics, folder->fd, "counts", NULL);
	struct tally *copy OWNED(tally_free) = NULL;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	int fd OWNED(file_close) = -1;
	gint rows = G_MAXINT;

	(void)unused;
	(void)tally_row(ours, "a@example.com");
	(void)tally_row(ours, "b@example.com");
	fd = openat(folder->fd, "counts", O_RDWR | O_CLOEXEC);
	/* the count of rows, then the names: see the head in tally.c */
	g_assert_cmpint(pwrite(fd, &rows, sizeof(rows), 32), ==, sizeof(rows));
	g_assert_cmpint(pwrite(fd, "b", 1, 40), ==, 1);
	g_assert_cmpint(
	    pwrite(fd, "\xff\n\"", 3, 40 + 2 * TALLY_NAME_BYTES), ==, 3);
	copy = tally_read(metrics, folder->fd, "counts", NULL);
	g_assert_nonnull(copy);
	text = told(copy, NULL);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL && **line != '\0'; line++) {
		char *blank = strrchr(*line, ' ');

		if (**line == '#')
			continue;
		*blank = '\0';
		if (!g_hash_table_add(seen, *line))
			g_test_fail_printf("twice: %s", *line);
	}
	g_assert_cmpuint(g_hash_table_size(seen), >, 0);
	g_assert_true(g_utf8_validate(text, -1, NULL));
	/* cut short */
	g_assert_cmpint(ftruncate(fd, 100), ==, 0);
	tally_free(&copy);
	copy = tally_read(metrics, folder->fd, "counts", NULL);
	g_assert_null(copy);
}

#define THREADS 4
#define TIMES_EACH 20000

static void *
count(void *self)
{
	struct tally *tally = self;

	for (guint i = 0; i < TIMES_EACH; i++) {
		tally_add(tally, PLAIN, 0, 0, 1);
		if (i % 100 == 0)
			tally_add(tally, BY_INBOX,
			    tally_row(tally, "a@example.com"), 1, 1);
	}
	return NULL;
}

static void
test_threads(void)
{
	struct tally *tally OWNED(tally_free) = tally_new(metrics);
	pthread_t threads[THREADS];
	g_autofree char *text = NULL;

	for (gsize i = 0; i < THREADS; i++)
		g_assert_cmpint(
		    pthread_create(&threads[i], NULL, count, tally), ==, 0);
	for (gsize i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	text = told(tally, NULL);
	assert_has(text, "plain_total 80000");
	assert_has(
	    text, "inbox_total{inbox=\"a@example.com\",shade=\"dark\"} 800");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tally/counts", test_counts);
	g_test_add_func("/tally/times", test_times);
	g_test_add_func("/tally/many-rows", test_many_rows);
	g_test_add_func("/tally/threads", test_threads);
	g_test_add("/tally/file", struct folder, NULL, folder_init, test_file,
	    folder_fini);
	g_test_add("/tally/hostile-file", struct folder, NULL, folder_init,
	    test_hostile_file, folder_fini);
	return g_test_run();
}
