/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/policy.h"

#include <string.h>

/* A fate in short: action, then S stored (with the entry's action), R removed.
 */
static char *
brief(const struct policy_fate *fate)
{
	return g_strdup_printf("%s%s%s%s", policy_action_word(fate->action),
	    fate->store ? " S:" : "",
	    fate->store ? entry_action_word(fate->entry) : "",
	    fate->remove ? " R" : "");
}

/* One inbox alone: mode x action, and what is done. */
static const struct {
	const char *mode, *action, *want;
} one_cases[] = {
	{ "ticket", "ticket", "ticket S:ticket R" },
	{ "ticket", "ticket-as-spam", "ticket-as-spam S:ticket-as-spam R" },
	{ "ticket", "quarantine", "quarantine S:quarantine R" },
	{ "ticket", "reject", "reject" },
	{ "ticket", "tag", "tag" },
	{ "ticket", "discard", "discard R" },
	{ "ticket-and-deliver", "ticket", "ticket S:ticket" },
	{ "ticket-and-deliver", "ticket-as-spam",
	    "ticket-as-spam S:ticket-as-spam" },
	{ "ticket-and-deliver", "quarantine", "quarantine S:quarantine" },
	{ "ticket-and-deliver", "reject", "reject" },
	{ "ticket-and-deliver", "tag", "tag" },
	{ "ticket-and-deliver", "discard", "discard R" },
	{ "tag", "ticket", "tag" },
	{ "tag", "ticket-as-spam", "tag" },
	{ "tag", "quarantine", "tag" },
	{ "tag", "reject", "reject" },
	{ "tag", "tag", "tag" },
	{ "tag", "discard", "discard R" },
};

static struct policy_inbox
make_inbox(const char *mode, const char *action)
{
	struct policy_inbox inbox = { .title = (char *)"support@example.com" };

	g_assert_true(policy_mode_parse(mode, &inbox.mode));
	for (int i = 0; i <= VERDICT_SPAM; i++)
		g_assert_true(policy_action_parse(action, &inbox.actions[i]));
	return inbox;
}

static void
test_one(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(one_cases); i++) {
		const struct policy_inbox inbox =
		    make_inbox(one_cases[i].mode, one_cases[i].action);
		const struct policy_inbox *const inboxes[] = { &inbox };
		struct verdict verdict;
		const struct policy_case why = { .verdict = &verdict };
		struct policy_fate fate;
		g_autofree char *got = NULL;
		gboolean rejected;

		g_test_message("%s %s", one_cases[i].mode, one_cases[i].action);
		verdict_init(&verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
		rejected = policy_decide(inboxes, 1, &why, &fate);
		got = brief(&fate);
		g_assert_cmpstr(got, ==, one_cases[i].want);
		g_assert_cmpint(
		    rejected, ==, strcmp(one_cases[i].want, "reject") == 0);
	}
}

/* Each class has its own action. */
static void
test_classes(void)
{
	struct policy_inbox inbox = make_inbox("ticket", "ticket");
	const struct policy_inbox *const inboxes[] = { &inbox };
	static const enum policy_action want[] = { POLICY_MAKE_TICKET,
		POLICY_MAKE_SPAM_TICKET, POLICY_QUARANTINE };

	memcpy(inbox.actions, want, sizeof(want));
	for (int class = VERDICT_HAM; class <= VERDICT_SPAM; class ++) {
		struct verdict verdict;
		const struct policy_case why = { .verdict = &verdict };
		struct policy_fate fate;

		verdict_init(&verdict, class, VERDICT_SCORED, NULL);
		g_assert_false(policy_decide(inboxes, 1, &why, &fate));
		g_assert_cmpint(fate.action, ==, want[class]);
	}
}

/* Two inboxes, and who else is there: when a rejection is one. */
static const struct {
	const char *name;
	const char *modes[2], *actions[2];
	gboolean others, relayed, rejected;
	const char *want[2];
} reject_cases[] = {
	{ "both reject", { "ticket", "tag" }, { "reject", "reject" }, FALSE,
	    FALSE, TRUE, { "reject", "reject" } },
	{ "one does not", { "ticket", "ticket" }, { "reject", "ticket" }, FALSE,
	    FALSE, FALSE,
	    { "quarantine S:quarantine R", "ticket S:ticket R" } },
	{ "one discards", { "ticket", "ticket" }, { "reject", "discard" },
	    FALSE, FALSE, FALSE, { "quarantine S:quarantine R", "discard R" } },
	{ "another recipient", { "ticket", "ticket" }, { "reject", "reject" },
	    TRUE, FALSE, FALSE,
	    { "quarantine S:quarantine R", "quarantine S:quarantine R" } },
	{ "from a relay", { "ticket", "ticket-and-deliver" },
	    { "reject", "reject" }, FALSE, TRUE, FALSE,
	    { "quarantine S:quarantine R", "quarantine S:quarantine" } },
	{ "from a relay, tag", { "tag", "ticket" }, { "reject", "reject" },
	    FALSE, TRUE, FALSE, { "tag", "quarantine S:quarantine R" } },
};

