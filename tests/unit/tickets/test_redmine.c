/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/redmine.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/desk_cases.h"

static const char *
text_at(const json_t *whole, const char *name)
{
	return json_string_value(
	    json_object_get(json_object_get(whole, "issue"), name));
}

static void
test_post(void)
{
	struct ident key = cases_key();
	struct ticket ticket = cases_ticket("A");
	struct redmine_post post = { .ticket = &ticket,
		.key = &key,
		.project = 3,
		.field = 9,
		.refused = "Not attached: x" };
	json_t *made = cases_json(redmine_issue_json(&post));
	const json_t *field = json_array_get(
	    json_object_get(json_object_get(made, "issue"), "custom_fields"),
	    0);

	g_assert_cmpstr(text_at(made, "description"), ==,
	    "From: A <a@example.net>\n\nT\n\nNot attached: x");
	g_assert_cmpstr(json_string_value(json_object_get(field, "value")), ==,
	    REDMINE_KEY CASES_KEY " <1@example.net> a@example.net");
	g_assert_null(
	    json_object_get(json_object_get(made, "issue"), "tracker_id"));
	json_decref(made);
	ticket.message_id = NULL;
	made =
	    cases_json(redmine_append_json(&post, REDMINE_KEY "0 x\n", TRUE));
	g_assert_true(g_str_has_suffix(
	    text_at(made, "notes"), "\n\n" REDMINE_MARK CASES_KEY));
	field = json_array_get(
	    json_object_get(json_object_get(made, "issue"), "custom_fields"),
	    0);
	g_assert_cmpstr(json_string_value(json_object_get(field, "value")), ==,
	    REDMINE_KEY "0 x\n" REDMINE_KEY CASES_KEY " a@example.net");
	json_decref(made);
	made = cases_json(redmine_append_json(&post, NULL, FALSE));
	g_assert_null(
	    json_object_get(json_object_get(made, "issue"), "custom_fields"));
	json_decref(made);
}

/* Redmine refuses a subject of more than 255 characters. */
static void
test_subject(void)
{
	struct ident key = cases_key();
	struct ticket ticket = cases_ticket("A");
	struct redmine_post post = { .ticket = &ticket, .key = &key };
	g_autoptr(GString) subject = g_string_new(NULL);
	json_t *made;

	for (int i = 0; i < 300; i++)
		g_string_append(subject, "\xc3\xa4");
	ticket.subject = subject->str;
	made = cases_json(redmine_issue_json(&post));
	g_assert_cmpint(g_utf8_strlen(text_at(made, "subject"), -1), ==, 255);
	json_decref(made);
	ticket.subject = (char *)"\xff";
	made = cases_json(redmine_issue_json(&post));
	g_assert_cmpstr(text_at(made, "subject"), ==, "\xef\xbf\xbd");
	json_decref(made);
}

static void
test_paths(void)
{
	g_autofree char *found = redmine_find_path(9, "<a|b&c@example.net>", 0);
	g_autofree char *issue = redmine_issue_path("7", "?include=journals");
	g_autofree char *project = redmine_project_path("a/b");

	g_assert_nonnull(strstr(found, "&op%5Bcf_9%5D=~&v%5Bcf_9%5D%5B%5D="
				       "%3Ca%7Cb%26c%40example.net%3E"));
	g_assert_nonnull(strstr(found, "op%5Bstatus_id%5D=%2A"));
	g_assert_cmpstr(issue, ==, "/issues/7.json?include=journals");
	g_assert_null(redmine_issue_path("7/../8", ""));
	g_assert_null(redmine_issue_path("0", ""));
	g_assert_true(g_str_has_prefix(project, "/projects/a%2Fb.json?"));
}

static void
test_field(void)
{
	static const char field[] =
	    "by hand\n" REDMINE_KEY
	    "0 <0@example.net> b@example.net\r\n" REDMINE_KEY CASES_KEY
	    " <1@example.net> A@example.net\n";
	struct ident key = cases_key(), other = { { 1 } };

	g_assert_true(redmine_field_has_key(field, &key));
	g_assert_false(redmine_field_has_key(field, &other));
	g_assert_false(redmine_field_has_key(CASES_KEY, &key));
	g_assert_true(redmine_field_has_id(field, "1@example.net"));
	g_assert_false(redmine_field_has_id(field, "example.net"));
	g_assert_false(redmine_field_begins(field, &key, NULL));
	g_assert_true(
	    redmine_field_begins(strstr(field, "\r\n") + 2, &key, NULL));
	g_assert_true(redmine_field_begins(field, NULL, "0@example.net"));
	g_assert_false(redmine_field_begins(field, NULL, "1@example.net"));
	g_assert_false(redmine_field_begins("by hand", &key, NULL));
	g_assert_cmpint(redmine_field_sender(field, "b@example.net"), ==, 2);
	g_assert_cmpint(redmine_field_sender(field, "a@example.net"), ==, 1);
	g_assert_cmpint(redmine_field_sender(field, "1@example.net"), ==, 0);
	g_assert_cmpint(redmine_field_sender(field, "example.net"), ==, 0);
	g_assert_cmpint(redmine_field_sender("", ""), ==, 0);
}

