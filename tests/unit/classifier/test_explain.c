/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a message is what it is, in words that a support agent understands.
 */
#include <math.h>
#include <string.h>

#include "classifier/explain.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"
#include "tests/unit/classifier/sample.h"

#define HEAD(from, subject) \
	"Received: from x (mail." from " [192.0.2.7])\n\tby mx.example.net " \
	"(Exim 4.96) for <s@example.net>; x\nFrom: win@" from "\n" \
	"To: s@example.net\nSubject: " subject "\n" \
	"Date: Tue, 5 Mar 2024 08:00:00 +0100\nMessage-ID: <1@" from ">\n"
#define SPAM \
	HEAD("casino.example.org", "golden jackpot") \
	"X-Mailer: Blaster 9\nContent-Type: text/html\n\n" \
	"<b>Claim -- your jackpot</b> at <a href=\"http://casino." \
	"example.org/claim\">casino</a> http://casino.example.org now\n"
#define HAM \
	HEAD("lamps.example", "broken lamp") \
	"In-Reply-To: <9@example.net>\n\nThe lamp is broken, thank you.\n"

struct place {
	struct folder folder;
	struct table *table;
	struct table_reader *reader;
};

static const struct classify_settings settings = { 4, -4, 10, 64 };

/* Teaches the text at `data`, or when that is NULL one message of each class.
 */
static void
place_init(struct place *place, gconstpointer data)
{
	const struct table_totals totals = { 40, 30, 40, 30 };
	int fd OWNED(file_close) = -1;
	g_autofree char *path = NULL;

	folder_init(&place->folder, data);
	path = folder_path(&place->folder, "scores");
	place->table = table_create(path, 4000, NULL);
	table_set_totals(place->table, &totals);
	if (data != NULL) {
		sample_teach(place->table, data, 40, 0);
	} else {
		sample_teach(place->table, SPAM, 40, 0);
		sample_teach(place->table, HAM, 0, 30);
	}
	g_assert_true(table_publish(place->table, NULL));
	fd = table_open(path, NULL);
	place->reader = table_map(fd, NULL);
	g_assert_nonnull(place->reader);
}

static void
place_fini(struct place *place, gconstpointer data)
{
	table_unmap(&place->reader);
	table_free(&place->table);
	folder_fini(&place->folder, data);
}

static void
judge(const struct place *place, const char *text, struct verdict *verdict_r)
{
	struct message *message OWNED(message_free) = sample_parse(text);
	const struct table_reader *reader = place->reader;
	struct features features OWNED(features_clear) = { 0 };

	explain_verdicts(message, &sample_rules,
	    &(struct explain_tables){ &reader, 1 }, &settings, verdict_r,
	    &features);
}

static json_t *
explain(const struct table_reader *reader, const char *text)
{
	struct message *message OWNED(message_free) = sample_parse(text);

	return explain_message(message, &sample_rules, reader, NULL, &settings);
}

/* One line of valid text that a person can read. */
static void
assert_readable(const struct verdict_reason *reason)
{
	static const char *const parts[] = { "subject", "sender", "recipient",
		"wording", "links", "field", "route", "history", "structure",
		NULL };
	static const char *const idle[] = { "", "--", "com", "org", "http",
		"www", "96", NULL };

	g_test_message("%s: %s", reason->part, reason->text);
	g_assert_true(g_strv_contains(parts, reason->part));
	g_assert_false(g_strv_contains(idle, reason->text));
	g_assert_true(g_utf8_validate(reason->text, -1, NULL));
	for (const char *at = reason->text; *at != '\0'; at++)
		g_assert_false(g_ascii_iscntrl(*at));
}

static void
assert_reasons(const struct verdict *verdict)
{
	g_assert_cmpuint(verdict->n_reasons, >, 0);
	g_assert_cmpuint(verdict->n_reasons, <=, VERDICT_REASONS);
	for (guint i = 0; i < verdict->n_reasons; i++) {
		const struct verdict_reason *reason = &verdict->reasons[i];

		assert_readable(reason);
		g_assert_cmpuint(reason->spam + reason->ham, >, 0);
		g_assert_cmpint(reason->weight > 0, ==, reason->spam > 0);
		if (i > 0)
			g_assert_cmpfloat(
			    fabs(reason->weight), <=, fabs(reason[-1].weight));
	}
}

static void
test_reasons(struct place *place, gconstpointer data)
{
	struct verdict verdict;

	(void)data;
	judge(place, SPAM, &verdict);
	g_assert_cmpint(verdict.class, ==, VERDICT_SPAM);
	assert_reasons(&verdict);
	g_assert_cmpuint(verdict.n_reasons, ==, VERDICT_REASONS);
	judge(place, HAM, &verdict);
	g_assert_cmpint(verdict.class, ==, VERDICT_HAM);
	assert_reasons(&verdict);
	judge(place, "\nlamp -- jackpot\n", &verdict);
	assert_reasons(&verdict);
}

