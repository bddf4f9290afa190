/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/filter.h"

#include <string.h>

#include "lib/base/err.h"

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

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/filter/answer", test_answer);
	g_test_add_func("/filter/faults", test_faults);
	return g_test_run();
}
