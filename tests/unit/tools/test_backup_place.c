/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of a backup, and the copy of the vault that counts. */
#include "tools/backup_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/manifest.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/tree.h"
#include "tests/unit/base/folder.h"

struct place {
	struct folder folder;
	struct paths paths;
	char *state, *vault;
	struct backup_places places;
};

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	place->paths =
	    (struct paths){ .state = folder_path(&place->folder, "s"),
		    .keys = folder_path(&place->folder, "k"),
		    .runtime = folder_path(&place->folder, "s/run") };
	g_assert_true(file_make_dir(
	    place->paths.state, 0700, (uid_t)-1, (gid_t)-1, NULL));
	place->state = folder_path(&place->folder, "b");
	place->vault = folder_path(&place->folder, "v");
	place->places =
	    (struct backup_places){ .state.fd = -1, .vault.fd = -1 };
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	static const char *const names[] = { "s", "k", "b", "v" };

	backup_places_clear(&place->places);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_true(
		    tree_remove(place->folder.fd, names[i], FALSE, NULL));
	g_free(place->paths.state);
	g_free(place->paths.keys);
	g_free(place->paths.runtime);
	g_free(place->state);
	g_free(place->vault);
	folder_fini(&place->folder, unused);
}

static gboolean
open_them(struct place *place, GError **error)
{
	backup_places_clear(&place->places);
	return backup_places_open(
	    &place->places, &place->paths, place->state, place->vault, error);
}

static void
test_where(struct place *place, gconstpointer unused)
{
	static const struct {
		const char *state, *vault;
		gboolean good;
	} cases[] = {
		{ "b", "v", TRUE },
		{ "b", "b", FALSE },
		{ "b", "b/v", FALSE },
		{ "b/x", "b", FALSE },
		{ "s/b", "v", FALSE },
		{ "b", "s/run/v", FALSE },
		{ "b", "none/v", FALSE },
		/* A name that only begins alike is another one. */
		{ "bb", "b", TRUE },
		{ "ss", "v", TRUE },
	};

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct backup_places places OWNED(
		    backup_places_clear) = { .state.fd = -1, .vault.fd = -1 };
		g_autofree char *state =
		    folder_path(&place->folder, cases[i].state);
		g_autofree char *vault =
		    folder_path(&place->folder, cases[i].vault);

		g_assert_cmpint(backup_places_open(
				    &places, &place->paths, state, vault, NULL),
		    ==, cases[i].good);
	}
	g_assert_false(backup_places_open(
	    &place->places, &place->paths, "b", place->vault, NULL));
	g_assert_true(tree_remove(place->folder.fd, "bb", FALSE, NULL));
	g_assert_true(tree_remove(place->folder.fd, "ss", FALSE, NULL));
}

/* What one that was stopped left goes; anything else stays. */
static void
test_state(struct place *place, gconstpointer unused)
{
	struct backup_place *state = &place->places.state;
	g_autoptr(GError) error = NULL;
	int half OWNED(file_close) = -1;

	(void)unused;
	g_assert_true(open_them(place, NULL));
	g_assert_true(backup_place_begin(state, NULL));
	g_assert_cmpint(mkdirat(state->fd, "state", 0700), ==, 0);
	half = copy_new(state->fd, "state/half", NULL);
	g_assert_cmpint(half, >=, 0);
	g_assert_true(backup_place_begin(state, NULL));
	g_assert_cmpint(faccessat(state->fd, "state", F_OK, 0), ==, -1);
	g_assert_true(file_create(state->fd, "mine", "x", 1, 0600, NULL));
	g_assert_false(backup_place_begin(state, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_cmpint(faccessat(state->fd, "mine", F_OK, 0), ==, 0);
	backup_place_undo(state);
	g_assert_cmpint(faccessat(state->fd, "mine", F_OK, 0), ==, 0);
}

static gboolean
begin(struct place *place, struct backup_place *next_r)
{
	*next_r = (struct backup_place){ .fd = -1 };
	return backup_vault_begin(&place->places.vault, next_r, NULL);
}

/* A copy of this time, in next/. */
static void
fill(struct place *place, gint64 time)
{
	struct backup_place next OWNED(backup_place_clear) = { .fd = -1 };

	g_assert_true(begin(place, &next));
	g_assert_cmpint(mkdirat(next.fd, "vault", 0700), ==, 0);
	g_assert_true(manifest_write(next.fd, "vault",
	    json_pack("{s:I}", "time", (json_int_t)time), NULL));
}

static gint64
newest(struct place *place)
{
	json_t *manifest = NULL;
	int fd OWNED(file_close) =
	    backup_vault_newest(place->places.vault.fd, &manifest, NULL);
	gint64 time =
	    fd < 0 ? 0 : json_integer_value(json_object_get(manifest, "time"));

	json_decref(manifest);
	return time;
}

static void
move(struct place *place, const char *from, const char *to)
{
	g_assert_cmpint(
	    renameat(place->places.vault.fd, from, place->places.vault.fd, to),
	    ==, 0);
}

/* Killed between any two steps, the newest that is complete counts, and is what
 * stands when the next one is begun. */
static void
test_vault(struct place *place, gconstpointer unused)
{
	struct backup_place next OWNED(backup_place_clear) = { .fd = -1 };
	int vault;

	(void)unused;
	g_assert_true(open_them(place, NULL));
	vault = place->places.vault.fd;
	g_assert_cmpint(newest(place), ==, 0);
	fill(place, 1);
	g_assert_true(backup_vault_end(&place->places.vault, NULL));
	g_assert_cmpint(newest(place), ==, 1);
	fill(place, 2); /* killed before it takes its place */
	g_assert_cmpint(newest(place), ==, 2);
	move(place, "current", "previous"); /* or here */
	g_assert_cmpint(newest(place), ==, 2);
	g_assert_true(begin(place, &next));
	g_assert_cmpint(newest(place), ==, 2);
	g_assert_cmpint(faccessat(vault, "previous", F_OK, 0), ==, -1);
	/* next/ is not complete. */
	g_assert_cmpint(newest(place), ==, 2);
	move(place, "current", "previous");
	backup_place_clear(&next);
	g_assert_true(begin(place, &next));
	g_assert_cmpint(newest(place), ==, 2);
	fill(place, 3);
	g_assert_true(backup_vault_end(&place->places.vault, NULL));
	g_assert_cmpint(newest(place), ==, 3);
	g_assert_cmpint(faccessat(vault, "previous", F_OK, 0), ==, -1);
	g_assert_cmpint(faccessat(vault, "next", F_OK, 0), ==, -1);
}

#define TEST(name, function) \
	g_test_add("/backup-place/" name, struct place, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("where", test_where);
	TEST("state", test_state);
	TEST("vault", test_vault);
	return g_test_run();
}
