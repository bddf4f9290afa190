/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/store/check.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/unit/store/stirred.h"

#define DAMAGES 80
#define DAMAGES_SLOW 20000

static void
test_sound(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(7);
	struct store *store = fill(place, chance);

	(void)unused;
	for (guint i = 0; i < 20; i++) {
		struct check_report report = look(place->folder);

		g_assert_cmpuint(report.faults, ==, 0);
		g_assert_cmpuint(report.records, ==, count_all(store));
		g_assert_cmpuint(report.pages, >, 100);
		g_assert_true(stir(store, chance, 300));
	}
	g_assert_true(store_compact(store, NULL));
	g_assert_cmpuint(look(place->folder).faults, ==, 0);
	g_assert_cmpuint(look(place->folder).records, ==, count_all(store));
	store_close(&store);
	g_rand_free(chance);
}

static void
test_none(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	struct check_report report;
	struct store *store;

	(void)unused;
	g_assert_false(
	    check_store(place->folder, CHECK_UNREAD_FAILS, &report, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_assert_true(g_file_set_contents(place->data, "no store", -1, NULL));
	g_assert_cmpuint(look(place->folder).faults, ==, 1);
	g_unlink(place->data);
	store = store_open(place->folder, stirred_tables, MAP, NULL);
	store_close(&store);
	g_assert_cmpuint(look(place->folder).faults, ==, 0);
	g_assert_cmpuint(look(place->folder).records, ==, 0);
}

/* A read that fails is no damage, and nothing is mended for it unless somebody
 * has said so: here of a folder, which can be opened and not read. */
static void
test_unread(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	struct check_report report;

	(void)unused;
	g_assert_cmpint(g_mkdir(place->data, 0700), ==, 0);
	g_assert_false(
	    check_store(place->folder, CHECK_UNREAD_FAILS, &report, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_clear_error(&error);
	g_assert_false(check_mend(place->folder, place->aside, "x",
	    CHECK_UNREAD_FAILS, &report, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_assert_false(g_file_test(place->aside, G_FILE_TEST_EXISTS));
	g_assert_true(
	    check_store(place->folder, CHECK_UNREAD_LOST, &report, NULL));
	g_assert_cmpuint(report.faults, ==, 1);
	check_report_clear(&report);
}

/* Puts a number into one of the two metas. */
static void
put_in_meta(const struct place *place, guint meta, gsize at, guint64 number)
{
	g_autofree char *bytes = NULL;
	gsize size;

	g_assert_true(g_file_get_contents(place->data, &bytes, &size, NULL));
	memcpy(bytes + meta * PAGE + at, &number, sizeof(guint32));
	g_assert_true(
	    g_file_set_contents(place->data, bytes, (gssize)size, NULL));
}

/* A file of another LMDB is not damaged: it is refused, even where what is
 * broken is to be mended.  One of its two versions alone is damage. */
static void
test_version(struct place *place, gconstpointer unused)
{
	struct store *store =
	    store_open(place->folder, stirred_tables, MAP, NULL);
	g_autoptr(GError) error = NULL;
	struct check_report report;

	(void)unused;
	store_close(&store);
	put_in_meta(place, 1, 16 + 4, 2);
	g_assert_cmpuint(look(place->folder).faults, ==, 1);
	put_in_meta(place, 0, 16 + 4, 2);
	for (guint unread = 0; unread < 2; unread++) {
		g_assert_false(check_mend(
		    place->folder, place->aside, "x", unread, &report, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_IO);
		g_assert_nonnull(strstr(error->message, "another version"));
		g_clear_error(&error);
	}
	g_assert_false(g_file_test(place->aside, G_FILE_TEST_EXISTS));
}

/* A head that says the list of free pages, or of tables, is of another kind:
 * LMDB ends the program that writes to such a store. */
static void
test_kinds(struct place *place, gconstpointer unused)
{
	static const struct {
		gsize at;
		guint16 kind;
	} cases[] = { { 40 + 4, 0 }, { 40 + 4, 7 }, { 40 + 4, 9 },
		{ 40 + 48 + 4, 4 }, { 40 + 48 + 4, 8 } };
	GRand *chance = g_rand_new_with_seed(9);
	struct store *store = fill(place, chance);
	guint64 records = count_all(store);
	g_autofree char *sound = NULL;
	gsize size;

	(void)unused;
	store_close(&store);
	g_rand_free(chance);
	g_assert_true(g_file_get_contents(place->data, &sound, &size, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *bytes = g_memdup2(sound, size);
		struct check_report report;

		for (gsize page = 0; page < 2; page++)
			memcpy(bytes + page * PAGE + cases[i].at,
			    &cases[i].kind, sizeof(cases[i].kind));
		g_assert_true(g_file_set_contents(
		    place->data, bytes, (gssize)size, NULL));
		g_assert_cmpuint(look(place->folder).faults, >, 0);
		g_assert_true(check_mend(place->folder, place->aside, "x",
		    CHECK_UNREAD_FAILS, &report, NULL));
		g_assert_cmpuint(report.records, ==, records);
		check_report_clear(&report);
		g_assert_cmpuint(look(place->folder).faults, ==, 0);
	}
}

/* LMDB may leave more room in a record of free pages than there are of them:
 * one that has lost its last is such. */
static void
test_free_room(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(8);
	struct store *store = fill(place, chance);
	g_autofree char *bytes = NULL;
	guint64 root, txnid[2], count = 0;
	guint16 at;
	gsize size;

	(void)unused;
	store_close(&store);
	g_assert_true(g_file_get_contents(place->data, &bytes, &size, NULL));
	for (guint i = 0; i < 2; i++)
		memcpy(&txnid[i], bytes + i * PAGE + 16 + 24 + 96 + 8, 8);
	memcpy(&root, bytes + (txnid[1] > txnid[0]) * PAGE + 16 + 24 + 40,
	    sizeof(root));
	memcpy(&at, bytes + root * PAGE + 16, sizeof(at));
	/* A leaf, whose first record stands in it. */
	g_assert_cmpint((guint8)bytes[root * PAGE + 10], ==, 2);
	g_assert_cmpint((guint8)bytes[root * PAGE + at + 4], ==, 0);
	memcpy(&count, bytes + root * PAGE + at + 16, sizeof(count));
	g_assert_cmpuint(count, >, 0);
	for (int change = -1; change <= 1; change += 2) {
		guint64 said = count + (guint64)change;

		memcpy(bytes + root * PAGE + at + 16, &said, sizeof(said));
		g_assert_true(g_file_set_contents(
		    place->data, bytes, (gssize)size, NULL));
		g_assert_cmpuint(
		    look(place->folder).faults, ==, change > 0 ? 1 : 0);
	}
	g_rand_free(chance);
}

/* --- damage --- */

static void
damage(char *bytes, gsize *length, GRand *chance)
{
	gsize pages = *length / PAGE;
	char *page =
	    bytes + PAGE * (gsize)g_rand_int_range(chance, 0, (gint32)pages);
	gint32 within = g_rand_int_range(chance, 0, 3) == 0 ? PAGE : 64;
	int flips = g_rand_int_range(chance, 1, 9);

	switch (g_rand_int_range(chance, 0, 8)) {
	case 0:
		memset(page, 0, PAGE);
		return;
	case 1:
		memcpy(page,
		    bytes + PAGE * (gsize)g_rand_int_range(
				       chance, 0, (gint32)pages),
		    PAGE);
		return;
	case 2:
		*length =
		    PAGE * (gsize)g_rand_int_range(chance, 1, (gint32)pages);
		return;
	default:
		for (int i = 0; i < flips; i++)
			page[g_rand_int_range(chance, 0, within)] ^=
			    (char)g_rand_int_range(chance, 1, 256);
	}
}

/* How a child ends that reads all of the store and writes to it. */
static int
use_in_child(const struct place *place, guint seed)
{
	int status;
	pid_t child = fork();

	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		const struct rlimit none = { 0, 0 };
		GRand *chance = g_rand_new_with_seed(seed);
		struct store *store;

		setrlimit(RLIMIT_CORE, &none);
		alarm(60);
		store = store_open(place->folder, stirred_tables, MAP, NULL);
		for (guint i = 0; store != NULL && i < 6; i++)
			(void)stir(store, chance, 500);
		if (store != NULL)
			(void)store_compact(store, NULL);
		_exit(0);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	return status;
}

/* What is called sound LMDB reads and writes without a crash, and what is not
 * can be mended to something sound. */
static void
test_damage(struct place *place, gconstpointer unused)
{
	g_autofree char *good = NULL, *lock = NULL;
	GRand *chance = g_rand_new_with_seed(20);
	struct store *store = fill(place, chance);
	guint found = 0, most = g_test_slow() ? DAMAGES_SLOW : DAMAGES;
	gsize size;

	(void)unused;
	store_close(&store);
	lock = g_build_filename(place->folder, "lock.mdb", NULL);
	g_assert_true(g_file_get_contents(place->data, &good, &size, NULL));
	for (guint i = 0; i < most; i++) {
		g_autofree char *bytes = g_memdup2(good, size);
		g_autoptr(GError) error = NULL;
		struct check_report report;
		gsize length = size;
		int status;

		g_unlink(lock);
		damage(bytes, &length, chance);
		g_assert_true(g_file_set_contents(
		    place->data, bytes, (gssize)length, NULL));
		g_assert_true(check_store(
		    place->folder, CHECK_UNREAD_FAILS, &report, &error));
		if (report.faults > 0) {
			found++;
			check_report_clear(&report);
			check_mend(place->folder, place->aside, "x",
			    CHECK_UNREAD_FAILS, &report, &error);
			g_assert_no_error(error);
			g_assert_cmpuint(look(place->folder).faults, ==, 0);
			remove_all(place->aside);
		}
		check_report_clear(&report);
		status = use_in_child(place, i);
		if (!WIFEXITED(status))
			g_test_message(
			    "damage %u: signal %d", i, WTERMSIG(status));
		g_assert_true(WIFEXITED(status));
	}
	g_test_message("%u of %u damages found", found, most);
	g_assert_cmpuint(found, >, most / 10);
	g_rand_free(chance);
}

static void
test_mend(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(5);
	struct store *store = fill(place, chance);
	guint64 before = count_all(store), after;
	g_autofree char *damaged = NULL, *kept = NULL, *copy = NULL;
	g_autofree char *second = NULL;
	g_autoptr(GError) error = NULL;
	struct check_report report;
	gsize size, kept_size;

	(void)unused;
	store_close(&store);
	g_assert_true(g_file_get_contents(place->data, &damaged, &size, NULL));
	/* The first leaf behind the metas and what is free. */
	for (gsize at = 20 * PAGE;; at += PAGE) {
		g_assert_cmpuint(at, <, size);
		if (damaged[at + 10] != 2)
			continue;
		memset(damaged + at + 12, 0xFF, 4);
		g_file_set_contents(place->data, damaged, (gssize)size, NULL);
		if (look(place->folder).faults > 0)
			break;
	}
	check_mend(place->folder, place->aside, "x.mdb", CHECK_UNREAD_FAILS,
	    &report, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(report.faults, ==, 1);
	check_report_clear(&report);
	copy = g_build_filename(place->aside, "x.mdb", NULL);
	g_assert_true(g_file_get_contents(copy, &kept, &kept_size, NULL));
	g_assert_cmpmem(kept, kept_size, damaged, size);

	store = store_open(place->folder, stirred_tables, MAP, NULL);
	after = count_all(store);
	g_test_message("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
		       " records saved",
	    after, before);
	g_assert_cmpuint(after, <, before);
	g_assert_cmpuint(after, >, before * 9 / 10);
	store_close(&store);

	check_set_aside(place->folder, place->aside, "x.mdb", &error);
	g_assert_no_error(error);
	second = g_build_filename(place->aside, "x.mdb.2", NULL);
	g_assert_true(g_file_test(second, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(place->data, G_FILE_TEST_EXISTS));
	g_rand_free(chance);
}

/* The page by which all tables are found is broken: the state before the last
 * commit has nearly all. */
static void
test_mend_older(struct place *place, gconstpointer unused)
{
	GRand *chance = g_rand_new_with_seed(6);
	struct store *store = fill(place, chance);
	guint64 before = count_all(store), root[2], txnid[2];
	g_autofree char *bytes = NULL;
	g_autoptr(GError) error = NULL;
	struct check_report report;
	gsize size;

	(void)unused;
	store_close(&store);
	g_assert_true(g_file_get_contents(place->data, &bytes, &size, NULL));
	for (guint i = 0; i < 2; i++) {
		/* The main tree's root, and the number of the commit. */
		memcpy(&root[i], bytes + i * PAGE + 16 + 24 + 48 + 40, 8);
		memcpy(&txnid[i], bytes + i * PAGE + 16 + 24 + 96 + 8, 8);
	}
	memset(bytes + root[txnid[1] > txnid[0]] * PAGE, 0, PAGE);
	g_file_set_contents(place->data, bytes, (gssize)size, NULL);
	check_mend(place->folder, place->aside, "x.mdb", CHECK_UNREAD_FAILS,
	    &report, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(report.faults, ==, 1);
	g_test_message("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
		       " records saved",
	    report.records, before);
	g_assert_cmpuint(report.records, >, before * 9 / 10);
	check_report_clear(&report);
	g_assert_cmpuint(look(place->folder).faults, ==, 0);
	g_rand_free(chance);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
#define ADD(path, function) \
	g_test_add(path, struct place, NULL, init, function, fini)
	ADD("/check/sound", test_sound);
	ADD("/check/none", test_none);
	ADD("/check/unread", test_unread);
	ADD("/check/version", test_version);
	ADD("/check/kinds", test_kinds);
	ADD("/check/free-room", test_free_room);
	ADD("/check/damage", test_damage);
	ADD("/check/mend", test_mend);
	ADD("/check/mend-older", test_mend_older);
	return g_test_run();
}
