/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/rt.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/desk_cases.h"

static void
test_post(void)
{
	struct ident key = cases_key();
	struct ticket ticket = cases_ticket("A \"B\" <x>");
	struct rt_post post = { &ticket, &key, "Support", "F", NULL, NULL };
	json_t *made = cases_json(rt_post_json(&post));
	const json_t *values =
	    json_object_get(json_object_get(made, "CustomFields"), "F");

	g_assert_cmpstr(json_string_value(json_array_get(values, 0)), ==,
	    "<1@example.net>");
	g_assert_cmpstr(
	    json_string_value(json_array_get(values, 1)), ==, RT_KEY CASES_KEY);
	g_assert_cmpstr(json_string_value(json_array_get(
			    json_object_get(made, "Requestor"), 0)),
	    ==, "\"A  B   x\" <a@example.net>");
	g_assert_null(json_object_get(made, "Attachments"));
	g_assert_null(json_object_get(made, "Priority"));
	json_decref(made);
	ticket.priority = (char *)"high";
	made = cases_json(rt_post_json(&post));
	g_assert_cmpint(
	    json_integer_value(json_object_get(made, "Priority")), ==, 100);
	json_decref(made);
	ticket.spam = TRUE;
	made = cases_json(rt_post_json(&post));
	g_assert_null(json_object_get(made, "Requestor"));
	json_decref(made);
	ticket.spam = FALSE;
	ticket.imported = TRUE;
	made = cases_json(rt_post_json(&post));
	g_assert_null(json_object_get(made, "Requestor"));
	json_decref(made);
	ticket.imported = FALSE;
	/* Nobody's one record there takes no name. */
	ticket.spam = FALSE;
	ticket.requester_address = (char *)TICKET_NOBODY;
	made = cases_json(rt_post_json(&post));
	g_assert_cmpstr(json_string_value(json_array_get(
			    json_object_get(made, "Requestor"), 0)),
	    ==, TICKET_NOBODY);
	json_decref(made);
	ticket.spam = TRUE;
	made = cases_json(rt_silent_json(&ticket, "rejected"));
	g_assert_nonnull(json_object_get(made, "Requestor"));
	g_assert_cmpstr(
	    json_string_value(json_object_get(made, "Status")), ==, "rejected");
	json_decref(made);
}

/* Perl takes "" and "0" for nothing, and such a file refuses its ticket. */
static void
test_files(void)
{
	static const struct {
		const char *name, *bytes, *want_name, *want_bytes;
	} cases[] = { { "a.txt", "abc", "a.txt", "YWJj" },
		{ "0", "", "file", "====" }, { "", "0", "file", "MA==" },
		{ "\xc3\xa4", "x", "\xc3\x83\xc2\xa4", "eA==" } };
	struct ident key = cases_key();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket ticket = cases_ticket("A \"B\" <x>");
		struct rt_post post = { &ticket, &key, "Support", "F", NULL,
			NULL };
		struct ticket_file file = { .name = (char *)cases[i].name,
			.bytes = g_bytes_new_static(
			    cases[i].bytes, strlen(cases[i].bytes)) };
		const json_t *one;
		json_t *made;

		ticket.files = g_ptr_array_new();
		g_ptr_array_add(ticket.files, &file);
		made = cases_json(rt_post_json(&post));
		one = json_array_get(json_object_get(made, "Attachments"), 0);
		g_assert_cmpstr(
		    json_string_value(json_object_get(one, "FileName")), ==,
		    cases[i].want_name);
		g_assert_cmpstr(
		    json_string_value(json_object_get(one, "FileContent")), ==,
		    cases[i].want_bytes);
		g_assert_cmpstr(
		    json_string_value(json_object_get(one, "FileType")), ==,
		    "application/octet-stream");
		json_decref(made);
		g_bytes_unref(file.bytes);
		g_ptr_array_unref(ticket.files);
	}
}

