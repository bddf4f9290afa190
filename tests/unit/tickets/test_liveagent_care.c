/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/liveagent.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

static void
test_rows(void)
{
	g_autoptr(GString) body =
	    g_string_new("[{\"id\":\"a1\",\"code\":\"A-1\",\"status\":\"B\","
			 "\"date_changed\":\"2026-11-28T12:00:00+01:00\","
			 "\"tags\":[\"t1\",\"\",3,null]},"
			 "{\"id\":7,\"date_changed\":\"soon\"},"
			 "{\"id\":\"two words\"},{\"id\":\"\"},5,null]");
	g_autoptr(GPtrArray) rows = liveagent_read_rows(body, NULL);
	const struct liveagent_row *one, *two;

	g_assert_nonnull(rows);
	g_assert_cmpuint(rows->len, ==, 2);
	one = rows->pdata[0];
	two = rows->pdata[1];
	g_assert_cmpstr(one->code, ==, "A-1");
	g_assert_cmpstr(one->changed, ==, "2026-11-28 12:00:00");
	g_assert_cmpuint(one->tags->len, ==, 2);
	g_assert_cmpstr(two->id, ==, "7");
	g_assert_cmpstr(two->code, ==, "7");
	g_assert_null(two->changed);
	g_assert_cmpstr(liveagent_status_word(one->status), ==, "spam");
	g_assert_cmpstr(liveagent_status_word(two->status), ==, "open");
}

static void
test_not_rows(void)
{
	static const char *const bodies[] = { "", "{}", "[", "<html>", "3" };

	for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autoptr(GString) body = g_string_new(bodies[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) ids = g_ptr_array_new();

		g_assert_null(liveagent_read_rows(body, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_IO);
		g_assert_null(liveagent_read_row(body, NULL));
		g_assert_null(liveagent_read_contacts(body, "a@b", NULL));
		g_assert_false(liveagent_read_sent(body, ids, NULL));
	}
}

/* A filter the desk ignores must not erase everybody. */
static void
test_contacts(void)
{
	g_autoptr(GString) body = g_string_new(
	    "[{\"id\":\"c1\",\"emails\":[\"eve@example.net\"]},"
	    "{\"id\":\"c2\",\"emails\":[\"x@example.net\","
	    "\"Carol@example.net\"]},{\"id\":\"c3\"},"
	    "{\"id\":\"c4\",\"emails\":[\"xcarol@example.net\"]}]");
	g_autoptr(GPtrArray) ids =
	    liveagent_read_contacts(body, "carol@Example.net", NULL);
	g_autofree char *path = liveagent_contact_path("a/b?c");
	g_autofree char *list = liveagent_contacts_path("A\"@b.example");
	g_autofree char *plain = g_uri_unescape_string(list, NULL);

	g_assert_cmpuint(ids->len, ==, 1);
	g_assert_cmpstr(ids->pdata[0], ==, "c2");
	g_assert_cmpstr(path, ==, "/contacts/a%2Fb%3Fc?deleteTickets=true");
	g_assert_cmpstr(plain, ==,
	    "/contacts?_page=1&_perPage=500&_filters="
	    "[[\"emails\",\"=\",\"a\\\"@b.example\"]]");
}

static void
test_tags(void)
{
	g_autoptr(GString) body =
	    g_string_new("[{\"id\":\"t1\",\"name\":\"Spam?\"},"
			 "{\"id\":\"t2\",\"name\":\"\xc3\x9c"
			 "BER\"},{}]");
	g_autofree char *id = NULL, *none = NULL;

	g_assert_true(liveagent_read_tags(body,
	    "\xc3\xbc"
	    "ber",
	    &id, NULL));
	g_assert_cmpstr(id, ==, "t2");
	g_assert_true(liveagent_read_tags(body, "spam", &none, NULL));
	g_assert_null(none);
}

static void
test_sent(void)
{
	g_autoptr(GString) body = g_string_new(
	    "[{\"type\":\"4\",\"mail_msg_id\":\"<a@x>\"},"
	    "{\"type\":\"3\",\"mail_msg_id\":\"<b@x>\"},"
	    "{\"type\":\"4\",\"mail_msg_id\":\"c@x\"},"
	    "{\"type\":\"4\",\"mail_msg_id\":\"\"},{\"type\":4},1]");
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	g_assert_true(liveagent_read_sent(body, ids, NULL));
	g_assert_cmpuint(ids->len, ==, 2);
	g_assert_cmpstr(ids->pdata[0], ==, "a@x");
	g_assert_cmpstr(ids->pdata[1], ==, "c@x");
}

/* --- places */

static void
test_cursor(void)
{
	static const char *const strange[] = { "", "x", "2026-11-28 12:00:00",
		"2026-11-28 12:00 again a1", "2026-11-28 12:00:00 again a1 b" };
	struct liveagent_place place = { "2026-11-28 12:00:00", "a1", TRUE };
	struct liveagent_place again;
	struct desk_cursor cursor;

	liveagent_place_write(&place, &cursor);
	liveagent_place_read(&again, &cursor);
	g_assert_cmpstr(again.changed, ==, place.changed);
	g_assert_cmpstr(again.id, ==, "a1");
	g_assert_true(again.again);
	for (gsize i = 0; i < G_N_ELEMENTS(strange); i++) {
		g_strlcpy(cursor.text, strange[i], sizeof cursor.text);
		liveagent_place_read(&again, &cursor);
		g_assert_cmpstr(again.changed, ==, "");
	}
}

static void
add_row(GPtrArray *rows, const char *id, const char *changed)
{
	struct liveagent_row *row = g_new0(struct liveagent_row, 1);

	row->id = g_strdup(id);
	row->code = g_strdup(id);
	row->changed = g_strdup(changed);
	row->tags = g_ptr_array_new();
	g_ptr_array_add(rows, row);
}

static GPtrArray *
three_rows(void)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(liveagent_row_free);

	add_row(rows, "c", "2026-11-28 12:00:02");
	add_row(rows, "b", "2026-11-28 12:00:01");
	add_row(rows, "a", "2026-11-28 12:00:01");
	add_row(rows, "b", "2026-11-28 12:00:01"); /* on two pages */
	add_row(rows, "x", NULL);
	add_row(rows, "y", "2026-11-28 11:59:59");
	return rows;
}

