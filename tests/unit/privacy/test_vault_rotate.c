/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/vault_rotate.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/base/folder.h"

/* More than are wrapped at once. */
#define PEOPLE 2300

struct place {
	struct folder keys, folder;
	int dir;
	struct safe *safe;
	struct vault *vault;
};

static struct ident
person(guint number)
{
	struct ident ident = { { 7 } };

	memcpy(ident.bytes + 4, &number, sizeof(number));
	return ident;
}

static void
open_vault(struct place *place)
{
	g_autoptr(GError) error = NULL;
	struct secret *key OWNED(secret_free) =
	    safe_load(place->safe, place->dir, "vault.key", TRUE, &error);

	g_assert_no_error(error);
	place->vault = vault_open_kept(
	    place->dir, place->safe, place->folder.path, key, &error);
	g_assert_no_error(error);
}

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->keys, unused);
	folder_init(&place->folder, unused);
	place->dir = file_open_dir(place->keys.path, NULL);
	place->safe = safe_new(&(struct safe_settings){ NULL }, NULL);
	open_vault(place);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	vault_close(&place->vault);
	safe_free(&place->safe);
	file_close(&place->dir);
	folder_fini(&place->keys, unused);
	folder_fini(&place->folder, unused);
}

static GBytes *
bytes_of(const struct folder *folder, const char *name)
{
	g_autofree char *path = folder_path(folder, name);
	char *bytes = NULL;
	gsize length = 0;

	if (!g_file_get_contents(path, &bytes, &length, NULL))
		return NULL;
	return g_bytes_new_take(bytes, length);
}

static void
put_back(const struct folder *folder, const char *name, GBytes *bytes)
{
	g_autofree char *path = folder_path(folder, name);

	g_assert_true(g_file_set_contents(path, g_bytes_get_data(bytes, NULL),
	    (gssize)g_bytes_get_size(bytes), NULL));
	g_assert_cmpint(g_chmod(path, 0600), ==, 0);
}

static gboolean
has(const struct place *place, const void *needle, gsize length)
{
	g_autoptr(GBytes) bytes = bytes_of(&place->folder, "data.mdb");
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	return memmem(data, size, needle, length) != NULL;
}

static struct secret *
key_of(struct place *place, guint number, gboolean make)
{
	struct ident ident = person(number);

	return vault_key(place->vault, &ident, make, NULL);
}

static void
assert_key(struct place *place, guint number, const struct secret *want)
{
	struct secret *key OWNED(secret_free) = key_of(place, number, FALSE);

	g_assert_nonnull(key);
	g_assert_true(secret_equal(secret_data(key), secret_length(key),
	    secret_data(want), secret_length(want)));
}

/* All keys are what they were; the file names nobody who is gone, and no byte
 * of a wrap by the old key is left. */
static void
test_rotate(struct place *place, gconstpointer unused)
{
	const struct ident gone = person(PEOPLE);
	struct secret *first OWNED(secret_free) = key_of(place, 0, TRUE);
	struct secret *last OWNED(secret_free) = NULL;
	struct secret *lost OWNED(secret_free) = NULL;
	g_autoptr(GBytes) old_key = bytes_of(&place->keys, "vault.key");
	g_autoptr(GBytes) new_key = NULL;
	g_autoptr(GBytes) next = NULL;
	g_autoptr(GError) error = NULL;
	guint64 count;

	(void)unused;
	for (guint i = 1; i < PEOPLE; i++) {
		secret_free(&last);
		last = key_of(place, i, TRUE);
	}
	lost = key_of(place, PEOPLE, TRUE);
	g_assert_true(vault_forget(place->vault, &gone, NULL));
	g_assert_true(has(place, gone.bytes, IDENT_BYTES));
	for (guint i = 0; i < 2; i++) {
		g_assert_true(vault_rotate(place->vault, place->dir, &error));
		g_assert_no_error(error);
		assert_key(place, 0, first);
		assert_key(place, PEOPLE - 1, last);
	}
	g_assert_false(has(place, gone.bytes, IDENT_BYTES));
	new_key = bytes_of(&place->keys, "vault.key");
	next = bytes_of(&place->keys, "vault-next.key");
	g_assert_false(g_bytes_equal(old_key, new_key));
	g_assert_null(next);
	vault_close(&place->vault);
	open_vault(place);
	assert_key(place, PEOPLE - 1, last);
	g_assert_true(vault_count(place->vault, &count, NULL));
	g_assert_cmpuint(count, ==, PEOPLE);
}

/* The vault's file as a backup has it is not opened by the new key. */
static void
test_old_copy(struct place *place, gconstpointer unused)
{
	struct secret *key OWNED(secret_free) = key_of(place, 1, TRUE);
	struct secret *file OWNED(secret_free) = NULL;
	g_autoptr(GBytes) copy = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	vault_close(&place->vault);
	copy = bytes_of(&place->folder, "data.mdb");
	open_vault(place);
	g_assert_true(vault_rotate(place->vault, place->dir, NULL));
	vault_close(&place->vault);
	put_back(&place->folder, "data.mdb", copy);
	file = secret_load_key(
	    place->dir, "vault.key", SEAL_KEY_BYTES, FALSE, FALSE, NULL);
	g_assert_null(vault_open_kept(
	    place->dir, place->safe, place->folder.path, file, &error));
	g_assert_true(err_is(error, DG_ERROR_BAD));
}

