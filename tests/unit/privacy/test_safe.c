/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/safe.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/base/folder.h"

struct place {
	struct folder folder;
	int dir;
	char *credential, *other;
};

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	place->dir = file_open_dir(place->folder.path, NULL);
	place->credential = folder_path(&place->folder, "credential");
	place->other = folder_path(&place->folder, "other");
	g_assert_true(file_create(
	    place->dir, "credential", "open sesame\n", 12, 0600, NULL));
	g_assert_true(
	    file_create(place->dir, "other", "open barley\n", 12, 0600, NULL));
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	g_free(place->credential);
	g_free(place->other);
	file_close(&place->dir);
	folder_fini(&place->folder, unused);
}

static struct safe *
safe_of(const struct safe_settings *settings)
{
	g_autoptr(GError) error = NULL;
	struct safe *safe = safe_new(settings, &error);

	g_assert_no_error(error);
	return safe;
}

static void
check_same(
    struct place *place, const struct safe *safe, const struct secret *want)
{
	g_autoptr(GError) error = NULL;
	struct secret *key OWNED(secret_free) =
	    safe_load(safe, place->dir, "vault.key", FALSE, &error);

	g_assert_no_error(error);
	g_assert_true(secret_equal(secret_data(key), secret_length(key),
	    secret_data(want), secret_length(want)));
}

static void
check_refused(struct place *place, const struct safe *safe, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(safe_load(safe, place->dir, "vault.key", TRUE, &error));
	g_assert_nonnull(strstr(error->message, words));
}

/* No byte of the key is in the file. */
static void
check_hidden(struct place *place, const struct secret *key)
{
	g_autoptr(GBytes) file =
	    file_read(place->dir, "vault.key", 65536, NULL);
	struct stat status;

	g_assert_null(memmem(g_bytes_get_data(file, NULL),
	    g_bytes_get_size(file), secret_data(key), 8));
	g_assert_cmpint(fstatat(place->dir, "vault.key", &status, 0), ==, 0);
	g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
}

/* The key that stands as it is is sealed at the first start with a credential,
 * and opens with that one alone. */
static void
test_credential(struct place *place, gconstpointer unused)
{
	struct safe *plain OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ NULL });
	struct safe *sealed OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ place->credential, NULL, 0 });
	struct safe *wrong OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ place->other, NULL, 0 });
	struct secret *key OWNED(secret_free) =
	    safe_load(plain, place->dir, "vault.key", TRUE, NULL);

	(void)unused;
	check_same(place, plain, key);
	check_same(place, sealed, key);
	check_hidden(place, key);
	check_same(place, sealed, key);
	check_refused(place, plain, "set vault-credential");
	check_refused(place, wrong, "vault-credential");
}

static void
test_new(struct place *place, gconstpointer unused)
{
	struct safe *sealed OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ place->credential, NULL, 0 });
	struct secret *key OWNED(secret_free) =
	    safe_load(sealed, place->dir, "vault.key", TRUE, NULL);

	(void)unused;
	g_assert_nonnull(key);
	check_hidden(place, key);
	check_same(place, sealed, key);
}

/* A "key management system" that turns each byte around. */
static void
test_command(struct place *place, gconstpointer unused)
{
	static const char *const turn[] = { "/bin/sh", "-c",
		"/usr/bin/tr '\\000-\\377' '\\200-\\377\\000-\\177'", NULL };
	static const char *const no[] = { "/bin/false", NULL };
	static const char *const little[] = { "/bin/echo", NULL };
	struct safe *good OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ NULL, turn, 30 });
	struct safe *bad OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ NULL, no, 30 });
	struct safe *short_one OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ NULL, little, 30 });
	struct safe *plain OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ NULL });
	struct secret *key OWNED(secret_free) = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	/* What cannot be wrapped is not kept. */
	check_refused(place, bad, "vault-command wrap: /bin/false");
	g_assert_cmpint(faccessat(place->dir, "vault.key", F_OK, 0), !=, 0);
	key = safe_load(good, place->dir, "vault.key", TRUE, &error);
	g_assert_no_error(error);
	check_hidden(place, key);
	check_same(place, good, key);
	check_refused(place, bad, "vault-command unwrap: /bin/false");
	check_refused(place, short_one, "another thing than the key");
	check_refused(place, plain, "set vault-command");
}

static void
test_damaged(struct place *place, gconstpointer unused)
{
	struct safe *sealed OWNED(safe_free) =
	    safe_of(&(struct safe_settings){ place->credential, NULL, 0 });
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_true(file_create(
	    place->dir, "vault.key", "deskgate-sealed-1\nxx", 20, 0600, NULL));
	check_refused(place, sealed, "vault-credential");
	g_assert_true(
	    file_replace(place->dir, "vault.key", "x", 1, 0600, NULL));
	check_refused(place, sealed, "damaged");
	g_assert_true(
	    file_replace(place->dir, "vault.key", "x", 1, 0644, NULL));
	check_refused(place, sealed, "others can read it");
	/* A name is looked for where systemd puts it. */
	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_assert_null(
	    safe_new(&(struct safe_settings){ "credential", NULL, 0 }, &error));
	g_assert_nonnull(strstr(error->message, "LoadCredential"));
	g_setenv("CREDENTIALS_DIRECTORY", place->folder.path, TRUE);
	safe_free(&sealed);
	sealed = safe_of(&(struct safe_settings){ "credential", NULL, 0 });
	g_assert_nonnull(sealed);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add("/safe/credential", struct place, NULL, set_up,
	    test_credential, tear_down);
	g_test_add(
	    "/safe/new", struct place, NULL, set_up, test_new, tear_down);
	g_test_add("/safe/command", struct place, NULL, set_up, test_command,
	    tear_down);
	g_test_add("/safe/damaged", struct place, NULL, set_up, test_damaged,
	    tear_down);
	return g_test_run();
}
