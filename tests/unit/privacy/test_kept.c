/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/kept.h"

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)
/* 2026-11-02T00:00:00Z */
#define NOW ((gint64)1793577600 * G_USEC_PER_SEC)

static const struct conf_option options[] = {
	{ "raw-retention", CONF_DURATION, "7d", 3600, 31536000 },
	{ NULL },
};
static const struct conf_option *const tables[] = { options, NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "", tables },
	{ "inbox", "support@example.com", "", tables },
	{ NULL },
};

static const char *
text_of(const json_t *rows, guint i, const char *name)
{
	return json_string_value(
	    json_object_get(json_array_get(rows, i), name));
}

static int
number_of(const json_t *rows, guint i, const char *name)
{
	return (int)json_integer_value(
	    json_object_get(json_array_get(rows, i), name));
}

static void
test_row(void)
{
	struct kept kept = { .kind = "raw", .setting = "r", .keep = 7 * 86400 };
	json_t *rows = json_array();

	kept_row(&kept, rows);
	g_assert_true(
	    json_is_null(json_object_get(json_array_get(rows, 0), "oldest")));
	g_assert_true(
	    json_is_null(json_object_get(json_array_get(rows, 0), "next")));
	kept_count(&kept, NOW - 7 * DAY, NOW, FALSE); /* to the microsecond */
	g_assert_cmpuint(kept.past, ==, 0);
	kept_count(&kept, NOW - 7 * DAY - 1, NOW, FALSE);
	kept_count(&kept, NOW - 30 * DAY, NOW, TRUE);
	kept_row(&kept, rows);
	g_assert_cmpint(number_of(rows, 1, "count"), ==, 3);
	g_assert_cmpint(number_of(rows, 1, "past"), ==, 1);
	g_assert_cmpint(number_of(rows, 1, "restricted"), ==, 1);
	g_assert_cmpstr(text_of(rows, 1, "oldest"), ==, "2026-10-03T00:00:00Z");
	/* What is restricted does not go next. */
	g_assert_cmpstr(text_of(rows, 1, "next"), ==, "2026-11-01T23:59:59Z");
	json_decref(rows);
}

static void
test_without_time(void)
{
	struct kept kept = { .kind = "queue", .until = "it is delivered" };
	json_t *rows = json_array();

	kept_count(&kept, 1, NOW, FALSE);
	kept_row(&kept, rows);
	g_assert_cmpint(number_of(rows, 0, "past"), ==, 0);
	g_assert_cmpstr(text_of(rows, 0, "until"), ==, "it is delivered");
	g_assert_true(
	    json_is_null(json_object_get(json_array_get(rows, 0), "keep")));
	json_decref(rows);
}

static void
test_inboxes(void)
{
	struct conf *conf = conf_parse("test.conf",
	    "raw-retention = 3d\n"
	    "inbox \"a@example.com\" { raw-retention = 1d }\n"
	    "inbox \"b@example.com\" { }\n",
	    kinds);
	struct kept_inboxes *all;
	json_t *rows = json_array();

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	all = kept_inboxes_new(conf, "raw", "raw-retention");
	g_assert_cmpint(kept_inboxes_of(all, "A@example.com")->keep, ==, 86400);
	g_assert_cmpint(
	    kept_inboxes_of(all, "b@example.com")->keep, ==, 3 * 86400);
	g_assert_cmpint(
	    kept_inboxes_of(all, "gone@example.com")->keep, ==, 3 * 86400);
	g_assert_true(
	    kept_inboxes_of(all, NULL) == kept_inboxes_of(all, "x@y.example"));
	kept_inboxes_of(all, "b@example.com")->gone = 2;
	kept_inboxes_end(&all, rows);
	g_assert_null(all);
	/* Of inboxes that are in no settings there is nothing to tell. */
	g_assert_cmpuint(json_array_size(rows), ==, 2);
	g_assert_cmpstr(text_of(rows, 0, "inbox"), ==, "a@example.com");
	g_assert_cmpint(number_of(rows, 1, "gone"), ==, 2);
	all = kept_inboxes_new(conf, "raw", "raw-retention");
	kept_count(kept_inboxes_of(all, NULL), NOW, NOW, FALSE);
	json_array_clear(rows);
	kept_inboxes_end(&all, rows);
	g_assert_cmpuint(json_array_size(rows), ==, 3);
	g_assert_null(text_of(rows, 2, "inbox"));
	json_decref(rows);
	conf_free(&conf);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/privacy/kept/row", test_row);
	g_test_add_func("/privacy/kept/without-time", test_without_time);
	g_test_add_func("/privacy/kept/inboxes", test_inboxes);
	return g_test_run();
}
