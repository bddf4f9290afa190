/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/intake.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define DAY ((gint64)24 * 60 * 60)

struct place {
	char *folder;
	int dir;
	struct intake *intake;
};

static void
place_init(struct place *place)
{
	g_autoptr(GError) error = NULL;

	place->folder = g_dir_make_tmp("deskgate-XXXXXX", NULL);
	place->dir = file_open_dir(place->folder, &error);
	place->intake = intake_open(place->dir, &error);
	g_assert_no_error(error);
}

static void
place_fini(struct place *place)
{
	static const char *const parts[] = { "intake", "." };

	intake_close(&place->intake);
	file_close(&place->dir);
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *part =
		    g_build_filename(place->folder, parts[i], NULL);
		g_autoptr(GDir) dir = g_dir_open(part, 0, NULL);
		const char *name;

		while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
			g_autofree char *path =
			    g_build_filename(part, name, NULL);

			(void)remove(path);
		}
	}
	(void)remove(place->folder);
	g_free(place->folder);
}

/* What is sealed to the published key opens with the keeper's half of this
 * name. */
static struct ident
assert_opens(struct place *place)
{
	g_autoptr(GError) error = NULL;
	guint8 public[SEAL_PUBLIC_BYTES];
	struct ident id = { { 0 } };
	struct secret *secret OWNED(secret_free) = NULL;
	struct secret *opened OWNED(secret_free) = NULL;
	g_autoptr(GBytes) box = NULL;

	g_assert_true(intake_public(place->dir, &id, public, &error));
	g_assert_no_error(error);
	secret = intake_secret(place->intake, &id, &error);
	g_assert_no_error(error);
	box = seal_box(public, "text", 4);
	opened = seal_box_open(
	    secret, g_bytes_get_data(box, NULL), g_bytes_get_size(box), &error);
	g_assert_no_error(error);
	g_assert_nonnull(opened);
	return id;
}

static gboolean
in_use(void *self, const struct ident *id)
{
	return self != NULL && ident_equal(self, id);
}

static void
test_rotate(void)
{
	struct place place;
	struct ident first, second, still;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	place_init(&place);
	first = assert_opens(&place);
	g_assert_true(intake_rotate(place.intake, now + 10, DAY, NULL));
	still = assert_opens(&place);
	g_assert_true(ident_equal(&first, &still));
	g_assert_true(intake_rotate(place.intake, now + DAY, DAY, NULL));
	second = assert_opens(&place);
	g_assert_false(ident_equal(&first, &second));
	intake_close(&place.intake);
	place.intake = intake_open(place.dir, NULL);
	still = assert_opens(&place);
	g_assert_true(ident_equal(&second, &still));
	place_fini(&place);
}

