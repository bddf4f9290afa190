/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store's file in which any bytes were changed: each six bytes of the input
 * put one 16-bit value to a place.  Looking at it never ends the program, what
 * is found sound LMDB reads to the end, and what was damaged can be mended.
 */
#include <fcntl.h>
#include <string.h>

#include "lib/base/owned.h"
#include "tests/unit/store/stirred.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

struct sample {
	struct place place;
	char *sound; /* the file as it was made */
	gsize length;
};

static struct sample *
the_sample(void)
{
	static struct sample sample;

	return &sample;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct sample *sample = the_sample();
	struct store *store;
	GRand *chance = g_rand_new_with_seed(7);

	(void)argc, (void)argv;
	init(&sample->place, NULL);
	store = store_open(sample->place.folder, stirred_tables, MAP, NULL);
	g_assert(store != NULL);
	for (guint i = 0; i < 3; i++)
		g_assert(stir(store, chance, 30));
	store_close(&store);
	g_rand_free(chance);
	g_assert(g_file_get_contents(
	    sample->place.data, &sample->sound, &sample->length, NULL));
	return 0;
}

/* The sound file with the input's changes. */
static void
damage(const struct sample *sample, const guint8 *data, gsize size)
{
	g_autofree char *bytes = g_memdup2(sample->sound, sample->length);

	for (gsize at = 0; at + 6 <= size; at += 6) {
		guint32 place;

		memcpy(&place, data + at, sizeof(place));
		memcpy(bytes + place % (sample->length - 1), data + at + 4, 2);
	}
	g_assert(g_file_set_contents_full(sample->place.data, bytes,
	    (gssize)sample->length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* Reads, and writes one record. */
static void
use(const struct place *place)
{
	struct store *store =
	    store_open(place->folder, stirred_tables, MAP, NULL);
	struct store_txn *txn =
	    store != NULL ? store_begin(store, TRUE, NULL) : NULL;
	gsize sum = 0;

	g_assert(txn != NULL);
	for (guint table = NAMES; table <= NUMBERS; table++) {
		struct store_cursor *cursor =
		    store_cursor_begin(txn, table, NULL, 0);
		struct store_value key, value;

		while (store_cursor_next(cursor, &key, &value))
			for (gsize i = 0; i < value.length; i++)
				sum += ((const guint8 *)value.data)[i];
		store_cursor_end(&cursor);
	}
	store_put(txn, NAMES, "sum", 3, &sum, sizeof(sum));
	(void)store_commit(&txn, NULL);
	store_close(&store);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	const struct place *place = &the_sample()->place;
	struct check_report report;
	guint64 faults;

	damage(the_sample(), data, size);
	if (!check_store(place->folder, CHECK_UNREAD_FAILS, &report, NULL))
		return 0;
	faults = report.faults;
	check_report_clear(&report);
	if (faults > 0) {
		if (!check_mend(place->folder, place->aside, "x",
			CHECK_UNREAD_FAILS, &report, NULL))
			return 0;
		check_report_clear(&report);
		remove_all(place->aside);
	}
	use(place);
	return 0;
}
