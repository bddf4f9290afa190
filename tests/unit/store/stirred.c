/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/store/stirred.h"

#include <glib/gstdio.h>
#include <string.h>

const struct store_table stirred_tables[] = {
	[NAMES] = { "names", FALSE },
	[NUMBERS] = { "numbers", TRUE },
	{ NULL, FALSE },
};

void
init(struct place *place, gconstpointer unused)
{
	(void)unused;
	place->folder = g_dir_make_tmp("deskgate-check-XXXXXX", NULL);
	place->data = g_build_filename(place->folder, "data.mdb", NULL);
	place->aside = g_build_filename(place->folder, "damaged", NULL);
}

void
remove_all(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *one = g_build_filename(path, name, NULL);

		if (g_file_test(one, G_FILE_TEST_IS_DIR))
			remove_all(one);
		else
			g_unlink(one);
	}
	if (dir != NULL)
		g_dir_close(dir);
	g_rmdir(path);
}

void
fini(struct place *place, gconstpointer unused)
{
	(void)unused;
	remove_all(place->folder);
	g_free(place->folder);
	g_free(place->data);
	g_free(place->aside);
}

gboolean
stir(struct store *store, GRand *chance, guint changes)
{
	g_autofree char *value = g_malloc0(3 * PAGE);
	struct store_txn *txn = store_begin(store, TRUE, NULL);

	for (guint i = 0; txn != NULL && i < changes; i++) {
		guint64 number =
		    (guint64)g_rand_int_range(chance, 0, 4000) * 77777;
		g_autofree char *key = g_strdup_printf(
		    "key %d", g_rand_int_range(chance, 0, 3000));
		gsize length = g_rand_int_range(chance, 0, 10) == 0
				   ? 2 * PAGE + 100
				   : (gsize)g_rand_int_range(chance, 0, 90);

		if (g_rand_int_range(chance, 0, 4) == 0)
			store_del(txn, NAMES, key, strlen(key));
		else
			store_put(txn, NAMES, key, strlen(key), value, length);
		store_put(txn, NUMBERS, &number, sizeof(number), &i, sizeof(i));
	}
	return txn != NULL && store_commit(&txn, NULL);
}

struct store *
fill(const struct place *place, GRand *chance)
{
	g_autoptr(GError) error = NULL;
	struct store *store =
	    store_open(place->folder, stirred_tables, MAP, &error);

	g_assert_no_error(error);
	for (guint i = 0; i < 12; i++)
		g_assert_true(stir(store, chance, 400));
	return store;
}

guint64
count_all(struct store *store)
{
	guint64 names = 0, numbers = 0;

	g_assert_true(store_count(store, NAMES, &names, NULL));
	g_assert_true(store_count(store, NUMBERS, &numbers, NULL));
	return names + numbers;
}

struct check_report
look(const char *folder)
{
	g_autoptr(GError) error = NULL;
	struct check_report report;

	check_store(folder, CHECK_UNREAD_FAILS, &report, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < report.shown->len; i++)
		g_test_message("%s", (char *)report.shown->pdata[i]);
	check_report_clear(&report);
	return report;
}