static void
test_destroy(void)
{
	struct place place;
	struct ident first, second;
	struct secret *secret OWNED(secret_free) = NULL;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	first = assert_opens(&place);
	g_assert_true(intake_rotate(place.intake, now + DAY, DAY, NULL));
	second = assert_opens(&place);
	/* Retired a moment ago, then in use, then neither. */
	g_assert_true(intake_destroy_unused(
	    place.intake, now + DAY + 60, in_use, NULL, NULL));
	secret = intake_secret(place.intake, &first, &error);
	g_assert_no_error(error);
	secret_free(&secret);
	g_assert_true(intake_destroy_unused(
	    place.intake, now + 3 * DAY, in_use, &first, NULL));
	secret = intake_secret(place.intake, &first, &error);
	g_assert_no_error(error);
	secret_free(&secret);
	g_assert_true(intake_destroy_unused(
	    place.intake, now + 3 * DAY, in_use, NULL, NULL));
	g_assert_null(intake_secret(place.intake, &first, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	(void)assert_opens(&place); /* today's is never destroyed */
	intake_close(&place.intake);
	place.intake = intake_open(place.dir, NULL);
	g_assert_null(intake_secret(place.intake, &first, NULL));
	secret = intake_secret(place.intake, &second, NULL);
	g_assert_nonnull(secret);
	place_fini(&place);
}

/* Killed between making a pair and publishing it; or intake.pub is lost. */
static void
test_republish(void)
{
	struct place place;
	struct ident id;
	guint8 public[SEAL_PUBLIC_BYTES];
	g_autoptr(GError) error = NULL;

	place_init(&place);
	g_assert_cmpint(unlinkat(place.dir, "intake.pub", 0), ==, 0);
	g_assert_false(intake_public(place.dir, &id, public, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	intake_close(&place.intake);
	place.intake = intake_open(place.dir, NULL);
	(void)assert_opens(&place);
	place_fini(&place);
}

/* A kill while a pair is made leaves a second name of it, which would outlive
 * the pair. */
static void
test_leavings(void)
{
	struct place place;
	g_autofree char *path = NULL;
	struct ident id, again;

	place_init(&place);
	id = assert_opens(&place);
	path = g_strdup_printf("%s/intake/.name.key.0123abcd", place.folder);
	g_assert_true(g_file_set_contents(path, "secret", 6, NULL));
	intake_close(&place.intake);
	place.intake = intake_open(place.dir, NULL);
	g_assert_cmpint(access(path, F_OK), !=, 0);
	again = assert_opens(&place);
	g_assert_true(ident_equal(&id, &again));
	place_fini(&place);
}

static void
assert_held(const struct place *place, const struct ident *id, gboolean want)
{
	struct secret *secret OWNED(secret_free) =
	    intake_secret(place->intake, id, NULL);

	g_assert_cmpint(secret != NULL, ==, want);
}

/* Whoever opened it may close the folder; and a pair that could not be
 * published is published the next time, and its elder stays until then. */
static void
test_publish_later(void)
{
	struct place place;
	struct ident first, second;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	first = assert_opens(&place);
	file_close(&place.dir);
	g_assert_true(intake_rotate(place.intake, now + 2 * DAY, DAY, &error));
	g_assert_no_error(error);
	place.dir = file_open_dir(place.folder, NULL);
	second = assert_opens(&place);
	g_assert_false(ident_equal(&first, &second));

	g_assert_cmpint(unlinkat(place.dir, "intake.pub", 0), ==, 0);
	g_assert_cmpint(mkdirat(place.dir, "intake.pub", 0700), ==, 0);
	g_assert_false(intake_rotate(place.intake, now + 4 * DAY, DAY, NULL));
	g_assert_true(intake_destroy_unused(
	    place.intake, now + 6 * DAY, in_use, NULL, NULL));
	assert_held(&place, &second, TRUE);
	g_assert_cmpint(unlinkat(place.dir, "intake.pub", AT_REMOVEDIR), ==, 0);
	g_assert_true(
	    intake_rotate(place.intake, now + 6 * DAY, 9 * DAY, NULL));
	first = assert_opens(&place);
	g_assert_false(ident_equal(&first, &second));
	g_assert_true(intake_destroy_unused(
	    place.intake, now + 6 * DAY, in_use, NULL, NULL));
	assert_held(&place, &second, TRUE);
	g_assert_true(intake_destroy_unused(
	    place.intake, now + 8 * DAY, in_use, NULL, NULL));
	assert_held(&place, &second, FALSE);
	place_fini(&place);
}

static void
test_rights(void)
{
	struct place place;
	struct ident id;
	char text[IDENT_TEXT];
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	id = assert_opens(&place);
	ident_text(&id, text);
	path = g_strdup_printf("%s/intake/%s.key", place.folder, text);
	g_assert_cmpint(chmod(path, 0644), ==, 0);
	intake_close(&place.intake);
	place.intake = intake_open(place.dir, &error);
	g_assert_null(place.intake);
	g_assert_error(error, DG_ERROR, DG_ERROR_DENIED);
	g_clear_error(&error);
	g_assert_cmpint(chmod(path, 0600), ==, 0);
	g_assert_cmpint(truncate(path, 20), ==, 0);
	place.intake = intake_open(place.dir, &error);
	g_assert_null(place.intake);
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	place_fini(&place);
}

static void
test_public_damaged(void)
{
	struct place place;
	struct ident id;
	guint8 public[SEAL_PUBLIC_BYTES];
	g_autoptr(GError) error = NULL;

	place_init(&place);
	g_assert_true(
	    file_replace(place.dir, "intake.pub", "DGP1short", 9, 0644, NULL));
	g_assert_false(intake_public(place.dir, &id, public, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	place_fini(&place);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/privacy/intake/rotate", test_rotate);
	g_test_add_func("/privacy/intake/destroy", test_destroy);
	g_test_add_func("/privacy/intake/republish", test_republish);
	g_test_add_func("/privacy/intake/leavings", test_leavings);
	g_test_add_func("/privacy/intake/publish-later", test_publish_later);
	g_test_add_func("/privacy/intake/rights", test_rights);
	g_test_add_func("/privacy/intake/public-damaged", test_public_damaged);
	return g_test_run();
}
