/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/secret.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/base/folder.h"

#define KEY32 "0123456789abcdef0123456789abcdef"

static void
test_value(struct folder *folder, gconstpointer unused)
{
	struct secret *a OWNED(secret_free) = secret_new("abc\0d", 5);
	struct secret *b OWNED(secret_free) = secret_random(32);
	struct secret *c OWNED(secret_free) = secret_random(32);
	struct secret *none OWNED(secret_free) = secret_new("", 0);

	(void)folder, (void)unused;
	g_assert_cmpmem(secret_data(a), secret_length(a), "abc\0d", 5);
	g_assert_cmpstr(secret_text(a), ==, "abc");
	g_assert_cmpstr(secret_text(none), ==, "");
	g_assert_false(secret_equal(secret_data(b), 32, secret_data(c), 32));
	g_assert_true(secret_equal("ab", 2, "ab", 2));
	g_assert_false(secret_equal("ab", 2, "abc", 3));
	secret_free(&a);
	g_assert_null(a);
	secret_free(&a);
}

static void
test_make(struct folder *folder, gconstpointer unused)
{
	struct secret *made OWNED(secret_free) = NULL;
	struct secret *again OWNED(secret_free) = NULL;
	struct secret *shared OWNED(secret_free) = NULL;
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)unused;
	g_assert_null(
	    secret_load_key(folder->fd, "k", 32, FALSE, FALSE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	made = secret_load_key(folder->fd, "k", 32, TRUE, FALSE, &error);
	g_assert_no_error(error);
	g_assert_cmpint(fstatat(folder->fd, "k", &st, 0), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0600);
	again = secret_load_key(folder->fd, "k", 32, TRUE, FALSE, &error);
	g_assert_no_error(error);
	g_assert_true(
	    secret_equal(secret_data(made), 32, secret_data(again), 32));
	shared = secret_load_key(folder->fd, "s", 32, TRUE, TRUE, &error);
	g_assert_no_error(error);
	g_assert_cmpint(fstatat(folder->fd, "s", &st, 0), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0640);
}

static void
test_key_refused(struct folder *folder, gconstpointer unused)
{
	static const struct {
		const char *name, *text;
		int mode;
		gboolean group_reads;
		int want; /* a code, or -1: taken */
	} cases[] = {
		{ "private", KEY32, 0600, FALSE, -1 },
		{ "read-only", KEY32, 0400, FALSE, -1 },
		{ "group, allowed", KEY32, 0640, TRUE, -1 },
		{ "group", KEY32, 0640, FALSE, DG_ERROR_DENIED },
		{ "group writes", KEY32, 0660, TRUE, DG_ERROR_DENIED },
		{ "all read", KEY32, 0604, TRUE, DG_ERROR_DENIED },
		{ "all write", KEY32, 0602, TRUE, DG_ERROR_DENIED },
		{ "too short", "0123", 0600, FALSE, DG_ERROR_BAD },
		{ "too long", KEY32 "x", 0600, FALSE, DG_ERROR_BAD },
		{ "empty", "", 0600, FALSE, DG_ERROR_BAD },
	};

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct secret *key OWNED(secret_free) = NULL;
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].name);
		folder_put(folder, "k", cases[i].text, cases[i].mode);
		key = secret_load_key(
		    folder->fd, "k", 32, TRUE, cases[i].group_reads, &error);
		if (cases[i].want < 0)
			g_assert_cmpmem(secret_data(key), 32, KEY32, 32);
		else
			g_assert_error(error, DG_ERROR, cases[i].want);
		/* A wrong one is never replaced. */
		folder_assert(folder, "k", cases[i].text);
	}
}

