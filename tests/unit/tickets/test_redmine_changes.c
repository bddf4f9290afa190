/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/redmine_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "tests/unit/tickets/desk_cases.h"

static void
test_cursor(void)
{
	static const struct {
		const char *text;
		gboolean good;
		gint64 since, at, id;
	} cases[] = { { "17", TRUE, 17, 0, 0 }, { "17 20 3", TRUE, 17, 20, 3 },
		{ "17 20", FALSE, 0, 0, 0 }, { "", FALSE, 0, 0, 0 },
		{ "x", FALSE, 0, 0, 0 }, { "-1", FALSE, 0, 0, 0 },
		{ "1 2 3 4", FALSE, 0, 0, 0 } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct redmine_cursor cursor;
		struct desk_cursor text;

		g_assert_cmpint(redmine_cursor_read(cases[i].text, &cursor), ==,
		    cases[i].good);
		if (!cases[i].good)
			continue;
		g_assert_cmpint((int)cursor.since, ==, (int)cases[i].since);
		g_assert_cmpint((int)cursor.at, ==, (int)cases[i].at);
		redmine_cursor_write(&cursor, &text);
		g_assert_cmpstr(text.text, ==, cases[i].text);
	}
}

/* Issues are in any project that a department named. */
static void
test_list(void)
{
	g_autofree char *path = redmine_changes_path(9, 1795896001, 99);

	g_assert_cmpstr(path, ==,
	    "/issues.json?sort=updated_on,id&limit=100&offset=99"
	    "&f%5B%5D=status_id&op%5Bstatus_id%5D=%2A"
	    "&f%5B%5D=updated_on&op%5Bupdated_on%5D=%3E%3D"
	    "&v%5Bupdated_on%5D%5B%5D=2026-11-28T20%3A00%3A01Z"
	    "&f%5B%5D=cf_9&op%5Bcf_9%5D=~&v%5Bcf_9%5D%5B%5D=deskgate%3A");
}

/* "ID@UPDATED ..." */
static GPtrArray *
listed(const char *text)
{
	GPtrArray *issues = g_ptr_array_new_with_free_func(redmine_issue_free);
	g_auto(GStrv) words = g_strsplit(text, " ", 0);

	for (gsize i = 0; words[i] != NULL; i++) {
		struct redmine_issue *issue = g_new0(struct redmine_issue, 1);
		char *at = strchr(words[i], '@');

		issue->id = g_strndup(words[i], (gsize)(at - words[i]));
		issue->updated = g_ascii_strtoll(at + 1, NULL, 10);
		g_ptr_array_add(issues, issue);
	}
	return issues;
}

/* Issues of one second stand in any order: none of them is left out. */
static void
test_seek(void)
{
	static const struct {
		struct redmine_cursor cursor;
		const char *page;
		gboolean full;
		enum redmine_seek want;
		guint first;
	} cases[] = {
		{ { 17, 0, 0 }, "", FALSE, REDMINE_SEEK_HERE, 0 },
		{ { 17, 0, 0 }, "9@16 8@17", TRUE, REDMINE_SEEK_HERE, 0 },
		/* 3 comes after 9 by a fraction. */
		{ { 17, 20, 9 }, "7@19 9@20 3@20", TRUE, REDMINE_SEEK_HERE, 2 },
		{ { 17, 20, 9 }, "9@20", FALSE, REDMINE_SEEK_HERE, 1 },
		{ { 17, 20, 9 }, "3@20 9@20", TRUE, REDMINE_SEEK_NEXT, 2 },
		{ { 17, 20, 9 }, "3@20 4@20", TRUE, REDMINE_SEEK_NEXT, 2 },
		/* 9 was touched again. */
		{ { 17, 20, 9 }, "3@20 4@21", TRUE, REDMINE_SEEK_ANEW, 2 },
		{ { 17, 20, 9 }, "3@20 9@21", FALSE, REDMINE_SEEK_ANEW, 2 },
		{ { 17, 20, 9 }, "", FALSE, REDMINE_SEEK_ANEW, 0 },
		{ { 17, 20, 0 }, "7@19 3@20 4@21", TRUE, REDMINE_SEEK_HERE, 1 },
		{ { 17, 20, 0 }, "7@19", TRUE, REDMINE_SEEK_NEXT, 1 },
		{ { 17, 20, 0 }, "7@19", FALSE, REDMINE_SEEK_HERE, 1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) issues = cases[i].page[0] != '\0'
						  ? listed(cases[i].page)
						  : g_ptr_array_new();
		guint first = 99;

		g_assert_cmpint(redmine_cursor_seek(&cases[i].cursor, issues,
				    cases[i].full, &first),
		    ==, cases[i].want);
		g_assert_cmpuint(first, ==, cases[i].first);
	}
}