static void
test_quotes(void)
{
	g_autofree char *quoted = rt_quote("a'b\\c\"d");
	g_autofree char *path = rt_find_path("F", NULL, "o'1@example.net");
	g_autofree char *plain = g_uri_unescape_string(path, NULL);
	g_autofree char *good = rt_ticket_path("7", "/comment");

	g_assert_cmpstr(quoted, ==, "'a\\'b\\\\c\"d'");
	g_assert_cmpstr(plain, ==,
	    "/REST/2.0/tickets?query=CF.{F} = '<o\\'1@example.net>'"
	    "&orderby=id&per_page=1");
	g_assert_cmpstr(good, ==, "/REST/2.0/ticket/7/comment");
	g_assert_null(rt_ticket_path("7/../8", ""));
	g_assert_null(rt_ticket_path("", ""));
}

static void
test_queues(void)
{
	static const char *const queues[] = { "Support", "A'B", NULL };
	g_autofree char *path = rt_changes_path(queues, 7, FALSE);
	g_autofree char *plain = g_uri_unescape_string(path, NULL);

	g_assert_nonnull(strstr(plain,
	    "id > 7 AND (TicketQueue = 'Support' OR TicketQueue = 'A\\'B')"
	    " AND (Type = 'Status') AND Creator != '__CurrentUser__'"));
}

static void
test_mail(void)
{
	static const struct {
		const char *source, *id, *want;
		gboolean imported;
	} cases[] = {
		{ "From: a\r\n\r\nb\r\n", "1@x",
		    RT_HEADER ": " CASES_KEY "\r\nFrom: a\r\n\r\nb\r\n",
		    FALSE },
		{ "From: a\n\nb\n", "1@x",
		    RT_HEADER ": " CASES_KEY "\n" RT_QUIET "\nFrom: a\n\nb\n",
		    TRUE },
		{ "From: a\n\nb\n", NULL,
		    RT_HEADER ": " CASES_KEY "\nMessage-ID: <" CASES_KEY
			      "@" RT_DOMAIN ">\nFrom: a\n\nb\n",
		    FALSE },
	};
	struct ident key = cases_key();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket ticket = cases_ticket("A \"B\" <x>");
		g_autoptr(GBytes) mail = NULL;

		ticket.message_id = (char *)cases[i].id;
		ticket.imported = cases[i].imported;
		ticket.source = g_bytes_new_static(
		    cases[i].source, strlen(cases[i].source));
		mail = rt_mail(&ticket, &key);
		g_assert_cmpmem(g_bytes_get_data(mail, NULL),
		    g_bytes_get_size(mail), cases[i].want,
		    strlen(cases[i].want));
		g_bytes_unref(ticket.source);
	}
}

static void
test_gateway(void)
{
	static const struct {
		const char *body;
		int code; /* -1: ok */
	} cases[] = { { "ok\n", -1 }, { "ok\nTicket: 5\n", -1 },
		{ "not ok - operation unsuccessful\n", DG_ERROR_NOTFOUND },
		{ "temporary failure - operation unsuccessful\n",
		    DG_ERROR_AGAIN },
		{ "<html>ok</html>", DG_ERROR_IO }, { "", DG_ERROR_IO },
		{ "okay", DG_ERROR_IO } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		g_autoptr(GError) error = NULL;
		gboolean done = rt_read_gateway(body, &error);

		g_test_message("%s", cases[i].body);
		g_assert_cmpint(done, ==, cases[i].code < 0);
		if (cases[i].code >= 0)
			g_assert_error(error, DG_ERROR, cases[i].code);
	}
}

#define ITEM(id, type, who, value, when, data) \
	"{\"id\":\"" id "\",\"Type\":\"" type "\",\"ObjectId\":\"4\"," \
	"\"Creator\":{\"id\":\"" who "\"},\"NewValue\":\"" value "\"," \
	"\"Created\":\"2026-11-28T20:00:" when "Z\",\"Data\":\"" data "\"}"

