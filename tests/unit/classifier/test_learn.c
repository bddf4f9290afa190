/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/classifier/school.h"

#define NO_OUTCOME 99

static void
teach(struct school *school, guint number, enum verdict_class class)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);

	school_lesson(&lesson, number, 0, 10, 10);
	school_teach(school, &lesson, class);
}

/* --- what a label does --- */

struct step {
	guint number;
	enum verdict_class class;
	double margin;
	gboolean force;
	guint outcome;
	/* After it: labels, those learnt, whether there are enough. */
	guint ham, spam, learnt_ham, learnt_spam;
	gboolean active;
};

#define H VERDICT_HAM
#define S VERDICT_SPAM

/* Two labels of each class and five in all make it active. */
static const struct step steps[] = {
	{ 1, S, 0, FALSE, TEACHER_LEARNT, 0, 1, 0, 1, FALSE },
	{ 1, S, 0, FALSE, TEACHER_KNOWN, 0, 1, 0, 1, FALSE },
	{ 1, S, -500, TRUE, TEACHER_KNOWN, 0, 1, 0, 1, FALSE },
	{ 2, H, -40, FALSE, TEACHER_NOTED, 1, 1, 0, 1, FALSE },
	{ 2, H, -40, FALSE, TEACHER_KNOWN, 1, 1, 0, 1, FALSE },
	/* Noted, but needed by now: one label all the same. */
	{ 2, H, -39.9, FALSE, TEACHER_LEARNT, 1, 1, 1, 1, FALSE },
	{ 2, H, 0, FALSE, TEACHER_KNOWN, 1, 1, 1, 1, FALSE },
	{ 2, S, -200, FALSE, TEACHER_MOVED, 0, 2, 0, 2, FALSE },
	{ 2, H, 200, FALSE, TEACHER_MOVED, 1, 1, 1, 1, FALSE },
	{ 3, S, 40, FALSE, TEACHER_NOTED, 1, 2, 1, 1, FALSE },
	/* Contradicted, but the model is young; and 3 is looked at again. */
	{ 4, S, -61, FALSE, TEACHER_LEARNT, 1, 3, 1, 3, FALSE },
	{ 5, H, -50, FALSE, TEACHER_NOTED, 2, 3, 1, 3, TRUE },
	/* As it is 5. */
	{ 6, H, 60, FALSE, TEACHER_LEARNT, 3, 3, 3, 3, TRUE },
	{ 7, H, 60.1, FALSE, TEACHER_REFUSED, 3, 3, 3, 3, TRUE },
	{ 8, S, -60.1, FALSE, TEACHER_REFUSED, 3, 3, 3, 3, TRUE },
	{ 7, H, 60.1, TRUE, TEACHER_LEARNT, 4, 3, 4, 3, TRUE },
	/* Who corrects himself is not refused. */
	{ 7, S, -900, FALSE, TEACHER_MOVED, 3, 4, 3, 4, TRUE },
	{ 9, VERDICT_UNSURE, 0, TRUE, NO_OUTCOME, 3, 4, 3, 4, TRUE },
};

static void
assert_stats(struct school *school, const struct step *step)
{
	g_assert_cmpint(school_stat(school, "ham"), ==, step->ham);
	g_assert_cmpint(school_stat(school, "spam"), ==, step->spam);
	g_assert_cmpint(
	    school_stat(school, "learnt_ham"), ==, step->learnt_ham);
	g_assert_cmpint(
	    school_stat(school, "learnt_spam"), ==, step->learnt_spam);
	g_assert_cmpint(school_stat(school, "active"), ==, step->active);
}

static void
test_outcomes(struct school *school, gconstpointer unused)
{
	(void)unused;
	school->settings.activation_labels = 2;
	school->settings.activation_total = 5;
	school->settings.training_margin = 40;
	school->settings.refuse_score = 60;
	school_reopen(school);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		const struct step *step = &steps[i];
		const struct teacher_lesson wish = { step->class, step->force,
			NULL };
		struct classify_lesson lesson OWNED(classify_lesson_clear);
		enum teacher_outcome outcome = NO_OUTCOME;
		g_autoptr(GError) error = NULL;

		school_lesson(&lesson, step->number, 0, 10, 10);
		lesson.verdict.margin = step->margin;
		lesson.verdict.score = step->margin;
		g_test_message("step %zu", i);
		g_assert_cmpint(learn_lesson(school->learn, &lesson, &wish,
				    &outcome, &error),
		    ==, step->outcome != NO_OUTCOME);
		g_assert_cmpint(err_is(error, DG_ERROR_BAD), ==,
		    step->outcome == NO_OUTCOME);
		g_assert_cmpuint(outcome, ==, step->outcome);
		assert_stats(school, step);
	}
	school_reopen(school);
	assert_stats(school, &steps[G_N_ELEMENTS(steps) - 1]);
}

/* What becomes of lesson `number`, whose label is strongly contradicted. */
static enum teacher_outcome
contradict(struct school *school, guint number)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	const struct teacher_lesson wish = { VERDICT_HAM, FALSE, NULL };
	enum teacher_outcome outcome = NO_OUTCOME;

	school_lesson(&lesson, number, 0, 10, 10);
	lesson.verdict.margin = lesson.verdict.score = 50;
	g_assert_true(
	    learn_lesson(school->learn, &lesson, &wish, &outcome, NULL));
	return outcome;
}

