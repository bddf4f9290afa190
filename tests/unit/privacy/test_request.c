/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/request.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/store/store.h"
#include "tests/unit/base/folder.h"

#define START ((gint64)1769860800 * G_USEC_PER_SEC) /* 2026-01-31T12:00:00Z */

struct place {
	struct folder folder, vault_folder;
	gint64 now;
	struct clock clock;
	struct secret *key;
	struct vault *vault;
	struct requests *requests;
	struct person *anna;
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
open_all(struct place *place)
{
	g_autoptr(GError) error = NULL;

	place->vault = vault_open(place->vault_folder.path, place->key, &error);
	g_assert_no_error(error);
	place->requests = requests_open(place->folder.path, place->key,
	    place->vault, &place->clock, &error);
	g_assert_no_error(error);
}

static void
close_all(struct place *place)
{
	requests_close(&place->requests);
	vault_close(&place->vault);
}

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	folder_init(&place->vault_folder, unused);
	place->now = START;
	place->clock = (struct clock){ wall, wall, place };
	place->key = secret_random(SEAL_KEY_BYTES);
	place->anna = person_of(place->key,
	    "[\"Anna@Example.org\", \"anna@example.net\", "
	    "\"anna@example.ORG\"]");
	open_all(place);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	close_all(place);
	person_free(&place->anna);
	secret_free(&place->key);
	folder_fini(&place->folder, unused);
	folder_fini(&place->vault_folder, unused);
}

static guint64
add(struct place *place)
{
	const struct request_wish wish = { REQUEST_ERASE, "cli:root",
		"known-address", place->anna };
	g_autoptr(GError) error = NULL;
	guint64 id = 0;

	g_assert_true(requests_add(place->requests, &wish, &id, &error));
	g_assert_no_error(error);
	return id;
}

static void
put(struct place *place, guint64 id, gboolean ended)
{
	json_t *holders = json_pack("[{s:s, s:s, s:i}]", "holder", "spool",
	    "outcome", ended ? "done" : "open", "messages", 3);
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    requests_put(place->requests, id, holders, ended, &error));
	g_assert_no_error(error);
	json_decref(holders);
}

static char *
text_of(struct place *place, guint64 id, const char *member)
{
	json_t *request = requests_get(place->requests, id, NULL);
	char *text =
	    g_strdup(json_string_value(json_object_get(request, member)));

	json_decref(request);
	return text;
}

static void
assert_text(
    struct place *place, guint64 id, const char *member, const char *want)
{
	g_autofree char *text = text_of(place, id, member);

	g_assert_cmpstr(text, ==, want);
}

static void
test_person(struct place *place, gconstpointer unused)
{
	static const char *const wrong[] = { "[]", "[\"anna\"]", "[7]",
		"[\"a@example.org\", \"\"]" };
	json_t *addresses = person_json(place->anna);

	(void)unused;
	g_assert_cmpuint(json_array_size(addresses), ==, 2);
	g_assert_cmpstr(json_string_value(json_array_get(addresses, 0)), ==,
	    "anna@example.org");
	json_decref(addresses);
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		addresses = json_loads(wrong[i], 0, NULL);
		g_assert_null(person_new(place->key, addresses, &error));
		g_assert_true(err_is(error, DG_ERROR_BAD));
		json_decref(addresses);
	}
}

/* Whom it is about is known while it is open, over a restart, and not after. */
static void
test_life(struct place *place, gconstpointer unused)
{
	guint64 id = add(place);
	struct person *person OWNED(person_free) = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_cmpuint(id, ==, 1);
	assert_text(place, id, "state", "open");
	assert_text(place, id, "made", "2026-01-31T12:00:00Z");
	assert_text(place, id, "due", "2026-02-28T12:00:00Z");
	assert_text(place, id, "sealed", NULL);
	put(place, id, FALSE);
	close_all(place);
	open_all(place);
	person = requests_person(place->requests, id, place->key, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(person->addresses->len, ==, 2);
	g_assert_cmpstr(person->addresses->pdata[1], ==, "anna@example.net");
	put(place, id, TRUE);
	assert_text(place, id, "state", "done");
	g_assert_null(requests_person(place->requests, id, place->key, &error));
	g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
	g_assert_cmpuint(add(place), ==, 2);
}

/* The bytes of the folder name nobody, and no key of an ended one is left. */
static void
test_nobody(struct place *place, gconstpointer unused)
{
	guint64 id = add(place), keys;
	g_autofree char *path = folder_path(&place->folder, "data.mdb");
	g_autofree char *bytes = NULL;
	gsize length;

	(void)unused;
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 1);
	put(place, id, TRUE);
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 0);
	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	g_assert_null(memmem(bytes, length, "anna", 4));
	g_assert_null(memmem(bytes, length, "example", 7));
}

