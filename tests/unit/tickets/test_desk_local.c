/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/desk_local.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"

/* A desk with a real vault in a folder of its own; time stands still unless
 * moved. */
struct place {
	char *dir;
	struct vault *vault;
	struct secret *vault_key, *subject_key;
	struct clock clock;
	gint64 now;
	struct desk *desk;
};

static gint64
now_of(void *self)
{
	return ((struct place *)self)->now;
}

static void
desk_open(struct place *place)
{
	struct desk_world world = { place->dir, place->vault,
		place->subject_key, &place->clock };
	g_autoptr(GError) error = NULL;

	place->desk = desk_local_ops.open(NULL, &world, &error);
	g_assert_no_error(error);
	g_assert_nonnull(place->desk);
}

static void
desk_close(struct place *place)
{
	if (place->desk != NULL)
		desk_local_ops.close(place->desk);
	place->desk = NULL;
}

static void
place_init(struct place *place, gconstpointer unused)
{
	g_autofree char *folder = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	place->dir = g_dir_make_tmp("deskgate-desk-XXXXXX", NULL);
	folder = g_build_filename(place->dir, "vault", NULL);
	g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
	place->vault_key = secret_random(SEAL_KEY_BYTES);
	place->subject_key = secret_random(SEAL_KEY_BYTES);
	place->vault = vault_open(folder, place->vault_key, &error);
	g_assert_no_error(error);
	place->now = G_GINT64_CONSTANT(1795464000) * G_USEC_PER_SEC;
	place->clock = (struct clock){ now_of, now_of, place };
	desk_open(place);
}

static void
remove_all(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *one = g_build_filename(path, name, NULL);

		remove_all(one);
	}
	g_remove(path);
}

static void
place_fini(struct place *place, gconstpointer unused)
{
	(void)unused;
	desk_close(place);
	vault_close(&place->vault);
	secret_free(&place->vault_key);
	secret_free(&place->subject_key);
	remove_all(place->dir);
	g_free(place->dir);
}

static struct ident
key_of(guint8 number)
{
	struct ident key = { { 0 } };

	key.bytes[0] = number;
	return key;
}

/* A small ticket as a value on the stack. */
static struct ticket
ticket_of(const char *address, const char *subject, const char *text)
{
	return (struct ticket){ .inbox = (char *)"support@example.com",
		.requester_address = (char *)address,
		.requester_name = (char *)"Caröl",
		.subject = (char *)subject,
		.text = (char *)text,
		.date = 1795463000 };
}

static char *
create(struct place *place, const struct ticket *ticket, guint8 number)
{
	struct desk_ticket made = { 0 };
	struct ident key = key_of(number);
	g_autoptr(GError) error = NULL;
	char *code;

	g_assert_true(
	    desk_local_ops.create(place->desk, ticket, &key, &made, &error));
	g_assert_no_error(error);
	code = g_strdup(made.code);
	desk_ticket_clear(&made);
	return code;
}