/* A filter that Redmine passed by gives all issues: none of them may be taken
 * for the one that was looked for, nor "none" be believed. */
static void
test_found(void)
{
	static const struct {
		const char *body;
		int found, code; /* found -1: the code */
		gboolean more;
	} cases[] = {
		{ "{\"issues\":[],\"total_count\":0,\"offset\":0}", 0, 0,
		    FALSE },
		{ "{\"issues\":[{\"id\":4,\"custom_fields\":[{\"id\":9,"
		  "\"value\":\"x DESKGATE:1 y\"}]}],\"total_count\":2,"
		  "\"offset\":0}",
		    1, 0, TRUE },
		{ "{\"issues\":[{\"id\":4,\"custom_fields\":[{\"id\":9,"
		  "\"value\":\"\"}]}]}",
		    -1, DG_ERROR_DENIED, FALSE },
		{ "{\"issues\":[{\"id\":4}]}", -1, DG_ERROR_DENIED, FALSE },
		{ "{\"issues\":[{}]}", -1, DG_ERROR_IO, FALSE },
		{ "{\"issues\":{}}", -1, DG_ERROR_IO, FALSE },
		{ "<html>", -1, DG_ERROR_IO, FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		g_autoptr(GError) error = NULL;
		gboolean more = FALSE;
		g_autoptr(GPtrArray) found =
		    redmine_read_found(body, 9, "deskgate:1", &more, &error);

		if (cases[i].found >= 0)
			g_assert_cmpint((int)found->len, ==, cases[i].found);
		else
			g_assert_true(err_is(error, cases[i].code));
		g_assert_cmpint(more, ==, cases[i].more);
	}
}

static void
test_words(void)
{
	g_autoptr(GPtrArray) list = cases_statuses();
	struct redmine_marks marks = { REDMINE_BY_STATUS, 6, 2, 5, 1, list };
	static const struct {
		gint64 status;
		const char *word;
	} cases[] = { { 1, "new" }, { 2, "open" }, { 3, "open" },
		{ 5, "closed" }, { 6, "spam" }, { 7, "closed" } };
	struct redmine_state state = { 0 };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		state.status = cases[i].status;
		g_assert_cmpstr(
		    redmine_word(&marks, &state), ==, cases[i].word);
	}
	marks.by = REDMINE_BY_CATEGORY;
	marks.spam = 0; /* the project has none: nothing is spam */
	g_assert_cmpstr(redmine_word(&marks, &state), ==, "closed");
	g_assert_cmpint(
	    (int)redmine_item_named(list, "in PROGRESS")->id, ==, 2);
	g_assert_cmpint((int)redmine_item_named(list, "3")->id, ==, 7);
	g_assert_cmpint((int)redmine_item_named(list, "5")->id, ==, 5);
	g_assert_null(redmine_item_named(list, "none"));
	g_assert_null(redmine_item_named(NULL, "none"));
}