static void
test_take(void)
{
	static const struct {
		struct liveagent_place from;
		guint most;
		const char *taken, *id;
		gboolean again;
	} cases[] = {
		{ { "2026-11-28 12:00:00", "z", FALSE }, 9, "abc", "c", TRUE },
		{ { "2026-11-28 12:00:01", "a", FALSE }, 9, "bc", "c", TRUE },
		{ { "2026-11-28 12:00:01", "b", TRUE }, 9, "abc", "c", TRUE },
		{ { "2026-11-28 12:00:00", "z", FALSE }, 1, "a", "a", FALSE },
		{ { "2026-11-28 12:00:00", "z", FALSE }, 3, "abc", "c", TRUE },
		{ { "2026-11-28 12:00:02", "c", TRUE }, 9, "c", "c", FALSE },
		{ { "2026-11-28 12:00:02", "c", FALSE }, 9, "", "c", FALSE },
		{ { "2026-11-28 12:00:03", "", FALSE }, 9, "", "", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct liveagent_place place = cases[i].from;
		g_autoptr(GPtrArray) rows = three_rows();
		g_autoptr(GString) taken = g_string_new(NULL);

		g_assert_cmpint(liveagent_any_behind(&place, rows), ==,
		    cases[i].taken[0] != '\0');
		liveagent_take(&place, rows, cases[i].most);
		for (guint j = 0; j < rows->len; j++)
			g_string_append(taken,
			    ((struct liveagent_row *)rows->pdata[j])->id);
		g_test_message("%" G_GSIZE_FORMAT, i);
		g_assert_cmpstr(taken->str, ==, cases[i].taken);
		g_assert_cmpstr(place.id, ==, cases[i].id);
		g_assert_cmpint(place.again, ==, cases[i].again);
	}
}

static void
test_changed_path(void)
{
	const struct liveagent_place nowhere = { "", "", FALSE };
	const struct liveagent_place place = { "2026-11-28 12:00:00", "a",
		FALSE };
	const struct liveagent_place wrong = { "2026-99-28 12:00:00", "a",
		FALSE };
	g_autofree char *first = liveagent_changed_path(&nowhere, 1);
	g_autofree char *next = liveagent_changed_path(&place, 2);
	g_autofree char *plain = g_uri_unescape_string(next, NULL);
	g_autofree char *odd = liveagent_changed_path(&wrong, 1);

	g_assert_cmpstr(first, ==,
	    "/tickets?_page=1&_perPage=1&_sortDir=DESC"
	    "&_sortField=date_changed");
	g_assert_cmpstr(plain, ==,
	    "/tickets?_page=2&_perPage=500&_sortDir=DESC"
	    "&_sortField=date_changed&_filters="
	    "[[\"date_changed\",\"D>=\",\"2026-11-27 10:00:00\"]]");
	g_assert_nonnull(strstr(odd, "1970"));
}

/* --- version 1 */

static void
test_v1(void)
{
	static const struct {
		const char *body;
		gboolean good;
	} cases[] = {
		{ "", TRUE },
		{ "{}", TRUE },
		{ "{\"response\":{\"status\":\"OK\"}}", TRUE },
		{ "{\"response\":{\"status\":\"ERROR\","
		  "\"errormessage\":\"no such\\nuser\"}}",
		    FALSE },
		{ "{\"response\":{\"status\":\"ERROR\"}}", FALSE },
	};
	struct secret *key OWNED(secret_free) = secret_new("k&y\0", 4);
	const struct liveagent_v1 post = { key, 'M', "a+b@example.net",
		"x=1\n" };
	GString *form OWNED(liveagent_form_free) = liveagent_v1_form(&post);

	g_assert_cmpstr(form->str, ==,
	    "message=x%3D1%0A&useridentifier=a%2Bb%40example.net&type=M"
	    "&do_not_send_mail=Y&is_html_message=N&apikey=k%26y");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) body = g_string_new(cases[i].body);
		g_autoptr(GError) error = NULL;

		g_assert_cmpint(
		    liveagent_read_v1(body, &error), ==, cases[i].good);
		if (!cases[i].good)
			g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/liveagent/rows", test_rows);
	g_test_add_func("/tickets/liveagent/not-rows", test_not_rows);
	g_test_add_func("/tickets/liveagent/contacts", test_contacts);
	g_test_add_func("/tickets/liveagent/tags", test_tags);
	g_test_add_func("/tickets/liveagent/sent", test_sent);
	g_test_add_func("/tickets/liveagent/cursor", test_cursor);
	g_test_add_func("/tickets/liveagent/take", test_take);
	g_test_add_func("/tickets/liveagent/changed-path", test_changed_path);
	g_test_add_func("/tickets/liveagent/v1", test_v1);
	return g_test_run();
}
