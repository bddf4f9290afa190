/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/classifier/school.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/model.h"
#include "classifier/verify.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

/* Own features of a lesson begin here. */
#define OWN (G_GUINT64_CONSTANT(1) << 32)

static void
open_learn(struct school *school)
{
	g_autoptr(GError) error = NULL;

	school->learn = learn_open(&school->settings, NULL, &error);
	g_assert_no_error(error);
}

void
school_init(struct school *school, gconstpointer unused)
{
	folder_init(&school->folder, unused);
	school->table_path = folder_path(&school->folder, "table");
	school->settings = (struct learn_settings){
		.model_folder = school->folder.path,
		.table_path = school->table_path,
		.map_bytes = 64 << 20,
		.training_margin = 8,
		.refuse_score = 7,
		.max_records = 1000000,
		.activation_labels = 10,
		.activation_total = 64,
	};
	open_learn(school);
}

void
school_fini(struct school *school, gconstpointer unused)
{
	learn_close(&school->learn);
	g_free(school->table_path);
	folder_fini(&school->folder, unused);
}

void
school_reopen(struct school *school)
{
	learn_close(&school->learn);
	open_learn(school);
}

guint64
school_digest(guint64 number)
{
	return number * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
}

static int
by_value(const void *a, const void *b)
{
	const guint64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
school_lesson(struct classify_lesson *lesson_r, guint number, guint64 first,
    guint n, guint own)
{
	*lesson_r = (struct classify_lesson){ .n = n + own };
	memcpy(lesson_r->ident.bytes, &number, sizeof(number));
	lesson_r->ident.bytes[IDENT_BYTES - 1] = 1;
	lesson_r->digests = g_new(guint64, n + own + 1);
	for (guint i = 0; i < n; i++)
		lesson_r->digests[i] = school_digest(first + i);
	for (guint i = 0; i < own; i++)
		lesson_r->digests[n + i] =
		    school_digest((number + 1) * OWN + i);
	qsort(lesson_r->digests, lesson_r->n, sizeof(guint64), by_value);
}

struct table_reader *
school_map(const struct school *school)
{
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = table_open(school->table_path, &error);
	struct table_reader *reader;

	g_assert_no_error(error);
	reader = table_map(fd, &error);
	g_assert_no_error(error);
	return reader;
}

void
school_judge(struct school *school, struct classify_lesson *lesson)
{
	const struct classify_settings settings = { 4, -4, 10, 64 };
	struct table_reader *reader OWNED(table_unmap) = school_map(school);

	classify_verdict(
	    reader, &settings, lesson->digests, lesson->n, &lesson->verdict);
}

enum teacher_outcome
school_teach(struct school *school, const struct classify_lesson *lesson,
    enum verdict_class class)
{
	const struct teacher_lesson wish = { class, FALSE, "cli:test" };
	enum teacher_outcome outcome = TEACHER_REFUSED;
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    learn_lesson(school->learn, lesson, &wish, &outcome, &error));
	g_assert_no_error(error);
	return outcome;
}

void
school_take_back(struct school *school, guint number)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	g_autoptr(GError) error = NULL;

	school_lesson(&lesson, number, 0, 0, 0);
	g_assert_true(learn_take_back(school->learn, &lesson.ident, &error));
	g_assert_no_error(error);
}

void
school_begin(struct school *school)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(learn_group_begin(school->learn, &error));
	g_assert_no_error(error);
}

void
school_end(struct school *school)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(learn_group_end(school->learn, &error));
	g_assert_no_error(error);
}

gint64
school_stat(struct school *school, const char *name)
{
	json_t *stats = learn_stats(school->learn, NULL);
	json_t *value = json_object_get(stats, name);
	gint64 number = json_is_boolean(value) ? json_is_true(value)
					       : json_integer_value(value);

	g_assert_nonnull(value);
	json_decref(stats);
	return number;
}

static void
append_counts(GString *out, struct store_txn *txn, struct table_reader *reader,
    const struct table_totals *totals)
{
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_COUNTS, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		struct model_count count;
		guint64 digest;
		guint32 spam, ham;

		memcpy(&digest, key.data, sizeof(digest));
		g_assert_true(model_read_count(&value, &count));
		table_get(reader, digest, &spam, &ham);
		g_assert_cmpuint(spam, ==, count.spam);
		g_assert_cmpuint(ham, ==, count.ham);
		g_assert_cmpuint(spam, <=, totals->spam);
		g_assert_cmpuint(ham, <=, totals->ham);
		g_string_append_printf(out,
		    "%016" G_GINT64_MODIFIER "x %u %u\n", digest, spam, ham);
	}
	store_cursor_end(&cursor);
}

void
school_verify(struct school *school)
{
	struct verify_report report;
	g_autoptr(GError) error = NULL;

	g_assert_true(verify_model(school->learn, &report, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < report.shown->len; i++)
		g_test_message("%s", (char *)report.shown->pdata[i]);
	g_assert_cmpuint(report.differences, ==, 0);
	verify_report_clear(&report);
}

char *
school_counts(struct school *school)
{
	struct table_reader *reader OWNED(table_unmap) = school_map(school);
	GString *out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	struct model_totals totals;
	struct table_totals shown;
	struct store *store;
	struct store_txn *txn;

	school_verify(school);
	learn_close(&school->learn);
	g_assert_true(table_superseded(reader));
	store =
	    model_open(school->folder.path, school->settings.map_bytes, &error);
	g_assert_no_error(error);
	txn = store_begin(store, FALSE, &error);
	g_assert_no_error(error);
	model_get_totals(txn, &totals);
	table_totals(reader, &shown);
	g_assert_cmpmem(&shown, sizeof(shown), &totals.sums, sizeof(shown));
	append_counts(out, txn, reader, &shown);
	g_string_append_printf(out, "learnt %u %u, labels %u %u\n", shown.spam,
	    shown.ham, shown.label_spam, shown.label_ham);
	store_abort(&txn);
	store_close(&store);
	open_learn(school);
	return g_string_free(out, FALSE);
}
