/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/desk_probe.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/answer.h"

#define NOW G_GINT64_CONSTANT(1795896000)

static char *
levels(const struct desk_report *report)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < report->checks->len; i++) {
		const struct desk_check *check = report->checks->pdata[i];

		g_string_append_printf(
		    text, "%s=%s ", check->name, desk_level_word(check->level));
		g_assert_cmpint(
		    check->mend == NULL, ==, check->level == DESK_OK);
	}
	return g_strchomp(g_string_free(text, FALSE));
}

static void
test_answers(void)
{
	static const struct {
		gboolean encrypted;
		gint64 date, end;
		const char *want;
	} cases[] = {
		{ TRUE, NOW, NOW + 86400 * 90, "reach=ok tls=ok clock=ok" },
		{ TRUE, NOW, 0, "reach=ok tls=ok clock=ok" },
		{ TRUE, NOW - 29, NOW + 86400, "reach=ok tls=warn clock=ok" },
		{ FALSE, NOW + 31, 0, "reach=ok tls=warn clock=warn" },
		{ TRUE, 0, 0, "reach=ok tls=ok clock=warn" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct desk_report *report OWNED(desk_report_free) =
		    desk_report_new();
		struct http_answer answer = { .date = cases[i].date,
			.certificate_end = cases[i].end };
		g_autofree char *found = NULL;

		desk_probe_answer(report, &answer, cases[i].encrypted, NOW);
		found = levels(report);
		g_assert_cmpstr(found, ==, cases[i].want);
	}
}

static void
test_faults(void)
{
	struct desk_report *report OWNED(desk_report_free) = desk_report_new();
	g_autoptr(GError) denied = NULL, again = NULL;
	g_autofree char *found = NULL;

	err_set(&denied, DG_ERROR_DENIED, "HTTP 401");
	err_set(&again, DG_ERROR_AGAIN, "no such host");
	desk_probe_fault(report, denied);
	desk_probe_fault(report, again);
	found = levels(report);
	g_assert_cmpstr(found, ==, "credentials=fail reach=fail");
	g_assert_cmpint(desk_report_worst(report), ==, DESK_FAIL);
}

/* What an end means depends on what hangs on the call. */
static void
test_codes(void)
{
	static const struct {
		long status;
		int make, file, add, ask;
	} cases[] = {
		{ 401, DG_ERROR_DENIED, DG_ERROR_DENIED, DG_ERROR_DENIED,
		    DG_ERROR_DENIED },
		{ 302, DG_ERROR_DENIED, DG_ERROR_DENIED, DG_ERROR_DENIED,
		    DG_ERROR_DENIED },
		{ 404, DG_ERROR_BAD, DG_ERROR_BAD, DG_ERROR_NOTFOUND,
		    DG_ERROR_NOTFOUND },
		{ 422, DG_ERROR_BAD, DG_ERROR_BAD, DG_ERROR_BAD, DG_ERROR_BAD },
		{ 429, DG_ERROR_AGAIN, DG_ERROR_AGAIN, DG_ERROR_AGAIN,
		    DG_ERROR_AGAIN },
		{ 500, DG_ERROR_IO, DG_ERROR_AGAIN, DG_ERROR_IO,
		    DG_ERROR_AGAIN },
		{ 0, DG_ERROR_IO, DG_ERROR_AGAIN, DG_ERROR_IO, DG_ERROR_AGAIN },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const int want[] = { cases[i].make, cases[i].file, cases[i].add,
			cases[i].ask };
		g_autoptr(GString) body =
		    g_string_new("{\"message\":\"a\\nb\"}");
		const struct http_answer answer = { .status = cases[i].status,
			.body = body };

		for (int call = ANSWER_MAKE; call <= ANSWER_ASK; call++) {
			g_autoptr(GError) error = NULL;

			g_assert_false(answer_accepted(
			    (enum answer_call)call, &answer, &error));
			g_assert_error(error, DG_ERROR, want[call]);
			g_assert_nonnull(strstr(error->message, ": a b"));
		}
	}
}

static void
test_words(void)
{
	static const struct {
		const char *body, *want;
	} cases[] = { { "", "" }, { "{\"message\":\"m\"}", "m" },
		{ "{\"error\":\"e\"}", "e" },
		{ "{\"errors\":[\"first\",\"second\"]}", "first" },
		{ "{\"name\":\"Carol\"}", "" },
		{ "<html><h1>Oops</h1>\x01 now</html>", "Oops now" },
		{ "not ok\n", "not ok" } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *words =
		    answer_words(cases[i].body, strlen(cases[i].body));

		g_assert_cmpstr(words, ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/desk_probe/answers", test_answers);
	g_test_add_func("/desk_probe/faults", test_faults);
	g_test_add_func("/answer/codes", test_codes);
	g_test_add_func("/answer/words", test_words);
	return g_test_run();
}