#define JOURNAL(id, user, time, old, new) \
	"{\"id\":" #id ",\"user\":{\"id\":" #user "},\"created_on\":" \
	"\"2026-11-28T20:00:" #time "Z\",\"notes\":\"n\",\"details\":[{" \
	"\"property\":\"attr\",\"name\":\"status_id\",\"old_value\":\"" #old \
	"\",\"new_value\":\"" #new "\"}]}"

static void
test_journals(void)
{
	g_autoptr(GPtrArray) list = cases_statuses();
	const struct redmine_marks marks = { REDMINE_BY_STATUS, 6, 2, 5, 1,
		list };
	/* Ours; marked; another open status; un-marked by us. */
	g_autoptr(GString) body = g_string_new(
	    "{\"issue\":{\"id\":4,\"author\":{\"id\":9},\"created_on\":"
	    "\"2026-11-28T19:00:00Z\",\"status\":{\"id\":2},"
	    "\"journals\":[" JOURNAL(1, 5, 01, 1, 2) "," JOURNAL(
		2, 6, 02, 2, 6) "," JOURNAL(3, 6, 03, 6, 2) "," JOURNAL(4, 6,
		04, 2, 3) "," JOURNAL(5, 5, 05, 3, 2) "]}}");
	struct redmine_voice voice = { 5, NULL };
	g_autoptr(GPtrArray) events =
	    redmine_read_journals(body, &marks, &voice, 0, G_MAXINT64, NULL);
	const struct desk_event *event;

	g_assert_cmpint((int)events->len, ==, 2);
	event = events->pdata[0];
	g_assert_cmpstr(event->status, ==, "spam");
	g_assert_cmpstr(event->who, ==, "6");
	g_assert_cmpstr(event->id, ==, "4");
	g_assert_cmpint((int)event->when, ==, 1795896002);
	event = events->pdata[1];
	g_assert_cmpstr(event->status, ==, "open");
	g_ptr_array_unref(events);
	voice.host = "desk.example";
	events = redmine_read_journals(
	    body, &marks, &voice, 1795896004, G_MAXINT64, NULL);
	g_assert_cmpint((int)events->len, ==, 1);
	event = events->pdata[0];
	g_assert_null(event->status);
	g_assert_cmpstr(event->message_ids->pdata[0], ==,
	    "redmine.issue-4.20261128190000.9@desk.example");
	g_assert_cmpstr(event->message_ids->pdata[1], ==,
	    "redmine.journal-4.20261128200004.9@desk.example");
	/* Touched again since: the mark is told, what is younger is not. */
	g_ptr_array_unref(events);
	events = redmine_read_journals(
	    body, &marks, &voice, 1795896002, 1795896003, NULL);
	g_assert_cmpint((int)events->len, ==, 1);
	event = events->pdata[0];
	g_assert_cmpstr(event->status, ==, "spam");
}

static void
add_event(GPtrArray *events, const char *status, const char *id)
{
	struct desk_event *event = desk_event_new();

	event->status = status;
	event->who = g_strdup(id);
	event->when = events->len + 1;
	g_ptr_array_add(event->message_ids, g_strdup(id));
	g_ptr_array_add(events, event);
}

