/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/desk_local.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/addr.h"
#include "tests/unit/tickets/desk_place.h"

/* What a ticket shows of itself; borrows its first message for the caller. */
static json_t *
assert_head(json_t *shown)
{
	json_t *list = json_object_get(shown, "messages");
	json_t *message = json_array_get(list, 0);
	json_t *note = json_array_get(list, 1);
	json_t *tags = json_object_get(shown, "tags");
	json_t *followers = json_object_get(shown, "followers");

	g_assert_cmpstr(place_text(shown, "status"), ==, "new");
	g_assert_cmpstr(
	    place_text(shown, "subject"), ==, "Où est ma commande?");
	g_assert_cmpstr(
	    place_text(shown, "created"), ==, "2026-11-23T20:00:00Z");
	g_assert_cmpstr(
	    place_text(json_object_get(shown, "requester"), "address"), ==,
	    "Carol@Example.net");
	g_assert_cmpstr(
	    json_string_value(json_array_get(tags, 0)), ==, "automatic");
	g_assert_cmpstr(
	    place_text(json_array_get(followers, 0), "name"), ==, "Bob");
	g_assert_cmpuint(json_array_size(list), ==, 2);
	g_assert_cmpstr(place_text(message, "author"), ==, "customer");
	g_assert_cmpstr(place_text(message, "text"), ==, "Grüße\n");
	g_assert_cmpstr(place_text(message, "html"), ==, "<p>Grüße</p>");
	g_assert_cmpstr(
	    place_text(message, "sent"), ==, "2026-11-23T19:43:20Z");
	g_assert_cmpstr(place_text(note, "author"), ==, "deskgate");
	g_assert_cmpstr(place_text(note, "text"), ==, "unsure, wording:x +1.0");
	return message;
}

