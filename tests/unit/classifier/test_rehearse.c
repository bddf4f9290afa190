/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What many lessons come to: in any order, above the ceiling, one class first.
 */
#include <string.h>

#include "classifier/model.h"
#include "lib/base/owned.h"
#include "tests/unit/classifier/school.h"

/* --- the order of lessons --- */

#define LESSONS 60

/* Lessons that overlap, of either class. */
static void
order_lesson(struct classify_lesson *lesson_r, guint number)
{
	school_lesson(lesson_r, number, number % 7 * 5, 30, number % 3);
	/* The ends of what a digest can be. */
	if (number % 4 == 0)
		lesson_r->digests[0] = 0;
	if (number % 5 == 0)
		lesson_r->digests[lesson_r->n - 1] = G_MAXUINT64;
}

static enum verdict_class
order_class(guint number)
{
	return number % 3 == 0 ? VERDICT_SPAM : VERDICT_HAM;
}

static void
order_teach(struct school *school, guint number, gboolean wrongly)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	gboolean spam = (order_class(number) == VERDICT_SPAM) != wrongly;

	order_lesson(&lesson, number);
	school_teach(school, &lesson, spam ? VERDICT_SPAM : VERDICT_HAM);
}

static void
test_order(struct school *school, gconstpointer unused)
{
	g_autofree char *forth = NULL, *back = NULL, *none = NULL;

	(void)unused;
	school_begin(school);
	for (guint i = 0; i < LESSONS; i++)
		order_teach(school, i, FALSE);
	school_end(school);
	forth = school_counts(school);
	school_begin(school);
	for (guint i = 0; i < LESSONS; i += 2)
		school_take_back(school, i);
	for (guint i = 1; i < LESSONS; i += 2)
		school_take_back(school, i);
	school_end(school);
	none = school_counts(school);
	g_assert_cmpstr(none, ==, "learnt 0 0, labels 0 0\n");
	/* Backwards, some of the wrong class at first, some too many. */
	school_begin(school);
	for (guint i = 2 * LESSONS; i-- > 0;)
		order_teach(school, i, i % 4 == 1);
	for (guint i = LESSONS; i < 2 * LESSONS; i++)
		school_take_back(school, i);
	for (guint i = 0; i < LESSONS; i++)
		order_teach(school, i, FALSE);
	school_end(school);
	back = school_counts(school);
	g_assert_cmpstr(back, ==, forth);
}

/* --- the ceiling --- */

/* In the score table first, as lessons have left it; then in the store. */
static void
assert_count(struct school *school, guint64 digest, guint32 spam, guint32 ham)
{
	struct table_reader *reader OWNED(table_unmap) = school_map(school);
	guint32 shown_spam, shown_ham;
	g_autofree char *counts = school_counts(school);
	g_autofree char *line = g_strdup_printf(
	    "%016" G_GINT64_MODIFIER "x %u %u\n", digest, spam, ham);
	g_autofree char *start =
	    g_strdup_printf("%016" G_GINT64_MODIFIER "x ", digest);

	table_get(reader, digest, &shown_spam, &shown_ham);
	g_assert_cmpuint(shown_spam, ==, spam);
	g_assert_cmpuint(shown_ham, ==, ham);
	if (spam != 0 || ham != 0)
		g_assert_nonnull(strstr(counts, line));
	else
		g_assert_null(strstr(counts, start));
}

