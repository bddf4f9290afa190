/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/faculty.h"

#include <string.h>

#include "classifier/evidence.h"
#include "classifier/exchange.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/classifier/school.h"

#define SALES "sales@example.com"

/* The installation's model, and one of sales' own. */
struct fixture {
	struct school shared; /* first */
	struct folder folder;
	char *table;
	struct secret *key;
	struct faculty *faculty;
};

static void
init(struct fixture *fixture, gconstpointer unused)
{
	struct learn_settings settings;
	g_autoptr(GError) error = NULL;

	school_init(&fixture->shared, unused);
	g_assert_true(seal_init(NULL));
	fixture->key = secret_random(SEAL_KEY_BYTES);
	fixture->shared.settings.subject_key = fixture->key;
	school_reopen(&fixture->shared);
	folder_init(&fixture->folder, unused);
	fixture->table = folder_path(&fixture->folder, "table");
	settings = fixture->shared.settings;
	settings.model_folder = fixture->folder.path;
	settings.table_path = fixture->table;
	fixture->faculty = faculty_new(fixture->shared.learn, NULL);
	g_assert_true(
	    faculty_open(fixture->faculty, "sales", &settings, &error));
	g_assert_no_error(error);
	faculty_assign(fixture->faculty, SALES, "sales");
}

static void
fini(struct fixture *fixture, gconstpointer unused)
{
	faculty_free(&fixture->faculty);
	g_free(fixture->table);
	folder_fini(&fixture->folder, unused);
	school_fini(&fixture->shared, unused);
	secret_free(&fixture->key);
}

/* Lesson `number` with 40 features from `first` on, and 5 of its own. */
static enum teacher_outcome
teach(struct fixture *fixture, guint number, guint64 first,
    enum verdict_class class, const char *inbox, gboolean force)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	const struct teacher_lesson wish = { class, force, "cli:test", inbox };
	enum teacher_outcome outcome = TEACHER_UNTAUGHT;
	struct teacher_reason reason;
	g_autoptr(GError) error = NULL;

	school_lesson(&lesson, number, first, 40, 5);
	school_judge(&fixture->shared, &lesson);
	g_assert_true(faculty_lesson(
	    fixture->faculty, &lesson, &wish, &outcome, &reason, &error));
	g_assert_no_error(error);
	return outcome;
}

static gint64
number_of(struct fixture *fixture, gboolean own, const char *name)
{
	json_t *stats = faculty_stats(fixture->faculty, NULL);
	json_t *of =
	    own ? json_array_get(json_object_get(stats, "own"), 0) : stats;
	gint64 number = json_integer_value(json_object_get(of, name));

	json_decref(stats);
	return number;
}

static void
assert_labels(struct fixture *fixture, gint64 shared, gint64 own)
{
	g_assert_cmpint(number_of(fixture, FALSE, "all"), ==, shared);
	g_assert_cmpint(number_of(fixture, TRUE, "all"), ==, own);
}

static void
test_both(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_assert_cmpint(
	    teach(fixture, 1, 0, VERDICT_HAM, NULL, FALSE), ==, TEACHER_LEARNT);
	assert_labels(fixture, 1, 0);
	teach(fixture, 2, 100, VERDICT_SPAM, "other@example.com", FALSE);
	assert_labels(fixture, 2, 0);
	/* A plus address is the inbox's, too. */
	teach(fixture, 3, 100, VERDICT_SPAM, "sales+x@example.com", FALSE);
	teach(fixture, 4, 0, VERDICT_HAM, SALES, FALSE);
	assert_labels(fixture, 4, 2);
	g_assert_cmpint(
	    teach(fixture, 4, 0, VERDICT_HAM, SALES, FALSE), ==, TEACHER_KNOWN);
	assert_labels(fixture, 4, 2);
	/* Known to one of them only. */
	g_assert_cmpint(
	    teach(fixture, 1, 0, VERDICT_HAM, SALES, FALSE), !=, TEACHER_KNOWN);
	assert_labels(fixture, 4, 3);
	g_assert_cmpint(teach(fixture, 3, 100, VERDICT_HAM, SALES, TRUE), ==,
	    TEACHER_MOVED);
	assert_labels(fixture, 4, 3);
	g_assert_cmpint(number_of(fixture, TRUE, "spam"), ==, 0);
}

