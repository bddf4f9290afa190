/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at figures, and what has changed between them. */
#include "tools/top.h"

#include <string.h>

#include "lib/base/exposition.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define START (1790000000 * SECOND)

static void
family(json_t *page, const char *name, double value, const char *label,
    const char *word)
{
	exposition_add(exposition_family(page, name, "gauge", "x"), value,
	    label, word, NULL);
}

/* So many messages, tickets, entries that wait; the caller's. */
static json_t *
page_of(double messages, double tickets, double waiting)
{
	json_t *page = exposition_new(), *one;

	one =
	    exposition_family(page, "deskgate_messages_total", "counter", "x");
	exposition_add(
	    one, messages, "inbox", "a@example.com", "verdict", "ham", NULL);
	exposition_add(
	    one, 1, "inbox", "b@example.com", "verdict", "spam", NULL);
	family(page, "deskgate_tickets_total", tickets, "how", "made");
	family(page, "deskgate_spool_entries", waiting, "state", "wait");
	family(page, "deskgate_spool_oldest_seconds", 90, "state", "wait");
	family(page, "deskgate_start_time_seconds", 1789990000, "program",
	    "deliver");
	family(page, "deskgate_alive_time_seconds", 1790000000, "program",
	    "deliver");
	one = exposition_family(page, "deskgate_model_lessons", "gauge", "x");
	exposition_add(one, 7, "model", "own", "class", "ham", NULL);
	exposition_add(one, 12, "model", "installation", "class", "ham", NULL);
	family(page, "deskgate_filesystem_free_bytes", 25, "folder", "state");
	family(page, "deskgate_filesystem_size_bytes", 100, "folder", "state");
	family(page, "deskgate_desk_faults", 3, "desk", "main\033[31m");
	return page;
}

static void
take(struct top *top, json_t *page, gint64 at)
{
	top_take(top, page, at);
	json_decref(page);
}

static double
member(const json_t *object, const char *part, const char *name)
{
	return json_number_value(
	    json_object_get(json_object_get(object, part), name));
}

static void
test_rates(void)
{
	struct top *top = top_new();
	json_t *json;

	take(top, page_of(10, 5, 2), START);
	json = top_json(top);
	g_assert_true(json_is_null(
	    json_object_get(json_object_get(json, "messages"), "a_minute")));
	g_assert_cmpfloat(member(json, "messages", "ham"), ==, 10);
	g_assert_cmpfloat(member(json, "messages", "spam"), ==, 1);
	g_assert_cmpfloat(member(json, "spool", "oldest_seconds"), ==, 90);
	json_decref(json);
	take(top, page_of(40, 6, 0), START + 30 * SECOND);
	json = top_json(top);
	g_assert_cmpfloat(member(json, "messages", "a_minute"), ==, 60);
	g_assert_cmpfloat(member(json, "tickets", "a_minute"), ==, 2);
	json_decref(json);
	/* The milter was started anew. */
	take(top, page_of(3, 6, 0), START + 90 * SECOND);
	json = top_json(top);
	g_assert_cmpfloat(member(json, "messages", "a_minute"), ==, 3);
	json_decref(json);
	/* The clock was set back: no rate, and no division by 0. */
	take(top, page_of(9, 6, 0), START);
	json = top_json(top);
	g_assert_true(json_is_null(
	    json_object_get(json_object_get(json, "messages"), "a_minute")));
	json_decref(json);
	top_free(&top);
	g_assert_null(top);
}

static void
test_page(void)
{
	struct top *top = top_new();
	g_autofree char *none = top_page(top, 80, FALSE);
	g_autofree char *page = NULL, *narrow = NULL, *line = NULL;

	g_assert_cmpstr(none, ==, "");
	for (guint i = 0; i < TOP_LOOKS + 10; i++)
		take(top, page_of(10.0 * i, i, i), START + i * SECOND);
	page = top_page(top, 80, FALSE);
	g_assert_nonnull(strstr(page, "deliver: SILENT for 2m 9s"));
	g_assert_nonnull(strstr(page, "milter: no word"));
	g_assert_nonnull(strstr(page, "600.0/min"));
	g_assert_nonnull(strstr(page, "learns still; 12 ham, 0 spam"));
	g_assert_nonnull(strstr(page, "75 %"));
	g_assert_nonnull(strstr(page, "FAILS, 0 in its queue"));
	g_assert_true(g_str_is_ascii(page));
	narrow = top_page(top, 10, TRUE);
	g_assert_nonnull(strstr(narrow, "messages"));
	line = top_line(top);
	g_assert_nonnull(strstr(line, " 600.0 "));
	top_free(&top);
}

/* Of another version, or of nobody. */
static void
test_strange(void)
{
	struct top *top = top_new();
	g_autofree char *page = NULL, *line = NULL;
	json_t *json;

	take(top,
	    json_pack("[{s:s}, n, i, {s:i, s:s}]", "name",
		"deskgate_desk_faults", 3, "name", 4, "samples", "x"),
	    START);
	top_take(top, NULL, START + SECOND);
	page = top_page(top, 80, TRUE);
	line = top_line(top);
	json = top_json(top);
	g_assert_nonnull(json);
	json_decref(json);
	top_free(&top);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/top/rates", test_rates);
	g_test_add_func("/top/page", test_page);
	g_test_add_func("/top/strange", test_strange);
	return g_test_run();
}
