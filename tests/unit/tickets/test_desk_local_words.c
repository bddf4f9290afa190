/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The embedded desk's search, and what it keeps of a person. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/err.h"
#include "lib/base/seal.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/desk_place.h"

static char *
index_path(const struct place *place)
{
	return g_build_filename(place->dir, "desk-index.sqlite", NULL);
}

static void
test_search(struct place *place, gconstpointer unused)
{
	struct ticket one = place_ticket("a@example.net", "Broken kettle",
	    "It leaks. OR so \"they\" say: naïve");
	struct ticket two =
	    place_ticket("zoe@example.org", "Invoice", "kettles");
	g_autofree char *a = place_create(place, &one, 1);
	g_autofree char *b = place_create(place, &two, 2);
	g_autofree char *path = index_path(place);
	g_autoptr(GError) error = NULL;

	(void)unused;
	place_assert_search(place, "leaks", a);
	place_assert_search(place, "invoice", b);
	place_assert_search(place, "LEAK kett", a);
	place_assert_search(place, "naive", a);
	place_assert_search(place, "zoe@example.org", b);
	place_assert_search(place, "leaks invoice", "");
	place_assert_search(place, "\"; DROP NEAR( AND *", "");
	place_assert_search(place, "text:leaks", "");
	g_assert_null(desk_local_search(place->desk, " -\"* ", 5, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_true(desk_local_note(place->desk, b, "x", "zebra", NULL));
	place_assert_search(place, "zebra", b);

	/* Gone, damaged, or another desk's: made anew. */
	place_close(place);
	g_assert_cmpint(g_unlink(path), ==, 0);
	place_open(place);
	place_assert_search(place, "leaks", a);
	place_close(place);
	g_assert_true(g_file_set_contents(path,
	    "garbage garbage garbage"
	    " garbage garbage garbage garbage garbage garbage garbage garbage"
	    " garbage garbage",
	    -1, NULL));
	place_open(place);
	place_assert_search(place, "leaks", a);
	place_assert_search(place, "zebra", b);
}

/* Nothing of a person is readable after his key is gone, nor found. */
static void
test_erased(struct place *place, gconstpointer unused)
{
	struct ticket ticket =
	    place_ticket("a@example.net", "secret subject", "secret text");
	struct ticket other =
	    place_ticket("b@example.net", "mine", "also mine");
	g_autofree char *code = place_create(place, &ticket, 1);
	g_autofree char *kept = place_create(place, &other, 2), *back = NULL;
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
		place_assert_search(place, "secret", "");
		place_assert_list(place, NULL, NULL, i == 0 ? "2 1" : "3 2 1");
		/* He writes again, under a new key: the old stays closed. */
		if (i == 0) {
			ticket.text = (char *)"new words";
			ticket.subject = (char *)"again";
			back = place_create(place, &ticket, 3);
		}
	}
	place_assert_search(place, "words", back);
	place_assert_search(place, "mine", kept);
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
	    place_ticket("carol.private@example.net", "Zanzibar", "Quokka");
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
	code = place_create(place, &ticket, 1);
	g_assert_nonnull(code);
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
	    place_ticket("no address at all", "\xff\xfe", "\x80");
	g_autofree char *code = place_create(place, &ticket, 1);
	json_t *shown = desk_local_show(place->desk, code, NULL);

	(void)unused;
	g_assert_cmpstr(
	    place_text(json_object_get(shown, "requester"), "address"), ==,
	    "no address at all");
	g_assert_cmpstr(
	    place_text(shown, "subject"), ==, "\xef\xbf\xbd\xef\xbf\xbd");
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
	ADD("search", test_search);
	ADD("erased", test_erased);
	ADD("sealed-on-disk", test_sealed_on_disk);
	ADD("strange", test_strange);
	return g_test_run();
}