static void
test_reject(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(reject_cases); i++) {
		const struct policy_inbox a = make_inbox(
		    reject_cases[i].modes[0], reject_cases[i].actions[0]);
		const struct policy_inbox b = make_inbox(
		    reject_cases[i].modes[1], reject_cases[i].actions[1]);
		const struct policy_inbox *const inboxes[] = { &a, &b };
		struct verdict verdict;
		const struct policy_case why = { &verdict,
			reject_cases[i].others, reject_cases[i].relayed };
		struct policy_fate fates[2];

		g_test_message("%s", reject_cases[i].name);
		verdict_init(&verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
		g_assert_cmpint(policy_decide(inboxes, 2, &why, fates), ==,
		    reject_cases[i].rejected);
		for (int k = 0; k < 2; k++) {
			g_autofree char *got = brief(&fates[k]);

			g_assert_cmpstr(got, ==, reject_cases[i].want[k]);
		}
	}
}

/* What was not judged is neither rejected nor discarded. */
static const struct {
	enum verdict_basis basis;
	const char *mode, *action, *want;
} basis_cases[] = {
	{ VERDICT_COLD, "ticket", "reject", "quarantine S:quarantine R" },
	{ VERDICT_NO_MODEL, "ticket", "discard", "quarantine S:quarantine R" },
	{ VERDICT_UNREAD, "ticket-and-deliver", "discard",
	    "quarantine S:quarantine" },
	{ VERDICT_UNREAD, "tag", "reject", "tag" },
	{ VERDICT_UNREAD, "ticket", "ticket", "ticket S:ticket R" },
	{ VERDICT_SCORED, "ticket", "discard", "discard R" },
	{ VERDICT_NOT_SCORED, "ticket", "discard", "discard R" },
	{ VERDICT_BY_RULE, "ticket", "reject", "reject" },
};

static void
test_basis(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(basis_cases); i++) {
		const struct policy_inbox inbox =
		    make_inbox(basis_cases[i].mode, basis_cases[i].action);
		const struct policy_inbox *const inboxes[] = { &inbox };
		struct verdict verdict;
		const struct policy_case why = { .verdict = &verdict };
		struct policy_fate fate;
		g_autofree char *got = NULL;

		verdict_init(
		    &verdict, VERDICT_UNSURE, basis_cases[i].basis, NULL);
		policy_decide(inboxes, 1, &why, &fate);
		got = brief(&fate);
		g_test_message("%s %s", verdict_basis_word(verdict.basis),
		    basis_cases[i].action);
		g_assert_cmpstr(got, ==, basis_cases[i].want);
	}
}

/* What an inbox with lines of its own makes of a score. */
static const struct {
	double score;
	enum verdict_basis basis;
	enum verdict_class given, want;
	const char *fate;
} own_cases[] = {
	{ 1.5, VERDICT_SCORED, VERDICT_UNSURE, VERDICT_SPAM, "discard R" },
	{ 1, VERDICT_SCORED, VERDICT_UNSURE, VERDICT_SPAM, "discard R" },
	{ 0.99, VERDICT_SCORED, VERDICT_UNSURE, VERDICT_UNSURE,
	    "quarantine S:quarantine R" },
	{ -5, VERDICT_SCORED, VERDICT_HAM, VERDICT_UNSURE,
	    "quarantine S:quarantine R" },
	{ -6, VERDICT_SCORED, VERDICT_HAM, VERDICT_HAM, "ticket S:ticket R" },
	{ 9, VERDICT_COLD, VERDICT_UNSURE, VERDICT_UNSURE,
	    "quarantine S:quarantine R" },
	{ 0, VERDICT_NOT_SCORED, VERDICT_HAM, VERDICT_HAM,
	    "ticket S:ticket R" },
};

static void
test_own_scores(void)
{
	static const enum policy_action actions[] = { POLICY_MAKE_TICKET,
		POLICY_QUARANTINE, POLICY_DISCARD };
	struct policy_inbox inbox = make_inbox("ticket", "ticket");
	const struct policy_inbox *const inboxes[] = { &inbox };

	memcpy(inbox.actions, actions, sizeof(actions));
	inbox.own_scores = TRUE;
	inbox.spam_score = 1;
	inbox.ham_score = -6;
	for (gsize i = 0; i < G_N_ELEMENTS(own_cases); i++) {
		struct verdict verdict;
		const struct policy_case why = { .verdict = &verdict };
		struct policy_fate fate;
		g_autofree char *got = NULL;

		verdict_init(
		    &verdict, own_cases[i].given, own_cases[i].basis, NULL);
		verdict.score = own_cases[i].score;
		policy_decide(inboxes, 1, &why, &fate);
		got = brief(&fate);
		g_test_message("score %g", verdict.score);
		g_assert_cmpstr(got, ==, own_cases[i].fate);
		g_assert_cmpint(fate.class, ==, own_cases[i].want);
	}
}

