/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lessons by person, id and age; whether all adds up; whose model it is. */
#include <string.h>
#include <unistd.h>

#include "classifier/model.h"
#include "classifier/verify.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/holder.h"
#include "tests/unit/classifier/school.h"

#define DAY (24 * 3600)

static const guint8 key_bytes[32] = "what names people in this test.";

/* A school whose lessons have senders, and whose time the test sets. */
struct place {
	struct school school; /* first */
	struct secret *key;
	struct clock clock;
	gint64 now;
};

static gint64
tell_time(void *self)
{
	return ((struct place *)self)->now;
}

static void
place_init(struct place *place, gconstpointer unused)
{
	school_init(&place->school, unused);
	place->key = secret_new(key_bytes, sizeof(key_bytes));
	place->now = 1000 * (gint64)DAY * G_USEC_PER_SEC;
	place->clock = (struct clock){ tell_time, tell_time, place };
	place->school.settings.subject_key = place->key;
	place->school.settings.clock = &place->clock;
	place->school.settings.journal_keep = 180 * DAY;
	school_reopen(&place->school);
}

static void
place_fini(struct place *place, gconstpointer unused)
{
	school_fini(&place->school, unused);
	secret_free(&place->key);
}

static void
teach(struct place *place, guint number, const char *from, const char *reply)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);

	school_lesson(&lesson, number, number % 5, 10, 5);
	lesson.people[0] = g_strdup(from);
	lesson.people[1] = g_strdup(reply);
	lesson.id = g_strdup_printf("%u@example.org", number);
	school_teach(&place->school, &lesson,
	    number % 2 == 0 ? VERDICT_HAM : VERDICT_SPAM);
}

/* --- by person and id --- */