/* Lessons with 50 features of all and 50 of their own. */
static void
test_ceiling(struct school *school, gconstpointer unused)
{
	g_autofree char *none = NULL;

	(void)unused;
	school->settings.max_records = 1000;
	school_reopen(school);
	school_begin(school);
	for (guint i = 0; i < 100; i++) {
		struct classify_lesson lesson OWNED(classify_lesson_clear);

		school_lesson(&lesson, i, 1, 50, 50);
		school_teach(school, &lesson, VERDICT_HAM);
		g_assert_cmpint(school_stat(school, "records"), <=, 1000);
	}
	school_end(school);
	g_assert_cmpint(school_stat(school, "records"), >=, 800);
	g_assert_cmpint(school_stat(school, "learnt_ham"), ==, 100);
	/* What many have stays; the oldest goes before the newest. */
	assert_count(school, school_digest(1), 0, 100);
	assert_count(school, school_digest(G_GUINT64_CONSTANT(1) << 32), 0, 0);
	assert_count(
	    school, school_digest(G_GUINT64_CONSTANT(100) << 32), 0, 1);
	for (guint i = 0; i < 100; i += 20) {
		school_begin(school);
		for (guint j = 0; j < 20; j++)
			school_take_back(school, i + j);
		school_end(school);
		/* It looks for counts that are too high. */
		g_free(school_counts(school));
	}
	none = school_counts(school);
	g_assert_cmpstr(none, ==, "learnt 0 0, labels 0 0\n");
	g_assert_cmpint(school_stat(school, "records"), ==, 0);
}

/* A record that was let go and came back is not of the lesson before. */
static void
test_born_anew(struct school *school, gconstpointer unused)
{
	struct classify_lesson old OWNED(classify_lesson_clear);
	struct classify_lesson later OWNED(classify_lesson_clear);

	(void)unused;
	school->settings.max_records = 1000;
	school_reopen(school);
	school_lesson(&old, 0, 1, 10, 0);
	school_teach(school, &old, VERDICT_SPAM);
	for (guint i = 1; i <= 20; i++) {
		struct classify_lesson lesson OWNED(classify_lesson_clear);

		school_lesson(&lesson, i, 0, 0, 100);
		school_teach(school, &lesson, VERDICT_HAM);
	}
	assert_count(school, school_digest(1), 0, 0);
	school_lesson(&later, 50, 1, 10, 0);
	school_teach(school, &later, VERDICT_SPAM);
	assert_count(school, school_digest(1), 1, 0);
	school_take_back(school, 0);
	assert_count(school, school_digest(1), 1, 0);
	g_assert_cmpint(school_stat(school, "learnt_spam"), ==, 1);
	school_take_back(school, 50);
	assert_count(school, school_digest(1), 0, 0);
}

/* More records than are looked at at once. */
static void
test_windows(struct school *school, gconstpointer unused)
{
	(void)unused;
	school->settings.max_records = 70000;
	school_reopen(school);
	for (guint i = 0; i < 24; i++) {
		struct classify_lesson lesson OWNED(classify_lesson_clear);

		school_lesson(&lesson, i, 1, 100, 8000);
		school_teach(school, &lesson, VERDICT_SPAM);
		g_assert_cmpint(school_stat(school, "records"), <=, 70000);
	}
	g_assert_cmpint(school_stat(school, "records"), >=, 55000);
	for (guint i = 0; i < 100; i += 33)
		assert_count(school, school_digest(1 + i), 24, 0);
}

/* --- labels looked at again --- */

/* A message as its class writes: about half of its 60 features are of the other
 * class, too; and 20 are its own. */
static enum teacher_outcome
teach_real(struct school *school, guint number, enum verdict_class class)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);

	school_lesson(&lesson, number,
	    (class == VERDICT_SPAM ? 1000 : 1030) + number % 7, 60, 20);
	school_judge(school, &lesson);
	return school_teach(school, &lesson, class);
}

