/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where one message ends, and what is not read. */
#include "tools/source.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

/* The last lines of all messages and the last words of all faults, in order. */
static char *
walked(const char *path)
{
	char *paths[] = { (char *)path, NULL };
	struct source *source OWNED(source_close) = source_open(paths, 1000);
	GString *text = g_string_new(NULL);

	for (;;) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) message = NULL;
		g_autofree char *name = NULL;
		g_autofree char *body = NULL;

		if (!source_next(source, &message, &name, &error) &&
		    error == NULL)
			return g_string_free(text, FALSE);
		body = error != NULL
			   ? g_strdup(error->message)
			   : g_strndup(g_bytes_get_data(message, NULL),
				 g_bytes_get_size(message));
		g_strchomp(body);
		g_string_append_printf(text, "%s%s", text->len > 0 ? "|" : "",
		    strrchr(body, error != NULL ? ' ' : '\n') + 1);
	}
}

#define DATED "From a@example.org Mon Nov  2 10:00:00 2026\n"

static void
test_mbox(struct folder *folder, gconstpointer unused)
{
	static const struct {
		const char *name, *mbox, *want;
	} cases[] = {
		{ "two", DATED "A: b\n\none\n\n" DATED "A: b\n\ntwo\n",
		    "one|two" },
		{ "a text that begins so",
		    DATED "A: b\n\none\n\nFrom here on: it is\nthe text\n",
		    "the text" },
		{ "no seconds, a zone",
		    DATED "A: b\n\none\n\nFrom - Mon Nov 02 10:00 +0100 "
			  "1999\nA: b\n\ntwo\n",
		    "one|two" },
		{ "none has a date",
		    "From a\nA: b\n\none\n\nFrom b\nA: b\n\ntwo\n", "one|two" },
		{ "no empty line before it",
		    DATED "A: b\n\none\n" DATED "two\n", "two" },
		{ "colons alone",
		    DATED "A: b\n\n1\n\nFrom ::: 2026 a:bc 1:2 12:345\nx\n",
		    "x" },
	};

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = folder_path(folder, "mbox");
		g_autofree char *got = NULL;

		g_test_message("%s", cases[i].name);
		g_assert_true(
		    g_file_set_contents(path, cases[i].mbox, -1, NULL));
		got = walked(path);
		g_assert_cmpstr(got, ==, cases[i].want);
	}
}

/* A folder may be anybody's. */
static void
test_folder(struct folder *folder, gconstpointer unused)
{
	g_autofree char *secret = folder_path(folder, ".secret");
	g_autofree char *mail = folder_path(folder, "1");
	g_autofree char *link = folder_path(folder, "2");
	g_autofree char *loop = folder_path(folder, "3");
	g_autofree char *pipe = folder_path(folder, "4");
	g_autofree char *found = NULL;
	g_autofree char *named = NULL;

	(void)unused;
	g_assert_true(
	    g_file_set_contents(secret, "A: b\n\nsecret\n", -1, NULL));
	g_assert_true(g_file_set_contents(mail, "A: b\n\none\n", -1, NULL));
	g_assert_cmpint(symlink(secret, link), ==, 0);
	g_assert_cmpint(symlink(".", loop), ==, 0);
	g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
	found = walked(folder->path);
	g_assert_cmpstr(found, ==, "one|yourself|yourself|file");
	named = walked(link);
	g_assert_cmpstr(named, ==, "secret");
}

#define TEST(name, function) \
	g_test_add("/tools/source/" name, struct folder, NULL, folder_init, \
	    function, folder_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	TEST("mbox", test_mbox);
	TEST("folder", test_folder);
	return g_test_run();
}
