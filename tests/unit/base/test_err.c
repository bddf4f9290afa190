/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/err.h"

#include <errno.h>
#include <sysexits.h>

static const struct {
	const char *name;
	int number;
	enum dg_error want;
	int exit_code;
} cases[] = {
	{ "full disk", ENOSPC, DG_ERROR_FULL, EX_TEMPFAIL },
	{ "quota", EDQUOT, DG_ERROR_FULL, EX_TEMPFAIL },
	{ "descriptors", EMFILE, DG_ERROR_FULL, EX_TEMPFAIL },
	{ "missing", ENOENT, DG_ERROR_NOTFOUND, EX_NOINPUT },
	{ "rights", EACCES, DG_ERROR_DENIED, EX_NOPERM },
	{ "again", EAGAIN, DG_ERROR_AGAIN, EX_TEMPFAIL },
	{ "other", EIO, DG_ERROR_IO, EX_IOERR },
};

static void
test_errno(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].name);
		g_assert_false(
		    err_errno(&error, cases[i].number, "open %s", "x"));
		g_assert_error(error, DG_ERROR, (int)cases[i].want);
		g_assert_true(g_str_has_prefix(error->message, "open x: "));
		g_assert_cmpint(err_exit_code(error), ==, cases[i].exit_code);
	}
}

static void
test_words(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_cmpstr(err_word(NULL), ==, "none");
	g_assert_cmpint(err_exit_code(NULL), ==, EX_OK);
	err_set(&error, DG_ERROR_BAD, "%d", 1);
	g_assert_cmpstr(err_word(error), ==, "bad");
	g_assert_true(err_is(error, DG_ERROR_BAD));
	g_assert_false(err_is(error, DG_ERROR_IO));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/err/errno", test_errno);
	g_test_add_func("/base/err/words", test_words);
	return g_test_run();
}