static void
test_one_class_first(struct school *school, gconstpointer unused)
{
	g_autofree char *none = NULL;
	gint64 learnt;
	guint noted = 0;

	(void)unused;
	school_begin(school);
	for (guint i = 0; i < 200; i++)
		noted += teach_real(school, i, VERDICT_HAM) == TEACHER_NOTED;
	learnt = school_stat(school, "learnt_ham");
	g_assert_cmpint(learnt + noted, >=, 200);
	g_assert_cmpuint(noted, >=, 150);
	for (guint i = 200; i < 400; i++)
		teach_real(school, i, VERDICT_SPAM);
	g_test_message("ham learnt: %d at first, %d then", (int)learnt,
	    (int)school_stat(school, "learnt_ham"));
	g_assert_cmpint(school_stat(school, "learnt_ham"), >, learnt);
	g_assert_cmpint(school_stat(school, "ham"), ==, 200);
	g_assert_cmpint(school_stat(school, "spam"), ==, 200);
	school_end(school);
	g_free(school_counts(school));
	school_begin(school);
	for (guint i = 0; i < 400; i++)
		school_take_back(school, i);
	school_end(school);
	none = school_counts(school);
	g_assert_cmpstr(none, ==, "learnt 0 0, labels 0 0\n");
}

/* --- the ring --- */

#define KEPT 512

static void
note(struct school *school, guint number)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);

	school_lesson(&lesson, number, 1, 10, 10);
	lesson.verdict.margin = -100;
	g_assert_cmpint(
	    school_teach(school, &lesson, VERDICT_HAM), ==, TEACHER_NOTED);
}

/* How many features the journal has of the lesson. */
static guint
features_kept(struct store_txn *txn, guint number)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	g_autofree guint64 *digests = NULL;
	struct model_lesson known;

	school_lesson(&lesson, number, 0, 0, 0);
	g_assert_true(
	    model_get_lesson(txn, &lesson.ident, &known, &digests, NULL));
	g_assert_false(known.trained);
	return known.n;
}

/* That the features of the lessons `from` to `to` - 1 are there, or none. */
static void
assert_kept(struct school *school, guint from, guint to, gboolean kept)
{
	struct store *store;
	struct store_txn *txn;

	learn_close(&school->learn);
	store =
	    model_open(school->folder.path, school->settings.map_bytes, NULL);
	txn = store_begin(store, FALSE, NULL);
	for (guint i = from; i < to; i++)
		g_assert_cmpuint(features_kept(txn, i), ==, kept ? 20 : 0);
	store_abort(&txn);
	store_close(&store);
	school_reopen(school);
}

static void
test_ring(struct school *school, gconstpointer unused)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);

	(void)unused;
	school_begin(school);
	for (guint i = 0; i < KEPT + 88; i++)
		note(school, i);
	school_end(school);
	assert_kept(school, 0, 88, FALSE);
	assert_kept(school, 88, KEPT + 88, TRUE);
	/* One whose features went is learnt with those of the message. */
	school_lesson(&lesson, 0, 1, 10, 10);
	g_assert_cmpint(
	    school_teach(school, &lesson, VERDICT_HAM), ==, TEACHER_LEARNT);
	assert_count(school, school_digest(G_GUINT64_CONSTANT(1) << 32), 0, 1);
	g_assert_cmpint(school_stat(school, "ham"), ==, KEPT + 88);
	/* It looked at some others, too. */
	g_assert_cmpint(school_stat(school, "learnt_ham"), >=, 1);
	g_assert_cmpint(school_stat(school, "learnt_ham"), <=, 5);
}

/* Taken back and noted again, it is among the last. */
static void
test_ring_again(struct school *school, gconstpointer unused)
{
	(void)unused;
	school_begin(school);
	note(school, 0);
	school_take_back(school, 0);
	for (guint i = 1; i < KEPT - 1; i++)
		note(school, i);
	note(school, 0);
	note(school, KEPT - 1);
	school_end(school);
	assert_kept(school, 0, KEPT, TRUE);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct school *, gconstpointer);
	} rows[] = {
		{ "/rehearse/order", test_order },
		{ "/rehearse/ceiling", test_ceiling },
		{ "/rehearse/born-anew", test_born_anew },
		{ "/rehearse/windows", test_windows },
		{ "/rehearse/one-class-first", test_one_class_first },
		{ "/rehearse/ring", test_ring },
		{ "/rehearse/ring-again", test_ring_again },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_test_add(rows[i].name, struct school, NULL, school_init,
		    rows[i].run, school_fini);
	return g_test_run();
}