static void
test_changes(void)
{
	static const char list[] = "{\"items\":[" ITEM("5", "Status", "agent",
	    "rejected", "01", "") "," ITEM("6", "Status", "RT_System", "open",
	    "02", "") "," ITEM("7", "EmailRecord", "RT_System", "", "03",
	    "<m@x>") "," ITEM("8", "Status", "agent", "stalled", "04",
	    "") "," ITEM("9", "Status", "agent", "open", "09", "") "]}";
	const struct rt_states states = { "open", "resolved", "rejected" };
	g_autoptr(GString) body = g_string_new(list);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) events = NULL;
	const struct desk_event *event;
	gint64 last = 2;

	events = rt_read_changes(
	    body, &states, G_GINT64_CONSTANT(1795896005), &last, &error);
	g_assert_no_error(error);
	g_assert_cmpint(last, ==, 8);
	g_assert_cmpuint(events->len, ==, 3);
	event = events->pdata[0];
	g_assert_cmpstr(event->status, ==, "spam");
	g_assert_cmpstr(event->id, ==, "4");
	g_assert_cmpstr(event->who, ==, "agent");
	event = events->pdata[1];
	g_assert_null(event->status);
	g_assert_cmpstr(event->message_ids->pdata[0], ==, "m@x");
	event = events->pdata[2];
	g_assert_cmpstr(event->status, ==, "open");
}

static void
test_nonsense(void)
{
	static const char *const bodies[] = { "", "[]", "{}", "{\"items\":3}",
		"{\"items\":[3]}", "<html>", "null", "{\"id\":{}}" };
	const struct rt_states states = { "open", "resolved", "rejected" };

	for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autoptr(GString) body = g_string_new(bodies[i]);
		struct desk_ticket made = { 0 };
		g_autoptr(GPtrArray) events = NULL;
		g_autofree char *status = rt_read_status(body, NULL);
		gint64 last = 3;

		g_assert_null(status);
		g_assert_false(rt_read_made(body, &made, NULL));
		g_assert_false(rt_read_owner(body, &made, NULL));
		events = rt_read_changes(body, &states, 0, &last, NULL);
		g_assert_true(events == NULL || events->len == 0);
		g_assert_cmpint(last, ==, 3);
		desk_ticket_clear(&made);
	}
}

/* What a rule says of a new ticket, and where it has no place. */
static void
test_ruled(void)
{
	const struct rt_states states = { "open", "resolved", "rejected" };
	struct ident key = cases_key();
	struct ticket ticket = cases_ticket("A \"B\" <x>");
	struct rt_post post = { &ticket, &key, "Support", "F", "Tags", NULL };
	g_autoptr(GPtrArray) tags = g_ptr_array_new();
	const json_t *fields;
	json_t *made;

	g_assert_null(rt_first_status(&states, &ticket));
	ticket.status = (char *)"open";
	g_assert_cmpstr(rt_first_status(&states, &ticket), ==, "open");
	ticket.status = (char *)"closed";
	g_assert_cmpstr(rt_first_status(&states, &ticket), ==, "resolved");
	ticket.spam = TRUE;
	g_assert_null(rt_first_status(&states, &ticket));
	g_ptr_array_add(tags, (gpointer) "vip");
	g_ptr_array_add(tags, (gpointer) "\xc3\xa4");
	ticket.tags = tags;
	post.status = "resolved";
	made = cases_json(rt_post_json(&post));
	fields = json_object_get(made, "CustomFields");
	g_assert_cmpint(json_array_size(json_object_get(fields, "F")), ==, 2);
	g_assert_cmpstr(json_string_value(
			    json_array_get(json_object_get(fields, "Tags"), 1)),
	    ==, "\xc3\xa4");
	g_assert_cmpstr(
	    json_string_value(json_object_get(made, "Status")), ==, "resolved");
	json_decref(made);
	post.tags = NULL;
	post.status = NULL;
	made = cases_json(rt_post_json(&post));
	g_assert_cmpint(
	    json_object_size(json_object_get(made, "CustomFields")), ==, 1);
	g_assert_null(json_object_get(made, "Status"));
	json_decref(made);
}

