/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/headers.h"

#include <string.h>

/* "-Name:2 -Name:1 +Name: value; ..." */
static char *
brief(const GPtrArray *edits)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; edits != NULL && i < edits->len; i++) {
		const struct headers_edit *edit = edits->pdata[i];

		if (i > 0)
			g_string_append(text, "; ");
		if (edit->value == NULL)
			g_string_append_printf(
			    text, "-%s:%u", edit->name, edit->index);
		else
			g_string_append_printf(
			    text, "+%s: %s", edit->name, edit->value);
	}
	return g_string_free(text, FALSE);
}

#define OURS "mx.example.net"
static const struct {
	const char *name;
	const char *fields; /* "Name: value" by lines */
	gboolean ours, spam_headers, strip_results;
	const char *authserv_id;
	const char *want;
} strip_cases[] = {
	{ "nothing to do", "From: a\nSubject: X-Deskgate-Id", TRUE, TRUE, TRUE,
	    OURS, "" },
	{ "forged, none of ours",
	    "X-Deskgate-Verdict: ham\nX-Spam-Flag: NO\n"
	    "Authentication-Results: " OURS "; dkim=pass\nReceived: x\n"
	    "Authentication-Results: " OURS "; dkim=pass",
	    FALSE, TRUE, TRUE, OURS, "-X-Deskgate-Verdict:1" },
	{ "falling index",
	    "X-Deskgate-Id: a\nx-deskgate-ID: b\nX-Deskgate-Q: c", FALSE, TRUE,
	    TRUE, NULL, "-X-Deskgate-Q:1; -x-deskgate-ID:2; -X-Deskgate-Id:1" },
	{ "only the prefix", "X-Deskgate: a\nX-DeskgateX: b", TRUE, TRUE, TRUE,
	    OURS, "" },
	{ "spam headers", "X-Spam-Flag: NO\nX-Spam-Status: No\nX-Spam-Score: 1",
	    TRUE, TRUE, TRUE, NULL, "-X-Spam-Status:1; -X-Spam-Flag:1" },
	{ "spam headers of others stay", "X-Spam-Flag: NO", TRUE, FALSE, TRUE,
	    NULL, "" },
	{ "results of another",
	    "Authentication-Results: mx.example.org; spf=pass", TRUE, TRUE,
	    TRUE, OURS, "-Authentication-Results:1" },
	{ "our own on top",
	    "Authentication-Results: " OURS "; spf=pass\nReceived: x", TRUE,
	    TRUE, TRUE, OURS, "" },
	{ "our own, other case and comment",
	    "Authentication-Results: (c) MX.Example.NET (d) 1; none", TRUE,
	    TRUE, TRUE, OURS, "" },
	{ "our own, quoted", "Authentication-Results: \"" OURS "\"; none", TRUE,
	    TRUE, TRUE, OURS, "" },
	{ "our name below Received",
	    "Authentication-Results: " OURS "; spf=pass\nReceived: x\n"
	    "Authentication-Results: " OURS "; spf=pass",
	    TRUE, TRUE, TRUE, OURS, "-Authentication-Results:2" },
	{ "our name as a prefix",
	    "Authentication-Results: " OURS ".example.org; spf=pass", TRUE,
	    TRUE, TRUE, OURS, "-Authentication-Results:1" },
	{ "open comment", "Authentication-Results: (" OURS "; spf=pass", TRUE,
	    TRUE, TRUE, OURS, "-Authentication-Results:1" },
	{ "empty", "Authentication-Results:", TRUE, TRUE, TRUE, OURS,
	    "-Authentication-Results:1" },
	{ "results stay when told so",
	    "Authentication-Results: mx.example.org; spf=pass", TRUE, TRUE,
	    FALSE, OURS, "" },
	{ "results stay without an id of ours",
	    "Authentication-Results: mx.example.org; spf=pass", TRUE, TRUE,
	    TRUE, NULL, "" },
};

static struct headers *
note_all(const char *fields)
{
	struct headers *headers = headers_new();
	g_auto(GStrv) lines = g_strsplit(fields, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		char *colon = strchr(*line, ':');

		*colon = '\0';
		headers_note(headers, *line, colon + 1);
	}
	return headers;
}

static void
test_strip(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(strip_cases); i++) {
		struct headers *headers = note_all(strip_cases[i].fields);
		const struct headers_plan plan = {
			.ours = strip_cases[i].ours,
			.spam_headers = strip_cases[i].spam_headers,
			.strip_results = strip_cases[i].strip_results,
			.authserv_id = strip_cases[i].authserv_id,
		};
		g_autoptr(GPtrArray) edits = headers_edits(headers, &plan);
		g_autofree char *got = brief(edits);

		g_test_message("%s", strip_cases[i].name);
		g_assert_nonnull(edits);
		g_assert_cmpstr(got, ==, strip_cases[i].want);
		headers_free(&headers);
		g_assert_null(headers);
	}
}

