/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/suppress.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/base/folder.h"

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)

struct place {
	struct folder folder;
	gint64 now;
	struct clock clock;
	struct secret *key;
	struct suppress *list;
	struct person *anna, *bert;
};

static gint64
wall(void *self)
{
	return ((const struct place *)self)->now;
}

static struct person *
person_of(const struct secret *key, const char *json)
{
	json_t *addresses = json_loads(json, 0, NULL);
	struct person *person = person_new(key, addresses, NULL);

	json_decref(addresses);
	return person;
}

static void
open_list(struct place *place)
{
	g_autoptr(GError) error = NULL;

	suppress_close(&place->list);
	place->list = suppress_open(place->folder.path, place->key,
	    &place->clock, &place->clock, 400 * DAY, &error);
	g_assert_no_error(error);
}

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	place->now = 1000 * DAY;
	place->clock = (struct clock){ wall, wall, place };
	place->key = secret_random(SEAL_KEY_BYTES);
	place->anna = person_of(
	    place->key, "[\"anna@example.org\", \"anna@example.net\"]");
	place->bert = person_of(place->key, "[\"bert@example.org\"]");
	open_list(place);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	suppress_close(&place->list);
	person_free(&place->anna);
	person_free(&place->bert);
	secret_free(&place->key);
	folder_fini(&place->folder, unused);
}

static gint64
when(struct place *place, const struct person *person, guint i)
{
	gint64 when = -1;

	g_assert_true(suppress_when(place->list,
	    &g_array_index(person->subjects, struct ident, i), &when, NULL));
	return when;
}

/* By each subject, over a restart, and nobody else. */
static void
test_list(struct place *place, gconstpointer unused)
{
	(void)unused;
	g_assert_true(suppress_add(place->list, place->anna, NULL));
	open_list(place);
	for (guint i = 0; i < 2; i++)
		g_assert_cmpint(when(place, place->anna, i), ==, place->now);
	g_assert_cmpint(when(place, place->bert, 0), ==, 0);
}

/* The file has neither an address nor a subject. */
static void
test_nobody(struct place *place, gconstpointer unused)
{
	const struct ident *subject =
	    &g_array_index(place->anna->subjects, struct ident, 0);
	g_autofree char *path = folder_path(&place->folder, "data.mdb");
	g_autofree char *bytes = NULL;
	gsize length;

	(void)unused;
	g_assert_true(suppress_add(place->list, place->anna, NULL));
	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	g_assert_null(memmem(bytes, length, "anna", 4));
	g_assert_null(memmem(bytes, length, subject->bytes, IDENT_BYTES));
}

/* Kept from the last erasure on, as long as a backup is. */
static void
test_age(struct place *place, gconstpointer unused)
{
	(void)unused;
	g_assert_true(suppress_add(place->list, place->anna, NULL));
	g_assert_true(suppress_add(place->list, place->bert, NULL));
	place->now += 300 * DAY;
	g_assert_true(suppress_add(place->list, place->bert, NULL));
	place->now += 101 * DAY;
	open_list(place);
	g_assert_cmpint(when(place, place->anna, 0), ==, 0);
	g_assert_cmpint(
	    when(place, place->bert, 0), ==, place->now - 101 * DAY);
}

/* Two lists of one installation: of who is in both the later erasure counts,
 * whichever list is added to the other. */
static void
test_merge(struct place *place, gconstpointer unused)
{
	struct folder other;
	gint64 first = place->now;
	g_autoptr(GError) error = NULL;

	folder_init(&other, unused);
	g_assert_true(suppress_add(place->list, place->anna, NULL));
	suppress_close(&place->list);
	g_assert_true(suppress_merge(place->folder.path, other.path, &error));
	g_assert_no_error(error);
	place->now += 10 * DAY;
	open_list(place);
	g_assert_true(suppress_add(place->list, place->bert, NULL));
	g_assert_true(suppress_add(place->list, place->anna, NULL));
	suppress_close(&place->list);
	/* The older one changes nothing. */
	g_assert_true(suppress_merge(other.path, place->folder.path, NULL));
	open_list(place);
	g_assert_cmpint(when(place, place->anna, 1), ==, first + 10 * DAY);
	suppress_close(&place->list);
	g_assert_true(suppress_merge(place->folder.path, other.path, NULL));
	place->list = suppress_open(other.path, place->key, &place->clock,
	    &place->clock, 400 * DAY, NULL);
	g_assert_cmpint(when(place, place->anna, 0), ==, first + 10 * DAY);
	g_assert_cmpint(when(place, place->bert, 0), ==, first + 10 * DAY);
	suppress_close(&place->list);
	open_list(place);
	folder_fini(&other, unused);
}

static void
test_holder(struct place *place, gconstpointer unused)
{
	struct registry *registry = registry_new();
	const struct registry_round round = { .here_only = TRUE };
	json_t *erased, *found;

	(void)unused;
	suppress_holder_add(registry, place->list);
	erased = registry_erase(registry, place->anna, &round);
	g_assert_true(registry_settled(registry, erased, FALSE));
	found = registry_find(registry, place->anna, NULL);
	g_assert_cmpstr(json_string_value(
			    json_object_get(json_array_get(found, 0), "words")),
	    ==, "was erased before, last 1972-09-27T00:00:00Z");
	json_decref(erased);
	json_decref(found);
	registry_free(&registry);
}

#define TEST(name, function) \
	g_test_add("/privacy/suppress/" name, struct place, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("list", test_list);
	TEST("nobody", test_nobody);
	TEST("age", test_age);
	TEST("merge", test_merge);
	TEST("holder", test_holder);
	return g_test_run();
}