/* What is told of a message of which one line is known, and what is not. */
static void
test_words(void)
{
	static const struct {
		const char *name, *text, *want, *never;
	} cases[] = {
		{ "subject", "Subject: jackpot\n\n", "subject:jackpot", "~" },
		{ "word", "\njackpot --\n", "wording:jackpot", "--" },
		{ "capitals", "X-Mailer: Blaster 9\n\n",
		    "field:mail program: Blaster 9", "program: blaster" },
		{ "address", "From: a@example.org\n\n", "sender:a@example.org",
		    "domain" },
		{ "link", "\nhttp://example.org/claim\n",
		    "links:link to example.org", "to org" },
		{ "part of a link", "\nhttp://example.org/claim\n",
		    "links:word in a link: claim", "http " },
		{ "version", "Received: x (Exim 4.96)\n\n",
		    "route:software 4.96", "software 96" },
		{ "whom for", "Received: x for <a@b.example>\n\n",
		    "route:for a@b.example", "host a@" },
		{ "field", "X-Lamp: \n\n", "field:has X-Lamp", "X-Lamp:" },
		{ "no Date", "X-Lamp: \n\n", "structure:no Date", "form" },
		{ "reply", "In-Reply-To: <a@b.example>\n\n",
		    "history:answers a message", "~" },
		{ "file",
		    "Content-Type: application/pdf; name=\"bill.pdf\"\n\nx\n",
		    "structure:attachment bill.pdf", "~" },
		{ "word within a word", "\ncompany on top\n", "wording:on",
		    "~" },
		{ "controls",
		    "X-Odd: a\x01"
		    "b\x1b[31m\n\n",
		    "field:X-Odd: a b", "\x1b" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct place place;
		struct verdict verdict;
		g_autofree char *brief = NULL;

		place_init(&place, cases[i].text);
		judge(&place, cases[i].text, &verdict);
		brief = verdict_brief(&verdict, VERDICT_REASONS);
		g_test_message("%s: %s", cases[i].name, brief);
		g_assert_nonnull(strstr(brief, cases[i].want));
		g_assert_null(strstr(brief, cases[i].never));
		place_fini(&place, NULL);
	}
}

/* No part hides the others. */
static void
test_parts(struct place *place, gconstpointer data)
{
	g_autoptr(GHashTable) counts =
	    g_hash_table_new(g_str_hash, g_str_equal);
	struct verdict verdict;

	(void)data;
	judge(place, SPAM, &verdict);
	for (guint i = 0; i < verdict.n_reasons; i++) {
		const char *part = verdict.reasons[i].part;
		guint n =
		    GPOINTER_TO_UINT(g_hash_table_lookup(counts, part)) + 1;

		g_assert_cmpuint(n, <=, 3);
		g_hash_table_insert(
		    counts, (gpointer)part, GUINT_TO_POINTER(n));
	}
	g_assert_cmpuint(g_hash_table_size(counts), >=, 3);
}

/* The long form: every member, reasons in order, and sums that add up. */
static void
test_long(struct place *place, gconstpointer data)
{
	json_t *object = explain(place->reader, SPAM), *reasons, *parts, *part;
	json_int_t features = 0, known = 0, spam = 0, ham = 0;
	double margin = 0, for_spam = 0, for_ham = 0, last = INFINITY;
	const char *class = "", *name;
	gsize i, pieces = 0;
	json_t *reason;

	(void)data;
	g_assert_cmpint(
	    json_unpack(object,
		"{s:{s:s, s:F}, s:{s:I, s:I}, s:I, s:I, s:o, s:o}", "verdict",
		"class", &class, "margin", &margin, "lessons", "spam", &spam,
		"ham", &ham, "features", &features, "known", &known, "reasons",
		&reasons, "parts", &parts),
	    ==, 0);
	g_assert_cmpstr(class, ==, "spam");
	g_assert_cmpint(spam, ==, 40);
	g_assert_cmpint(ham, ==, 30);
	g_assert_cmpint(known, ==, features);
	/* The many pieces leave room for what can be read. */
	g_assert_cmpuint(json_array_size(reasons), >, 40);
	json_array_foreach(reasons, i, reason)
	{
		const char *where = "", *text = "";
		double weight = 0;

		g_assert_cmpint(json_unpack(reason, "{s:s, s:s, s:F, s:I, s:I}",
				    "part", &where, "text", &text, "weight",
				    &weight, "spam", &spam, "ham", &ham),
		    ==, 0);
		pieces += strcmp(where, "text") == 0 ||
			  strcmp(where, "header") == 0 ||
			  strcmp(where, "form") == 0;
		g_assert_cmpfloat(fabs(weight), <=, last);
		g_assert_nonnull(json_object_get(parts, where));
		last = fabs(weight);
	}
	g_assert_cmpuint(pieces, >, 10);
	g_assert_cmpuint(pieces, <=, 100);
	json_object_foreach(parts, name, part)
	{
		for_spam += json_real_value(json_object_get(part, "spam"));
		for_ham += json_real_value(json_object_get(part, "ham"));
	}
	/* All but the prior, ln(40/30). */
	for_spam += log(40.0 / 30);
	g_assert_cmpfloat_with_epsilon(
	    margin, (for_spam - for_ham) / sqrt(for_spam + for_ham + 20), 1e-6);
	json_decref(object);
}

/* Neighbours that speak for one side are one reason, shown as the text they
 * stand in. */
static void
test_runs(void)
{
	struct place place;
	json_t *object, *reason, *found = NULL;
	gsize i;
	json_int_t grams = 0;
	double weight = 0;

	place_init(&place, "\n your account has been suspended today\n");
	object = explain(place.reader,
	    "\nDear Sir, your account has been suspicious of lamps\n");
	json_array_foreach(json_object_get(object, "reasons"), i, reason)
	{
		const char *text =
		    json_string_value(json_object_get(reason, "text"));

		if (json_object_get(reason, "grams") != NULL)
			g_test_message("%s", text);
		if (strstr(text, "account has been susp") != NULL) {
			g_assert_null(found);
			found = reason;
		}
	}
	g_assert_nonnull(found);
	g_assert_cmpint(json_unpack(found, "{s:I, s:F}", "grams", &grams,
			    "weight", &weight),
	    ==, 0);
	/* "your account has been susp" */
	g_assert_cmpint(grams, ==, 21);
	g_assert_cmpstr(
	    json_string_value(json_object_get(found, "part")), ==, "text");
	g_assert_cmpstr(json_string_value(json_object_get(found, "text")), ==,
	    "Dear Sir, your account has been suspicious of ...");
	/* The sum of its pieces, which have equal counts. */
	g_assert_cmpfloat(weight, >, 5);
	json_decref(object);
	place_fini(&place, NULL);
}

/* A run at the end of its text is not shown with the words that are told after
 * it. */
static void
test_run_at_end(void)
{
	struct place place;
	json_t *object, *reason;
	gsize i;
	guint found = 0;

	place_init(&place, "\n your account has been suspended\n");
	object = explain(
	    place.reader, "\nDear Sir, your account has been suspended\n");
	json_array_foreach(json_object_get(object, "reasons"), i, reason)
	{
		const char *text =
		    json_string_value(json_object_get(reason, "text"));

		if (json_object_get(reason, "grams") == NULL ||
		    strstr(text, "account has been susp") == NULL)
			continue;
		found++;
		g_assert_true(g_str_has_suffix(text, "been suspended"));
	}
	g_assert_cmpuint(found, ==, 1);
	json_decref(object);
	place_fini(&place, NULL);
}

/* What is missing before the model decides. */
static void
test_missing(void)
{
	static const struct {
		struct table_totals totals;
		json_int_t spam, ham, any;
	} cases[] = {
		{ { 0, 0, 0, 0 }, 10, 10, 44 },
		{ { 5, 0, 9, 60 }, 1, 0, 0 },
		{ { 20, 20, 20, 20 }, 0, 0, 24 },
		{ { 40, 30, 40, 30 }, 0, 0, 0 },
	};
	struct place place;

	place_init(&place, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		json_int_t spam = -1, ham = -1, any = -1;
		json_t *object;

		table_set_totals(place.table, &cases[i].totals);
		object = explain(i == 0 ? NULL : place.reader, HAM);
		g_assert_cmpint(
		    json_unpack(object, "{s:{s:I, s:I, s:I}}", "missing",
			"spam", &spam, "ham", &ham, "any", &any),
		    ==, 0);
		g_assert_cmpint(spam, ==, cases[i].spam);
		g_assert_cmpint(ham, ==, cases[i].ham);
		g_assert_cmpint(any, ==, cases[i].any);
		json_decref(object);
	}
	place_fini(&place, NULL);
}

static void
test_no_table(void)
{
	json_t *object = explain(NULL, SPAM);
	const char *basis = "";
	json_int_t features = 0, known = -1;

	g_assert_cmpint(
	    json_unpack(object, "{s:{s:s}, s:I, s:I}", "verdict", "basis",
		&basis, "features", &features, "known", &known),
	    ==, 0);
	g_assert_cmpstr(basis, ==, "no-model");
	g_assert_cmpint(features, >, 100);
	g_assert_cmpint(known, ==, 0);
	g_assert_cmpuint(
	    json_array_size(json_object_get(object, "reasons")), ==, 0);
	g_assert_cmpuint(
	    json_object_size(json_object_get(object, "parts")), ==, 0);
	json_decref(object);
}

static void
add(const char *path, void (*test)(struct place *place, gconstpointer data))
{
	g_test_add(path, struct place, NULL, place_init, test, place_fini);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	add("/explain/reasons", test_reasons);
	g_test_add_func("/explain/words", test_words);
	add("/explain/parts", test_parts);
	add("/explain/long", test_long);
	g_test_add_func("/explain/runs", test_runs);
	g_test_add_func("/explain/run-at-end", test_run_at_end);
	g_test_add_func("/explain/missing", test_missing);
	g_test_add_func("/explain/no-table", test_no_table);
	return g_test_run();
}