static const char *
text_at(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
assert_list(struct place *place, const char *status, const char *inbox,
    const char *want)
{
	struct desk_local_filter filter = { status, inbox, 10 };
	g_autoptr(GError) error = NULL;
	json_t *list = desk_local_list(place->desk, &filter, &error), *one;
	g_autoptr(GString) codes = g_string_new(NULL);
	size_t i;

	g_assert_no_error(error);
	json_array_foreach(list, i, one) g_string_append_printf(
	    codes, "%s%s", i > 0 ? " " : "", text_at(one, "code"));
	g_assert_cmpstr(codes->str, ==, want);
	json_decref(list);
}

static void
test_whole(struct place *place, gconstpointer unused)
{
	struct ticket ticket =
	    ticket_of("Carol@Example.net", "Où est ma commande?", "Grüße\n");
	g_autoptr(GBytes) bytes = g_bytes_new_static("\0\1\2\r\n\xff", 6);
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0), got = NULL;
	struct ticket_file one = { (char *)"a.pdf", (char *)"application/pdf",
		NULL, bytes };
	struct ticket_file two = { (char *)"b", (char *)"text/plain",
		(char *)"c@x", empty };
	struct addr follower = { (char *)"Bob", (char *)"bob@example.org" };
	gpointer files[] = { &one, &two }, people[] = { &follower };
	GPtrArray file_list = { files, 2 }, people_list = { people, 1 };
	g_autofree char *code = NULL, *name = NULL;
	g_autoptr(GError) error = NULL;
	json_t *shown, *message, *list;

	(void)unused;
	ticket.files = &file_list;
	ticket.followers = &people_list;
	ticket.html = (char *)"<p>Grüße</p>";
	ticket.message_id = (char *)"1@example.net";
	ticket.note = (char *)"unsure, wording:x +1.0";
	ticket.automatic = TRUE;
	code = create(place, &ticket, 1);
	g_assert_cmpstr(code, ==, "1");
	shown = desk_local_show(place->desk, "#1", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text_at(shown, "status"), ==, "new");
	g_assert_cmpstr(text_at(shown, "subject"), ==, "Où est ma commande?");
	g_assert_cmpstr(text_at(shown, "created"), ==, "2026-11-23T20:00:00Z");
	g_assert_cmpstr(text_at(json_object_get(shown, "requester"), "address"),
	    ==, "Carol@Example.net");
	g_assert_cmpstr(json_string_value(
			    json_array_get(json_object_get(shown, "tags"), 0)),
	    ==, "automatic");
	g_assert_cmpstr(
	    text_at(
		json_array_get(json_object_get(shown, "followers"), 0), "name"),
	    ==, "Bob");
	list = json_object_get(shown, "messages");
	g_assert_cmpuint(json_array_size(list), ==, 2);
	message = json_array_get(list, 0);
	g_assert_cmpstr(text_at(message, "author"), ==, "customer");
	g_assert_cmpstr(text_at(message, "text"), ==, "Grüße\n");
	g_assert_cmpstr(text_at(message, "html"), ==, "<p>Grüße</p>");
	g_assert_cmpstr(text_at(message, "sent"), ==, "2026-11-23T19:43:20Z");
	g_assert_cmpstr(
	    text_at(json_array_get(list, 1), "author"), ==, "deskgate");
	g_assert_cmpstr(text_at(json_array_get(list, 1), "text"), ==,
	    "unsure, wording:x +1.0");
	list = json_object_get(message, "attachments");
	g_assert_cmpuint(json_array_size(list), ==, 2);
	g_assert_cmpint(json_integer_value(
			    json_object_get(json_array_get(list, 0), "size")),
	    ==, 6);
	got = desk_local_attachment(place->desk,
	    json_integer_value(json_object_get(json_array_get(list, 0), "id")),
	    &name, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(got, bytes));
	g_assert_cmpstr(name, ==, "a.pdf");
	json_decref(shown);
}

