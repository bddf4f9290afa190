/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/repair.h"

#include <string.h>

#include "classifier/model.h"
#include "classifier/verify.h"
#include "lib/base/err.h"
#include "tests/unit/classifier/school.h"

#define LESSONS 60

static void
teach(struct school *school, guint first, guint last)
{
	for (guint i = first; i <= last; i++) {
		struct classify_lesson lesson;

		school_lesson(&lesson, i, i % 7, 20, 5);
		school_teach(
		    school, &lesson, i % 2 == 0 ? VERDICT_SPAM : VERDICT_HAM);
		classify_lesson_clear(&lesson);
	}
}

static void
teach_all(struct school *school)
{
	teach(school, 1, LESSONS);
}

/* The model's store in hand, while nobody else has it. */
static struct store *
begin(struct school *school, struct store_txn **txn_r)
{
	struct store *store;

	learn_close(&school->learn);
	store =
	    model_open(school->folder.path, school->settings.map_bytes, NULL);
	g_assert_nonnull(store);
	*txn_r = store_begin(store, TRUE, NULL);
	return store;
}

static void
end(struct school *school, struct store *store, struct store_txn *txn)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_commit(&txn, NULL));
	store_close(&store);
	school->learn = learn_open(&school->settings, NULL, &error);
	g_assert_no_error(error);
}

/* How many differences are found; G_MAXUINT64: it cannot be worked out. */
static guint64
differences(struct school *school)
{
	struct verify_report report;
	guint64 count;

	if (!verify_model(school->learn, &report, NULL))
		return G_MAXUINT64;
	count = report.differences;
	verify_report_clear(&report);
	return count;
}

static struct repair_report
repair(struct school *school)
{
	struct repair_report report;
	g_autoptr(GError) error = NULL;

	repair_model(school->learn, &report, &error);
	g_assert_no_error(error);
	return report;
}

/* Every third record is wrong by some. */
static void
plant_counts(struct store_txn *txn)
{
	g_autoptr(GArray) digests = g_array_new(FALSE, FALSE, sizeof(guint64));
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value))
		g_array_append_vals(digests, key.data, 1);
	store_cursor_end(&cursor);
	for (guint i = 0; i < digests->len; i += 3) {
		guint64 digest = g_array_index(digests, guint64, i);
		struct model_count count;

		model_get_count(txn, digest, &count);
		count.spam += 1 + i % 5;
		model_put_count(txn, digest, &count);
	}
}

static void
test_counts(struct school *school, gconstpointer unused)
{
	g_autofree char *before = NULL, *after = NULL;
	struct repair_report report;
	struct store_txn *txn;
	struct store *store;

	(void)unused;
	teach_all(school);
	before = school_counts(school);
	store = begin(school, &txn);
	plant_counts(txn);
	end(school, store, txn);
	g_assert_cmpuint(differences(school), >, 10);
	report = repair(school);
	g_assert_cmpuint(report.counts + report.lessons + report.rows, ==, 0);
	school_verify(school);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, before);
}

/* All counts, the totals and the index are gone; the journal is there. */
static void
test_journal_alone(struct school *school, gconstpointer unused)
{
	g_autofree char *before = NULL, *after = NULL;
	struct store_txn *txn;
	struct store *store;

	(void)unused;
	teach_all(school);
	before = school_counts(school);
	store = begin(school, &txn);
	store_clear(txn, MODEL_COUNTS);
	store_clear(txn, MODEL_META);
	store_clear(txn, MODEL_INDEX);
	end(school, store, txn);
	repair(school);
	school_verify(school);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, before);
	g_assert_cmpint(school_stat(school, "lessons"), ==, LESSONS);
}

/* All of it was lost. */
static void
test_empty(struct school *school, gconstpointer unused)
{
	(void)unused;
	repair(school);
	school_verify(school);
	teach_all(school);
	school_verify(school);
}

/* Records that are none of ours are left out, and what is left fits. */
static void
test_broken_records(struct school *school, gconstpointer unused)
{
	const guint64 digest = school_digest(3);
	struct repair_report report;
	struct store_cursor *cursor;
	struct store_value key, value;
	struct ident lesson;
	struct store_txn *txn;
	struct store *store;

	(void)unused;
	teach_all(school);
	store = begin(school, &txn);
	cursor = store_cursor_begin(txn, MODEL_JOURNAL, NULL, 0);
	g_assert_true(store_cursor_next(cursor, &key, &value));
	memcpy(lesson.bytes, key.data, IDENT_BYTES);
	store_cursor_end(&cursor);
	store_put(txn, MODEL_JOURNAL, lesson.bytes, IDENT_BYTES, "no", 2);
	store_put(txn, MODEL_COUNTS, &digest, sizeof(digest), "broken", 6);
	store_put(txn, MODEL_SOURCES, "row", 3, "broken", 6);
	end(school, store, txn);
	g_assert_cmpuint(differences(school), ==, G_MAXUINT64);
	report = repair(school);
	g_assert_cmpuint(report.lessons, ==, 1);
	g_assert_cmpuint(report.counts, ==, 1);
	g_assert_cmpuint(report.rows, ==, 1);
	school_verify(school);
	g_assert_cmpint(school_stat(school, "lessons"), ==, LESSONS - 1);
}

/* --- others meanwhile --- */

struct other {
	struct school *school;
	gint over;
	guint64 differences;
};

static gpointer
look_on(gpointer self)
{
	struct other *other = self;

	do
		other->differences += differences(other->school);
	while (!g_atomic_int_get(&other->over));
	return NULL;
}

/* Lessons are taught while it is worked out: nothing differs for that. */
static void
test_meanwhile(struct school *school, gconstpointer unused)
{
	struct other other = { .school = school };
	GThread *thread;

	(void)unused;
	teach_all(school);
	thread = g_thread_new("verify", look_on, &other);
	teach(school, LESSONS + 1, 4 * LESSONS);
	g_atomic_int_set(&other.over, 1);
	g_thread_join(thread);
	g_assert_cmpuint(other.differences, ==, 0);
}

static gpointer
tend(gpointer self)
{
	struct other *other = self;
	enum learn_left left;

	g_assert_true(learn_tend_free(other->school->learn, &left, NULL));
	g_assert_cmpint(left, ==, LEARN_LEFT_UNSEEN);
	return NULL;
}

/* Who may not wait does not wait for a group, and is told to ask again. */
static void
test_tend_free(struct school *school, gconstpointer unused)
{
	struct other other = { .school = school };

	(void)unused;
	school_begin(school);
	g_thread_join(g_thread_new("tend", tend, &other));
	school_end(school);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
#define ADD(path, function) \
	g_test_add( \
	    path, struct school, NULL, school_init, function, school_fini)
	ADD("/repair/counts", test_counts);
	ADD("/repair/journal-alone", test_journal_alone);
	ADD("/repair/empty", test_empty);
	ADD("/repair/broken-records", test_broken_records);
	ADD("/repair/meanwhile", test_meanwhile);
	ADD("/repair/tend-free", test_tend_free);
	return g_test_run();
}
