/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readers that were killed, a full disk, and damage to a store that is open. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/unit/store/stirred.h"

/* A child that reads, and waits for its end. */
static pid_t
read_in_child(const struct place *place)
{
	int report[2];
	char word;
	pid_t child;

	g_assert_cmpint(pipe(report), ==, 0);
	child = fork();
	if (child == 0) {
		struct store *store =
		    store_open(place->folder, stirred_tables, MAP, NULL);
		struct store_txn *txn = store_begin(store, FALSE, NULL);

		(void)!write(report[1], txn != NULL ? "y" : "n", 1);
		for (;;)
			pause();
	}
	g_assert_cmpint(read(report[0], &word, 1), ==, 1);
	g_assert_true(word == 'y');
	close(report[0]);
	close(report[1]);
	return child;
}

/* How the file grows by the same records again and again. */
static guint64
growth(struct store *store)
{
	GRand *chance = g_rand_new_with_seed(3);
	guint64 before, after, map;

	store_size(store, &before, &map);
	for (guint i = 0; i < 40; i++)
		g_assert_true(stir(store, chance, 200));
	store_size(store, &after, &map);
	g_rand_free(chance);
	return after - before;
}

/* Whoever reads keeps pages from being used again; one who was killed does
 * not. */
static void
test_stale_reader(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(9);
	struct store *store = fill(place, chance);
	pid_t child = read_in_child(place);
	guint64 held = growth(store), killed;

	(void)unused;
	kill(child, SIGKILL);
	g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
	killed = growth(store);
	g_test_message("grew by %" G_GUINT64_FORMAT
		       " while one read, by %" G_GUINT64_FORMAT
		       " after he was killed",
	    held, killed);
	g_assert_cmpuint(held, >, 0);
	g_assert_cmpuint(killed, <, held / 4);
	store_close(&store);
	g_rand_free(chance);
}

/* The file cannot grow: the commit fails, nothing is torn, and with room it
 * goes on. */
static void
test_full_disk(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(11);
	struct store *store = fill(place, chance);
	guint64 before = count_all(store), used, map;
	struct rlimit old, small;
	gboolean full = FALSE;

	(void)unused;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	store_size(store, &used, &map);
	small = (struct rlimit){ used, old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	for (guint i = 0; i < 60 && !full; i++) {
		before = count_all(store);
		full = !stir(store, chance, 1000);
	}
	setrlimit(RLIMIT_FSIZE, &old);
	g_assert_true(full);
	g_assert_cmpuint(look(place->folder).faults, ==, 0);
	g_assert_cmpuint(count_all(store), ==, before);
	g_assert_false(store_lost(store));
	g_assert_true(stir(store, chance, 1000));
	g_assert_cmpuint(look(place->folder).faults, ==, 0);
	g_assert_cmpuint(look(place->folder).records, ==, count_all(store));
	store_close(&store);
	g_rand_free(chance);
}

/* A page that is found broken while it is open. */
static void
test_lost(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(13);
	struct store *store = fill(place, chance);
	char nothing[PAGE] = { 0 };
	int fd = open(place->data, O_WRONLY | O_CLOEXEC);
	guint64 used, map;
	struct store_txn *txn = store_begin(store, FALSE, NULL);
	g_autoptr(GError) error = NULL;
	struct store_cursor *cursor;
	struct store_value key, value;

	(void)unused;
	store_size(store, &used, &map);
	g_assert_false(store_lost(store));
	/* Its branches, of which there are few, not the leaves: LMDB believes
	 * a leaf without records. */
	for (off_t at = 2 * PAGE; at < (off_t)used; at += PAGE)
		g_assert_cmpint(pwrite(fd, nothing, PAGE, at), ==, PAGE);
	cursor = store_cursor_begin(txn, NAMES, NULL, 0);
	while (store_cursor_next(cursor, &key, &value))
		;
	store_cursor_end(&cursor);
	g_assert_true(store_failed(txn));
	g_assert_false(store_commit(&txn, &error));
	g_test_message("%s", error->message);
	g_assert_true(store_lost(store));
	store_close(&store);
	close(fd);
	g_rand_free(chance);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
#define ADD(path, function) \
	g_test_add(path, struct place, NULL, init, function, fini)
	ADD("/lost/stale-reader", test_stale_reader);
	ADD("/lost/full-disk", test_full_disk);
	ADD("/lost/page", test_lost);
	return g_test_run();
}
