/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this room's holders let go, and when. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/request.h"
#include "lib/privacy/standing.h"
#include "lib/privacy/suppress.h"
#include "lib/privacy/vault_holder.h"
#include "lib/store/store.h"
#include "tests/unit/base/folder.h"

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)
#define START ((gint64)1769860800 * G_USEC_PER_SEC) /* 2026-01-31T12:00:00Z */

static const struct conf_option options[] = {
	{ "audit-retention", CONF_DURATION, "30d", 3600, 31536000 },
	{ NULL },
};
static const struct conf_option *const tables[] = { options, NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "", tables },
	{ "inbox", "support@example.com", "", tables },
	{ NULL },
};

struct place {
	struct folder requests_folder, vault_folder, standing_folder, list;
	gint64 now;
	struct clock clock;
	struct secret *key;
	struct vault *vault;
	struct requests *requests;
	struct standings *standings;
	struct suppress *suppress;
	struct registry *registry;
	struct conf *conf;
	struct person *anna;
	const struct ident *used; /* whose key is in use; or NULL */
};

static gint64
wall(void *self)
{
	return ((const struct place *)self)->now;
}

static void
set_up(struct place *place, gconstpointer unused)
{
	json_t *addresses = json_pack("[s]", "anna@example.org");

	memset(place, 0, sizeof(*place));
	folder_init(&place->requests_folder, unused);
	folder_init(&place->vault_folder, unused);
	folder_init(&place->standing_folder, unused);
	folder_init(&place->list, unused);
	place->now = START;
	place->clock = (struct clock){ wall, wall, place };
	place->key = secret_random(SEAL_KEY_BYTES);
	place->conf = conf_parse("test.conf", "", kinds);
	place->vault = vault_open(place->vault_folder.path, place->key, NULL);
	place->requests = requests_open(place->requests_folder.path, place->key,
	    place->vault, &place->clock, NULL);
	place->standings = standings_open(place->standing_folder.path, NULL);
	place->suppress = suppress_open(place->list.path, place->key,
	    &place->clock, &place->clock, 400 * DAY, NULL);
	place->registry = registry_new();
	requests_add_holder(place->registry, place->requests);
	standings_add_holder(place->registry, place->standings);
	suppress_holder_add(place->registry, place->suppress);
	vault_holder_add(place->registry, place->vault);
	place->anna = person_new(place->key, addresses, NULL);
	json_decref(addresses);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	registry_free(&place->registry);
	suppress_close(&place->suppress);
	standings_close(&place->standings);
	requests_close(&place->requests);
	vault_close(&place->vault);
	person_free(&place->anna);
	conf_free(&place->conf);
	secret_free(&place->key);
	folder_fini(&place->requests_folder, unused);
	folder_fini(&place->vault_folder, unused);
	folder_fini(&place->standing_folder, unused);
	folder_fini(&place->list, unused);
}

/* One number of the rows of a run, or of a look. */
static int
ask(struct place *place, gboolean run, const char *kind, const char *name)
{
	gboolean more = FALSE;
	const struct holder_expiry expiry = { .now = place->now,
		.run = run,
		.conf = place->conf,
		.more = &more };
	json_t *rows = registry_expire(place->registry, &expiry), *row;
	int number = -1;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		g_assert_null(json_object_get(row, "fault"));
		g_assert_nonnull(json_object_get(row, "holder"));
		if (g_strcmp0(json_string_value(json_object_get(row, "kind")),
			kind) == 0)
			number =
			    (int)json_integer_value(json_object_get(row, name));
	}
	json_decref(rows);
	return number;
}

/* --- receipts --- */

static guint64
add(struct place *place)
{
	const struct request_wish wish = { REQUEST_ERASE, "cli:root",
		"known-address", place->anna };
	guint64 id = 0;

	g_assert_true(requests_add(place->requests, &wish, &id, NULL));
	return id;
}