static void
test_wanted(void)
{
	g_autoptr(GPtrArray) list = cases_statuses();
	const struct redmine_marks by_status = { REDMINE_BY_STATUS, 6, 2, 5, 1,
		list };
	const struct redmine_marks by_tracker = { REDMINE_BY_TRACKER, 4, 2, 5,
		1, list };
	const struct redmine_marks by_category = { REDMINE_BY_CATEGORY, 8, 2, 5,
		1, list };
	const struct {
		const struct redmine_marks *marks;
		struct redmine_state now;
		const char *word;
		struct redmine_set want;
	} cases[] = {
		{ &by_status, { .status = 1 }, "spam", { .status = 6 } },
		{ &by_status, { .status = 6 }, "spam", { 0 } },
		{ &by_status, { .status = 6 }, "not-spam", { .status = 2 } },
		{ &by_status, { .status = 1 }, "not-spam", { 0 } },
		{ &by_status, { .status = 7 }, "closed", { 0 } },
		{ &by_status, { .status = 5 }, "open", { .status = 2 } },
		{ &by_tracker, { .status = 1 }, "spam", { .tracker = 4 } },
		{ &by_tracker, { .status = 1, .tracker = 4 }, "not-spam",
		    { .status = 2, .tracker = 3 } },
		{ &by_category, { .status = 1 }, "spam", { .category = 8 } },
		{ &by_category, { .status = 1, .category = 8 }, "not-spam",
		    { .status = 2, .uncategorize = TRUE } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct redmine_set set = redmine_wanted(
		    cases[i].marks, &cases[i].now, cases[i].word, 3);

		g_assert_cmpint((int)set.status, ==, (int)cases[i].want.status);
		g_assert_cmpint(
		    (int)set.tracker, ==, (int)cases[i].want.tracker);
		g_assert_cmpint(
		    (int)set.category, ==, (int)cases[i].want.category);
		g_assert_cmpint(
		    set.uncategorize, ==, cases[i].want.uncategorize);
	}
}

static void
test_marked(void)
{
	static const char *const cases[][2] = {
		{ "{\"issue\":{\"journals\":[{\"notes\":\"a\\n\\n" REDMINE_MARK
			CASES_KEY "\\r\\n\"}]}}",
		    "yes" },
		{ "{\"issue\":{\"journals\":[{\"notes\":\"" REDMINE_MARK
			CASES_KEY " no\"}]}}",
		    "" },
		{ "{\"issue\":{}}", "" },
		{ "", "" },
	};
	struct ident key = cases_key();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i][0]);

		g_assert_cmpint(redmine_read_marked(body, &key), ==,
		    cases[i][1][0] != '\0');
	}
}

static void
test_place(void)
{
	g_autoptr(GString) body = g_string_new(
	    "{\"project\":{\"id\":3,\"name\":\"P\",\"status\":1,"
	    "\"enabled_modules\":[{\"id\":1,\"name\":\"issue_tracking\"}],"
	    "\"trackers\":[{\"id\":2,\"name\":\"T\"},{\"name\":\"x\"}]}}");
	g_autoptr(GString) user = g_string_new(
	    "{\"user\":{\"id\":5,\"admin\":false,\"memberships\":[{\"project\":"
	    "{\"id\":3},\"roles\":[{\"id\":6},{\"id\":7}]}]}}");
	struct redmine_project project OWNED(redmine_project_clear) = { 0 };
	struct redmine_me me OWNED(redmine_me_clear) = { 0 };
	gint64 id = 3;
	const GArray *roles;

	g_assert_true(redmine_read_project(body, &project, NULL));
	g_assert_true(project.open && project.tracking);
	g_assert_cmpint((int)project.trackers->len, ==, 1);
	g_assert_true(redmine_read_me(user, &me, NULL));
	roles = g_hash_table_lookup(me.roles, &id);
	g_assert_cmpint((int)roles->len, ==, 2);
	g_assert_false(me.admin);
}

/* Redmine takes few characters in a login, and wants both names. */
static void
test_user(void)
{
	static const struct {
		const char *address, *name, *login, *first, *last;
	} cases[] = {
		{ "a@example.net", "Ann B. Cole", "a@example.net", "Ann B.",
		    "Cole" },
		{ "a+b@example.net", "Ann", "mail-070707070707", "Ann", "-" },
		{ "a@example.net", "", "a@example.net", "a@example.net", "-" },
		{ "a@example.net", "\xc3\xa4 \xff", "a@example.net", "\xc3\xa4",
		    "\xef\xbf\xbd" },
		{ "a@example.net", "1234567890123456789012345678901234 x",
		    "a@example.net", "123456789012345678901234567890", "x" },
	};
	struct ident key = cases_key();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket ticket = cases_ticket("A");
		json_t *made;
		const json_t *user;

		ticket.requester_address = (char *)cases[i].address;
		ticket.requester_name = (char *)cases[i].name;
		made = cases_json(redmine_user_json(&ticket, &key));
		user = json_object_get(made, "user");
		g_assert_cmpstr(
		    json_string_value(json_object_get(user, "login")), ==,
		    cases[i].login);
		g_assert_cmpstr(
		    json_string_value(json_object_get(user, "firstname")), ==,
		    cases[i].first);
		g_assert_cmpstr(
		    json_string_value(json_object_get(user, "lastname")), ==,
		    cases[i].last);
		json_decref(made);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/redmine/post", test_post);
	g_test_add_func("/redmine/subject", test_subject);
	g_test_add_func("/redmine/paths", test_paths);
	g_test_add_func("/redmine/field", test_field);
	g_test_add_func("/redmine/found", test_found);
	g_test_add_func("/redmine/words", test_words);
	g_test_add_func("/redmine/wanted", test_wanted);
	g_test_add_func("/redmine/marked", test_marked);
	g_test_add_func("/redmine/place", test_place);
	g_test_add_func("/redmine/user", test_user);
	return g_test_run();
}
