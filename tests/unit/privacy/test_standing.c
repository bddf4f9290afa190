/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/standing.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/base/folder.h"

#define NOW G_GINT64_CONSTANT(1769860800000000)

struct place {
	struct folder folder;
	struct secret *key;
	struct standings *standings;
	struct person *anna, *bert;
};

static struct person *
person_of(const struct secret *key, const char *json)
{
	json_t *addresses = json_loads(json, 0, NULL);
	struct person *person = person_new(key, addresses, NULL);

	json_decref(addresses);
	return person;
}

static void
set_up(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	folder_init(&place->folder, unused);
	place->key = secret_random(SEAL_KEY_BYTES);
	place->standings = standings_open(place->folder.path, &error);
	g_assert_no_error(error);
	place->anna = person_of(
	    place->key, "[\"anna@example.org\", \"anna@example.net\"]");
	place->bert = person_of(place->key, "[\"bert@example.org\"]");
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	standings_close(&place->standings);
	person_free(&place->anna);
	person_free(&place->bert);
	secret_free(&place->key);
	folder_fini(&place->folder, unused);
}

static struct standing
standing_of(struct place *place, const char *address)
{
	struct standing standing;
	g_autoptr(GError) error = NULL;

	g_assert_true(standings_of(
	    place->standings, place->key, address, &standing, &error));
	g_assert_no_error(error);
	return standing;
}

static void
put(struct place *place, const struct person *person,
    const struct standing *standing)
{
	for (guint i = 0; i < person->subjects->len; i++)
		g_assert_true(standings_put(place->standings,
		    &g_array_index(person->subjects, struct ident, i), standing,
		    NULL));
}

static void
test_restriction(struct place *place, gconstpointer unused)
{
	struct standing standing = { NOW, 0, TRUE };

	(void)unused;
	put(place, place->anna, &standing);
	standings_close(&place->standings);
	place->standings = standings_open(place->folder.path, NULL);
	standing = standing_of(place, "Anna@Example.NET");
	g_assert_cmpint(standing.restricted, ==, NOW);
	g_assert_cmpint(standing.objected, ==, 0);
	g_assert_true(standing.hold);
	g_assert_cmpint(
	    standing_of(place, "bert@example.org").restricted, ==, 0);
	g_assert_cmpint(standing_of(place, "nobody").restricted, ==, 0);
	g_assert_cmpint(standing_of(place, NULL).restricted, ==, 0);
	standing = (struct standing){ 0 };
	put(place, place->anna, &standing);
	g_assert_cmpint(
	    standing_of(place, "anna@example.org").restricted, ==, 0);
}

static const struct ident *
subject(const struct person *person, guint i)
{
	return &g_array_index(person->subjects, struct ident, i);
}

static void
test_consent(struct place *place, gconstpointer unused)
{
	struct consent consent = { .granted = NOW, .version = "2026-1" };
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_true(standings_say_consent(place->standings,
	    subject(place->anna, 0), "Support@example.com", &consent, &error));
	g_assert_true(standings_consent(place->standings,
	    subject(place->anna, 0), "support@EXAMPLE.com", &consent, &error));
	g_assert_true(consent_holds(&consent));
	g_assert_cmpstr(consent.version, ==, "2026-1");
	consent.withdrawn = NOW + 1;
	g_assert_false(consent_holds(&consent));
	g_assert_true(standings_consent(place->standings,
	    subject(place->anna, 1), "support@example.com", &consent, &error));
	g_assert_false(consent_holds(&consent));
	g_assert_false(standings_say_consent(
	    place->standings, subject(place->anna, 0), "", &consent, &error));
	g_assert_true(err_is(error, DG_ERROR_BAD));
}

/* Who withdraws while a notice goes out to him has withdrawn. */
static void
test_said(struct place *place, gconstpointer unused)
{
	static const struct consent said[] = {
		{ .granted = NOW, .version = "2026-1" },
		{ .withdrawn = NOW + 1 },
		{ .noticed = NOW + 2, .notice_version = "n1" },
	};
	struct consent consent;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
		g_assert_true(standings_say_consent(place->standings,
		    subject(place->anna, 0), "a@example.com", &said[i], NULL));
	g_assert_true(standings_consent(place->standings,
	    subject(place->anna, 0), "a@example.com", &consent, NULL));
	g_assert_false(consent_holds(&consent));
	g_assert_cmpint(consent.granted, ==, NOW);
	g_assert_cmpstr(consent.version, ==, "2026-1");
	g_assert_cmpint(consent.noticed, ==, NOW + 2);
	g_assert_cmpstr(consent.notice_version, ==, "n1");
}

static json_t *
found(struct registry *registry, const struct person *person)
{
	json_t *list = registry_find(registry, person, NULL);
	json_t *one = json_incref(json_array_get(list, 0));

	json_decref(list);
	return one;
}

static void
test_holder(struct place *place, gconstpointer unused)
{
	struct registry *registry OWNED(registry_free) = registry_new();
	const struct standing standing = { NOW, NOW, FALSE };
	const struct consent consent = { .granted = NOW };
	const struct person *both[] = { place->anna, place->bert };
	struct handout handout = { 0 };
	json_t *data;

	(void)unused;
	for (guint i = 0; i < 2; i++) {
		put(place, both[i], &standing);
		g_assert_true(standings_say_consent(place->standings,
		    subject(both[i], 0), "a@example.com", &consent, NULL));
	}
	standings_add_holder(registry, place->standings);
	data = registry_export(registry, place->anna, &handout, NULL);
	g_assert_cmpstr(json_string_value(json_object_get(
			    json_object_get(data, "standing"), "restricted")),
	    ==, "2026-01-31T12:00:00Z");
	json_decref(data);
}

static gboolean
is_nothing(struct registry *registry, const struct person *person)
{
	json_t *one = found(registry, person);
	gboolean gone = json_object_size(one) == 1;

	json_decref(one);
	return gone;
}

static void
test_nothing(struct place *place, gconstpointer unused)
{
	struct registry *registry OWNED(registry_free) = registry_new();

	(void)unused;
	standings_add_holder(registry, place->standings);
	g_assert_true(is_nothing(registry, place->anna));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	g_test_set_nonfatal_assertions();
#define ADD(name, function) \
	g_test_add("/standing/" name, struct place, NULL, set_up, function, \
	    tear_down)
	ADD("restriction", test_restriction);
	ADD("consent", test_consent);
	ADD("holder", test_holder);
	ADD("nothing", test_nothing);
	g_test_add(
	    "/standing/said", struct place, NULL, set_up, test_said, tear_down);
	return g_test_run();
}
