/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/pattern.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static struct pattern *
compile(const char *text, guint flags)
{
	const struct pattern_how how = { .flags = flags };
	g_autoptr(GError) error = NULL;
	struct pattern *pattern = pattern_compile(text, &how, &error);

	g_assert_no_error(error);
	g_assert_nonnull(pattern);
	return pattern;
}

static void
test_matches(void)
{
	static const struct {
		const char *name, *pattern;
		guint flags;
		const char *text;
		enum pattern_answer want;
	} cases[] = {
		{ "plain", "bill", 0, "the bill of May", PATTERN_YES },
		{ "not there", "bill", 0, "the invoice", PATTERN_NO },
		{ "case counts", "Bill", 0, "the bill", PATTERN_NO },
		{ "caseless", "Bill", PATTERN_CASELESS, "the bill",
		    PATTERN_YES },
		{ "case taken back", "(?-i)Bill", PATTERN_CASELESS, "the bill",
		    PATTERN_NO },
		{ "caseless beyond ascii", "MÜLLER", PATTERN_CASELESS, "müller",
		    PATTERN_YES },
		{ "a letter is any letter", "^\\w+$", 0, "größe", PATTERN_YES },
		{ "one dot one character", "^.$", 0, "ü", PATTERN_YES },
		{ "text's start only", "^b", 0, "a\nb", PATTERN_NO },
		{ "line's start", "^b", PATTERN_LINES, "a\nb", PATTERN_YES },
		{ "bad bytes stop nothing", "bill", 0, "\xff\xc3( bill",
		    PATTERN_YES },
		{ "bad bytes match nothing", "^.+$", 0, "\xff", PATTERN_NO },
		{ "empty text", "^$", 0, "", PATTERN_YES },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct pattern *pattern OWNED(pattern_free) =
		    compile(cases[i].pattern, cases[i].flags);

		g_test_message("%s", cases[i].name);
		g_assert_cmpint(pattern_match(pattern, cases[i].text,
				    strlen(cases[i].text), NULL),
		    ==, cases[i].want);
	}
}

static void
test_length(void)
{
	struct pattern *pattern OWNED(pattern_free) = compile("c", 0);

	g_assert_cmpint(pattern_match(pattern, "abc", 2, NULL), ==, PATTERN_NO);
	g_assert_cmpint(
	    pattern_match(pattern, "a\0c", 3, NULL), ==, PATTERN_YES);
}

static void
test_groups(void)
{
	struct pattern *pattern OWNED(pattern_free) =
	    compile("#(\\d+)(-x)?(!)?", 0);
	const char *text = "about #12-x";
	struct pattern_hit hit;
	g_autofree char *all = NULL;
	g_autofree char *number = NULL;

	g_assert_cmpuint(pattern_groups(pattern), ==, 3);
	g_assert_cmpint(
	    pattern_match(pattern, text, strlen(text), &hit), ==, PATTERN_YES);
	all = pattern_hit_copy(&hit, text, 0);
	number = pattern_hit_copy(&hit, text, 1);
	g_assert_cmpstr(all, ==, "#12-x");
	g_assert_cmpstr(number, ==, "12");
	g_assert_cmpuint(hit.spans[1].start, ==, 7);
	g_assert_null(pattern_hit_copy(&hit, text, 3));
	g_assert_null(pattern_hit_copy(&hit, text, 9));
	/* A group in the middle that took no part. */
	g_assert_cmpint(
	    pattern_match(pattern, "#7!", 3, &hit), ==, PATTERN_YES);
	g_assert_null(pattern_hit_copy(&hit, "#7!", 2));
	g_assert_cmpuint(hit.spans[2].start, ==, G_MAXSIZE);
}

static void
test_more_groups_than_told(void)
{
	struct pattern *pattern OWNED(pattern_free) =
	    compile("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", 0);
	struct pattern_hit hit;

	g_assert_cmpint(
	    pattern_match(pattern, "abcdefghijk", 11, &hit), ==, PATTERN_YES);
	g_assert_cmpuint(hit.count, ==, PATTERN_GROUPS);
	g_assert_cmpuint(hit.spans[9].end, ==, 9);
}

