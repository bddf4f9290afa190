/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a message comes from: what our MTA found of its sender, absence, and
 * the value that a reader hands over.
 */
#include "tickets/origin.h"

#include <string.h>

#include "lib/base/owned.h"
#include "tickets/absence.h"
#include "tickets/authres.h"
#include "tickets/convert_terms.h"

static const struct {
	const char *values[3];
	const char *line;
	enum origin_auth auth;
} results_cases[] = {
	{ { "mx.example.com; spf=pass smtp.mailfrom=a@example.org; "
	    "dkim=pass (2048-bit key) header.d=example.org; "
	    "dmarc=pass (p=reject) header.from=example.org" },
	    "SPF pass, DKIM pass (example.org), DMARC pass", ORIGIN_PASSED },
	{ { "MX.Example.COM 1; dmarc=fail" }, "DMARC fail", ORIGIN_FAILED },
	{ { "mx.example.com; dkim=fail; dkim=pass "
	    "header.i=@example.org" },
	    "DKIM pass (example.org)", ORIGIN_UNKNOWN },
	{ { "mx.example.com; spf=none", "mx.example.com; spf=pass; dkim=pass" },
	    "SPF none, DKIM pass", ORIGIN_UNKNOWN },
	/* One that the sender wrote stands below ours. */
	{ { "mx.example.com; dmarc=none", "mx.example.com; dmarc=pass" },
	    "DMARC none", ORIGIN_UNKNOWN },
	/* What he wrote into his address is not a result. */
	{ { "mx.example.com; spf=pass "
	    "smtp.mailfrom=\"x; dmarc=pass\"@example.net" },
	    "SPF pass", ORIGIN_UNKNOWN },
	{ { "mx.example.com; spf=pass "
	    "smtp.mailfrom=\"x\\\"; dmarc=pass; \"@example.net" },
	    "SPF pass", ORIGIN_UNKNOWN },
	{ { "mx.example.com; dkim=pass "
	    "header.i=\"x header.d=bank.example\"@example.net" },
	    "DKIM pass (example.net)", ORIGIN_UNKNOWN },
	{ { "mx.example.com; dmarc=pass", "mx.example.com; dmarc=fail" },
	    "DMARC fail", ORIGIN_FAILED },
	/* Not ours. */
	{ { "mx.example.org; dmarc=fail" }, NULL, ORIGIN_UNKNOWN },
	{ { "mx.example.com.evil.example; dmarc=pass" }, NULL, ORIGIN_UNKNOWN },
	/* What a comment or an unknown word says counts for nothing. */
	{ { "mx.example.com; (dmarc=pass) none" }, NULL, ORIGIN_UNKNOWN },
	{ { "mx.example.com; spf=none (a; dmarc=pass (b) c)" }, "SPF none",
	    ORIGIN_UNKNOWN },
	{ { "mx.example.com; dmarc=passed" }, NULL, ORIGIN_UNKNOWN },
	{ { "mx.example.com; dkim=pass header.d=<b>" }, "DKIM pass",
	    ORIGIN_UNKNOWN },
	{ { "mx.example.com" }, NULL, ORIGIN_UNKNOWN },
	{ { "" }, NULL, ORIGIN_UNKNOWN },
	{ { "((((" }, NULL, ORIGIN_UNKNOWN },
};

static void
test_results(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(results_cases); i++) {
		struct authres results = { 0 };
		g_autofree char *line = NULL;

		g_test_message("%s", results_cases[i].values[0]);
		for (gsize j = 0; results_cases[i].values[j] != NULL; j++)
			authres_add(&results, results_cases[i].values[j],
			    "mx.example.com");
		line = authres_line(&results);
		g_assert_cmpstr(line, ==, results_cases[i].line);
		g_assert_cmpint(
		    authres_auth(&results), ==, results_cases[i].auth);
		authres_clear(&results);
	}
}

static void
test_absence(void)
{
	static const struct {
		const char *subject;
		guint said;
	} cases[] = {
		{ "Automatic reply: My order", 2 },
		{ "AUTOMATIC REPLY : My order", 2 },
		{ "Abwesenheitsnotiz: Bestellung", 2 },
		{ "Réponse automatique : Commande", 2 },
		{ "Re\xcc\x81ponse automatique : Commande", 2 },
		{ "自動応答: 注文", 2 },
		{ "Автоответ: Заказ", 2 },
		{ "Out of office until Monday", 1 },
		{ "  Absent", 1 },
		{ "Absentees of the meeting: a list", 0 },
		{ "My order", 0 },
		{ "Re: out of office supplies", 0 },
		{ "", 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].subject);
		g_assert_cmpuint(
		    absence_subject(cases[i].subject), ==, cases[i].said);
	}
}

