/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/verdict.h"

#include <string.h>

#include "lib/base/err.h"

static void
fill(struct verdict *verdict)
{
	verdict_init(verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
	verdict->margin = 41.5;
	verdict->score = 1.25;
	verdict->probability = 0.875;
	verdict->n_reasons = 2;
	g_strlcpy(verdict->reasons[0].part, "sender", 16);
	g_strlcpy(verdict->reasons[0].text, "news.example.org", 96);
	verdict->reasons[0].weight = 4.125;
	verdict->reasons[0].spam = 12;
	verdict->reasons[0].ham = 1;
	g_strlcpy(verdict->reasons[1].part, "wording", 16);
	g_strlcpy(verdict->reasons[1].text,
	    "f\xc3\xbc"
	    "r",
	    96);
	verdict->reasons[1].weight = -3;
	verdict->reasons[1].spam = 0;
	verdict->reasons[1].ham = G_MAXUINT32;
}

static void
test_words(void)
{
	static const struct {
		enum verdict_class class;
		const char *word;
	} classes[] = { { VERDICT_HAM, "ham" }, { VERDICT_UNSURE, "unsure" },
		{ VERDICT_SPAM, "spam" } };
	enum verdict_class class;

	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		g_assert_cmpstr(
		    verdict_word(classes[i].class), ==, classes[i].word);
		g_assert_true(verdict_parse(classes[i].word, &class));
		g_assert_cmpint(class, ==, classes[i].class);
	}
	g_assert_false(verdict_parse("Ham", &class));
	g_assert_false(verdict_parse("", &class));
	g_assert_false(verdict_parse(NULL, &class));
	g_assert_cmpstr(verdict_basis_word(VERDICT_NO_MODEL), ==, "no-model");
	g_assert_cmpstr(verdict_basis_word(VERDICT_BY_RULE), ==, "by-rule");
}

static void
test_init(void)
{
	struct verdict verdict;
	g_autofree char *longest = g_strnfill(500, 'x');

	verdict_init(
	    &verdict, VERDICT_UNSURE, VERDICT_UNREAD, "two\nlines\x01");
	g_assert_cmpstr(verdict.note, ==, "two lines");
	g_assert_cmpfloat(verdict.probability, ==, 0.5);
	verdict_init(&verdict, VERDICT_HAM, VERDICT_SCORED, longest);
	g_assert_cmpuint(strlen(verdict.note), ==, VERDICT_REASON_BYTES - 1);
}

static void
test_round_trip(void)
{
	struct verdict verdict, again;
	json_t *object;

	fill(&verdict);
	object = verdict_to_json(&verdict);
	g_assert_true(verdict_from_json(object, &again, NULL));
	json_decref(object);
	g_assert_cmpint(again.class, ==, verdict.class);
	g_assert_cmpint(again.basis, ==, verdict.basis);
	g_assert_cmpfloat(again.margin, ==, verdict.margin);
	g_assert_cmpfloat(again.score, ==, verdict.score);
	g_assert_cmpfloat(again.probability, ==, verdict.probability);
	g_assert_cmpuint(again.n_reasons, ==, 2);
	for (guint i = 0; i < 2; i++) {
		g_assert_cmpstr(
		    again.reasons[i].part, ==, verdict.reasons[i].part);
		g_assert_cmpstr(
		    again.reasons[i].text, ==, verdict.reasons[i].text);
		g_assert_cmpfloat(
		    again.reasons[i].weight, ==, verdict.reasons[i].weight);
		g_assert_cmpuint(
		    again.reasons[i].spam, ==, verdict.reasons[i].spam);
		g_assert_cmpuint(
		    again.reasons[i].ham, ==, verdict.reasons[i].ham);
	}
}

static void
test_brief(void)
{
	struct verdict verdict;
	g_autofree char *none = NULL;
	g_autofree char *one = NULL;
	g_autofree char *all = NULL;
	g_autofree char *noted = NULL;
	g_autofree char *words = NULL;

	fill(&verdict);
	none = verdict_brief(&verdict, 0);
	one = verdict_brief(&verdict, 1);
	all = verdict_brief(&verdict, 9);
	g_assert_cmpstr(none, ==, "");
	g_assert_cmpstr(one, ==, "sender:news.example.org +4.1 (12:1)");
	g_assert_cmpstr(all, ==,
	    "sender:news.example.org +4.1 (12:1), wording:f\xc3\xbcr -3.0 "
	    "(0:4294967295)");
	words = verdict_words(&verdict, 9);
	g_assert_cmpstr(words, ==,
	    "sender: news.example.org (12 spam, 1 ham); wording: f\xc3\xbcr "
	    "(0 spam, 4294967295 ham)");
	verdict_init(&verdict, VERDICT_HAM, VERDICT_NOT_SCORED, "own network");
	noted = verdict_brief(&verdict, 3);
	g_assert_cmpstr(noted, ==, "own network");
}

/* A reader that met hostile mail may answer anything. */
static void
test_strange(void)
{
	static const char *const bad[] = { "{}", "[]", "null",
		"{\"class\":\"ham\"}", "{\"basis\":\"scored\"}",
		"{\"class\":\"Ham\",\"basis\":\"scored\"}",
		"{\"class\":1,\"basis\":\"scored\"}",
		"{\"class\":\"ham\",\"basis\":\"x\"}" };
	static const char *const odd[] = {
		"{\"class\":\"ham\",\"basis\":\"scored\"}",
		"{\"class\":\"ham\",\"basis\":\"scored\",\"reasons\":1}",
		"{\"class\":\"ham\",\"basis\":\"scored\",\"reasons\":[1,{},"
		"[],{\"part\":\"much too long for a part\",\"text\":7,"
		"\"weight\":\"x\",\"spam\":-1}],\"note\":{}}",
		("{\"class\":\"ham\",\"basis\":\"scored\",\"reasons\":[{},{},"
		 "{},{},{},{},{},{},{},{},{},{}]}"),
	};
	struct verdict verdict;

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		json_t *object = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		g_autoptr(GError) error = NULL;

		g_assert_false(verdict_from_json(object, &verdict, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		json_decref(object);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
		json_t *object = json_loads(odd[i], 0, NULL);

		g_assert_true(verdict_from_json(object, &verdict, NULL));
		g_assert_cmpuint(verdict.n_reasons, <=, VERDICT_REASONS);
		for (guint r = 0; r < verdict.n_reasons; r++)
			g_assert_cmpuint(
			    strlen(verdict.reasons[r].part), <, 16);
		json_decref(object);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/verdict/words", test_words);
	g_test_add_func("/verdict/init", test_init);
	g_test_add_func("/verdict/round-trip", test_round_trip);
	g_test_add_func("/verdict/brief", test_brief);
	g_test_add_func("/verdict/strange", test_strange);
	return g_test_run();
}
