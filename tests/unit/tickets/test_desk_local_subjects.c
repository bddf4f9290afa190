/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People of the embedded desk who are known by their subjects alone, and its
 * copy. */
#include <glib/gstdio.h>
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/desk_place.h"

#define CAROL "carol@example.net"
#define BOB "bob@example.net"

static struct ident
subject_of(const struct place *place, const char *address)
{
	struct ident subject;

	g_assert_true(subject_ident(place->subject_key, address, &subject));
	return subject;
}

static struct person *
person_of(const struct place *place, const char *address)
{
	GArray *subjects = g_array_new(FALSE, FALSE, sizeof(struct ident));
	struct ident subject = subject_of(place, address);

	g_array_append_val(subjects, subject);
	return person_of_subjects(subjects);
}

/* A ticket of Carol's, and one of Bob's that she follows and wrote to. */
static void
fill(struct place *place)
{
	struct ticket hers = place_ticket(CAROL, "s", "quokka");
	struct ticket his = place_ticket(BOB, "s", "zebra");
	struct ticket more = place_ticket(CAROL, "Re: s", "wombat");
	struct addr carol = { .address = (char *)CAROL };
	struct addr dave = { .address = (char *)"dave@example.net" };
	gpointer list[] = { &carol, &dave };
	GPtrArray followers = { list, 2 };
	g_autofree char *one = NULL, *two = NULL;
	struct ident key = place_key(3);

	his.followers = &followers;
	one = place_create(place, &hers, 1);
	two = place_create(place, &his, 2);
	g_assert_true(
	    desk_local_ops.append(place->desk, two, &more, &key, NULL));
}

static gboolean
knows(struct place *place, const char *address)
{
	struct people *people OWNED(people_free) = people_new();
	struct ident subject = subject_of(place, address);
	g_autoptr(GArray) all = NULL;
	gboolean found = FALSE;

	g_assert_true(desk_local_everybody(place->desk, people, NULL));
	all = people_list(people);
	for (guint i = 0; i < all->len; i++)
		found |=
		    ident_equal(&g_array_index(all, struct ident, i), &subject);
	return found;
}

static void
test_everybody(struct place *place, gconstpointer unused)
{
	(void)unused;
	g_assert_false(knows(place, CAROL));
	fill(place);
	g_assert_true(knows(place, CAROL));
	g_assert_true(knows(place, BOB));
	g_assert_true(knows(place, "dave@example.net"));
	g_assert_false(knows(place, "eve@example.net"));
}

static void
test_erase(struct place *place, gconstpointer unused)
{
	struct person *carol OWNED(person_free) = person_of(place, CAROL);
	g_autoptr(GError) error = NULL;
	guint tickets = 7;
	json_t *ticket, *followers;

	(void)unused;
	fill(place);
	place_assert_search(place, "quokka", "1");
	g_assert_true(
	    desk_local_erase_people(place->desk, carol, &tickets, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(tickets, ==, 1);
	g_assert_false(knows(place, CAROL));
	g_assert_true(knows(place, BOB));
	place_assert_list(place, NULL, NULL, "2");
	place_assert_search(place, "quokka", "");
	place_assert_search(place, "wombat", "");
	place_assert_search(place, "zebra", "2");
	ticket = desk_local_show(place->desk, "2", NULL);
	followers = json_object_get(ticket, "followers");
	g_assert_cmpuint(json_array_size(followers), ==, 1);
	g_assert_cmpstr(place_text(json_array_get(followers, 0), "address"), ==,
	    "dave@example.net");
	json_decref(ticket);
	/* Once more is no fault. */
	g_assert_true(
	    desk_local_erase_people(place->desk, carol, &tickets, NULL));
	g_assert_cmpuint(tickets, ==, 0);
}

/* The copy is the desk, without its index, while it is open. */
static void
test_copy(struct place *place, gconstpointer unused)
{
	g_autofree char *folder = g_build_filename(place->dir, "copy", NULL);
	g_autofree char *copy = g_build_filename(folder, "desk.sqlite", NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(GError) error = NULL;
	gsize length;

	(void)unused;
	fill(place);
	g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
	g_assert_true(desk_local_copy(place->dir, folder, &error));
	g_assert_no_error(error);
	g_assert_true(g_file_get_contents(copy, &bytes, &length, NULL));
	g_assert_null(memmem(bytes, length, "quokka", 6));
	g_assert_null(memmem(bytes, length, "carol", 5));
	/* There already. */
	g_assert_false(desk_local_copy(place->dir, folder, NULL));
	g_assert_cmpint(g_unlink(copy), ==, 0);
	g_assert_cmpint(g_rmdir(folder), ==, 0);
	/* None is no fault. */
	g_assert_true(desk_local_copy("/nonexistent", folder, NULL));
}

#define TEST(name, function) \
	g_test_add("/desk-local/subjects/" name, struct place, NULL, \
	    place_init, function, place_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("everybody", test_everybody);
	TEST("erase", test_erase);
	TEST("copy", test_copy);
	return g_test_run();
}