static void
test_group(struct fixture *fixture, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_true(faculty_group_begin(fixture->faculty, &error));
	for (guint i = 0; i < 5; i++)
		teach(fixture, i, 0, VERDICT_HAM, SALES, FALSE);
	g_assert_true(faculty_group_end(fixture->faculty, &error));
	g_assert_no_error(error);
	assert_labels(fixture, 5, 5);
	g_assert_false(faculty_group_end(fixture->faculty, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

/* What two inboxes call different things, each has its way; what the one
 * taught for itself did not come into the other's model. */
static void
test_opposite(struct fixture *fixture, gconstpointer unused)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	struct evidence shared, both;
	struct table_reader *own OWNED(table_unmap) = NULL;
	int fd;

	(void)unused;
	for (guint i = 0; i < 60; i++) {
		teach(fixture, 2 * i, 0, VERDICT_SPAM, NULL, TRUE);
		teach(fixture, 2 * i + 1, 500, VERDICT_HAM, NULL, TRUE);
	}
	for (guint i = 0; i < 40; i++) {
		teach(fixture, 1000 + 2 * i, 0, VERDICT_HAM, SALES, TRUE);
		teach(fixture, 1001 + 2 * i, 900, VERDICT_SPAM, SALES, TRUE);
	}
	school_lesson(&lesson, 5000, 0, 40, 5);
	learn_gather(fixture->shared.learn, lesson.digests, lesson.n, &shared);
	fd = table_open(fixture->table, NULL);
	own = table_map(fd, NULL);
	close(fd);
	g_assert_nonnull(own);
	evidence_gather(own, lesson.digests, lesson.n, &both);
	g_assert_cmpfloat(score_published(&both.sum), <, -1);
	evidence_blend(
	    &shared, &(struct evidence){ both.totals, both.sum }, &both);
	g_assert_cmpfloat(score_published(&both.sum), <, -1);
	g_assert_cmpfloat(
	    score_published(&both.sum), <, score_published(&shared.sum) - 1);
}

/* The guard asks both together, once. */
static void
test_refused(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	for (guint i = 0; i < 60; i++) {
		teach(fixture, 2 * i, 0, VERDICT_SPAM, NULL, TRUE);
		teach(fixture, 2 * i + 1, 500, VERDICT_HAM, NULL, TRUE);
	}
	/* Nothing of its own: as the installation's has it. */
	g_assert_cmpint(teach(fixture, 3000, 0, VERDICT_HAM, SALES, FALSE), ==,
	    TEACHER_REFUSED);
	assert_labels(fixture, 120, 0);
	g_assert_cmpint(teach(fixture, 3000, 0, VERDICT_HAM, SALES, TRUE), ==,
	    TEACHER_LEARNT);
	assert_labels(fixture, 121, 1);
}

static void
test_take_back(struct fixture *fixture, gconstpointer unused)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	g_autoptr(GError) error = NULL;

	(void)unused;
	teach(fixture, 1, 0, VERDICT_HAM, NULL, FALSE);
	teach(fixture, 2, 100, VERDICT_SPAM, SALES, FALSE);
	school_lesson(&lesson, 3, 0, 0, 0);
	g_assert_false(
	    faculty_take_back(fixture->faculty, &lesson.ident, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	classify_lesson_clear(&lesson);
	school_lesson(&lesson, 2, 0, 0, 0);
	g_assert_true(
	    faculty_take_back(fixture->faculty, &lesson.ident, &error));
	g_assert_no_error(error);
	assert_labels(fixture, 1, 0);
	g_assert_cmpint(number_of(fixture, TRUE, "records"), ==, 0);
	g_assert_false(
	    faculty_take_back(fixture->faculty, &lesson.ident, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

#define OTHER "other@example.com"
#define NEWS "news@example.com"

static char *
dump(struct fixture *fixture)
{
	GString *out = g_string_new(NULL);

	g_assert_true(
	    exchange_dump(fixture->shared.learn, EXCHANGE_COUNTS, out, NULL));
	return g_string_free(out, FALSE);
}

static guint
take_back_inbox(struct fixture *fixture, const char *inbox)
{
	g_autoptr(GError) error = NULL;
	guint taken = 0;

	g_assert_true(
	    faculty_take_back_inbox(fixture->faculty, inbox, &taken, &error));
	g_assert_no_error(error);
	school_verify(&fixture->shared);
	return taken;
}

/* What an inbox taught goes exactly, but what another has taught too stays. */
static void
test_inbox(struct fixture *fixture, gconstpointer unused)
{
	g_autofree char *before = NULL, *after = NULL;

	(void)unused;
	teach(fixture, 1, 0, VERDICT_HAM, NULL, FALSE);
	teach(fixture, 2, 100, VERDICT_SPAM, OTHER, FALSE);
	teach(fixture, 3, 200, VERDICT_SPAM, OTHER, FALSE);
	teach(fixture, 3, 200, VERDICT_SPAM, NEWS, FALSE); /* known */
	before = dump(fixture);
	teach(fixture, 4, 300, VERDICT_HAM, NEWS, FALSE);
	teach(fixture, 5, 400, VERDICT_HAM, NEWS, FALSE);
	/* Moved by nobody's inbox: it is still the inbox's mail. */
	teach(fixture, 5, 400, VERDICT_SPAM, NULL, TRUE);
	assert_labels(fixture, 5, 0);
	g_assert_cmpuint(take_back_inbox(fixture, "News@example.com"), ==, 2);
	assert_labels(fixture, 3, 0);
	after = dump(fixture);
	g_assert_true(strcmp(after, before) == 0);
	g_assert_cmpuint(take_back_inbox(fixture, NEWS), ==, 0);
	g_assert_cmpuint(take_back_inbox(fixture, OTHER), ==, 2);
	assert_labels(fixture, 1, 0);
}

/* Its own model goes as a whole, unless another inbox uses it. */
static void
test_inbox_own(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	teach(fixture, 1, 0, VERDICT_HAM, SALES, FALSE);
	teach(fixture, 2, 100, VERDICT_SPAM, OTHER, FALSE);
	assert_labels(fixture, 2, 1);
	g_assert_cmpint(number_of(fixture, TRUE, "records"), >, 0);
	g_assert_cmpuint(take_back_inbox(fixture, SALES), ==, 1);
	assert_labels(fixture, 1, 0);
	g_assert_cmpint(number_of(fixture, TRUE, "records"), ==, 0);
	/* It can be taught again. */
	teach(fixture, 3, 0, VERDICT_HAM, SALES, FALSE);
	assert_labels(fixture, 2, 1);
	faculty_assign(fixture->faculty, OTHER, "sales");
	teach(fixture, 4, 300, VERDICT_SPAM, OTHER, FALSE);
	assert_labels(fixture, 3, 2);
	g_assert_cmpuint(take_back_inbox(fixture, SALES), ==, 1);
	assert_labels(fixture, 2, 1);
}

#define ADD(name, test) \
	g_test_add("/classifier/faculty/" name, struct fixture, NULL, init, \
	    test, fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	ADD("both", test_both);
	ADD("group", test_group);
	ADD("opposite", test_opposite);
	ADD("refused", test_refused);
	ADD("take-back", test_take_back);
	ADD("inbox", test_inbox);
	ADD("inbox-own", test_inbox_own);
	return g_test_run();
}