/* A label that is given again is no second doubt; many that differ say that the
 * model is out of date. */
static void
test_doubts(struct school *school, gconstpointer unused)
{
	(void)unused;
	school->settings.activation_labels = 1;
	school->settings.activation_total = 2;
	school_reopen(school);
	teach(school, 1, VERDICT_HAM);
	teach(school, 2, VERDICT_SPAM);
	for (guint i = 0; i < 40; i++)
		g_assert_cmpint(contradict(school, 3), ==, TEACHER_REFUSED);
	school_reopen(school);
	for (guint i = 4; i < 9; i++)
		g_assert_cmpint(contradict(school, i), ==, TEACHER_REFUSED);
	g_assert_cmpint(contradict(school, 9), ==, TEACHER_LEARNT);
}

static void
assert_not_taught(struct school *school, guint number)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	g_autoptr(GError) error = NULL;

	school_lesson(&lesson, number, 0, 0, 0);
	g_assert_false(learn_take_back(school->learn, &lesson.ident, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

static void
test_take_back(struct school *school, gconstpointer unused)
{
	struct classify_lesson noted OWNED(classify_lesson_clear);
	g_autofree char *one = NULL, *again = NULL, *none = NULL;

	(void)unused;
	assert_not_taught(school, 1);
	teach(school, 1, VERDICT_HAM);
	one = school_counts(school);
	teach(school, 1, VERDICT_HAM);
	teach(school, 2, VERDICT_SPAM);
	school_take_back(school, 2);
	assert_not_taught(school, 2);
	school_lesson(&noted, 3, 0, 10, 10);
	noted.verdict.margin = 70;
	g_assert_cmpint(
	    school_teach(school, &noted, VERDICT_SPAM), ==, TEACHER_NOTED);
	school_take_back(school, 3);
	again = school_counts(school);
	g_assert_cmpstr(again, ==, one);
	g_assert_cmpint(school_stat(school, "records"), ==, 20);
	school_take_back(school, 1);
	none = school_counts(school);
	g_assert_cmpstr(none, ==, "learnt 0 0, labels 0 0\n");
	g_assert_cmpint(school_stat(school, "records"), ==, 0);
}

/* The labels that are asked for, and how many there are. */
static void
test_activation(struct school *school, gconstpointer unused)
{
	static const struct {
		guint ham, spam;
		gboolean active;
	} rows[] = {
		{ 37, 4, FALSE },
		{ 60, 9, FALSE },
		{ 60, 10, TRUE },
	};
	guint ham = 0, spam = 0;

	(void)unused;
	g_assert_cmpint(school_stat(school, "need_each"), ==, 10);
	g_assert_cmpint(school_stat(school, "need_all"), ==, 64);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		school_begin(school);
		while (ham < rows[i].ham)
			teach(school, ham++, VERDICT_HAM);
		while (spam < rows[i].spam)
			teach(school, 1000 + spam++, VERDICT_SPAM);
		school_end(school);
		g_assert_cmpint(school_stat(school, "ham"), ==, ham);
		g_assert_cmpint(school_stat(school, "spam"), ==, spam);
		g_assert_cmpint(school_stat(school, "all"), ==, ham + spam);
		g_assert_cmpint(school_stat(school, "lessons"), ==, ham + spam);
		g_assert_cmpint(
		    school_stat(school, "active"), ==, rows[i].active);
	}
	/* 53 + 10 are too few in all. */
	while (ham > 53)
		school_take_back(school, --ham);
	g_assert_false(school_stat(school, "active"));
	teach(school, ham++, VERDICT_HAM);
	g_assert_true(school_stat(school, "active"));
	/* 9 good ones are too few, however much spam there is. */
	school_begin(school);
	while (spam < 70)
		teach(school, 1000 + spam++, VERDICT_SPAM);
	while (ham > 9)
		school_take_back(school, --ham);
	school_end(school);
	g_assert_false(school_stat(school, "active"));
	teach(school, ham, VERDICT_HAM);
	g_assert_true(school_stat(school, "active"));
}

/* --- groups --- */

static void
test_group(struct school *school, gconstpointer unused)
{
	g_autofree char *apart = NULL, *together = NULL, *unended = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_false(learn_group_end(school->learn, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	teach(school, 1, VERDICT_HAM);
	teach(school, 2, VERDICT_SPAM);
	apart = school_counts(school);
	school_take_back(school, 2);
	school_begin(school);
	g_assert_false(learn_group_begin(school->learn, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	teach(school, 3, VERDICT_SPAM);
	teach(school, 2, VERDICT_SPAM);
	/* What cannot be done takes nothing along. */
	assert_not_taught(school, 4);
	school_take_back(school, 3);
	school_end(school);
	together = school_counts(school);
	g_assert_cmpstr(together, ==, apart);
	/* A group of nothing new; one that never ended. */
	school_begin(school);
	teach(school, 2, VERDICT_SPAM);
	school_end(school);
	school_begin(school);
	teach(school, 5, VERDICT_SPAM);
	school_reopen(school);
	unended = school_counts(school);
	g_assert_cmpstr(unended, ==, apart);
}

/* Teaches large lessons until the store has no room; which error that gave. */
static GError *
fill_up(struct school *school)
{
	const struct teacher_lesson wish = { VERDICT_HAM, FALSE, NULL };
	GError *error = NULL;

	for (guint i = 0; i < 1000 && error == NULL; i++) {
		struct classify_lesson lesson OWNED(classify_lesson_clear);
		enum teacher_outcome outcome;

		school_lesson(&lesson, 1000 + i, 0, 10, 4000);
		learn_lesson(school->learn, &lesson, &wish, &outcome, &error);
	}
	return error;
}

static void
test_group_fails(struct school *school, gconstpointer unused)
{
	const struct teacher_lesson wish = { VERDICT_HAM, FALSE, NULL };
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	enum teacher_outcome outcome;
	g_autofree char *before = NULL, *after = NULL;
	g_autoptr(GError) full = NULL, error = NULL;

	(void)unused;
	school->settings.map_bytes = 2 << 20;
	school_reopen(school);
	teach(school, 1, VERDICT_SPAM);
	before = school_counts(school);
	school_begin(school);
	teach(school, 2, VERDICT_SPAM);
	full = fill_up(school);
	g_assert_error(full, DG_ERROR, DG_ERROR_FULL);
	school_lesson(&lesson, 3, 0, 10, 10);
	g_assert_false(
	    learn_lesson(school->learn, &lesson, &wish, &outcome, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_clear_error(&error);
	g_assert_cmpint(school_stat(school, "spam"), ==, 1);
	g_assert_false(learn_group_end(school->learn, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, before);
	g_assert_cmpint(
	    school_teach(school, &lesson, VERDICT_HAM), ==, TEACHER_LEARNT);
}

/* Alone, only the lesson that found no room is missing. */
static void
test_lesson_fails(struct school *school, gconstpointer unused)
{
	g_autoptr(GError) full = NULL;
	g_autofree char *before = NULL;
	gint64 learnt;

	(void)unused;
	school->settings.map_bytes = 2 << 20;
	school_reopen(school);
	teach(school, 1, VERDICT_SPAM);
	full = fill_up(school);
	g_assert_error(full, DG_ERROR, DG_ERROR_FULL);
	learnt = school_stat(school, "learnt_ham");
	g_assert_cmpint(learnt, >=, 1);
	g_assert_cmpint(school_stat(school, "records"), ==, 20 + 4000 * learnt);
	before = school_counts(school);
	g_assert_cmpint(school_stat(school, "learnt_ham"), ==, learnt);
	g_assert_cmpint(school_stat(school, "records"), ==, 20 + 4000 * learnt);
}

/* --- threads --- */

struct pupil {
	struct school *school;
	guint from;
	gint done;
};

static gpointer
teach_many(gpointer self)
{
	struct pupil *pupil = self;

	for (guint i = 0; i < 25; i++) {
		teach(pupil->school, pupil->from + i,
		    i % 2 == 0 ? VERDICT_HAM : VERDICT_SPAM);
		school_stat(pupil->school, "records");
	}
	g_atomic_int_set(&pupil->done, TRUE);
	return NULL;
}

static void
test_threads(struct school *school, gconstpointer unused)
{
	struct pupil pupils[4];
	GThread *threads[4];
	g_autofree char *crowd = NULL, *alone = NULL;

	(void)unused;
	school_begin(school);
	for (guint i = 0; i < 4; i++) {
		pupils[i] = (struct pupil){ school, 100 * i, FALSE };
		threads[i] = g_thread_new("pupil", teach_many, &pupils[i]);
	}
	teach(school, 1000, VERDICT_HAM);
	g_usleep(20000);
	/* They wait for the group. */
	g_assert_cmpint(school_stat(school, "all"), ==, 1);
	school_end(school);
	for (guint i = 0; i < 4; i++)
		g_thread_join(threads[i]);
	crowd = school_counts(school);
	school_begin(school);
	for (guint i = 0; i < 4; i++) {
		for (guint j = 0; j < 25; j++)
			school_take_back(school, pupils[i].from + j);
		teach_many(&pupils[i]);
	}
	school_end(school);
	alone = school_counts(school);
	g_assert_cmpstr(crowd, ==, alone);
	g_assert_cmpint(school_stat(school, "all"), ==, 101);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct school *, gconstpointer);
	} rows[] = {
		{ "/learn/doubts", test_doubts },
		{ "/learn/outcomes", test_outcomes },
		{ "/learn/take-back", test_take_back },
		{ "/learn/activation", test_activation },
		{ "/learn/group", test_group },
		{ "/learn/group-fails", test_group_fails },
		{ "/learn/lesson-fails", test_lesson_fails },
		{ "/learn/threads", test_threads },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_test_add(rows[i].name, struct school, NULL, school_init,
		    rows[i].run, school_fini);
	return g_test_run();
}