static void
test_once(struct place *place, gconstpointer unused)
{
	struct ticket ticket = ticket_of("a@example.net", "s", "t");
	g_autofree char *first = create(place, &ticket, 1);
	g_autofree char *again = create(place, &ticket, 1);
	g_autofree char *other = create(place, &ticket, 2);
	struct ident key = key_of(1), unknown = key_of(9);
	struct desk_ticket found OWNED(desk_ticket_clear) = { 0 };
	struct desk_ticket none = { 0 };
	g_autoptr(GError) error = NULL;
	gint64 count = 0;

	(void)unused;
	g_assert_cmpstr(first, ==, again);
	g_assert_cmpstr(first, !=, other);
	desk_close(place);
	desk_open(place);
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
	struct ticket ticket = ticket_of("a@example.net", "s", "t");
	struct ticket other = ticket_of("a@example.net", "s", "t");
	struct desk_ticket found OWNED(desk_ticket_clear) = { 0 };
	struct desk_ticket none = { 0 };
	g_autofree char *code = NULL;

	(void)unused;
	ticket.message_id = (char *)"1@example.net";
	code = create(place, &ticket, 1);
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
	struct ticket ticket = ticket_of("a@example.net", "s", "first");
	struct ticket more = ticket_of("b@example.net", "Re: s", "second");
	g_autofree char *code = create(place, &ticket, 1);
	struct ident key = key_of(2), third = key_of(3);
	g_autoptr(GError) error = NULL;
	json_t *shown, *list;

	(void)unused;
	g_assert_true(desk_local_close(place->desk, code, &error));
	for (int i = 0; i < 2; i++)
		g_assert_true(desk_local_ops.append(
		    place->desk, code, &more, &key, &error));
	g_assert_no_error(error);
	shown = desk_local_show(place->desk, code, &error);
	g_assert_cmpstr(text_at(shown, "status"), ==, "open");
	g_assert_cmpstr(text_at(shown, "subject"), ==, "s");
	list = json_object_get(shown, "messages");
	g_assert_cmpuint(json_array_size(list), ==, 2);
	g_assert_cmpstr(text_at(json_array_get(list, 1), "text"), ==, "second");
	g_assert_cmpstr(
	    text_at(
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
	struct ticket ham = ticket_of("a@example.net", "s", "t");
	struct ticket spam = ticket_of("b@example.net", "s", "t");
	g_autofree char *first = create(place, &ham, 1), *second = NULL;
	g_autofree char *third = NULL;
	g_autoptr(GError) error = NULL;
	struct desk_local_filter wrong = { "nonsense", NULL, 0 };

	(void)unused;
	g_assert_cmpstr(first, ==, "1");
	place->now += G_USEC_PER_SEC;
	spam.spam = TRUE;
	second = create(place, &spam, 2);
	place->now += G_USEC_PER_SEC;
	ham.inbox = (char *)"sales@example.com";
	third = create(place, &ham, 3);
	assert_list(place, NULL, NULL, "3 1");
	assert_list(place, "spam", NULL, "2");
	assert_list(place, NULL, "SALES@example.com", "3");
	place->now += G_USEC_PER_SEC;
	g_assert_true(desk_local_spam(place->desk, "2", FALSE, NULL));
	g_assert_true(desk_local_spam(place->desk, "1", FALSE, NULL));
	assert_list(place, "open", NULL, "2");
	assert_list(place, "new", NULL, "1 3");
	g_assert_true(desk_local_ops.set_spam(place->desk, "3", TRUE, NULL));
	assert_list(place, "spam", NULL, "3");
	g_assert_true(desk_local_close(place->desk, "1", NULL));
	assert_list(place, "closed", NULL, "1");
	g_assert_true(desk_local_reopen(place->desk, "1", NULL));
	assert_list(place, "closed", NULL, "");
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
	struct ticket ticket = ticket_of("a@example.net", "s", "t");
	g_autofree char *code = create(place, &ticket, 1);
	g_autoptr(GError) error = NULL;
	json_t *shown, *note;

	(void)unused;
	g_assert_true(desk_local_note(
	    place->desk, code, "cli:root", "call him zebra", &error));
	shown = desk_local_show(place->desk, code, &error);
	note = json_array_get(json_object_get(shown, "messages"), 1);
	g_assert_cmpstr(text_at(note, "author"), ==, "agent");
	g_assert_cmpstr(text_at(note, "actor"), ==, "cli:root");
	g_assert_cmpstr(text_at(note, "text"), ==, "call him zebra");
	g_assert_cmpstr(text_at(shown, "status"), ==, "open");
	json_decref(shown);
	g_assert_false(desk_local_note(place->desk, code, "x", "", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	g_assert_false(desk_local_note(place->desk, "9", "x", "y", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

static void
assert_search(struct place *place, const char *words, const char *want)
{
	g_autoptr(GError) error = NULL;
	json_t *list = desk_local_search(place->desk, words, 10, &error);
	json_t *one;
	g_autoptr(GString) codes = g_string_new(NULL);
	size_t i;

	g_test_message("%s", words);
	g_assert_no_error(error);
	json_array_foreach(list, i, one) g_string_append_printf(
	    codes, "%s%s", i > 0 ? " " : "", text_at(one, "code"));
	g_assert_cmpstr(codes->str, ==, want);
	json_decref(list);
}

static char *
index_path(const struct place *place)
{
	return g_build_filename(place->dir, "desk-index.sqlite", NULL);
}

static void
test_search(struct place *place, gconstpointer unused)
{
	struct ticket one = ticket_of("a@example.net", "Broken kettle",
	    "It leaks. OR so \"they\" say: naïve");
	struct ticket two = ticket_of("zoe@example.org", "Invoice", "kettles");
	g_autofree char *a = create(place, &one, 1);
	g_autofree char *b = create(place, &two, 2);
	g_autofree char *path = index_path(place);
	g_autoptr(GError) error = NULL;

	(void)unused;
	assert_search(place, "leaks", a);
	assert_search(place, "invoice", b);
	assert_search(place, "LEAK kett", a);
	assert_search(place, "naive", a);
	assert_search(place, "zoe@example.org", b);
	assert_search(place, "leaks invoice", "");
	assert_search(place, "\"; DROP NEAR( AND *", "");
	assert_search(place, "text:leaks", "");
	g_assert_null(desk_local_search(place->desk, " -\"* ", 5, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_true(desk_local_note(place->desk, b, "x", "zebra", NULL));
	assert_search(place, "zebra", b);

	/* Gone, damaged, or another desk's: made anew. */
	desk_close(place);
	g_assert_cmpint(g_unlink(path), ==, 0);
	desk_open(place);
	assert_search(place, "leaks", a);
	desk_close(place);
	g_assert_true(g_file_set_contents(path,
	    "garbage garbage garbage"
	    " garbage garbage garbage garbage garbage garbage garbage garbage"
	    " garbage garbage",
	    -1, NULL));
	desk_open(place);
	assert_search(place, "leaks", a);
	assert_search(place, "zebra", b);
}

/* Nothing of a person is readable after his key is gone, nor found. */
static void
test_erased(struct place *place, gconstpointer unused)
{
	struct ticket ticket =
	    ticket_of("a@example.net", "secret subject", "secret text");
	struct ticket other = ticket_of("b@example.net", "mine", "also mine");
	g_autofree char *code = create(place, &ticket, 1);
	g_autofree char *kept = create(place, &other, 2), *back = NULL;
	g_autoptr(GError) error = NULL;
	struct ident person;
	json_t *shown, *message;

	(void)unused;
	g_assert_true(
	    subject_ident(place->subject_key, "a@example.net", &person));
	g_assert_true(vault_forget(place->vault, &person, NULL));
	for (int i = 0; i < 2; i++) {
		shown = desk_local_show(place->desk, code, &error);
		g_assert_no_error(error);
		g_assert_true(json_is_true(json_object_get(shown, "erased")));
		g_assert_true(json_is_null(json_object_get(shown, "subject")));
		message = json_array_get(json_object_get(shown, "messages"), 0);
		g_assert_true(json_is_true(json_object_get(message, "erased")));
		g_assert_true(json_is_null(json_object_get(message, "text")));
		json_decref(shown);
		assert_search(place, "secret", "");
		assert_list(place, NULL, NULL, i == 0 ? "2 1" : "3 2 1");
		/* He writes again, under a new key: the old stays closed. */
		if (i == 0) {
			ticket.text = (char *)"new words";
			ticket.subject = (char *)"again";
			back = create(place, &ticket, 3);
		}
	}
	assert_search(place, "words", back);
	assert_search(place, "mine", kept);
	g_assert_true(vault_forget(place->vault, &person, NULL));
	g_assert_false(desk_local_note(place->desk, code, "x", "y", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

static gboolean
file_has(const char *path, const char *word)
{
	g_autofree char *data = NULL;
	gsize length = 0;

	return g_file_get_contents(path, &data, &length, NULL) &&
	       memmem(data, length, word, strlen(word)) != NULL;
}

static void
test_sealed_on_disk(struct place *place, gconstpointer unused)
{
	static const char *const words[] = { "Zanzibar", "Quokka", "Caröl",
		"carol.private", "invoice-77.pdf", "PDFBYTES", "followme" };
	struct ticket ticket =
	    ticket_of("carol.private@example.net", "Zanzibar", "Quokka");
	g_autoptr(GBytes) bytes = g_bytes_new_static("PDFBYTES", 8);
	struct ticket_file file = { (char *)"invoice-77.pdf", (char *)"a/b",
		NULL, bytes };
	struct addr follower = { (char *)"", (char *)"followme@example.org" };
	gpointer files[] = { &file }, people[] = { &follower };
	GPtrArray file_list = { files, 1 }, people_list = { people, 1 };
	g_autofree char *path =
	    g_build_filename(place->dir, "desk.sqlite", NULL);
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	g_autofree char *code = NULL;
	struct stat st;

	(void)unused;
	ticket.files = &file_list;
	ticket.followers = &people_list;
	code = create(place, &ticket, 1);
	g_assert_true(file_has(log, "support@example.com"));
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		g_assert_false(file_has(log, words[i]));
		g_assert_false(file_has(path, words[i]));
	}
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
}

/* An address that is none, and text that is no UTF-8, still make a ticket. */
static void
test_strange(struct place *place, gconstpointer unused)
{
	struct ticket ticket =
	    ticket_of("no address at all", "\xff\xfe", "\x80");
	g_autofree char *code = create(place, &ticket, 1);
	json_t *shown = desk_local_show(place->desk, code, NULL);

	(void)unused;
	g_assert_cmpstr(text_at(json_object_get(shown, "requester"), "address"),
	    ==, "no address at all");
	g_assert_cmpstr(
	    text_at(shown, "subject"), ==, "\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(shown);
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
	ADD("once", test_once);
	ADD("find-by-message-id", test_find_by_message_id);
	ADD("append", test_append);
	ADD("lists-and-states", test_lists_and_states);
	ADD("codes", test_codes);
	ADD("note", test_note);
	ADD("search", test_search);
	ADD("erased", test_erased);
	ADD("sealed-on-disk", test_sealed_on_disk);
	ADD("strange", test_strange);
	return g_test_run();
}