static void
test_forged(void)
{
	struct headers *headers = headers_new();

	headers_note(headers, "Subject", " hello");
	headers_note(headers, "X-Spam-Flag", " NO");
	headers_note(headers, "Authentication-Results", " x");
	g_assert_false(headers_forged(headers));
	headers_note(headers, "X-DESKGATE-", " x");
	g_assert_true(headers_forged(headers));
	headers_free(&headers);
	headers_free(&headers);
}

static void
test_add(void)
{
	struct headers *headers = headers_new();
	struct verdict verdict;
	struct headers_plan plan = {
		.ours = TRUE,
		.spam_headers = TRUE,
		.verdict = &verdict,
		.ids = "0123",
	};
	g_autoptr(GPtrArray) edits = NULL;
	g_autoptr(GPtrArray) fewer = NULL;
	g_autofree char *got = NULL, *less = NULL;

	verdict_init(&verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
	verdict.score = 3.456;
	verdict.n_reasons = 1;
	g_strlcpy(verdict.reasons[0].part, "wording",
	    sizeof(verdict.reasons[0].part));
	g_strlcpy(verdict.reasons[0].text, "caf\xc3\xa9\n",
	    sizeof(verdict.reasons[0].text));
	verdict.reasons[0].weight = 4.1;
	verdict.reasons[0].spam = 9;
	verdict.reasons[0].ham = 1;
	headers_note(headers, "X-Deskgate-Id", " forged");
	edits = headers_edits(headers, &plan);
	got = brief(edits);
	g_assert_cmpstr(got, ==,
	    "-X-Deskgate-Id:1; +X-Deskgate-Verdict: spam; "
	    "+X-Deskgate-Score: +3.46; +X-Deskgate-Id: 0123; "
	    "+X-Spam-Flag: YES; +X-Spam-Status: Yes, score=3.5 verdict=spam "
	    "basis=scored why=wording:caf??? +4.1 (9:1)");
	plan.spam_headers = FALSE;
	verdict_init(&verdict, VERDICT_UNSURE, VERDICT_COLD, NULL);
	fewer = headers_edits(headers, &plan);
	less = brief(fewer);
	g_assert_cmpstr(less, ==,
	    "-X-Deskgate-Id:1; +X-Deskgate-Verdict: unsure; "
	    "+X-Deskgate-Score: +0.00; +X-Deskgate-Id: 0123");
	headers_free(&headers);
}

/* Whatever stands in reasons, a value is one line of a length that MTAs take.
 */
static void
test_long(void)
{
	struct headers *headers = headers_new();
	struct verdict verdict;
	const struct headers_plan plan = {
		.ours = TRUE,
		.spam_headers = TRUE,
		.verdict = &verdict,
		.ids = "0123",
	};
	g_autoptr(GPtrArray) edits = NULL;

	verdict_init(&verdict, VERDICT_HAM, VERDICT_SCORED, NULL);
	verdict.n_reasons = VERDICT_REASONS;
	for (int i = 0; i < VERDICT_REASONS; i++)
		memset(verdict.reasons[i].text, '\r', VERDICT_REASON_BYTES - 1);
	edits = headers_edits(headers, &plan);
	for (guint i = 0; i < edits->len; i++) {
		const struct headers_edit *edit = edits->pdata[i];

		g_assert_cmpuint(strlen(edit->value), <=, 400);
		g_assert_null(strpbrk(edit->value, "\r\n"));
	}
	headers_free(&headers);
}

static void
test_most(void)
{
	struct headers *headers = headers_new();
	const struct headers_plan plan = { .ours = FALSE };
	GPtrArray *edits;

	for (guint i = 0; i < HEADERS_MOST; i++)
		headers_note(headers, "X-Deskgate-Id", " x");
	edits = headers_edits(headers, &plan);
	g_assert_nonnull(edits);
	g_assert_cmpuint(edits->len, ==, HEADERS_MOST);
	g_ptr_array_unref(edits);
	headers_note(headers, "X-Deskgate-Other", " x");
	g_assert_null(headers_edits(headers, &plan));
	headers_free(&headers);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/headers/strip", test_strip);
	g_test_add_func("/milter/headers/forged", test_forged);
	g_test_add_func("/milter/headers/add", test_add);
	g_test_add_func("/milter/headers/long", test_long);
	g_test_add_func("/milter/headers/most", test_most);
	return g_test_run();
}
