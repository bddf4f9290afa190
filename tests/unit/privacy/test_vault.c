/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/vault.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/subject.h"

static char *
make_folder(void)
{
	char *folder = g_dir_make_tmp("deskgate-XXXXXX", NULL);

	g_assert_nonnull(folder);
	return folder;
}

static void
remove_folder(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		(void)remove(path);
	}
	(void)remove(folder);
}

static void
assert_same(const struct secret *a, const struct secret *b, gboolean want)
{
	g_assert_nonnull(a);
	g_assert_nonnull(b);
	if (a != NULL && b != NULL)
		g_assert_cmpint(secret_equal(secret_data(a), secret_length(a),
				    secret_data(b), secret_length(b)),
		    ==, want);
}

static void
test_keys(void)
{
	struct secret *root OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	const struct ident anna = { { 1 } }, bert = { { 2 } };
	g_autofree char *folder = make_folder();
	g_autoptr(GError) error = NULL;
	struct vault *vault OWNED(vault_close) =
	    vault_open(folder, root, &error);
	struct secret *first OWNED(secret_free) = NULL;
	struct secret *again OWNED(secret_free) = NULL;
	struct secret *other OWNED(secret_free) = NULL;
	guint64 count;

	g_assert_no_error(error);
	g_assert_null(vault_key(vault, &anna, FALSE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	first = vault_key(vault, &anna, TRUE, &error);
	other = vault_key(vault, &bert, TRUE, &error);
	g_assert_no_error(error);
	assert_same(first, other, FALSE);
	vault_close(&vault);
	vault = vault_open(folder, root, &error);
	g_assert_no_error(error);
	again = vault_key(vault, &anna, TRUE, &error);
	assert_same(first, again, TRUE);
	g_assert_true(vault_count(vault, &count, NULL));
	g_assert_cmpuint(count, ==, 2);
	vault_close(&vault);
	remove_folder(folder);
}

static void
test_forget(void)
{
	struct secret *root OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	const struct ident anna = { { 1 } };
	g_autofree char *folder = make_folder();
	struct vault *vault OWNED(vault_close) = vault_open(folder, root, NULL);
	struct secret *first OWNED(secret_free) =
	    vault_key(vault, &anna, TRUE, NULL);
	struct secret *later OWNED(secret_free) = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(vault_forget(vault, &anna, &error));
	g_assert_null(vault_key(vault, &anna, FALSE, NULL));
	g_assert_true(vault_forget(vault, &anna, &error));
	later = vault_key(vault, &anna, TRUE, &error);
	assert_same(first, later, FALSE);
	vault_close(&vault);
	remove_folder(folder);
}

static void
test_wrong_key(void)
{
	struct secret *root OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct secret *wrong OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	g_autofree char *folder = make_folder();
	struct vault *vault OWNED(vault_close) = vault_open(folder, root, NULL);
	g_autoptr(GError) error = NULL;

	vault_close(&vault);
	vault = vault_open(folder, wrong, &error);
	g_assert_null(vault);
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	remove_folder(folder);
}

static void
test_subject(void)
{
	static const struct {
		const char *address;
		gboolean valid, same; /* as the first */
	} cases[] = {
		{ "anna@example.com", TRUE, TRUE },
		{ "Anna@Example.COM", TRUE, TRUE },
		{ "anna+x@example.com", TRUE, FALSE },
		{ "anna@example.org", TRUE, FALSE },
		{ "unknown@invalid", TRUE, FALSE },
		{ "anna", FALSE, FALSE },
		{ "", FALSE, FALSE },
	};
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct secret *other OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct ident first, ident;

	g_assert_true(subject_ident(key, cases[0].address, &first));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("<%s>", cases[i].address);
		g_assert_cmpint(subject_ident(key, cases[i].address, &ident),
		    ==, cases[i].valid);
		if (cases[i].valid)
			g_assert_cmpint(
			    ident_equal(&ident, &first), ==, cases[i].same);
	}
	g_assert_true(subject_ident(other, cases[0].address, &ident));
	g_assert_false(ident_equal(&ident, &first));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/privacy/vault/keys", test_keys);
	g_test_add_func("/privacy/vault/forget", test_forget);
	g_test_add_func("/privacy/vault/wrong-key", test_wrong_key);
	g_test_add_func("/privacy/subject/table", test_subject);
	return g_test_run();
}
