/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent may say against the model, and against others. */
#include "lib/base/owned.h"
#include "tests/unit/classifier/school.h"

#define NO_OUTCOME 99

/* What becomes of lesson `number`, whose label the score contradicts. */
static enum teacher_outcome
label_as(struct school *school, guint number, const char *actor,
    enum verdict_class class, double score)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	const struct teacher_lesson wish = { class, FALSE, actor };
	enum teacher_outcome outcome = NO_OUTCOME;

	school_lesson(&lesson, number, 0, 10, 10);
	lesson.verdict.margin = lesson.verdict.score =
	    class == VERDICT_HAM ? score : -score;
	g_assert_true(
	    learn_lesson(school->learn, &lesson, &wish, &outcome, NULL));
	return outcome;
}

static void
begin(struct school *school)
{
	struct classify_lesson ham OWNED(classify_lesson_clear);
	struct classify_lesson spam OWNED(classify_lesson_clear);

	school->settings.activation_labels = 1;
	school->settings.activation_total = 2;
	school->settings.agent_doubts = 2;
	school_reopen(school);
	school_lesson(&ham, 1, 0, 10, 10);
	school_teach(school, &ham, VERDICT_HAM);
	school_lesson(&spam, 2, 0, 10, 10);
	school_teach(school, &spam, VERDICT_SPAM);
}

/* That good mail is spam one agent says in vain, and then of what the model is
 * not sure of either; three say it together, and the command. */
static void
test_agents(struct school *school, gconstpointer unused)
{
	guint n = 3;

	(void)unused;
	begin(school);
	g_assert_cmpint(label_as(school, n++, "desk:1", VERDICT_SPAM, 1), ==,
	    TEACHER_LEARNT);
	for (guint i = 0; i < 40; i++)
		g_assert_cmpint(
		    label_as(school, n++, "desk:1", VERDICT_SPAM, 70), ==,
		    TEACHER_REFUSED);
	g_assert_cmpint(label_as(school, n++, "desk:1", VERDICT_SPAM, 1), ==,
	    TEACHER_REFUSED);
	/* What is spam to the model he may call so, and ham good. */
	g_assert_cmpint(label_as(school, n++, "desk:1", VERDICT_SPAM, -1), ==,
	    TEACHER_LEARNT);
	g_assert_cmpint(label_as(school, n++, "desk:1", VERDICT_HAM, 1), ==,
	    TEACHER_LEARNT);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpint(
		    label_as(school, n++, "desk:2", VERDICT_SPAM, 70), ==,
		    TEACHER_REFUSED);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpint(
		    label_as(school, n++, "desk:3", VERDICT_SPAM, 70), ==,
		    TEACHER_REFUSED);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpint(
		    label_as(school, n++, "desk:4", VERDICT_SPAM, 70), ==,
		    i < 2 ? TEACHER_LEARNT : TEACHER_REFUSED);
	g_assert_cmpint(
	    label_as(school, n++, NULL, VERDICT_SPAM, 70), ==, TEACHER_LEARNT);
}

/* Who lets good mail go is heard as one always was. */
static void
test_agents_ham(struct school *school, gconstpointer unused)
{
	(void)unused;
	begin(school);
	for (guint i = 3; i < 20; i++)
		g_assert_cmpint(label_as(school, i, "desk:1", VERDICT_HAM, 70),
		    ==, i < 9 ? TEACHER_REFUSED : TEACHER_LEARNT);
}

/* One agent corrects himself as he likes, and others now and then. */
static void
test_agents_overrule(struct school *school, gconstpointer unused)
{
	(void)unused;
	begin(school);
	for (guint i = 3; i < 8; i++) {
		g_assert_cmpint(label_as(school, i, "desk:1", VERDICT_HAM, -1),
		    ==, TEACHER_LEARNT);
		g_assert_cmpint(label_as(school, i, "desk:1", VERDICT_SPAM, 70),
		    ==, TEACHER_MOVED);
	}
	for (guint i = 8; i < 13; i++) {
		g_assert_cmpint(label_as(school, i, "desk:2", VERDICT_HAM, -1),
		    ==, TEACHER_LEARNT);
		g_assert_cmpint(label_as(school, i, "desk:1", VERDICT_SPAM, 70),
		    ==, i < 10 ? TEACHER_MOVED : TEACHER_REFUSED);
		g_assert_cmpint(label_as(school, i, "desk:2", VERDICT_SPAM, 70),
		    ==, i < 10 ? TEACHER_KNOWN : TEACHER_MOVED);
	}
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct school *school, gconstpointer unused);
	} cases[] = {
		{ "/agents/spam", test_agents },
		{ "/agents/ham", test_agents_ham },
		{ "/agents/overrule", test_agents_overrule },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_test_add(cases[i].name, struct school, NULL, school_init,
		    cases[i].run, school_fini);
	return g_test_run();
}