static void
test_wrong(void)
{
	g_autofree char *endless = g_strnfill(PATTERN_LONGEST + 1, 'a');
	const struct {
		const char *name, *pattern, *want;
	} cases[] = {
		{ "unclosed", "(a", "at character 3 of '(a'" },
		{ "counts characters", "ü(", "at character 3 of" },
		{ "nothing to repeat", "*", "at character 1" },
		{ "one byte of a character", "a\\C", "at character" },
		{ "not UTF-8", "\xff", "not UTF-8" },
		{ "where the last piece ended", "\\\\\\Gb", "has no \\G here" },
		{ "endless", endless, "longer than 8192 bytes" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].name);
		g_assert_null(pattern_compile(cases[i].pattern, NULL, &error));
		g_assert_true(err_is(error, DG_ERROR_BAD));
		g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, cases[i].want));
	}
}

/* What would take for ever is neither yes nor no. */
static void
test_limits(void)
{
	static const char *const patterns[] = { "^(a+)+$", "^(a|a)*$",
		"(?:(?:a|aa)+)+$" };
	g_autofree char *text = g_strnfill(5000, 'a');

	for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++) {
		struct pattern *pattern OWNED(pattern_free) =
		    compile(patterns[i], 0);
		g_autofree char *end = g_strconcat(text, "!", NULL);
		gint64 began = g_get_monotonic_time();

		g_test_message("%s", patterns[i]);
		g_assert_cmpint(pattern_match(pattern, end, strlen(end), NULL),
		    ==, PATTERN_LIMIT);
		/* Far from "for ever", also under a sanitizer. */
		g_assert_cmpint(
		    g_get_monotonic_time() - began, <, 20 * G_USEC_PER_SEC);
	}
}

/* What fits no JIT stack is interpreted, and a long honest match is a match. */
static void
test_long_match(void)
{
	struct pattern *pattern OWNED(pattern_free) = compile("^(?:a|b)+c$", 0);
	g_autofree char *text = g_strnfill(30001, 'a');

	text[30000] = 'c';
	g_assert_cmpint(
	    pattern_match(pattern, text, 30001, NULL), ==, PATTERN_YES);
}

static void
test_own_limits(void)
{
	const struct pattern_how tight = { .match_limit = 10 };
	struct pattern *pattern OWNED(pattern_free) =
	    pattern_compile("(a|b)+$", &tight, NULL);
	g_autofree char *text = g_strnfill(100, 'a');

	text[99] = '!';
	g_assert_cmpint(
	    pattern_match(pattern, text, 100, NULL), ==, PATTERN_LIMIT);
	g_assert_cmpint(pattern_match(pattern, "a", 1, NULL), ==, PATTERN_YES);
}

/* Each place where a match may begin has its own steps, so text of many places
 * meets the limit of time. */
static void
test_time(void)
{
	static const char *const patterns[] = { "(?:a|aa){1,12}[x-z]",
		"(?:a|b|[cd]){1,200}+[x-z]" };
	g_autofree char *text = g_strnfill(PATTERN_TEXT_MOST, 'a');

	for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++) {
		struct pattern *pattern OWNED(pattern_free) =
		    compile(patterns[i], PATTERN_LINES);
		struct pattern_time time;

		g_test_message("%s", patterns[i]);
		pattern_time_begin(&time, 20 * 1000);
		g_assert_cmpint(pattern_match_within(pattern, text,
				    PATTERN_TEXT_MOST, &time, NULL),
		    ==, PATTERN_LIMIT);
		/* What is used up stays so, for the next pattern too. */
		g_assert_true(pattern_time_over(&time));
	}
}

/* The time of all is shared: none is left, and nothing is asked. */
static void
test_no_time(void)
{
	struct pattern *pattern OWNED(pattern_free) = compile("a", 0);
	struct pattern_time time;

	pattern_time_begin(&time, 0);
	g_assert_true(pattern_time_over(&time));
	g_assert_cmpint(pattern_match_within(pattern, "a", 1, &time, NULL), ==,
	    PATTERN_LIMIT);
}