static void
test_person(struct place *place, gconstpointer unused)
{
	struct school *school = &place->school;
	g_autofree char *without = NULL, *after = NULL;
	g_autoptr(GError) error = NULL;
	guint taken = 0;

	(void)unused;
	teach(place, 1, "a@example.org", NULL);
	teach(place, 2, "c@example.org", "b@example.org");
	without = school_counts(school);
	teach(place, 3, "B@Example.ORG", NULL);
	teach(place, 4, "b@example.org", "a@example.com");
	teach(place, 5, "x@example.org", "b@example.org");
	school_take_back(school, 2);
	g_assert_true(learn_take_back_person(
	    school->learn, "b@EXAMPLE.org", &taken, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(taken, ==, 3);
	teach(place, 2, "c@example.org", NULL);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, without);
	g_assert_false(learn_take_back_person(
	    school->learn, "b@example.org", &taken, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_false(
	    learn_take_back_person(school->learn, "nobody", &taken, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

static void
test_id(struct place *place, gconstpointer unused)
{
	struct school *school = &place->school;
	g_autofree char *without = NULL, *after = NULL;
	g_autoptr(GError) error = NULL;
	guint taken = 0;

	(void)unused;
	teach(place, 1, "a@example.org", NULL);
	without = school_counts(school);
	teach(place, 2, NULL, NULL);
	teach(place, 3, "no address", "");
	g_assert_true(learn_take_back_id(
	    school->learn, "<2@example.org>", &taken, &error));
	g_assert_cmpuint(taken, ==, 1);
	g_assert_true(
	    learn_take_back_id(school->learn, "3@example.org", NULL, &error));
	after = school_counts(school);
	g_assert_cmpstr(after, ==, without);
	g_assert_false(
	    learn_take_back_id(school->learn, "2@example.org", &taken, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_false(learn_take_back_id(school->learn, "", &taken, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

/* A person copies it from the message, whose reader has read it. */
static void
test_written_id(struct place *place, gconstpointer unused)
{
	static const struct {
		const char *written;
		gboolean meant;
	} cases[] = {
		{ "2@example.org", TRUE },
		{ "<2@example.org>", TRUE },
		{ " <2@example.org>\r\n", TRUE },
		{ "<2@example.org> (sent by a phone)", TRUE },
		{ "<2@exam\r\n ple.org> (a <b> c)", TRUE },
		{ "2@example.org (c)", TRUE },
		{ "<22@example.org> <2@example.org>", FALSE },
		{ "(2@example.org) <3@example.org>", FALSE },
		{ "<>", FALSE },
		{ "<2@example.org", FALSE },
	};
	struct school *school = &place->school;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].written);
		teach(place, 2, NULL, NULL);
		g_assert_cmpint(learn_take_back_id(school->learn,
				    cases[i].written, NULL, &error),
		    ==, cases[i].meant);
		g_assert_cmpint(error == NULL, ==, cases[i].meant);
	}
}

/* --- by age --- */

static gint64
records_of(struct place *place, guint table)
{
	g_autoptr(GError) error = NULL;
	struct store *store;
	guint64 records = 0;

	learn_close(&place->school.learn);
	store = model_open(place->school.folder.path, 64 << 20, &error);
	g_assert_no_error(error);
	g_assert_true(store_count(store, table, &records, &error));
	store_close(&store);
	school_reopen(&place->school);
	return (gint64)records;
}

static void
tend(struct place *place)
{
	g_autoptr(GError) error = NULL;
	gboolean more = TRUE;

	while (more) {
		g_assert_true(learn_tend(place->school.learn, &more, &error));
		g_assert_no_error(error);
		school_verify(&place->school);
	}
}

static void
test_fold(struct place *place, gconstpointer unused)
{
	struct school *school = &place->school;
	g_autofree char *before = NULL, *after = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	for (guint i = 0; i < 30; i++)
		teach(place, i, "a@example.org", NULL);
	before = school_counts(school);
	place->now += 180 * (gint64)DAY * G_USEC_PER_SEC;
	tend(place);
	g_assert_cmpint(records_of(place, MODEL_JOURNAL), ==, 30);
	place->now++;
	tend(place);
	/* Nothing of a person is left, and every count. */
	g_assert_cmpint(records_of(place, MODEL_JOURNAL), ==, 0);
	g_assert_cmpint(records_of(place, MODEL_INDEX), ==, 0);
	g_assert_cmpint(records_of(place, MODEL_NOTED), ==, 0);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, before);
	g_assert_false(learn_take_back_person(
	    school->learn, "a@example.org", NULL, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	/* The same message is a new lesson, and can be taken back. */
	teach(place, 7, "a@example.org", NULL);
	g_assert_cmpint(school_stat(school, "all"), ==, 31);
	school_take_back(school, 7);
	g_free(after);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, before);
}

/* As a holder: it is told, and goes at once, however many there are. */
static void
test_expire(struct place *place, gconstpointer unused)
{
	struct learn *learn = place->school.learn;
	json_t *rows = json_array(), *row;
	struct holder_expiry expiry = { .now = place->now };

	(void)unused;
	for (guint i = 0; i < 30; i++)
		teach(place, i, "a@example.org", NULL);
	place->now += 180 * (gint64)DAY * G_USEC_PER_SEC + 1;
	expiry.now = place->now;
	for (guint i = 0; i < 3; i++) {
		expiry.run = i == 1;
		g_assert_true(
		    learn_expire(learn, "sales", &expiry, rows, NULL));
		row = json_array_get(rows, i);
		g_assert_cmpint(
		    json_integer_value(json_object_get(row, "past")), ==,
		    i == 0 ? 30 : 0);
		g_assert_cmpint(
		    json_integer_value(json_object_get(row, "gone")), ==,
		    i == 1 ? 30 : 0);
		g_assert_cmpint(
		    json_integer_value(json_object_get(row, "count")), ==,
		    i == 0 ? 30 : 0);
		g_assert_cmpstr(
		    json_string_value(json_object_get(row, "model")), ==,
		    "sales");
	}
	json_decref(rows);
	g_assert_cmpint(records_of(place, MODEL_JOURNAL), ==, 0);
}

/* Each lesson folds more than it adds; none folds the young. */
static void
test_fold_along(struct place *place, gconstpointer unused)
{
	(void)unused;
	for (guint i = 0; i < 20; i++)
		teach(place, i, "a@example.org", NULL);
	place->now += 181 * (gint64)DAY * G_USEC_PER_SEC;
	for (guint i = 20; i < 30; i++)
		teach(place, i, "a@example.org", NULL);
	school_verify(&place->school);
	g_assert_cmpint(records_of(place, MODEL_JOURNAL), ==, 10);
	g_assert_cmpint(school_stat(&place->school, "all"), ==, 30);
}

/* Folding, letting go, taking back and teaching in any order. */
static void
test_all_at_once(struct place *place, gconstpointer unused)
{
	struct school *school = &place->school;

	(void)unused;
	school->settings.max_records = 150;
	school->settings.journal_keep = 3 * DAY;
	school_reopen(school);
	for (guint i = 0; i < 120; i++) {
		place->now += DAY / 20 * (gint64)G_USEC_PER_SEC;
		teach(place, i % 90, "a@example.org", NULL);
		if (i % 3 == 0 && i > 3)
			(void)learn_take_back_id(school->learn,
			    i % 2 == 0 ? "40@example.org" : "7@example.org",
			    NULL, NULL);
		if (i % 10 == 0)
			school_verify(school);
	}
	tend(place);
	g_assert_cmpint(school_stat(school, "records"), <=, 150);
}

/* --- whether all adds up --- */

static void
spoil_count(struct store_txn *txn)
{
	struct model_count count;
	guint64 digest = school_digest(1);

	model_get_count(txn, digest, &count);
	count.ham += 1;
	model_put_count(txn, digest, &count);
}

static void
spoil_base(struct store_txn *txn)
{
	struct model_count count;
	guint64 digest = school_digest(1);

	model_get_count(txn, digest, &count);
	count.base_spam += 1;
	model_put_count(txn, digest, &count);
}

static void
spoil_born(struct store_txn *txn)
{
	struct model_count count;
	guint64 digest = school_digest(1);

	model_get_count(txn, digest, &count);
	count.born += 1;
	model_put_count(txn, digest, &count);
}

static void
lose_count(struct store_txn *txn)
{
	guint64 digest = school_digest(1);

	store_del(txn, MODEL_COUNTS, &digest, sizeof(digest));
}

static void
spoil_totals(struct store_txn *txn)
{
	struct model_totals totals;

	model_get_totals(txn, &totals);
	totals.sums.label_ham++;
	model_put_totals(txn, &totals);
}

static void
lose_index(struct store_txn *txn)
{
	store_clear(txn, MODEL_INDEX);
}

static void
lose_lesson(struct store_txn *txn)
{
	struct ident ident = { { 3 } };

	ident.bytes[IDENT_BYTES - 1] = 1;
	g_assert_true(store_del(txn, MODEL_JOURNAL, ident.bytes, IDENT_BYTES));
}

static void
test_verify(struct place *place, gconstpointer unused)
{
	static void (*const spoils[])(struct store_txn *) = { spoil_count,
		spoil_base, spoil_born, lose_count, spoil_totals, lose_index,
		lose_lesson };
	struct school *school = &place->school;

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(spoils); i++) {
		struct verify_report report;
		g_autoptr(GError) error = NULL;
		struct store *store;
		struct store_txn *txn;

		g_test_message("spoil %u", i);
		for (guint n = 0; n < 8; n++)
			teach(place, n, "a@example.org", NULL);
		school_verify(school);
		learn_close(&school->learn);
		store = model_open(school->folder.path, 64 << 20, &error);
		txn = store_begin(store, TRUE, &error);
		spoils[i](txn);
		g_assert_true(store_commit(&txn, &error));
		store_close(&store);
		school_reopen(school);
		g_assert_true(verify_model(school->learn, &report, &error));
		g_assert_cmpuint(report.differences, >, 0);
		g_assert_cmpuint(report.shown->len, >, 0);
		verify_report_clear(&report);
		learn_close(&school->learn);
		unlinkat(school->folder.fd, "data.mdb", 0);
		unlinkat(school->folder.fd, "lock.mdb", 0);
		school_reopen(school);
	}
}

/* --- whose it is --- */

static void
test_key(struct place *place, gconstpointer unused)
{
	struct school *school = &place->school;
	g_autoptr(GError) error = NULL;
	struct ident other;

	(void)unused;
	model_key_check((const guint8 *)"one", 3, &school->settings.key);
	model_key_check((const guint8 *)"two", 3, &other);
	g_assert_false(ident_equal(&school->settings.key, &other));
	/* An empty model is anybody's. */
	school_reopen(school);
	teach(place, 1, NULL, NULL);
	school_reopen(school);
	learn_close(&school->learn);
	school->settings.key = other;
	g_assert_null(learn_open(&school->settings, NULL, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_nonnull(strstr(error->message, "feature key"));
	model_key_check((const guint8 *)"one", 3, &school->settings.key);
	school_reopen(school);
	g_assert_cmpint(school_stat(school, "all"), ==, 1);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct place *, gconstpointer);
	} tests[] = {
		{ "/journal/person", test_person },
		{ "/journal/id", test_id },
		{ "/journal/written-id", test_written_id },
		{ "/journal/fold", test_fold },
		{ "/journal/expire", test_expire },
		{ "/journal/fold-along", test_fold_along },
		{ "/journal/all-at-once", test_all_at_once },
		{ "/journal/verify", test_verify },
		{ "/journal/key", test_key },
	};

	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].name, struct place, NULL, place_init,
		    tests[i].run, place_fini);
	return g_test_run();
}
