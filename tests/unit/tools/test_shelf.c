/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"
#include "tools/shelf.h"

/* Message `i`: i digests, and an ident of its own. */
static void
put(struct shelf *shelf, guint i, enum verdict_class truth, gboolean *known_r)
{
	g_autofree guint64 *digests = g_new(guint64, i + 1);
	struct classify_lesson lesson = { .digests = digests, .n = i };
	g_autoptr(GError) error = NULL;

	for (guint k = 0; k < i; k++)
		digests[k] = (guint64)i << 32 | k;
	lesson.ident.bytes[0] = (guint8)i;
	g_assert_true(shelf_put(shelf, &lesson, truth, known_r, &error));
	g_assert_no_error(error);
}

static void
test_back_as_it_was(struct folder *folder, gconstpointer unused)
{
	struct shelf *shelf OWNED(shelf_free) = shelf_new(folder->path, NULL);
	gboolean known;

	(void)unused;
	for (guint i = 0; i < 50; i++) {
		put(shelf, i, i % 3 ? VERDICT_HAM : VERDICT_SPAM, &known);
		g_assert_false(known);
	}
	/* It has no name that could outlive it. */
	g_assert_cmpuint(folder_names(folder), ==, 0);
	g_assert_cmpuint(shelf_count(shelf), ==, 50);
	for (guint i = 50; i-- > 0;) {
		struct classify_lesson lesson;

		g_assert_true(shelf_get(shelf, i, &lesson, NULL));
		g_assert_cmpint(shelf_truth(shelf, i), ==,
		    i % 3 ? VERDICT_HAM : VERDICT_SPAM);
		g_assert_cmpuint(lesson.n, ==, i);
		g_assert_cmpuint(lesson.ident.bytes[0], ==, i);
		for (guint k = 0; k < lesson.n; k++)
			g_assert_cmpuint(
			    lesson.digests[k], ==, (guint64)i << 32 | k);
		classify_lesson_clear(&lesson);
	}
}

static void
test_copies(struct folder *folder, gconstpointer unused)
{
	struct shelf *shelf OWNED(shelf_free) = shelf_new(folder->path, NULL);
	gboolean known;

	(void)unused;
	put(shelf, 7, VERDICT_HAM, &known);
	put(shelf, 7, VERDICT_HAM, &known);
	g_assert_true(known);
	put(shelf, 8, VERDICT_SPAM, &known);
	g_assert_false(known);
	g_assert_cmpuint(shelf_count(shelf), ==, 2);
}

static void
test_interleaved(struct folder *folder, gconstpointer unused)
{
	/* Six ham, then two spam: one of each three is spam, and none is left
	 * out or twice there. */
	static const guint want[] = { 0, 6, 1, 2, 3, 7, 4, 5 };
	struct shelf *shelf OWNED(shelf_free) = shelf_new(folder->path, NULL);
	g_autoptr(GArray) order = NULL;
	gboolean known;

	(void)unused;
	for (guint i = 0; i < 8; i++)
		put(shelf, i, i < 6 ? VERDICT_HAM : VERDICT_SPAM, &known);
	order = shelf_interleaved(shelf);
	g_assert_cmpuint(order->len, ==, G_N_ELEMENTS(want));
	for (guint i = 0; i < order->len; i++)
		g_assert_cmpuint(g_array_index(order, guint, i), ==, want[i]);
}

static void
test_one_class(struct folder *folder, gconstpointer unused)
{
	struct shelf *shelf OWNED(shelf_free) = shelf_new(folder->path, NULL);
	g_autoptr(GArray) none = shelf_interleaved(shelf);
	g_autoptr(GArray) order = NULL;
	gboolean known;

	(void)unused;
	g_assert_cmpuint(none->len, ==, 0);
	for (guint i = 0; i < 3; i++)
		put(shelf, i, VERDICT_SPAM, &known);
	order = shelf_interleaved(shelf);
	g_assert_cmpuint(order->len, ==, 3);
}

static void
test_no_folder(struct folder *folder, gconstpointer unused)
{
	g_autofree char *none = folder_path(folder, "none");
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_null(shelf_new(none, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

static void
add(const char *path, void (*test)(struct folder *folder, gconstpointer unused))
{
	g_test_add(path, struct folder, NULL, folder_init, test, folder_fini);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	add("/shelf/comes back as it was", test_back_as_it_was);
	add("/shelf/copies are told", test_copies);
	add("/shelf/interleaved", test_interleaved);
	add("/shelf/one class alone", test_one_class);
	add("/shelf/no folder", test_no_folder);
	return g_test_run();
}