/* The first of the message's two files, byte for byte. */
static void
assert_file(struct place *place, const json_t *message, GBytes *want)
{
	json_t *files = json_object_get(message, "attachments");
	json_t *file = json_array_get(files, 0);
	g_autoptr(GError) error = NULL;
	g_autofree char *name = NULL;
	g_autoptr(GBytes) got = desk_local_attachment(place->desk,
	    json_integer_value(json_object_get(file, "id")), &name, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(json_array_size(files), ==, 2);
	g_assert_cmpint(json_integer_value(json_object_get(file, "size")), ==,
	    (gint64)g_bytes_get_size(want));
	g_assert_true(g_bytes_equal(got, want));
	g_assert_cmpstr(name, ==, "a.pdf");
}

static void
test_whole(struct place *place, gconstpointer unused)
{
	struct ticket ticket =
	    place_ticket("Carol@Example.net", "Où est ma commande?", "Grüße\n");
	g_autoptr(GBytes) bytes = g_bytes_new_static("\0\1\2\r\n\xff", 6);
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
	struct ticket_file one = { (char *)"a.pdf", (char *)"application/pdf",
		NULL, bytes };
	struct ticket_file two = { (char *)"b", (char *)"text/plain",
		(char *)"c@x", empty };
	struct addr follower = { (char *)"Bob", (char *)"bob@example.org" };
	gpointer files[] = { &one, &two }, people[] = { &follower };
	GPtrArray file_list = { files, 2 }, people_list = { people, 1 };
	g_autofree char *code = NULL;
	g_autoptr(GError) error = NULL;
	json_t *shown;

	(void)unused;
	ticket.files = &file_list;
	ticket.followers = &people_list;
	ticket.html = (char *)"<p>Grüße</p>";
	ticket.message_id = (char *)"1@example.net";
	ticket.note = (char *)"unsure, wording:x +1.0";
	ticket.automatic = TRUE;
	code = place_create(place, &ticket, 1);
	g_assert_cmpstr(code, ==, "1");
	shown = desk_local_show(place->desk, "#1", &error);
	g_assert_no_error(error);
	assert_file(place, assert_head(shown), bytes);
	json_decref(shown);
}

/* What rules gave it. */
static void
test_marks(struct place *place, gconstpointer unused)
{
	struct ticket ticket = place_ticket("a@example.net", "s", "t");
	gpointer words[] = { (gpointer) "vip", (gpointer) "money" };
	GPtrArray tags = { words, 2 };
	g_autofree char *code = NULL;
	g_autofree char *spam = NULL;
	json_t *shown;

	(void)unused;
	ticket.tags = &tags;
	ticket.priority = (char *)"high";
	ticket.department = (char *)"billing";
	ticket.status = (char *)"closed";
	code = place_create(place, &ticket, 1);
	shown = desk_local_show(place->desk, code, NULL);
	g_assert_cmpstr(place_text(shown, "priority"), ==, "high");
	g_assert_cmpstr(place_text(shown, "department"), ==, "billing");
	g_assert_cmpstr(place_text(shown, "status"), ==, "closed");
	g_assert_cmpuint(
	    json_array_size(json_object_get(shown, "tags")), ==, 2);
	json_decref(shown);
	/* Spam is spam, whatever a rule says of its status. */
	ticket.spam = TRUE;
	spam = place_create(place, &ticket, 2);
	shown = desk_local_show(place->desk, spam, NULL);
	g_assert_cmpstr(place_text(shown, "status"), ==, "spam");
	json_decref(shown);
}

static void
test_once(struct place *place, gconstpointer unused)
{
	struct ticket ticket = place_ticket("a@example.net", "s", "t");
	g_autofree char *first = place_create(place, &ticket, 1);
	g_autofree char *again = place_create(place, &ticket, 1);
	g_autofree char *other = place_create(place, &ticket, 2);
	struct ident key = place_key(1), unknown = place_key(9);
	struct desk_ticket found OWNED(desk_ticket_clear) = { 0 };
	struct desk_ticket none = { 0 };
	g_autoptr(GError) error = NULL;
	gint64 count = 0;

	(void)unused;
	g_assert_cmpstr(first, ==, again);
	g_assert_cmpstr(first, !=, other);
	place_close(place);
	place_open(place);
	g_assert_true(desk_local_count(place->desk, &count, NULL));
	g_assert_cmpint(count, ==, 2);
	g_assert_true(
	    desk_local_ops.find(place->desk, &ticket, &key, &found, NULL));
	g_assert_cmpstr(found.code, ==, first);
	g_assert_false(
	    desk_local_ops.find(place->desk, &ticket, &unknown, &none, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

static void
test_find_by_message_id(struct place *place, gconstpointer unused)
{
	struct ticket ticket = place_ticket("a@example.net", "s", "t");
	struct ticket other = place_ticket("a@example.net", "s", "t");
	struct desk_ticket found OWNED(desk_ticket_clear) = { 0 };
	struct desk_ticket none = { 0 };
	g_autofree char *code = NULL;

	(void)unused;
	ticket.message_id = (char *)"1@example.net";
	code = place_create(place, &ticket, 1);
	g_assert_true(
	    desk_local_ops.find(place->desk, &ticket, NULL, &found, NULL));
	g_assert_cmpstr(found.code, ==, code);
	other.message_id = (char *)"2@example.net";
	g_assert_false(
	    desk_local_ops.find(place->desk, &other, NULL, &none, NULL));
	other.message_id = NULL;
	g_assert_false(
	    desk_local_ops.find(place->desk, &other, NULL, &none, NULL));
}

static void
test_append(struct place *place, gconstpointer unused)
{
	struct ticket ticket = place_ticket("a@example.net", "s", "first");
	struct ticket more = place_ticket("b@example.net", "Re: s", "second");
	g_autofree char *code = place_create(place, &ticket, 1);
	struct ident key = place_key(2), third = place_key(3);
	g_autoptr(GError) error = NULL;
	json_t *shown, *list;

	(void)unused;
	g_assert_true(desk_local_close(place->desk, code, &error));
	for (int i = 0; i < 2; i++)
		g_assert_true(desk_local_ops.append(
		    place->desk, code, &more, &key, &error));
	g_assert_no_error(error);
	shown = desk_local_show(place->desk, code, &error);
	g_assert_cmpstr(place_text(shown, "status"), ==, "open");
	g_assert_cmpstr(place_text(shown, "subject"), ==, "s");
	list = json_object_get(shown, "messages");
	g_assert_cmpuint(json_array_size(list), ==, 2);
	g_assert_cmpstr(
	    place_text(json_array_get(list, 1), "text"), ==, "second");
	g_assert_cmpstr(
	    place_text(
		json_object_get(json_array_get(list, 1), "from"), "address"),
	    ==, "b@example.net");
	json_decref(shown);
	g_assert_false(
	    desk_local_ops.append(place->desk, "99", &more, &third, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_false(
	    desk_local_ops.append(place->desk, "x", &more, &third, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

static void
test_lists_and_states(struct place *place, gconstpointer unused)
{
	struct ticket ham = place_ticket("a@example.net", "s", "t");
	struct ticket spam = place_ticket("b@example.net", "s", "t");
	g_autofree char *first = place_create(place, &ham, 1), *second = NULL;
	g_autofree char *third = NULL;
	g_autoptr(GError) error = NULL;
	struct desk_local_filter wrong = { "nonsense", NULL, 0 };

	(void)unused;
	g_assert_cmpstr(first, ==, "1");
	place->now += G_USEC_PER_SEC;
	spam.spam = TRUE;
	second = place_create(place, &spam, 2);
	place->now += G_USEC_PER_SEC;
	ham.inbox = (char *)"sales@example.com";
	third = place_create(place, &ham, 3);
	g_assert_cmpstr(second, ==, "2");
	g_assert_cmpstr(third, ==, "3");
	place_assert_list(place, NULL, NULL, "3 1");
	place_assert_list(place, "spam", NULL, "2");
	place_assert_list(place, NULL, "SALES@example.com", "3");
	place->now += G_USEC_PER_SEC;
	g_assert_true(desk_local_spam(place->desk, "2", FALSE, NULL));
	g_assert_true(desk_local_spam(place->desk, "1", FALSE, NULL));
	place_assert_list(place, "open", NULL, "2");
	place_assert_list(place, "new", NULL, "1 3");
	g_assert_true(desk_local_ops.change(
	    place->desk, "3", &(struct desk_change){ .status = "spam" }, NULL));
	place_assert_list(place, "spam", NULL, "3");
	g_assert_true(desk_local_close(place->desk, "1", NULL));
	place_assert_list(place, "closed", NULL, "1");
	g_assert_true(desk_local_reopen(place->desk, "1", NULL));
	place_assert_list(place, "closed", NULL, "");
	g_assert_false(desk_local_close(place->desk, "77", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_assert_null(desk_local_list(place->desk, &wrong, NULL));
	g_assert_true(desk_local_ops.health(place->desk, NULL));
}

static void
test_codes(struct place *place, gconstpointer unused)
{
	static const char *const bad[] = { "", "#", "0", "-1", "1x", " 1",
		"99999999999999999999", "1 OR 1=1", NULL };

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", bad[i] != NULL ? bad[i] : "none");
		g_assert_null(desk_local_show(place->desk, bad[i], &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	}
}

static void
test_note(struct place *place, gconstpointer unused)
{
	struct ticket ticket = place_ticket("a@example.net", "s", "t");
	g_autofree char *code = place_create(place, &ticket, 1);
	g_autoptr(GError) error = NULL;
	json_t *shown, *note;

	(void)unused;
	g_assert_true(desk_local_note(
	    place->desk, code, "cli:root", "call him zebra", &error));
	shown = desk_local_show(place->desk, code, &error);
	note = json_array_get(json_object_get(shown, "messages"), 1);
	g_assert_cmpstr(place_text(note, "author"), ==, "agent");
	g_assert_cmpstr(place_text(note, "actor"), ==, "cli:root");
	g_assert_cmpstr(place_text(note, "text"), ==, "call him zebra");
	g_assert_cmpstr(place_text(shown, "status"), ==, "open");
	json_decref(shown);
	g_assert_false(desk_local_note(place->desk, code, "x", "", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	g_assert_false(desk_local_note(place->desk, "9", "x", "y", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

#define ADD(name, function) \
	g_test_add("/tickets/desk-local/" name, struct place, NULL, \
	    place_init, function, place_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	ADD("whole", test_whole);
	ADD("marks", test_marks);
	ADD("once", test_once);
	ADD("find-by-message-id", test_find_by_message_id);
	ADD("append", test_append);
	ADD("lists-and-states", test_lists_and_states);
	ADD("codes", test_codes);
	ADD("note", test_note);
	return g_test_run();
}