/* Blind: still open, and nobody knows any more whom it is about. */
static void
test_blind(struct place *place, gconstpointer unused)
{
	guint64 id = add(place), keys;
	g_autoptr(GError) error = NULL;
	json_t *open;

	(void)unused;
	g_assert_true(
	    requests_step(place->requests, id, REQUEST_COMPACTED, &error));
	assert_text(place, id, "compacted", "2026-01-31T12:00:00Z");
	g_assert_cmpint(requests_until(place->requests, id), ==, place->now);
	g_assert_true(
	    requests_step(place->requests, id, REQUEST_SETTLED, &error));
	place->now += G_USEC_PER_SEC; /* it is written down once */
	g_assert_cmpint(requests_until(place->requests, id), ==, START);
	g_assert_true(
	    requests_step(place->requests, id, REQUEST_SETTLED, &error));
	assert_text(place, id, "settled", "2026-01-31T12:00:00Z");
	for (guint i = 0; i < 2; i++)
		g_assert_true(requests_blind(place->requests, id, &error));
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 0);
	assert_text(place, id, "state", "open");
	g_assert_null(requests_person(place->requests, id, place->key, &error));
	g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
	open = requests_list(place->requests, TRUE, NULL);
	g_assert_cmpuint(json_array_size(open), ==, 1);
	json_decref(open);
	put(place, id, TRUE);
	assert_text(place, id, "state", "done");
}

/* What a crash between the end and the key's end left is gone after the next
 * start; the keys of others stay. */
static void
test_heal(struct place *place, gconstpointer unused)
{
	g_autofree char *data = folder_path(&place->vault_folder, "data.mdb");
	g_autofree char *bytes = NULL;
	guint64 id = add(place), keys;
	gsize length;

	(void)unused;
	g_assert_cmpuint(add(place), ==, 2);
	g_assert_true(g_file_get_contents(data, &bytes, &length, NULL));
	put(place, id, TRUE);
	close_all(place);
	g_assert_true(g_file_set_contents(data, bytes, (gssize)length, NULL));
	open_all(place);
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 1);
	place->now += G_USEC_PER_SEC;
	put(place, 2, TRUE);
}

static guint64
add_by_hand(struct place *place, enum request_kind kind)
{
	const struct request_wish wish = { kind, "cli:root", "in-person",
		place->anna, TRUE };
	guint64 id = 0;

	g_assert_true(requests_add(place->requests, &wish, &id, NULL));
	return id;
}

static void
assert_refused(struct place *place, guint64 id, enum request_decision decision,
    const char *reason, enum dg_error code)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(
	    requests_decide(place->requests, id, decision, reason, &error));
	g_assert_true(err_is(error, code));
}

/* Two months more, once, for a reason; then it is late. */
static void
test_extend(struct place *place, gconstpointer unused)
{
	guint64 id = add(place);
	json_t *request;

	(void)unused;
	assert_refused(place, id, REQUEST_EXTENDED, "", DG_ERROR_BAD);
	assert_refused(place, id, REQUEST_EXTENDED, NULL, DG_ERROR_BAD);
	assert_refused(place, id + 1, REQUEST_EXTENDED, "x", DG_ERROR_NOTFOUND);
	g_assert_true(requests_decide(
	    place->requests, id, REQUEST_EXTENDED, "many", NULL));
	assert_text(place, id, "due", "2026-04-28T12:00:00Z");
	assert_text(place, id, "extended", "many");
	assert_text(place, id, "state", "open");
	assert_refused(place, id, REQUEST_EXTENDED, "more", DG_ERROR_BAD);
	request = requests_get(place->requests, id, NULL);
	g_assert_null(json_object_get(request, "overdue"));
	json_decref(request);
	place->now += (gint64)88 * 24 * 3600 * G_USEC_PER_SEC;
	request = requests_get(place->requests, id, NULL);
	g_assert_true(json_is_true(json_object_get(request, "overdue")));
	json_decref(request);
}

/* By hand alone; a receipt as any other, which names nobody. */
static void
test_decide(struct place *place, gconstpointer unused)
{
	guint64 mine = add(place);
	guint64 done = add_by_hand(place, REQUEST_RECTIFY);
	guint64 refused = add_by_hand(place, REQUEST_ERASE);
	char fault[REQUEST_FAULT_BYTES];
	gboolean whole;
	guint64 keys;

	(void)unused;
	assert_refused(place, mine, REQUEST_MET, NULL, DG_ERROR_BAD);
	assert_refused(place, mine, REQUEST_REFUSED, "no", DG_ERROR_BAD);
	assert_refused(place, refused, REQUEST_REFUSED, NULL, DG_ERROR_BAD);
	g_assert_true(
	    requests_decide(place->requests, done, REQUEST_MET, NULL, NULL));
	g_assert_true(requests_decide(
	    place->requests, refused, REQUEST_REFUSED, "kept by law", NULL));
	assert_text(place, done, "state", "done");
	assert_text(place, refused, "state", "refused");
	assert_text(place, refused, "refused", "kept by law");
	assert_refused(place, done, REQUEST_REFUSED, "x", DG_ERROR_NOTFOUND);
	g_assert_true(
	    requests_verify(place->requests, refused, &whole, fault, NULL));
	g_assert_true(whole);
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 1);
}