/* What is no file is refused at once, a pipe too, which could be waited for. */
static void
test_no_file(struct folder *folder, gconstpointer unused)
{
	g_autofree char *pipe = folder_path(folder, "pipe");
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
	g_assert_null(secret_load_token(pipe, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	g_assert_null(
	    secret_load_key(folder->fd, "pipe", 32, TRUE, FALSE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	g_assert_null(secret_load_token(folder->path, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

struct taker {
	int dir;
	guint8 key[32];
};

static void *
take_key(void *data)
{
	struct taker *taker = data;
	struct secret *key OWNED(secret_free) =
	    secret_load_key(taker->dir, "k", 32, TRUE, FALSE, NULL);

	if (key != NULL)
		memcpy(taker->key, secret_data(key), 32);
	return key;
}

/* Daemons that start at once, and find no key yet, get the same one. */
static void
test_made_once(struct folder *folder, gconstpointer unused)
{
	static const guint8 none[32];
	struct taker takers[8] = { { 0 } };
	pthread_t threads[8];

	(void)unused;
	for (guint i = 0; i < 8; i++) {
		takers[i].dir = folder->fd;
		g_assert_cmpint(
		    pthread_create(&threads[i], NULL, take_key, &takers[i]), ==,
		    0);
	}
	for (guint i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (guint i = 0; i < 8; i++) {
		g_assert_false(seal_equal(takers[i].key, none, 32));
		g_assert_true(seal_equal(takers[i].key, takers[0].key, 32));
	}
}

static void
test_token(struct folder *folder, gconstpointer unused)
{
	g_autofree char *big = g_strnfill(4096, 't');
	g_autofree char *bigger = g_strnfill(4097, 't');
	const struct {
		const char *text, *want;
	} cases[] = {
		{ "abc", "abc" },
		{ "abc\n", "abc" },
		{ "  abc def\r\n\n", "abc def" },
		{ "t\xc3\xb6ken", "t\xc3\xb6ken" },
		{ "x", "x" },
		{ big, big },
		{ bigger, NULL },
		{ "", NULL },
		{ "\n \n", NULL },
		{ "two\nlines", NULL },
		{ "a\tb", NULL },
		{ "a\x1b"
		  "b",
		    NULL },
		{ "a\x7f"
		  "b",
		    NULL },
	};
	g_autofree char *path = folder_path(folder, "token");

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct secret *token OWNED(secret_free) = NULL;
		g_autoptr(GError) error = NULL;

		folder_put(folder, "token", cases[i].text, 0600);
		token = secret_load_token(path, &error);
		if (cases[i].want == NULL) {
			g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
			continue;
		}
		g_assert_no_error(error);
		g_assert_cmpstr(secret_text(token), ==, cases[i].want);
	}
}

/* The message tells who reads it what to do, and never the token. */
static void
test_token_modes(struct folder *folder, gconstpointer unused)
{
	static const struct {
		int mode;
		gboolean taken;
	} cases[] = { { 0600, TRUE }, { 0640, TRUE }, { 0440, TRUE },
		{ 0644, FALSE }, { 0660, FALSE }, { 0601, FALSE } };
	g_autofree char *path = folder_path(folder, "token");

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct secret *token OWNED(secret_free) = NULL;
		g_autoptr(GError) error = NULL;

		folder_put(folder, "token", "topsecret", cases[i].mode);
		token = secret_load_token(path, &error);
		g_assert_cmpint(token != NULL, ==, cases[i].taken);
		if (cases[i].taken)
			continue;
		g_assert_error(error, DG_ERROR, DG_ERROR_DENIED);
		g_assert_nonnull(strstr(error->message, "chmod 640"));
		g_assert_nonnull(strstr(error->message, path));
		g_assert_null(strstr(error->message, "topsecret"));
	}
}

#define ADD(name, function) \
	g_test_add("/base/secret/" name, struct folder, NULL, folder_init, \
	    function, folder_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	ADD("value", test_value);
	ADD("make", test_make);
	ADD("key-refused", test_key_refused);
	ADD("no-file", test_no_file);
	ADD("made-once", test_made_once);
	ADD("token", test_token);
	ADD("token-modes", test_token_modes);
	return g_test_run();
}