static void
test_round(void)
{
	struct origin origin, again;
	json_t *object;

	origin_init(&origin);
	origin_init(&again);
	origin.kind = TICKET_REPORT;
	origin.auth = ORIGIN_PASSED;
	origin.results = g_strdup("SPF pass");
	origin.loop = g_strdup("");
	origin.agent = g_strdup("agent@example.com");
	g_ptr_array_add(origin.tokens, g_strdup("dg-7-abc"));
	g_ptr_array_add(origin.hints, g_strdup("thread-index:00"));
	origin_add_failed(&origin, "ann@example.org", "5.1.1");
	origin_add_failed(&origin, "ANN@example.org", "5.2.2");
	object = origin_to_json(&origin);
	g_assert_true(origin_from_json(object, &again, NULL));
	g_assert_cmpint(again.kind, ==, TICKET_REPORT);
	g_assert_cmpint(again.auth, ==, ORIGIN_PASSED);
	g_assert_cmpstr(again.loop, ==, "");
	g_assert_cmpstr(again.agent, ==, "agent@example.com");
	g_assert_null(again.own);
	g_assert_cmpuint(again.tokens->len, ==, 1);
	g_assert_cmpuint(again.hints->len, ==, 1);
	g_assert_cmpuint(again.failed->len, ==, 1);
	json_decref(object);
	origin_clear(&origin);
	origin_clear(&again);
}

/* A reader that mail has taken over says what it likes. */
static void
test_strict(void)
{
	static const char *const bad[] = { "{}", "{\"kind\": \"person\"}",
		"{\"kind\": \"god\", \"auth\": \"passed\"}",
		"{\"kind\": \"person\", \"auth\": \"sure\"}",
		"{\"kind\": \"person\", \"auth\": \"unknown\", \"loop\": 1}",
		"{\"kind\": \"person\", \"auth\": \"unknown\", "
		"\"results\": \"a\\r\\nb\"}",
		"{\"kind\": \"person\", \"auth\": \"unknown\", "
		"\"agent\": \"nobody\"}",
		"{\"kind\": \"person\", \"auth\": \"unknown\", "
		"\"tokens\": [1]}",
		"{\"kind\": \"person\", \"auth\": \"unknown\", "
		"\"hints\": [\"a\", \"b\", \"c\"]}",
		"{\"kind\": \"report\", \"auth\": \"unknown\", \"failed\": "
		"[{\"address\": \"a b\", \"status\": \"5.1.1\"}]}",
		"{\"kind\": \"report\", \"auth\": \"unknown\", \"failed\": "
		"[{\"address\": \"a@example.org\", \"status\": \"9\"}]}" };

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		json_t *object = json_loads(bad[i], 0, NULL);
		struct origin origin;

		g_test_message("%s", bad[i]);
		g_assert_nonnull(object);
		origin_init(&origin);
		g_assert_false(origin_from_json(object, &origin, NULL));
		origin_clear(&origin);
		json_decref(object);
	}
}

/* What a reader is told is what the settings say. */
static void
test_terms(void)
{
	g_autoptr(GPtrArray) agents = g_ptr_array_new();
	char *files[] = { (char *)"*.exe", NULL };
	const struct convert_terms terms = {
		.subject_tag = (char *)"#([0-9]+)",
		.keep_quotes = TRUE,
		.reply_to = TRUE,
		.agents = agents,
		.blocked_files = files,
	};
	struct convert_terms *again OWNED(convert_terms_free) = NULL;
	json_t *object;

	g_ptr_array_add(agents, (char *)"@example.com");
	object = convert_terms_to_json(&terms);
	again = convert_terms_from_json(object);
	json_decref(object);
	g_assert_cmpstr(again->subject_tag, ==, "#([0-9]+)");
	g_assert_true(again->keep_quotes);
	g_assert_true(again->reply_to);
	g_assert_cmpuint(again->agents->len, ==, 1);
	g_assert_cmpstr(again->agents->pdata[0], ==, "@example.com");
	g_assert_cmpstr(again->blocked_files[0], ==, "*.exe");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/origin/results", test_results);
	g_test_add_func("/tickets/origin/absence", test_absence);
	g_test_add_func("/tickets/origin/round", test_round);
	g_test_add_func("/tickets/origin/strict", test_strict);
	g_test_add_func("/tickets/origin/terms", test_terms);
	return g_test_run();
}
