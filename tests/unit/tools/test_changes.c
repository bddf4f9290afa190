/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an older copy of the vault would undo, counted, and what a backup's note
 * makes of the count. */
#include "tools/changes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/tree.h"
#include "tests/unit/base/folder.h"
#include "tools/backup.h"

struct place {
	struct folder folder;
	struct keeper keeper; /* its folders alone */
};

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	place->keeper.paths.state = folder_path(&place->folder, "s");
	place->keeper.paths.keys = folder_path(&place->folder, "k");
	g_assert_cmpint(mkdirat(place->folder.fd, "s", 0700), ==, 0);
	g_assert_cmpint(mkdirat(place->folder.fd, "k", 0700), ==, 0);
	pthread_mutex_init(&place->keeper.counting, NULL);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	pthread_mutex_destroy(&place->keeper.counting);
	g_assert_true(tree_remove(place->folder.fd, "s", FALSE, NULL));
	g_assert_true(tree_remove(place->folder.fd, "k", FALSE, NULL));
	g_free(place->keeper.paths.state);
	g_free(place->keeper.paths.keys);
	folder_fini(&place->folder, unused);
}

static gint64
count_of(const struct place *place)
{
	int keys OWNED(file_close) =
	    file_open_dir(place->keeper.paths.keys, NULL);
	gint64 count = -1;

	g_assert_true(changes_count(keys, &count, NULL));
	return count;
}

static gboolean
is_stale(const struct place *place)
{
	json_t *known = backup_known(&place->keeper.paths, NULL);
	gboolean stale = json_is_true(json_object_get(known, "stale"));

	g_assert_nonnull(known);
	json_decref(known);
	return stale;
}

static void
note(struct place *place)
{
	const struct backup_wish wish = { "/one", "/vault" };

	g_assert_true(backup_note(&place->keeper, &wish, "2026-11-29T10:00:00Z",
	    count_of(place), NULL));
}

static void
test_counts(struct place *place, gconstpointer unused)
{
	(void)unused;
	g_assert_cmpint(count_of(place), ==, 0);
	g_assert_false(is_stale(place));
	g_assert_true(changes_add(&place->keeper, NULL));
	g_assert_cmpint(count_of(place), ==, 1);
	g_assert_true(is_stale(place));
	note(place);
	g_assert_false(is_stale(place));
	/* There are no receipts here at all: whichever are let go, it goes up.
	 */
	g_assert_true(changes_add(&place->keeper, NULL));
	g_assert_cmpint(count_of(place), ==, 2);
	g_assert_true(is_stale(place));
}

/* Nobody's erasure waits for it, and no copy is taken for the newest. */
static void
test_damaged(struct place *place, gconstpointer unused)
{
	static const char *const texts[] = { "", "{", "[]", "{\"count\":-3}",
		"{\"count\":\"5\"}" };

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		int keys OWNED(file_close) =
		    file_open_dir(place->keeper.paths.keys, NULL);

		g_test_message("%s", texts[i]);
		(void)unlinkat(keys, CHANGES_NAME, 0);
		g_assert_true(changes_add(&place->keeper, NULL));
		note(place);
		g_assert_true(file_replace(keys, CHANGES_NAME, texts[i],
		    strlen(texts[i]), 0600, NULL));
		g_assert_true(is_stale(place));
		g_assert_true(changes_add(&place->keeper, NULL));
		note(place);
		g_assert_false(is_stale(place));
	}
}

static void
test_no_keys(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_cmpint(unlinkat(place->folder.fd, "k", AT_REMOVEDIR), ==, 0);
	g_assert_null(backup_known(&place->keeper.paths, &error));
	g_assert_nonnull(error);
	g_clear_error(&error);
	g_assert_false(changes_add(&place->keeper, &error));
	g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
#define TEST(name, function) \
	g_test_add( \
	    "/changes/" name, struct place, NULL, set_up, function, tear_down)
	TEST("counts", test_counts);
	TEST("damaged", test_damaged);
	TEST("no_keys", test_no_keys);
	return g_test_run();
}
