/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/filter.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/filter_server.h"
#include "lib/base/owned.h"

static GBytes *
run(const char *const *argv, gsize most, guint seconds, GError **error)
{
	g_autoptr(GBytes) input = g_bytes_new_static("hello", 5);

	return filter_run(argv, input, most, seconds, error);
}

static void
test_answer(void)
{
	static const char *const cat[] = { "/bin/cat", NULL };
	static const char *const deaf[] = { "/bin/echo", "$HOME; `id`", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) same = run(cat, 5, 30, &error);
	g_autoptr(GBytes) words = NULL;

	g_assert_no_error(error);
	g_assert_cmpmem(
	    g_bytes_get_data(same, NULL), g_bytes_get_size(same), "hello", 5);
	/* No shell is asked, and nobody has to read. */
	words = run(deaf, 100, 30, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(words, NULL), g_bytes_get_size(words),
	    "$HOME; `id`\n", 12);
}

static void
test_faults(void)
{
	static const struct {
		const char *argv[4];
		enum dg_error code;
		const char *words;
	} cases[] = {
		{ { "/nowhere/to/be/found" }, DG_ERROR_NOTFOUND, "cannot run" },
		{ { "/bin/false" }, DG_ERROR_IO, "status 1" },
		{ { "/bin/sh", "-c", "kill -9 $$" }, DG_ERROR_IO, "signal 9" },
		{ { "/bin/cat" }, DG_ERROR_IO, "more than 4" },
		{ { "/bin/sleep", "60" }, DG_ERROR_AGAIN, "too long" },
		{ { "/bin/sh", "-c", "exec >&-; exec sleep 60" },
		    DG_ERROR_AGAIN, "too long" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(run(cases[i].argv, 4, 1, &error));
		g_assert_nonnull(strstr(error->message, cases[i].words));
		g_assert_true(err_is(error, cases[i].code));
	}
}

static GBytes *
ask(struct filter_server *server, const char *word, GError **error)
{
	g_autoptr(GBytes) input = g_bytes_new_static("hello", 5);

	return filter_server_run(server, word, input, 1000, error);
}

/* The same by a process of its own, again and again. */
static void
test_server(void)
{
	static const char script[] =
	    "case $1 in stop) kill -9 $PPID;; bad) exit 3;; esac; "
	    "echo $1; cat";
	static const char *const argv[] = { "/bin/sh", "-c", script, "sh",
		NULL };
	struct filter_server *server OWNED(filter_server_stop) = NULL;
	g_autoptr(GError) error = NULL;

	server = filter_server_start(argv, 30, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < 3; i++) {
		g_autoptr(GBytes) got = ask(server, "wrap", &error);

		g_assert_no_error(error);
		g_assert_cmpmem(g_bytes_get_data(got, NULL),
		    g_bytes_get_size(got), "wrap\nhello", 10);
		g_assert_null(ask(server, "bad", &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_IO);
		g_assert_nonnull(strstr(error->message, "/bin/sh: it ended"));
		g_clear_error(&error);
	}
	/* Without it there is an error, not a wait. */
	g_assert_null(ask(server, "stop", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_clear_error(&error);
	g_assert_null(ask(server, "wrap", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
}

static void
test_words(void)
{
	const char *argv[FILTER_WORDS_MOST + 2];
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i <= FILTER_WORDS_MOST; i++)
		argv[i] = "/bin/true";
	argv[FILTER_WORDS_MOST + 1] = NULL;
	g_assert_null(filter_server_start(argv, 1, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/filter/answer", test_answer);
	g_test_add_func("/filter/faults", test_faults);
	g_test_add_func("/filter/server", test_server);
	g_test_add_func("/filter/words", test_words);
	return g_test_run();
}
