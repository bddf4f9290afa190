/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/liveagent.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"
#include "tickets/answer.h"

#define KEY "00112233445566778899aabbccddeeff"
#define OTHER_KEY "ffeeddccbbaa99887766554433221100"

static struct addr alice = { (char *)"Alice", (char *)"alice@example.net" };
static struct addr bad = { (char *)"", (char *)"not an address" };
static struct addr bob = { (char *)"", (char *)"bob@example.org" };

static struct ident
key_of(const char *text)
{
	struct ident key = { { 0 } };

	g_assert_true(ident_parse(text, &key));
	return key;
}

/* Equal as JSON, whatever the order of names. */
static void
assert_json(const char *text, const char *wanted)
{
	json_t *got = json_loads(text, 0, NULL);
	json_t *want = json_loads(wanted, 0, NULL);

	g_assert_nonnull(want);
	if (!json_equal(got, want))
		g_assert_cmpstr(text, ==, wanted);
	json_decref(got);
	json_decref(want);
}

static void
test_post(void)
{
	gpointer people[] = { &alice, &bad, &bob };
	GPtrArray followers = { people, 3 };
	struct ticket full = { .inbox = (char *)"support@example.com",
		.requester_address = (char *)"carol@example.net",
		.requester_name = (char *)"Carol",
		.followers = &followers,
		.subject = (char *)"Quote \" and \\",
		.text = (char *)"Hello\nworld",
		.html = (char *)"<p>Hello</p>",
		.message_id = (char *)"1@example.net",
		.spam = TRUE };
	struct ticket bare = { .inbox = (char *)"@example.com",
		.requester_address = (char *)"unknown@invalid",
		.requester_name = (char *)"",
		.subject = (char *)"\xff",
		.text = (char *)"" };
	static const char *const files[] = { "f1", "f2", NULL };
	struct ident key = key_of(KEY);
	const struct {
		const char *name;
		struct liveagent_post post;
		const char *want;
	} cases[] = {
		{ "all there is", { &full, &key, "dep1", files, "[left out]" },
		    "{\"useridentifier\":\"carol@example.net\","
		    "\"subject\":\"Quote \\\" and \\\\\","
		    "\"departmentid\":\"dep1\","
		    "\"recipient\":\"support@example.com\","
		    "\"message\":\"Hello\\nworld\\n\\n[left out]\\n\\n"
		    "Deskgate-Id: " KEY "\\n\","
		    "\"status\":\"B\",\"do_not_send_mail\":\"Y\","
		    "\"use_template\":\"N\",\"is_html_message\":\"N\","
		    "\"carbon_copies\":\"alice@example.net,bob@example.org\","
		    "\"mail_message_id\":\"<1@example.net>\","
		    "\"attachments\":\"f1,f2\"}" },
		{ "as little as possible",
		    { &bare, &key, "default", NULL, NULL },
		    "{\"useridentifier\":\"unknown@invalid\","
		    "\"subject\":\"\xef\xbf\xbd\","
		    "\"departmentid\":\"default\","
		    "\"recipient\":\"postmaster@example.com\","
		    "\"message\":\"\\n\\nDeskgate-Id: " KEY "\\n\","
		    "\"status\":\"N\",\"do_not_send_mail\":\"Y\","
		    "\"use_template\":\"N\",\"is_html_message\":\"N\"}" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = liveagent_post_json(&cases[i].post);

		g_test_message("%s", cases[i].name);
		assert_json(text, cases[i].want);
	}
}

static void
test_paths(void)
{
	static const struct {
		const char *name;
		gint64 date;
		const char *from;
	} cases[] = {
		/* 2026-11-23 20:00:00 is now; 7 days and 26 hours before. */
		{ "just sent", 1795464000, "2026-11-15 18:00:00" },
		{ "dated in the future", 4000000000, "2026-11-15 18:00:00" },
		{ "dated long ago", 1577836800, "2019-12-30 22:00:00" },
		{ "no date", 0, "1970-01-01 00:00:00" },
		{ "before the epoch", -99999, "1970-01-01 00:00:00" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket ticket = { .requester_address =
					     (char *)"a\"&b@example.com",
			.date = cases[i].date };
		g_autofree char *path =
		    liveagent_find_path(&ticket, "date_created",
			G_GINT64_CONSTANT(1795464000) * G_USEC_PER_SEC);
		g_autofree char *plain = g_uri_unescape_string(path, NULL);
		g_autofree char *want = g_strdup_printf(
		    "/tickets?_page=1&_perPage=50&_sortDir=DESC"
		    "&_sortField=date_created&_filters="
		    "[[\"owner_email\",\"=\",\"a\\\"&b@example.com\"],"
		    "[\"date_created\",\"D>=\",\"%s\"],"
		    "[\"date_created\",\"D<=\",\"2026-11-24 22:00:00\"]]",
		    cases[i].from);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(plain, ==, want);
		g_assert_null(strstr(path, "a\""));
	}
}

static void
test_ticket_path(void)
{
	g_autofree char *plain = liveagent_ticket_path("ab12", "/messages");
	g_autofree char *hostile = liveagent_ticket_path("../x?y", "");

	g_assert_cmpstr(plain, ==, "/tickets/ab12/messages");
	g_assert_cmpstr(hostile, ==, "/tickets/..%2Fx%3Fy");
}

static void
test_accepted(void)
{
	static const struct {
		long status;
		enum answer_call call;
		int want; /* -1: accepted */
	} cases[] = {
		{ 200, ANSWER_MAKE, -1 },
		{ 201, ANSWER_MAKE, -1 },
		{ 302, ANSWER_MAKE, DG_ERROR_DENIED },
		{ 400, ANSWER_MAKE, DG_ERROR_BAD },
		{ 401, ANSWER_MAKE, DG_ERROR_DENIED },
		{ 403, ANSWER_MAKE, DG_ERROR_DENIED },
		{ 404, ANSWER_MAKE, DG_ERROR_BAD },
		{ 404, ANSWER_ASK, DG_ERROR_NOTFOUND },
		{ 404, ANSWER_FILE, DG_ERROR_BAD },
		{ 405, ANSWER_MAKE, DG_ERROR_DENIED },
		{ 408, ANSWER_MAKE, DG_ERROR_AGAIN },
		{ 413, ANSWER_FILE, DG_ERROR_BAD },
		{ 422, ANSWER_MAKE, DG_ERROR_BAD },
		{ 425, ANSWER_MAKE, DG_ERROR_AGAIN },
		{ 429, ANSWER_MAKE, DG_ERROR_AGAIN },
		{ 500, ANSWER_MAKE, DG_ERROR_IO },
		{ 503, ANSWER_FILE, DG_ERROR_AGAIN },
		{ 404, ANSWER_ADD, DG_ERROR_NOTFOUND },
		{ 504, ANSWER_ADD, DG_ERROR_IO },
		{ 504, ANSWER_ASK, DG_ERROR_AGAIN },
		{ 0, ANSWER_MAKE, DG_ERROR_IO },
		{ 199, ANSWER_MAKE, DG_ERROR_IO },
	};
	g_autoptr(GString) body = g_string_new("{\"message\":\"no such key\"}");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		const struct http_answer answer = { .status = cases[i].status,
			.body = body };
		gboolean good = answer_accepted(cases[i].call, &answer, &error);

		g_test_message("%ld", cases[i].status);
		g_assert_cmpint(good, ==, cases[i].want < 0);
		if (cases[i].want < 0)
			continue;
		g_assert_error(error, DG_ERROR, cases[i].want);
		g_assert_true(
		    g_str_has_suffix(error->message, ": no such key"));
	}
}

static void
test_words(void)
{
	static const struct {
		const char *body, *want;
	} cases[] = {
		{ "{\"message\":\"ApiKey not found\"}", "ApiKey not found" },
		{ "{\"message\":\"two\\nlines \\u001b[31m\"}",
		    "two lines [31m" },
		{ "<html><h1>Slim Application Error</h1>\n<p>x</p>",
		    "Slim Application Error x" },
		{ "{\"message\": 5}", "" },
		{ "{\"id\":\"1\",\"owner_email\":\"carol@exa", "" },
		{ "[{\"owner_email\":\"carol@example.net\"}]", "" },
		{ "half {\"mess", "half {\"mess" },
		{ "", "" },
		{ "<<<", "" },
		{ "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
	};
	g_autofree char *endless = g_strnfill(1 << 20, 'x'), *cut = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got =
		    answer_words(cases[i].body, strlen(cases[i].body));

		g_assert_cmpstr(got, ==, cases[i].want);
	}
	cut = answer_words(endless, 1 << 20);
	g_assert_cmpuint(strlen(cut), <=, 300);
}

static void
test_made(void)
{
	static const struct {
		const char *body, *id, *code; /* id NULL: IO */
	} cases[] = {
		{ "{\"id\":\"ab1\",\"code\":\"ABC-1-2\"}", "ab1", "ABC-1-2" },
		{ "{\"id\":17}", "17", "17" },
		{ "{\"id\":\"\"}", NULL, NULL },
		{ "{\"code\":\"x\"}", NULL, NULL },
		{ "[]", NULL, NULL },
		{ "{\"id\":\"ab", NULL, NULL },
		{ "<html>ok</html>", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
		g_autoptr(GError) error = NULL;
		gboolean good = liveagent_read_made(body, &made, &error);

		g_test_message("%s", cases[i].body);
		g_assert_cmpint(good, ==, cases[i].id != NULL);
		g_assert_cmpstr(made.id, ==, cases[i].id);
		g_assert_cmpstr(made.code, ==, cases[i].code);
		if (!good)
			g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	}
}

static void
test_file_and_departments(void)
{
	g_autoptr(GString) file = g_string_new("{\"id\":\"f1\",\"size\":3}");
	g_autoptr(GString) two = g_string_new("{\"id\":\"f1,f2\"}");
	g_autoptr(GString) list =
	    g_string_new("[{\"department_id\":\"dep1\"},3]");
	g_autofree char *id = liveagent_read_id(file, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_cmpstr(id, ==, "f1");
	g_assert_null(liveagent_read_id(two, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_clear_error(&error);
	g_assert_true(liveagent_read_departments(list, "dep1", NULL));
	g_assert_true(liveagent_read_departments(list, "default", NULL));
	g_assert_false(liveagent_read_departments(list, "dep2", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_false(liveagent_read_departments(file, "dep1", NULL));
}

static void
test_tickets(void)
{
	struct ticket ticket = { .requester_address =
				     (char *)"carol@example.net",
		.subject = (char *)"My  order" };
	g_autoptr(GString) body =
	    g_string_new("[{\"id\":\"1\",\"owner_email\":\"carol@example.net\","
			 "\"subject\":\"Other\"},"
			 "{\"id\":\"2\",\"owner_email\":\"eve@example.net\","
			 "\"subject\":\"My order\"},"
			 "{\"id\":\"3\",\"owner_email\":\"Carol@Example.NET\","
			 "\"subject\":\"My order\",\"code\":\"C-3\"},"
			 "{\"id\":\"4\",\"subject\":\"My order \"},"
			 "{\"noid\":true}, \"x\", null]");
	g_autoptr(GPtrArray) list = liveagent_read_tickets(body, &ticket, NULL);
	static const char *const want[] = { "3", "4", "1" };

	g_assert_nonnull(list);
	g_assert_cmpuint(list->len, ==, 3);
	for (guint i = 0; i < list->len; i++)
		g_assert_cmpstr(
		    ((struct desk_ticket *)list->pdata[i])->id, ==, want[i]);
	g_assert_cmpstr(
	    ((struct desk_ticket *)list->pdata[0])->code, ==, "C-3");
}

#define GROUP(id, text) \
	"[{\"mail_msg_id\":" id ",\"messages\":[{\"message\":\"" text "\"}]}]"

static void
test_ours(void)
{
	static const struct {
		const char *name, *body, *message_id;
		int want; /* -1: not an answer */
	} cases[] = {
		{ "by Message-ID", GROUP("\"<1@x>\"", "hi"), "1@x", TRUE },
		{ "without brackets", GROUP("\"1@x\"", "hi"), "1@x", TRUE },
		{ "another", GROUP("\"2@x\"", "hi"), "1@x", FALSE },
		{ "a beginning", GROUP("\"1@\"", "hi"), "1@x", FALSE },
		{ "our mark, no Message-ID",
		    GROUP("null", "hi\\n\\nDeskgate-Id: " KEY), NULL, TRUE },
		{ "same Message-ID, other inbox",
		    GROUP("\"1@x\"", "hi Deskgate-Id: " OTHER_KEY), "1@x",
		    FALSE },
		{ "the last mark counts",
		    GROUP("null",
			"Deskgate-Id: " OTHER_KEY "\\nDeskgate-Id: " KEY),
		    NULL, TRUE },
		{ "half a mark is none", GROUP("\"1@x\"", "Deskgate-Id: 0011"),
		    "1@x", TRUE },
		{ "nothing to compare", GROUP("\"\"", "hi"), NULL, FALSE },
		{ "empty", "[]", "1@x", FALSE },
		{ "strange", "[1,{\"messages\":3},[[]],null]", "1@x", FALSE },
		{ "an object", "{}", "1@x", -1 },
		{ "half", "[{\"mail_msg_id\":\"1@", "1@x", -1 },
	};
	struct ident key = key_of(KEY);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		g_autoptr(GError) error = NULL;
		gboolean ours = FALSE, good;

		g_test_message("%s", cases[i].name);
		good = liveagent_read_is_ours(
		    body, cases[i].message_id, &key, &ours, &error);
		g_assert_cmpint(good, ==, cases[i].want >= 0);
		if (good)
			g_assert_cmpint(ours, ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/liveagent/post", test_post);
	g_test_add_func("/tickets/liveagent/find-path", test_paths);
	g_test_add_func("/tickets/liveagent/ticket-path", test_ticket_path);
	g_test_add_func("/tickets/liveagent/accepted", test_accepted);
	g_test_add_func("/tickets/liveagent/words", test_words);
	g_test_add_func("/tickets/liveagent/made", test_made);
	g_test_add_func("/tickets/liveagent/file", test_file_and_departments);
	g_test_add_func("/tickets/liveagent/tickets", test_tickets);
	g_test_add_func("/tickets/liveagent/ours", test_ours);
	return g_test_run();
}