static guint64
ended(struct place *place)
{
	guint64 id = add(place);
	json_t *holders = json_array();

	g_assert_true(requests_put(place->requests, id, holders, TRUE, NULL));
	json_decref(holders);
	return id;
}

static gboolean
is_whole(struct place *place, guint64 id)
{
	char fault[REQUEST_FAULT_BYTES];
	g_autoptr(GError) error = NULL;
	gboolean whole = FALSE;

	g_assert_true(
	    requests_verify(place->requests, id, &whole, fault, &error));
	g_assert_no_error(error);
	return whole;
}

static void
test_receipts(struct place *place, gconstpointer unused)
{
	guint64 first = ended(place), open = add(place), second, third;
	g_autoptr(GError) error = NULL;

	(void)unused;
	second = ended(place);
	place->now += 20 * DAY;
	third = ended(place);
	place->now += 11 * DAY;
	/* Not before the audit trail was told. */
	g_assert_cmpint(ask(place, TRUE, "receipts", "gone"), ==, 0);
	g_assert_cmpint(ask(place, FALSE, "receipts", "past"), ==, 2);
	g_assert_true(requests_told(place->requests, first, NULL));
	g_assert_true(requests_told(place->requests, second, NULL));
	g_assert_true(requests_told(place->requests, third, NULL));
	g_assert_cmpint(ask(place, TRUE, "receipts", "gone"), ==, 2);
	g_assert_cmpint(ask(place, FALSE, "receipts", "count"), ==, 1);
	g_assert_null(requests_get(place->requests, first, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	/* What is open has no end but its own, and the chain is whole. */
	g_assert_cmpint(ask(place, FALSE, "requests", "count"), ==, 1);
	g_assert_true(is_whole(place, third));
	g_assert_cmpuint(open, ==, 2);
}

/* No number is given twice, and the chain goes on, when all have gone. */
static void
test_all_receipts(struct place *place, gconstpointer unused)
{
	guint64 first = ended(place), next;

	(void)unused;
	g_assert_true(requests_told(place->requests, first, NULL));
	place->now += 31 * DAY;
	g_assert_cmpint(ask(place, TRUE, "receipts", "gone"), ==, 1);
	next = ended(place);
	g_assert_cmpuint(next, ==, first + 1);
	g_assert_true(is_whole(place, next));
}

/* Who takes out the first receipt cannot say that it was past its time. */
static void
test_taken_out(struct place *place, gconstpointer unused)
{
	guint64 first = ended(place), second = ended(place);
	guint64 key = GUINT64_TO_BE(first);
	json_t *receipt = requests_get(place->requests, first, NULL);
	g_autofree char *cut = g_strdup_printf("%s:%064d",
	    json_string_value(json_object_get(receipt, "digest")), 7);
	struct store_txn *txn =
	    store_begin(requests_store(place->requests), TRUE, NULL);

	(void)unused;
	json_decref(receipt);
	g_assert_true(store_del(txn, 0, &key, sizeof(key)));
	g_assert_true(store_commit(&txn, NULL));
	g_assert_false(is_whole(place, second));
	txn = store_begin(requests_store(place->requests), TRUE, NULL);
	store_put(txn, 1, "cut", 3, cut, strlen(cut));
	g_assert_true(store_commit(&txn, NULL));
	g_assert_false(is_whole(place, second));
}

/* --- what stands of people --- */

static void
test_standing(struct place *place, gconstpointer unused)
{
	const struct ident *anna =
	    &g_array_index(place->anna->subjects, struct ident, 0);
	const struct standing standing = { .restricted = START };
	struct consent consent = { .granted = START, .version = "1" };

	(void)unused;
	g_assert_true(standings_put(place->standings, anna, &standing, NULL));
	g_assert_true(standings_say_consent(
	    place->standings, anna, "a@example.com", &consent, NULL));
	consent.withdrawn = START + DAY;
	g_assert_true(standings_say_consent(
	    place->standings, anna, "b@example.com", &consent, NULL));
	place->now = START + 31 * DAY;
	g_assert_cmpint(ask(place, TRUE, "consents-ended", "gone"), ==, 0);
	place->now++;
	g_assert_cmpint(ask(place, FALSE, "consents-ended", "past"), ==, 1);
	g_assert_cmpint(ask(place, TRUE, "consents-ended", "gone"), ==, 1);
	/* What holds, holds. */
	place->now += 4000 * DAY;
	g_assert_cmpint(ask(place, TRUE, "consents", "count"), ==, 1);
	g_assert_cmpint(ask(place, TRUE, "standing", "count"), ==, 1);
	g_assert_cmpint(ask(place, TRUE, "consents-ended", "count"), ==, 0);
}

static void
test_erased(struct place *place, gconstpointer unused)
{
	(void)unused;
	g_assert_true(suppress_add(place->suppress, place->anna, NULL));
	place->now += 400 * DAY;
	g_assert_cmpint(ask(place, TRUE, "erased", "count"), ==, 1);
	place->now++;
	g_assert_cmpint(ask(place, FALSE, "erased", "past"), ==, 1);
	g_assert_cmpint(ask(place, TRUE, "erased", "gone"), ==, 1);
	g_assert_cmpint(ask(place, FALSE, "erased", "count"), ==, 0);
}

/* --- keys --- */

static gboolean
add_used(void *self, GHashTable *used, GError **error)
{
	struct place *place = self;

	(void)error;
	if (place->used != NULL)
		g_hash_table_add(
		    used, g_memdup2(place->used, sizeof(*place->used)));
	return TRUE;
}

/* How many keys went, `seconds` after the start. */
static guint
prune(struct place *place, gint64 seconds)
{
	guint64 gone = 0, unused = 0;

	g_assert_true(vault_prune(
	    place->vault, seconds * G_USEC_PER_SEC, &gone, &unused, NULL));
	return (guint)gone;
}

static void
make(struct place *place, const struct ident *subject)
{
	struct secret *key = vault_key(place->vault, subject, TRUE, NULL);

	g_assert_nonnull(key);
	secret_free(&key);
}

static gboolean
has(struct place *place, const struct ident *subject)
{
	struct secret *key = vault_key(place->vault, subject, FALSE, NULL);
	gboolean there = key != NULL;

	secret_free(&key);
	return there;
}

static void
test_keys(struct place *place, gconstpointer unused)
{
	const struct ident anna = { { 1 } }, bert = { { 2 } }, eve = { { 3 } };

	(void)unused;
	make(place, &anna);
	make(place, &bert);
	g_assert_cmpuint(prune(place, 1), ==, 0); /* nobody knows of users */
	place->used = &anna;
	vault_set_users(
	    place->vault, &(struct vault_users){ add_used, place, FALSE });
	/* Twice, and not too soon; one that is asked for meanwhile stays. */
	g_assert_cmpuint(prune(place, 1000), ==, 0);
	make(place, &eve);
	g_assert_cmpuint(prune(place, 1001), ==, 0);
	g_assert_true(has(place, &bert));
	g_assert_cmpuint(prune(place, 1601), ==, 0);
	g_assert_cmpuint(prune(place, 2300), ==, 2);
	g_assert_false(has(place, &bert));
	g_assert_false(has(place, &eve));
	g_assert_true(has(place, &anna));
	/* Where nobody else is at work, at once. */
	make(place, &bert);
	vault_set_users(
	    place->vault, &(struct vault_users){ add_used, place, TRUE });
	g_assert_cmpuint(prune(place, 2301), ==, 1);
	g_assert_true(has(place, &anna));
}

#define TEST(name, function) \
	g_test_add("/privacy/expire/" name, struct place, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("receipts", test_receipts);
	TEST("all-receipts", test_all_receipts);
	TEST("taken-out", test_taken_out);
	TEST("standing", test_standing);
	TEST("erased", test_erased);
	TEST("keys", test_keys);
	return g_test_run();
}
