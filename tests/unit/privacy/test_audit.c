/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/audit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/seal.h"
#include "tests/unit/privacy/trail.h"

static struct audit_report
verify(struct trail *trail, const char *head)
{
	g_autoptr(GError) error = NULL;
	struct audit_report report;

	g_assert_true(audit_verify(trail->audit, head, &report, &error));
	g_assert_no_error(error);
	return report;
}

static char *
text_of(struct trail *trail, const char *name)
{
	g_autofree char *path = folder_path(&trail->folder, name);
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static void
test_add(struct trail *trail, gconstpointer unused)
{
	struct audit_report report;
	json_t *list;

	(void)unused;
	g_assert_cmpuint(verify(trail, NULL).records, ==, 0);
	trail_add(trail, "one");
	trail_reopen(trail);
	trail_add(trail, "two");
	trail_add(trail, NULL);
	report = verify(trail, NULL);
	g_assert_true(report.whole);
	g_assert_cmpuint(report.records, ==, 3);
	g_assert_cmpuint(report.last, ==, 3);
	list = audit_list(trail->audit, 2, NULL);
	g_assert_cmpuint(json_array_size(list), ==, 2);
	g_assert_cmpstr(json_string_value(
			    json_object_get(json_array_get(list, 0), "object")),
	    ==, "two");
	json_decref(list);
}

static void
test_refuses(struct trail *trail, gconstpointer unused)
{
	char long_text[AUDIT_TEXT_MOST + 2];
	const struct audit_act acts[] = {
		{ NULL, "release", NULL, NULL },
		{ "cli:root", NULL, NULL, NULL },
		{ "cli:root", "", NULL, NULL },
		{ "cli:root", "release", "someone@example.org", NULL },
		{ "cli:root", "release", "two\nlines", NULL },
		{ "cli:root", "release", "caf\xc3\xa9", NULL },
		{ "cli:root", "release", NULL, long_text },
	};

	(void)unused;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (guint i = 0; i < G_N_ELEMENTS(acts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(audit_add(trail->audit, &acts[i], &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	}
	g_assert_cmpuint(verify(trail, NULL).records, ==, 0);
}

/* Rewrites the only file by swapping one text for another. */
static void
tamper(struct trail *trail, const char *from, const char *to)
{
	g_autofree char *text = text_of(trail, "2026-11.log");
	g_autofree char *path = folder_path(&trail->folder, "2026-11.log");
	g_auto(GStrv) parts = g_strsplit(text, from, 2);
	g_autofree char *other = NULL;

	g_assert_nonnull(parts[1]);
	other = g_strconcat(parts[0], to, parts[1], NULL);
	g_assert_true(g_file_set_contents(path, other, -1, NULL));
}

static void
test_tampered(struct trail *trail, gconstpointer unused)
{
	static const struct {
		const char *name, *from, *to, *fault;
	} cases[] = {
		{ "another object", "two", "tvo", "line 2: was changed" },
		{ "another actor", "cli:root", "cli:eve",
		    "line 1: was changed" },
		{ "another time", "00:00:00Z", "00:00:01Z",
		    "line 1: was changed" },
		{ "another number", "\"seq\":3", "\"seq\":4",
		    "line 3: lines before it are missing" },
		{ "no json", "{\"seq\":2", "\"seq\":2",
		    "line 2: is no line of the trail" },
	};

	(void)unused;
	trail_add(trail, "one");
	trail_add(trail, "two");
	trail_add(trail, "three");
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct audit_report report;

		g_test_message("%s", cases[i].name);
		tamper(trail, cases[i].from, cases[i].to);
		report = verify(trail, NULL);
		g_assert_false(report.whole);
		g_assert_nonnull(strstr(report.fault, cases[i].fault));
		tamper(trail, cases[i].to, cases[i].from);
		g_assert_true(verify(trail, NULL).whole);
	}
}

static void
test_line_taken_out(struct trail *trail, gconstpointer unused)
{
	g_autofree char *path = folder_path(&trail->folder, "2026-11.log");
	g_autofree char *text = NULL, *other = NULL, *head = NULL;
	g_auto(GStrv) lines = NULL;
	struct audit_report report;

	(void)unused;
	trail_add(trail, "one");
	trail_add(trail, "two");
	trail_add(trail, "three");
	report = verify(trail, NULL);
	head = g_strdup_printf(
	    "%" G_GUINT64_FORMAT ":%s", report.last, report.head);
	g_assert_true(verify(trail, head).has);
	text = text_of(trail, "2026-11.log");
	lines = g_strsplit(text, "\n", -1);
	other = g_strconcat(lines[0], "\n", lines[2], "\n", NULL);
	g_assert_true(g_file_set_contents(path, other, -1, NULL));
	g_assert_false(verify(trail, NULL).whole);
	/* The last one: the chain is whole, but the head is not there. */
	g_free(other);
	other = g_strconcat(lines[0], "\n", lines[1], "\n", NULL);
	g_assert_true(g_file_set_contents(path, other, -1, NULL));
	report = verify(trail, head);
	g_assert_true(report.whole);
	g_assert_false(report.has);
}

static void
test_bad_head(struct trail *trail, gconstpointer unused)
{
	static const char *const heads[] = { "", "7", "7:", "x:00", "0:0",
		"1:0123456789abcdef0123456789abcdeg" };

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
		g_autoptr(GError) error = NULL;
		struct audit_report report;

		g_assert_false(
		    audit_verify(trail->audit, heads[i], &report, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	}
}

/* A power cut in the middle of a line, and one between the making of a month's
 * file and its first line. */
static void
test_torn(struct trail *trail, gconstpointer unused)
{
	g_autofree char *text = NULL;

	(void)unused;
	trail_add(trail, "one");
	trail_add(trail, "two");
	audit_close(&trail->audit);
	text = text_of(trail, "2026-11.log");
	text[strlen(text) - 5] = '\0';
	{
		g_autofree char *path =
		    folder_path(&trail->folder, "2026-11.log");

		g_assert_true(g_file_set_contents(path, text, -1, NULL));
	}
	folder_put(&trail->folder, "2026-12.log", "{\"seq\":3", 0600);
	trail_open(trail);
	g_assert_cmpuint(verify(trail, NULL).records, ==, 1);
	trail->now += 40 * DAY;
	trail_add(trail, "three");
	g_assert_true(verify(trail, NULL).whole);
	g_assert_cmpuint(verify(trail, NULL).last, ==, 2);
}

/* Lets go what is older than `days`; how many went. */
static guint
expire(struct trail *trail, gint64 days)
{
	struct kept kept = { .keep = days * 24 * 3600 };
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    audit_expire(trail->audit, trail->now, TRUE, &kept, &error));
	g_assert_no_error(error);
	return (guint)kept.gone;
}

/* Two lines a month, for four months; it is the last day of the fourth. */
static void
four_months(struct trail *trail)
{
	for (guint month = 0; month < 4; month++) {
		trail->now = START + month * 31 * DAY;
		trail_add(trail, "old");
		trail->now += DAY;
		trail_add(trail, "older");
	}
	g_assert_cmpuint(folder_names(&trail->folder), ==, 4);
}

static void
test_expire(struct trail *trail, gconstpointer unused)
{
	struct kept kept = { .keep = 61 * 24 * 3600 };
	struct audit_report report;

	(void)unused;
	four_months(trail);
	/* It is told first. */
	g_assert_true(
	    audit_expire(trail->audit, trail->now, FALSE, &kept, NULL));
	g_assert_cmpuint(kept.count, ==, 8);
	g_assert_cmpuint(kept.past, ==, 4);
	g_assert_cmpint(kept.oldest, ==, START);
	g_assert_cmpuint(verify(trail, NULL).records, ==, 8);
	/* To the line, not to the month. */
	g_assert_cmpuint(expire(trail, 62), ==, 3);
	g_assert_cmpuint(folder_names(&trail->folder), ==, 3);
	report = verify(trail, NULL);
	g_assert_true(report.whole);
	g_assert_cmpuint(report.first, ==, 4);
	g_assert_cmpuint(report.last, ==, 9); /* and the cut itself */
	g_assert_cmpuint(expire(trail, 62), ==, 0);
	g_assert_cmpuint(verify(trail, NULL).last, ==, 9);
	trail_reopen(trail);
	trail_add(trail, "new");
	g_assert_cmpuint(expire(trail, 60), ==, 1);
	report = verify(trail, NULL);
	g_assert_true(report.whole);
	g_assert_cmpuint(report.first, ==, 5);
	/* All of it: the cut alone is left. */
	trail->now += 4000 * DAY;
	g_assert_cmpuint(expire(trail, 1), ==, 7);
	report = verify(trail, NULL);
	g_assert_true(report.whole);
	g_assert_cmpuint(report.records, ==, 1);
	g_assert_cmpuint(folder_names(&trail->folder), ==, 1);
	trail_reopen(trail);
	trail_add(trail, "newer");
	g_assert_true(verify(trail, NULL).whole);
}

/* In the file that is being written to. */
static void
test_expire_current(struct trail *trail, gconstpointer unused)
{
	g_autofree char *text = NULL;

	(void)unused;
	trail_add(trail, "one");
	trail->now += DAY;
	trail_add(trail, "two");
	trail_add(trail, "three");
	g_assert_cmpuint(expire(trail, 1), ==, 0); /* to the second */
	trail->now += DAY / 2;
	g_assert_cmpuint(expire(trail, 1), ==, 1);
	trail_add(trail, "four");
	g_assert_true(verify(trail, NULL).whole);
	g_assert_cmpuint(verify(trail, NULL).first, ==, 2);
	g_assert_cmpuint(verify(trail, NULL).last, ==, 5);
	text = text_of(trail, "2026-11.log");
	g_assert_null(strstr(text, "\"one\""));
	g_assert_nonnull(strstr(text, "audit-cut"));
}

/* Whoever takes lines off the head is seen, though what is left is a chain. */
static void
test_head_taken_off(struct trail *trail, gconstpointer unused)
{
	g_autofree char *path = folder_path(&trail->folder, "2026-11.log");
	struct audit_report report;

	(void)unused;
	four_months(trail);
	g_assert_true(verify(trail, NULL).whole);
	g_assert_cmpint(unlink(path), ==, 0);
	report = verify(trail, NULL);
	g_assert_false(report.whole);
	g_assert_nonnull(strstr(report.fault, "the beginning is missing"));
	/* No cut of ours hides it, after a start or later. */
	g_assert_cmpuint(expire(trail, 62), ==, 0);
	g_assert_cmpuint(expire(trail, 1), ==, 0);
	g_assert_false(verify(trail, NULL).whole);
}

/* Stopped after the cut was said and before, or while, the lines went. */
static void
test_cut_short(struct trail *trail, gconstpointer unused)
{
	static const char *const names[] = { "2026-11.log", "2026-12.log" };
	char *old[G_N_ELEMENTS(names)];
	struct audit_report report;

	(void)unused;
	four_months(trail);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		old[i] = text_of(trail, names[i]);
	g_assert_cmpuint(expire(trail, 62), ==, 3);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = folder_path(&trail->folder, names[i]);

		g_assert_true(g_file_set_contents(path, old[i], -1, NULL));
		g_free(old[i]);
	}
	g_assert_true(verify(trail, NULL).whole);
	g_assert_cmpuint(verify(trail, NULL).first, ==, 1);
	trail_reopen(trail);
	g_assert_cmpuint(expire(trail, 62), ==, 3);
	report = verify(trail, NULL);
	g_assert_true(report.whole);
	g_assert_cmpuint(report.first, ==, 4);
	g_assert_cmpuint(report.last, ==, 9); /* it was not said twice */
}

/* The clock set back writes on in the file it has. */
static void
test_clock_back(struct trail *trail, gconstpointer unused)
{
	(void)unused;
	trail_add(trail, "one");
	trail->now -= 60 * DAY;
	trail_add(trail, "two");
	g_assert_cmpuint(folder_names(&trail->folder), ==, 1);
	g_assert_true(verify(trail, NULL).whole);
}

static void
test_foreign(struct trail *trail, gconstpointer unused)
{
	struct secret *other = secret_random(SEAL_KEY_BYTES);
	g_autoptr(GError) error = NULL;

	(void)unused;
	trail_add(trail, "one");
	audit_close(&trail->audit);
	trail->audit =
	    audit_open(trail->folder.path, other, &trail->clock, &error);
	g_assert_no_error(error);
	g_assert_false(verify(trail, NULL).whole); /* not by this key */
	secret_free(&other);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct trail *trail, gconstpointer unused);
	} cases[] = {
		{ "/audit/add", test_add },
		{ "/audit/refuses", test_refuses },
		{ "/audit/tampered", test_tampered },
		{ "/audit/line-taken-out", test_line_taken_out },
		{ "/audit/bad-head", test_bad_head },
		{ "/audit/torn", test_torn },
		{ "/audit/expire", test_expire },
		{ "/audit/expire-current", test_expire_current },
		{ "/audit/head-taken-off", test_head_taken_off },
		{ "/audit/cut-short", test_cut_short },
		{ "/audit/clock-back", test_clock_back },
		{ "/audit/foreign", test_foreign },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		g_test_add(cases[i].name, struct trail, NULL, trail_init,
		    cases[i].run, trail_fini);
	return g_test_run();
}
