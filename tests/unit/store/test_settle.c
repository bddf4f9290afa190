/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a store is freed of what was deleted. */
#include <string.h>

#include "lib/base/seal.h"
#include "lib/store/store.h"
#include "tests/unit/base/folder.h"

#define MARKER "a marker of which no byte may stay"
#define DAY (STORE_LARGE_SECONDS * G_USEC_PER_SEC)

static const struct store_table tables[] = { { "names", FALSE }, { NULL } };

struct place {
	struct folder folder;
	struct store *store;
};

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	place->store =
	    store_open(place->folder.path, tables, (guint64)1 << 30, NULL);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	store_close(&place->store);
	folder_fini(&place->folder, unused);
}

static gboolean
has_marker(const struct place *place)
{
	g_autofree char *path = folder_path(&place->folder, "data.mdb");
	g_autofree char *bytes = NULL;
	gsize length = 0;

	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	return memmem(bytes, length, MARKER, strlen(MARKER)) != NULL;
}

static void
put_and_delete(struct place *place)
{
	struct store_txn *txn = store_begin(place->store, TRUE, NULL);

	store_put(txn, 0, "gone", 4, MARKER, strlen(MARKER));
	store_put(txn, 0, "kept", 4, "yes", 3);
	g_assert_true(store_commit(&txn, NULL));
	txn = store_begin(place->store, TRUE, NULL);
	g_assert_true(store_del(txn, 0, "gone", 4));
	g_assert_true(store_commit(&txn, NULL));
}

static void
settle(struct place *place, gint64 mono, guint64 small)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_settle(place->store, mono, small, &error));
	g_assert_no_error(error);
}

/* Who owes it, each time; what is opened owes it. */
static void
test_small(struct place *place, gconstpointer unused)
{
	(void)unused;
	put_and_delete(place);
	settle(place, 1, 1 << 20);
	g_assert_false(has_marker(place));
	put_and_delete(place);
	settle(place, 2, 1 << 20);
	g_assert_true(has_marker(place));
	store_owe(place->store);
	settle(place, 3, 1 << 20);
	g_assert_false(has_marker(place));
}

/* A large one once a day. */
static void
test_large(struct place *place, gconstpointer unused)
{
	(void)unused;
	put_and_delete(place);
	settle(place, DAY, 4096);
	g_assert_false(has_marker(place));
	put_and_delete(place);
	store_owe(place->store);
	settle(place, 2 * DAY - 1, 4096);
	g_assert_true(has_marker(place));
	settle(place, 2 * DAY, 4096);
	g_assert_false(has_marker(place));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add("/store/settle/small", struct place, NULL, set_up,
	    test_small, tear_down);
	g_test_add("/store/settle/large", struct place, NULL, set_up,
	    test_large, tear_down);
	return g_test_run();
}
