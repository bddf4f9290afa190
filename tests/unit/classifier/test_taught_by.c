/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lessons found by who taught them, and taken back. */
#include "classifier/model.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/classifier/school.h"

static void
teach_as(struct school *school, guint number, enum verdict_class class,
    const char *actor)
{
	const struct teacher_lesson wish = { class, TRUE, actor };
	struct classify_lesson lesson OWNED(classify_lesson_clear);
	g_autoptr(GError) error = NULL;
	enum teacher_outcome outcome;

	school_lesson(&lesson, number, number % 5, 10, 5);
	g_assert_true(
	    learn_lesson(school->learn, &lesson, &wish, &outcome, &error));
	g_assert_no_error(error);
}

/* Takes back two of his at most. */
static void
assert_actor(
    struct school *school, const char *actor, guint want, gboolean more)
{
	g_autoptr(GError) error = NULL;
	gboolean found_more = FALSE;
	guint taken;

	if (learn_take_back_actor(
		school->learn, actor, 2, &taken, &found_more, &error)) {
		g_assert_no_error(error);
		g_assert_cmpuint(taken, ==, want);
	} else {
		g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
		g_assert_cmpuint(want, ==, 0);
	}
	g_assert_cmpint(found_more, ==, more);
}

/* Portion by portion, his and nobody else's: not of who has a longer name or a
 * shorter one, and not what another has called otherwise since. */
static void
test_portions(struct school *school, gconstpointer unused)
{
	static const char *const others[] = { "imap:al", "imap:alicea",
		"IMAP:alice", "", "desk:main" };
	g_autofree char *without = NULL, *after = NULL;

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(others); i++)
		teach_as(school, 20 + i, VERDICT_HAM, others[i]);
	teach_as(school, 10, VERDICT_SPAM, "imap:bob");
	without = school_counts(school);
	school_take_back(school, 10);
	for (guint i = 1; i <= 5; i++)
		teach_as(school, i, i % 2 == 0 ? VERDICT_HAM : VERDICT_SPAM,
		    "imap:alice");
	/* He says the same of one of hers, she of one of the others', and he is
	 * of another opinion about a third. */
	teach_as(school, 5, VERDICT_SPAM, "imap:bob");
	teach_as(school, 20, VERDICT_HAM, "imap:alice");
	teach_as(school, 10, VERDICT_HAM, "imap:alice");
	teach_as(school, 10, VERDICT_SPAM, "imap:bob");
	assert_actor(school, "imap:alice", 2, TRUE);
	school_verify(school);
	assert_actor(school, "imap:alice", 2, TRUE);
	assert_actor(school, "imap:alice", 1, FALSE);
	assert_actor(school, "imap:alice", 0, FALSE);
	after = school_counts(school);
	g_assert_cmpstr(after, ==, without);
	school_verify(school);
}

/* One whose name is longer than the journal keeps it. */
static void
test_too_long(struct school *school, gconstpointer unused)
{
	g_autofree char *actor = g_strnfill(MODEL_ACTOR_BYTES, 'x');
	g_autoptr(GError) error = NULL;
	gboolean more = FALSE;
	guint taken;

	(void)unused;
	teach_as(school, 1, VERDICT_HAM, actor);
	g_assert_false(learn_take_back_actor(
	    school->learn, actor, 2, &taken, &more, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_cmpint(school_stat(school, "lessons"), ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/classifier/taught-by/portions", struct school, NULL,
	    school_init, test_portions, school_fini);
	g_test_add("/classifier/taught-by/too-long", struct school, NULL,
	    school_init, test_too_long, school_fini);
	return g_test_run();
}