/* Behind PATTERN_TEXT_MOST nobody has looked, so "no" is not the answer. */
static void
test_long_text(void)
{
	struct pattern *pattern OWNED(pattern_free) = compile("bill", 0);
	struct pattern *end OWNED(pattern_free) = compile("a$", 0);
	g_autofree char *text = g_strnfill(PATTERN_TEXT_MOST + 10, 'a');
	struct pattern_hit hit;

	g_assert_cmpint(pattern_match(pattern, text, PATTERN_TEXT_MOST, NULL),
	    ==, PATTERN_NO);
	g_assert_cmpint(
	    pattern_match(pattern, text, PATTERN_TEXT_MOST + 1, NULL), ==,
	    PATTERN_LIMIT);
	/* The cut is no end. */
	g_assert_cmpint(pattern_match(end, text, PATTERN_TEXT_MOST + 1, NULL),
	    ==, PATTERN_LIMIT);
	memcpy(text + 200000, "bill", 4);
	g_assert_cmpint(
	    pattern_match(pattern, text, PATTERN_TEXT_MOST + 1, &hit), ==,
	    PATTERN_YES);
	g_assert_cmpuint(hit.spans[0].start, ==, 200000);
}

/* Text is looked at in pieces, and nobody can tell: each place is tried once,
 * with what stands before it in sight. */
static void
test_pieces(void)
{
	static const struct {
		const char *pattern;
		gboolean found; /* at the end of a long text */
	} cases[] = {
		{ "end$", TRUE },
		{ "(?<=\xc3\xbc)end", TRUE },
		{ "(?s)^.*end", TRUE },
		{ ".*end$", TRUE },
		{ "^end", FALSE },
		{ "\\Aend", FALSE },
		{ "\\bend", FALSE },
	};

	for (gsize length = 1; length < 4000; length += 97) {
		g_autoptr(GString) text = g_string_new(NULL);

		for (gsize i = 0; i < length; i++)
			g_string_append(text, "\xc3\xbc");
		g_string_append(text, "end");
		for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
			struct pattern *pattern OWNED(pattern_free) =
			    compile(cases[i].pattern, 0);

			g_assert_cmpint(
			    pattern_match(pattern, text->str, text->len, NULL),
			    ==, cases[i].found ? PATTERN_YES : PATTERN_NO);
		}
	}
}

/* The memory of nested backtracking, where the JIT's stack is full. */
static void
test_heap(void)
{
	const struct pattern_how wide = { .match_limit = 100000000,
		.depth_limit = 10000000 };
	struct pattern *pattern OWNED(pattern_free) =
	    pattern_compile("^(.|\\s)+c$", &wide, NULL);
	g_autofree char *text = g_strnfill(PATTERN_TEXT_MOST, 'a');

	/* From one place alone, so that time is not met before; with heap
	 * enough the answer is "no". */
	memcpy(text + PATTERN_TEXT_MOST - 2, "c!", 2);
	g_assert_cmpint(pattern_match(pattern, text, PATTERN_TEXT_MOST, NULL),
	    ==, PATTERN_LIMIT);
}

static gpointer
match_often(gpointer data)
{
	guint found = 0;

	for (guint i = 0; i < 2000; i++)
		found +=
		    pattern_match(data, "order 4711", 10, NULL) == PATTERN_YES;
	return GUINT_TO_POINTER(found);
}

static void
test_threads(void)
{
	struct pattern *pattern OWNED(pattern_free) = compile("\\d{4}$", 0);
	GThread *threads[4];

	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("match", match_often, pattern);
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		g_assert_cmpuint(
		    GPOINTER_TO_UINT(g_thread_join(threads[i])), ==, 2000);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pattern/matches", test_matches);
	g_test_add_func("/pattern/length", test_length);
	g_test_add_func("/pattern/groups", test_groups);
	g_test_add_func("/pattern/more-groups", test_more_groups_than_told);
	g_test_add_func("/pattern/wrong", test_wrong);
	g_test_add_func("/pattern/limits", test_limits);
	g_test_add_func("/pattern/long-match", test_long_match);
	g_test_add_func("/pattern/own-limits", test_own_limits);
	g_test_add_func("/pattern/time", test_time);
	g_test_add_func("/pattern/no-time", test_no_time);
	g_test_add_func("/pattern/long-text", test_long_text);
	g_test_add_func("/pattern/pieces", test_pieces);
	g_test_add_func("/pattern/heap", test_heap);
	g_test_add_func("/pattern/threads", test_threads);
	return g_test_run();
}