/* Nothing that is known of the older ones is lost with them. */
static void
test_fold(void)
{
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func(desk_event_free);
	const struct desk_event *event;

	add_event(events, "open", "a");
	add_event(events, "spam", "b");
	add_event(events, NULL, "c");
	add_event(events, NULL, "d");
	redmine_fold_events(events, 4);
	g_assert_cmpuint(events->len, ==, 4);
	redmine_fold_events(events, 2);
	g_assert_cmpuint(events->len, ==, 2);
	event = events->pdata[0];
	g_assert_cmpstr(event->status, ==, "spam");
	g_assert_cmpstr(event->who, ==, "b");
	g_assert_cmpint((int)event->when, ==, 2);
	g_assert_cmpuint(event->message_ids->len, ==, 3);
	g_assert_cmpstr(event->message_ids->pdata[0], ==, "a");
	g_assert_cmpstr(event->message_ids->pdata[2], ==, "c");
	add_event(events, "open", "e");
	redmine_fold_events(events, 1);
	event = events->pdata[0];
	g_assert_cmpstr(event->status, ==, "open");
	g_assert_cmpuint(event->message_ids->len, ==, 5);
}

/* An issue of this field and status, changed in the second it was made in. */
#define LISTED(field, status, more) \
	"{\"issues\":[{\"id\":4,\"status\":{\"id\":" #status "}," more \
	"\"created_on\":\"2026-11-28T20:00:01Z\"," \
	"\"updated_on\":\"2026-11-28T20:00:01Z\"," \
	"\"custom_fields\":[{\"id\":7,\"value\":\"" field "\"}]}]}"
#define CLOSED "\"closed_on\":\"2026-11-28T20:00:01Z\","

static void
test_may_tell(void)
{
	static const struct {
		const char *body;
		gboolean want;
	} cases[] = {
		{ LISTED("deskgate:00", 1, ""), FALSE },
		{ LISTED("deskgate:00", 6, CLOSED), TRUE },
		/* Marked as it was made, and taken back at once. */
		{ LISTED("deskgate:00", 2, CLOSED), TRUE },
		{ LISTED("", 2, CLOSED), FALSE },
	};
	g_autoptr(GPtrArray) list = cases_statuses();
	const struct redmine_marks marks = { REDMINE_BY_STATUS, 6, 2, 5, 1,
		list };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		gboolean full = TRUE;
		g_autoptr(GPtrArray) issues =
		    redmine_read_changed(body, 7, &full, NULL);

		g_assert_cmpuint(issues->len, ==, 1);
		g_assert_cmpint(redmine_may_tell(&marks, issues->pdata[0]), ==,
		    cases[i].want);
	}
}

#define CHANGED(when, name, before, after) \
	"{\"created_on\":\"" when \
	"\",\"details\":[{\"property\":\"cf\",\"name\":" \
	"\"" name "\",\"old_value\":\"" before "\",\"new_value\":\"" after \
	"\"}]}"
#define HIS "deskgate:00 b@example.net"
#define HERS HIS "\\ndeskgate:01 a@example.net"

/* When somebody wrote to an issue of another. */
static void
test_joined(void)
{
	static const struct {
		const char *journals;
		gint64 want;
	} cases[] = {
		{ "", 0 },
		{ CHANGED("1970-01-01T00:00:09Z", "7", HIS, HERS), 9 },
		{ CHANGED("1970-01-01T00:00:09Z", "8", HIS, HERS), 0 },
		{ CHANGED("1970-01-01T00:00:09Z", "7", HERS, HERS), 0 },
		{ CHANGED("1970-01-01T00:00:03Z", "7", "", HIS) "," CHANGED(
		      "1970-01-01T00:00:05Z", "7", HIS,
		      HERS) "," CHANGED("1970-01-01T00:00:07Z", "7", HIS, HERS),
		    5 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strdup_printf("{\"issue\":{\"id\":4,\"journals\":[%s]}}",
			cases[i].journals);
		g_autoptr(GString) body = g_string_new(text);

		g_assert_cmpint(redmine_read_joined(body, 7, "A@example.net"),
		    ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/redmine_changes/cursor", test_cursor);
	g_test_add_func("/redmine_changes/list", test_list);
	g_test_add_func("/redmine_changes/seek", test_seek);
	g_test_add_func("/redmine_changes/journals", test_journals);
	g_test_add_func("/redmine_changes/fold", test_fold);
	g_test_add_func("/redmine_changes/may_tell", test_may_tell);
	g_test_add_func("/redmine_changes/joined", test_joined);
	return g_test_run();
}