/* Not spam to one of them: no rejection, and each has its own class. */
static void
test_own_scores_of_two(void)
{
	struct policy_inbox strict = make_inbox("ticket", "ticket");
	struct policy_inbox plain = make_inbox("ticket", "ticket");
	const struct policy_inbox *const inboxes[] = { &strict, &plain };
	struct policy_fate fates[2];
	struct verdict verdict;
	const struct policy_case why = { .verdict = &verdict };

	strict.own_scores = TRUE;
	strict.spam_score = 1;
	strict.ham_score = -4;
	strict.actions[VERDICT_SPAM] = POLICY_REJECT;
	plain.actions[VERDICT_SPAM] = POLICY_REJECT;
	verdict_init(&verdict, VERDICT_UNSURE, VERDICT_SCORED, NULL);
	verdict.score = 2;
	g_assert_false(policy_decide(inboxes, 2, &why, fates));
	g_assert_cmpint(fates[0].class, ==, VERDICT_SPAM);
	g_assert_cmpint(fates[0].action, ==, POLICY_QUARANTINE);
	g_assert_cmpint(fates[1].class, ==, VERDICT_UNSURE);
	g_assert_cmpint(fates[1].action, ==, POLICY_MAKE_TICKET);
	g_assert_true(policy_decide(inboxes, 1, &why, fates));
	g_assert_cmpint(fates[0].class, ==, VERDICT_SPAM);
}

/* Spam by one inbox's own model alone. */
static void
test_own_model(void)
{
	const struct policy_inbox inboxes[2] = { make_inbox("ticket", "reject"),
		make_inbox("ticket", "reject") };
	const struct policy_inbox *const list[] = { &inboxes[0], &inboxes[1] };
	struct verdict shared, own;
	const struct verdict *verdicts[] = { NULL, &own };
	const struct policy_case why = { .verdict = &shared, .own = verdicts };
	struct policy_fate fates[2];

	verdict_init(&shared, VERDICT_HAM, VERDICT_SCORED, NULL);
	verdict_init(&own, VERDICT_SPAM, VERDICT_SCORED, NULL);
	g_assert_true(policy_decide(list, 2, &why, fates));
	g_assert_cmpint(fates[0].class, ==, VERDICT_HAM);
	g_assert_cmpint(fates[1].class, ==, VERDICT_SPAM);
	/* It was not scored for the other: that cannot be refused. */
	verdict_init(&shared, VERDICT_UNSURE, VERDICT_COLD, NULL);
	g_assert_false(policy_decide(list, 2, &why, fates));
	g_assert_cmpint(fates[0].action, ==, POLICY_QUARANTINE);
	g_assert_cmpint(fates[1].action, ==, POLICY_QUARANTINE);
}

/* Whatever the verdict and whatever is set for it; and a rejection for others
 * is none for all. */
static void
test_teach(void)
{
	struct policy_inbox inboxes[2] = { make_inbox("teach-spam", "reject"),
		make_inbox("teach-ham", "discard") };
	const struct policy_inbox ticket = make_inbox("ticket", "reject");
	const struct policy_inbox *const list[] = { &inboxes[0], &inboxes[1],
		&ticket };
	struct verdict verdict;
	const struct policy_case why = { .verdict = &verdict };
	struct policy_fate fates[3];

	g_assert_true(policy_teaches(&inboxes[0]));
	g_assert_true(policy_teaches(&inboxes[1]));
	g_assert_false(policy_teaches(&ticket));
	for (int class = VERDICT_HAM; class <= VERDICT_SPAM; class ++) {
		verdict_init(&verdict, class, VERDICT_SCORED, NULL);
		g_assert_false(policy_decide(list, 3, &why, fates));
		for (guint i = 0; i < 2; i++) {
			g_assert_cmpint(fates[i].action, ==, POLICY_TEACH);
			g_assert_true(fates[i].store);
			g_assert_true(fates[i].remove);
		}
		g_assert_cmpint(fates[0].entry, ==, ENTRY_TEACH_SPAM);
		g_assert_cmpint(fates[1].entry, ==, ENTRY_TEACH_HAM);
		g_assert_cmpint(fates[2].action, !=, POLICY_REJECT);
	}
}

static void
test_words(void)
{
	enum policy_action action;
	enum policy_mode mode;

	g_assert_false(policy_action_parse("bounce", &action));
	g_assert_false(policy_action_parse(NULL, &action));
	g_assert_false(policy_mode_parse("", &mode));
	for (int i = 0; i <= POLICY_TEACH; i++) {
		g_assert_true(
		    policy_action_parse(policy_action_word(i), &action));
		g_assert_cmpint(action, ==, i);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/policy/one", test_one);
	g_test_add_func("/milter/policy/classes", test_classes);
	g_test_add_func("/milter/policy/reject", test_reject);
	g_test_add_func("/milter/policy/basis", test_basis);
	g_test_add_func("/milter/policy/own-scores", test_own_scores);
	g_test_add_func(
	    "/milter/policy/own-scores-of-two", test_own_scores_of_two);
	g_test_add_func("/milter/policy/own-model", test_own_model);
	g_test_add_func("/milter/policy/teach", test_teach);
	g_test_add_func("/milter/policy/words", test_words);
	return g_test_run();
}