static void
test_receipts(struct place *place, gconstpointer unused)
{
	guint64 first = add(place), second = add(place), third = add(place);
	char fault[REQUEST_FAULT_BYTES];
	g_autofree char *digest = NULL;
	g_autoptr(GError) error = NULL;
	gboolean whole;

	(void)unused;
	put(place, second, TRUE);
	put(place, first, TRUE);
	digest = text_of(place, second, "digest");
	assert_text(place, first, "previous", digest);
	g_assert_true(
	    requests_verify(place->requests, first, &whole, fault, &error));
	g_assert_true(whole);
	g_assert_false(
	    requests_verify(place->requests, third, &whole, fault, &error));
	g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
}

/* A receipt that is taken out is missed, the newest one too. */
static void
test_taken_out(struct place *place, gconstpointer unused)
{
	guint64 first = add(place), newest = add(place);
	guint64 key = GUINT64_TO_BE(newest);
	char fault[REQUEST_FAULT_BYTES];
	struct store_txn *txn;
	gboolean whole;

	(void)unused;
	put(place, first, TRUE);
	put(place, newest, TRUE);
	g_assert_true(
	    requests_verify(place->requests, newest, &whole, fault, NULL));
	g_assert_true(whole);
	txn = store_begin(requests_store(place->requests), TRUE, NULL);
	g_assert_true(store_del(txn, 0, &key, sizeof(key)));
	g_assert_true(store_commit(&txn, NULL));
	g_assert_true(
	    requests_verify(place->requests, first, &whole, fault, NULL));
	g_assert_false(whole);
	g_assert_cmpstr(fault, ==, "the newest receipt is missing");
}

/* What was not told to the audit trail yet is known over a restart. */
static void
test_untold(struct place *place, gconstpointer unused)
{
	guint64 first = add(place), second = add(place);
	g_autoptr(GArray) ids = NULL;

	(void)unused;
	put(place, first, TRUE);
	put(place, second, TRUE);
	g_assert_true(requests_told(place->requests, first, NULL));
	close_all(place);
	open_all(place);
	ids = requests_untold(place->requests, NULL);
	g_assert_cmpuint(ids->len, ==, 1);
	g_assert_cmpuint(g_array_index(ids, guint64, 0), ==, second);
}

static void
test_refused(struct place *place, gconstpointer unused)
{
	const struct request_wish wish = { REQUEST_ERASE, "cli:root", "a hunch",
		place->anna };
	g_autoptr(GError) error = NULL;
	guint64 id;

	(void)unused;
	g_assert_false(requests_add(place->requests, &wish, &id, &error));
	g_assert_true(err_is(error, DG_ERROR_BAD));
	g_clear_error(&error);
	g_assert_null(requests_get(place->requests, 7, &error));
	g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
}

/* The erasure of an inbox is about nobody, and its receipt in the same chain.
 */
static void
test_inbox(struct place *place, gconstpointer unused)
{
	json_t *known = json_pack(
	    "[{s:s, s:s}]", "holder", "desk main", "outcome", "refused");
	const struct request_wish wish = { .kind = REQUEST_INBOX,
		.actor = "deskgate:calendar",
		.inbox = "support@example.com",
		.holders = known };
	char fault[REQUEST_FAULT_BYTES];
	g_autoptr(GError) error = NULL;
	g_autofree char *inbox = NULL;
	gboolean whole = FALSE;
	guint64 first = add(place), id = 0, keys = 0;
	json_t *request;

	(void)unused;
	g_assert_true(requests_add(place->requests, &wish, &id, &error));
	g_assert_no_error(error);
	json_decref(known);
	inbox = text_of(place, id, "inbox");
	g_assert_cmpstr(inbox, ==, "support@example.com");
	request = requests_get(place->requests, id, NULL);
	g_assert_cmpint(
	    json_array_size(json_object_get(request, "holders")), ==, 1);
	json_decref(request);
	g_assert_null(requests_person(place->requests, id, place->key, &error));
	g_clear_error(&error);
	/* As after a kill. */
	close_all(place);
	open_all(place);
	put(place, first, TRUE);
	put(place, id, TRUE);
	g_assert_true(
	    requests_verify(place->requests, id, &whole, fault, &error));
	g_assert_true(whole);
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 0);
}

#define TEST(name, function) \
	g_test_add("/privacy/request/" name, struct place, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	TEST("person", test_person);
	TEST("life", test_life);
	TEST("nobody", test_nobody);
	TEST("blind", test_blind);
	TEST("heal", test_heal);
	TEST("receipts", test_receipts);
	TEST("extend", test_extend);
	TEST("decide", test_decide);
	TEST("taken-out", test_taken_out);
	TEST("untold", test_untold);
	TEST("refused", test_refused);
	TEST("inbox", test_inbox);
	return g_test_run();
}