static void
test_tags(void)
{
	static const char ticket[] =
	    "{\"CustomFields\":[{\"name\":\"F\",\"values\":[\"x\"]},"
	    "{\"name\":\"Tags\",\"values\":[\"a\",\"b\",7]}]}";
	const char *const known[] = { "b", "a", NULL };
	const char *const more[] = { "b", "c", "c", NULL };
	g_autoptr(GString) body = g_string_new(ticket);
	g_autoptr(GPtrArray) had = rt_read_values(body, "Tags", NULL);
	g_autoptr(GPtrArray) none = rt_read_values(body, "Other", NULL);
	g_autoptr(GPtrArray) tags = rt_merge_tags(had, more);
	struct rt_plan plan = { NULL, "high", "Tags", tags };
	g_autofree char *json = rt_change_json(&plan);

	g_assert_cmpuint(had->len, ==, 2);
	g_assert_cmpuint(none->len, ==, 0);
	g_assert_null(rt_merge_tags(had, known));
	g_assert_cmpstr(json, ==,
	    "{\"Priority\":100,\"CustomFields\":{\"Tags\":[\"a\",\"b\","
	    "\"c\"]}}");
	g_clear_pointer(&json, g_free);
	json = rt_change_json(&(struct rt_plan){ .priority = "soon" });
	g_assert_null(json);
}

static void
test_priority(void)
{
	g_assert_cmpint(rt_priority("High"), ==, 100);
	g_assert_cmpint(rt_priority("17"), ==, 17);
	g_assert_cmpint(rt_priority("101"), ==, -1);
	g_assert_cmpint(rt_priority("soon"), ==, -1);
}

/* What came later is told apart from what is to go. */
static void
test_until(void)
{
	static const struct {
		gint64 until;
		guint ids, later;
	} cases[] = { { 9, 0, 2 }, { 10, 1, 1 }, { 11, 1, 1 }, { 12, 2, 0 },
		{ G_MAXINT64, 2, 0 } };
	g_autoptr(GString) body = g_string_new(
	    "{\"items\":[{\"id\":\"3\",\"Created\":\"1970-01-01T00:00:10Z\"},"
	    "{\"id\":\"4\",\"Created\":\"1970-01-01T00:00:12Z\"}]}");
	g_autoptr(GString) user =
	    g_string_new("{\"Name\":\"x\",\"_hyperlinks\":[{\"ref\":\"other\","
			 "\"id\":7},{\"ref\":\"self\",\"id\":49}]}");
	g_autoptr(GString) nobody = g_string_new("{}");
	g_autofree char *id = rt_read_user(user, NULL);
	g_autoptr(GError) error = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint later;
		g_autoptr(GPtrArray) ids =
		    rt_read_until(body, cases[i].until, &later, NULL);

		g_assert_cmpuint(ids->len, ==, cases[i].ids);
		g_assert_cmpuint(later, ==, cases[i].later);
	}
	g_assert_cmpstr(id, ==, "49");
	g_assert_null(rt_read_user(nobody, &error));
	g_assert_true(err_is(error, DG_ERROR_IO));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/rt/post", test_post);
	g_test_add_func("/rt/files", test_files);
	g_test_add_func("/rt/quotes", test_quotes);
	g_test_add_func("/rt/queues", test_queues);
	g_test_add_func("/rt/mail", test_mail);
	g_test_add_func("/rt/gateway", test_gateway);
	g_test_add_func("/rt/changes", test_changes);
	g_test_add_func("/rt/nonsense", test_nonsense);
	g_test_add_func("/rt/priority", test_priority);
	g_test_add_func("/rt/ruled", test_ruled);
	g_test_add_func("/rt/tags", test_tags);
	g_test_add_func("/rt/until", test_until);
	return g_test_run();
}