/* Killed before the wraps were kept, and after it: by hand, of the files. */
static void
test_halves(struct place *place, gconstpointer unused)
{
	struct secret *key OWNED(secret_free) = key_of(place, 1, TRUE);
	struct secret *unused_key OWNED(secret_free) = NULL;
	g_autoptr(GBytes) old_key = bytes_of(&place->keys, "vault.key");
	g_autoptr(GBytes) new_key = NULL;
	g_autoptr(GBytes) next = NULL;
	g_autoptr(GBytes) now = NULL;

	(void)unused;
	vault_close(&place->vault);
	unused_key = secret_load_key(
	    place->dir, "vault-next.key", SEAL_KEY_BYTES, TRUE, FALSE, NULL);
	open_vault(place);
	assert_key(place, 1, key);
	next = bytes_of(&place->keys, "vault-next.key");
	g_assert_null(next);
	g_assert_true(vault_rotate(place->vault, place->dir, NULL));
	vault_close(&place->vault);
	new_key = bytes_of(&place->keys, "vault.key");
	put_back(&place->keys, "vault-next.key", new_key);
	put_back(&place->keys, "vault.key", old_key);
	open_vault(place);
	assert_key(place, 1, key);
	now = bytes_of(&place->keys, "vault.key");
	g_assert_true(g_bytes_equal(now, new_key));
	next = bytes_of(&place->keys, "vault-next.key");
	g_assert_null(next);
}

static void
rotate_until_killed(struct place *place)
{
	open_vault(place);
	while (vault_rotate(place->vault, place->dir, NULL))
		continue;
	_exit(1);
}

static void
test_killed(struct place *place, gconstpointer unused)
{
	struct secret *first OWNED(secret_free) = key_of(place, 0, TRUE);
	struct secret *last OWNED(secret_free) = NULL;

	(void)unused;
	for (guint i = 1; i < 50; i++) {
		secret_free(&last);
		last = key_of(place, i, TRUE);
	}
	for (guint i = 0; i < 40; i++) {
		pid_t child;

		vault_close(&place->vault);
		child = fork();
		if (child == 0)
			rotate_until_killed(place);
		g_usleep((gulong)g_random_int_range(500, 25000));
		kill(child, SIGKILL);
		g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
		open_vault(place);
		assert_key(place, 0, first);
		assert_key(place, 49, last);
	}
}

struct maker {
	struct place *place;
	gint stop;
	guint made;
};

static void *
make_keys(void *self)
{
	struct maker *maker = self;

	while (!g_atomic_int_get(&maker->stop)) {
		struct secret *key OWNED(secret_free) =
		    key_of(maker->place, maker->made, TRUE);

		g_assert_nonnull(key);
		maker->made++;
	}
	return NULL;
}

static void *
rotate_often(void *self)
{
	struct maker *maker = self;

	while (!g_atomic_int_get(&maker->stop))
		g_assert_true(
		    vault_rotate(maker->place->vault, maker->place->dir, NULL));
	return NULL;
}

/* Keys that are made meanwhile are by the key that stays. */
static void
test_busy(struct place *place, gconstpointer unused)
{
	struct maker maker = { .place = place };
	pthread_t thread;

	(void)unused;
	g_assert_cmpint(
	    pthread_create(&thread, NULL, make_keys, &maker), ==, 0);
	for (guint i = 0; i < 10; i++)
		g_assert_true(vault_rotate(place->vault, place->dir, NULL));
	g_atomic_int_set(&maker.stop, 1);
	pthread_join(thread, NULL);
	vault_close(&place->vault);
	open_vault(place);
	for (guint i = 0; i < maker.made; i++) {
		struct secret *key OWNED(secret_free) = key_of(place, i, FALSE);

		g_assert_nonnull(key);
	}
}

/* A copy that was made at any moment of rotations opens by the key beside it,
 * and has whoever was there. */
static void
test_copy(struct place *place, gconstpointer unused)
{
	struct secret *first OWNED(secret_free) = key_of(place, 0, TRUE);
	struct maker maker = { .place = place };
	pthread_t thread;

	g_assert_cmpint(
	    pthread_create(&thread, NULL, rotate_often, &maker), ==, 0);
	for (guint i = 0; i < 10; i++) {
		struct place copy = { 0 };
		g_autoptr(GError) error = NULL;

		folder_init(&copy.keys, unused);
		folder_init(&copy.folder, unused);
		copy.dir = file_open_dir(copy.keys.path, NULL);
		copy.safe = safe_new(&(struct safe_settings){ NULL }, NULL);
		g_assert_true(vault_copy(
		    place->vault, copy.folder.path, copy.dir, &error));
		g_assert_no_error(error);
		open_vault(&copy);
		assert_key(&copy, 0, first);
		tear_down(&copy, unused);
	}
	g_atomic_int_set(&maker.stop, 1);
	pthread_join(thread, NULL);
}

#define TEST(name, function) \
	g_test_add("/privacy/vault-rotate/" name, struct place, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("all", test_rotate);
	TEST("old-copy", test_old_copy);
	TEST("halves", test_halves);
	TEST("killed", test_killed);
	TEST("busy", test_busy);
	TEST("copy", test_copy);
	return g_test_run();
}
