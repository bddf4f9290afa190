/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/evidence.h"

#include <string.h>

#include "tests/unit/classifier/school.h"

static void
test_weight(void)
{
	static const struct {
		guint32 spam, ham;
		guint want;
	} cases[] = { { 0, 0, 0 }, { 1000, 0, 0 }, { 0, 1000, 0 },
		{ 16, 16, EVIDENCE_ONE / 2 }, { 16, 5000, EVIDENCE_ONE / 2 },
		{ 48, 48, EVIDENCE_ONE * 3 / 4 } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct table_totals totals = { cases[i].spam,
			cases[i].ham, cases[i].spam, cases[i].ham };

		g_assert_cmpuint(evidence_weight(&totals), ==, cases[i].want);
	}
	/* Labels without lessons: it cannot have learnt the class. */
	g_assert_cmpuint(
	    evidence_weight(&(struct table_totals){ 5, 0, 20, 20 }), ==, 0);
	g_assert_cmpuint(evidence_weight(&(struct table_totals){ G_MAXUINT32,
			     G_MAXUINT32, G_MAXUINT32, G_MAXUINT32 }),
	    <=, EVIDENCE_ONE);
}

static struct evidence
make(guint32 spam, guint32 ham, score_weight for_spam, score_weight for_ham)
{
	return (struct evidence){
		.totals = { spam, ham, spam, ham },
		.sum = { .spam = { for_spam, for_spam / 3 },
		    .ham = { for_ham, for_ham / 5 },
		    .prior = for_spam / 7 - for_ham / 7 },
	};
}

/* An own model that knows nothing, or one class alone, changes no bit. */
static void
test_nothing_own(void)
{
	const struct evidence shared = make(3, 5, 12345678901, 987654321987);
	const struct evidence owns[] = { make(0, 0, 0, 0),
		make(900, 0, 77777777777, 0), make(0, 900, 0, 77777777777) };

	for (gsize i = 0; i < G_N_ELEMENTS(owns); i++) {
		struct evidence both;

		evidence_blend(&shared, &owns[i], &both);
		g_assert_cmpmem(&both.sum, sizeof(both.sum), &shared.sum,
		    sizeof(shared.sum));
	}
}

/* With much learnt its say is twice the installation's. */
static void
test_outvotes(void)
{
	const score_weight l = 100 * (score_weight)SCORE_UNIT;
	const struct evidence shared = make(4000, 4000, l, 0);
	const struct evidence little = make(1, 1, 0, l);
	const struct evidence much = make(4000, 4000, 0, l);
	struct evidence both;

	evidence_blend(&shared, &little, &both);
	g_assert_cmpfloat(score_published(&both.sum), >, 0);
	evidence_blend(&shared, &much, &both);
	g_assert_cmpfloat(score_published(&both.sum), <, 0);
	g_assert_cmpfloat((double)both.sum.ham[0] / both.sum.spam[0], >, 1.95);
	g_assert_cmpfloat((double)both.sum.ham[0] / both.sum.spam[0], <=, 2);
}

/* The largest sums there can be do not run over. */
static void
test_largest(void)
{
	const score_weight most = FEATURES_MAX * (score_weight)SCORE_UNIT * 36;
	const struct evidence one = make(G_MAXUINT32, G_MAXUINT32, most, most);
	struct evidence both;

	evidence_blend(&one, &one, &both);
	g_assert_cmpfloat((double)both.sum.spam[0] / most, >, 1.4);
	g_assert_cmpfloat((double)both.sum.spam[0] / most, <=, 1.5);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/classifier/evidence/weight", test_weight);
	g_test_add_func("/classifier/evidence/nothing-own", test_nothing_own);
	g_test_add_func("/classifier/evidence/outvotes", test_outvotes);
	g_test_add_func("/classifier/evidence/largest", test_largest);
	return g_test_run();
}
