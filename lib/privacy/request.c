/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The register of requests.  Receipts are in request_receipt.c.
 */
#include "lib/privacy/request.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/request_private.h"

/* Sparse; a receipt is a kilobyte. */
#define REQUESTS_MAP ((guint64)1 << 30)

static const struct store_table tables[] = {
	{ "request", FALSE },
	{ "meta", FALSE },
	{ NULL, FALSE },
};

const char *const request_identities[] = { "not-verified", "known-address",
	"reply-to-code", "in-person", "document", "agent", NULL };

const char *
request_kind_word(enum request_kind kind)
{
	static const char *const words[REQUEST_KINDS] = { "access", "rectify",
		"erase", "restrict", "object", "erase-inbox" };

	return words[kind];
}

void
requests_close(struct requests **requests)
{
	struct requests *old = *requests;

	*requests = NULL;
	if (old == NULL)
		return;
	store_close(&old->store);
	secret_free(&old->key);
	g_free(old);
}

/* --- records --- */

static json_t *
get(struct store_txn *txn, guint64 id, GError **error)
{
	guint64 key = GUINT64_TO_BE(id);
	struct store_value value;
	json_t *request;

	if (!store_get(txn, TABLE_REQUEST, &key, sizeof(key), &value)) {
		err_set(error, DG_ERROR_NOTFOUND,
		    "there is no request %" G_GUINT64_FORMAT, id);
		return NULL;
	}
	request = json_loadb(value.data, value.length, 0, NULL);
	if (!json_is_object(request)) {
		json_decref(request);
		request = NULL;
		err_set(error, DG_ERROR_BAD,
		    "request %" G_GUINT64_FORMAT " is damaged", id);
	}
	return request;
}

static char *
dump(const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);

	g_assert(text != NULL);
	return text;
}

void
request_keep(struct store_txn *txn, guint64 id, const json_t *request)
{
	guint64 key = GUINT64_TO_BE(id);
	g_autofree char *text = dump(request);

	store_put(txn, TABLE_REQUEST, &key, sizeof(key), text, strlen(text));
}

static guint64
last_id(struct store_txn *txn)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_REQUEST, NULL, 0);
	struct store_value key, value;
	guint64 id = 0;

	while (store_cursor_next(cursor, &key, &value)) {
		if (key.length == sizeof(id))
			memcpy(&id, key.data, sizeof(id));
	}
	return MAX(GUINT64_FROM_BE(id), request_top(txn));
}

/* --- making one --- */

/* The name under which the vault has the request's own key. */
static void
key_name(const struct requests *requests, guint64 id, struct ident *name_r)
{
	guint64 number = GUINT64_TO_BE(id);
	struct seal_digest *digest = seal_digest_new(secret_data(requests->key),
	    secret_length(requests->key), "request-key");

	seal_digest_add(digest, &number, sizeof(number));
	seal_digest_end(&digest, name_r->bytes, IDENT_BYTES);
}

char *
request_hex(const guint8 *bytes, gsize length)
{
	GString *text = g_string_sized_new(2 * length);

	for (gsize i = 0; i < length; i++)
		g_string_append_printf(text, "%02x", bytes[i]);
	return g_string_free(text, FALSE);
}

static GBytes *
unhex(const char *text)
{
	gsize length = text != NULL ? strlen(text) / 2 : 0;
	guint8 *bytes = g_malloc(length + 1);

	for (gsize i = 0; i < length; i++)
		bytes[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) << 4 |
				    g_ascii_xdigit_value(text[2 * i + 1]));
	return g_bytes_new_take(bytes, length);
}

static char *
seal_person(struct requests *requests, guint64 id, const struct person *person,
    GError **error)
{
	json_t *addresses = person_json(person);
	g_autofree char *text = dump(addresses);
	struct secret *inner OWNED(secret_free) =
	    secret_new(text, strlen(text));
	struct secret *key OWNED(secret_free) = NULL;
	g_autoptr(GBytes) wrap = NULL;
	struct ident name;
	gsize length;

	json_decref(addresses);
	key_name(requests, id, &name);
	key = vault_key(requests->vault, &name, TRUE, error);
	if (key == NULL)
		return NULL;
	wrap = seal_wrap(key, inner);
	(void)g_bytes_get_data(wrap, &length);
	return request_hex(g_bytes_get_data(wrap, NULL), length);
}

/* Article 12(3): one month, by the calendar; the last of a month where the next
 * is shorter. */
static char *
due_text(gint64 wall)
{
	g_autoptr(GDateTime) now =
	    g_date_time_new_from_unix_utc(wall / G_USEC_PER_SEC);
	g_autoptr(GDateTime) due = g_date_time_add_months(now, 1);

	return clock_text(g_date_time_to_unix(due) * G_USEC_PER_SEC);
}

/* One about nobody. */
static json_t *
make_inbox(
    struct requests *requests, guint64 id, const struct request_wish *wish)
{
	gint64 now = clock_wall(requests->clock);
	g_autofree char *made = clock_text(now);
	g_autofree char *due = due_text(now);
	json_t *holders = wish->holders != NULL ? json_deep_copy(wish->holders)
						: json_array();

	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "id",
	    (json_int_t)id, "kind", request_kind_word(wish->kind), "state",
	    "open", "inbox", wish->inbox, "actor", wish->actor, "made", made,
	    "due", due, "holders", holders, "by_hand", FALSE);
}

static json_t *
make(struct requests *requests, guint64 id, const struct request_wish *wish,
    GError **error)
{
	gint64 now = clock_wall(requests->clock);
	g_autofree char *sealed =
	    seal_person(requests, id, wish->person, error);
	g_autofree char *made = clock_text(now);
	g_autofree char *due = due_text(now);

	if (sealed == NULL)
		return NULL;
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[], s:b}",
	    "id", (json_int_t)id, "kind", request_kind_word(wish->kind),
	    "state", "open", "identity", wish->identity, "actor", wish->actor,
	    "made", made, "due", due, "sealed", sealed, "holders", "by_hand",
	    wish->by_hand);
}

gboolean
requests_add(struct requests *requests, const struct request_wish *wish,
    guint64 *id_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) = NULL;
	json_t *request;

	if (wish->kind != REQUEST_INBOX &&
	    !g_strv_contains(request_identities, wish->identity))
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no way to verify who asks; there is "
		    "not-verified, known-address, reply-to-code, in-person, "
		    "document, agent",
		    wish->identity);
	txn = store_begin(requests->store, TRUE, error);
	if (txn == NULL)
		return FALSE;
	*id_r = last_id(txn) + 1;
	request = wish->kind == REQUEST_INBOX
		      ? make_inbox(requests, *id_r, wish)
		      : make(requests, *id_r, wish, error);
	if (request == NULL)
		return FALSE;
	request_keep(txn, *id_r, request);
	json_decref(request);
	return store_commit(&txn, error);
}

/* --- opening --- */

static gboolean
is_open(const json_t *request)
{
	return g_strcmp0(json_string_value(json_object_get(request, "state")),
		   "open") == 0;
}

/* Numbers of requests whose addresses are readable, or are to be unreadable. */
static GArray *
ids_of(struct requests *requests, gboolean readable, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, FALSE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	struct store_value key, value;

	if (txn != NULL)
		cursor = store_cursor_begin(txn, TABLE_REQUEST, NULL, 0);
	while (txn != NULL && store_cursor_next(cursor, &key, &value)) {
		json_t *request = json_loadb(value.data, value.length, 0, NULL);
		guint64 id =
		    (guint64)json_integer_value(json_object_get(request, "id"));

		if (request != NULL &&
		    (json_object_get(request, "sealed") != NULL) == readable)
			g_array_append_val(ids, id);
		json_decref(request);
	}
	if (txn == NULL)
		g_clear_pointer(&ids, g_array_unref);
	return ids;
}

/* A crash between the end of a request and that of its key leaves the key. */
static gboolean
heal(struct requests *requests, GError **error)
{
	g_autoptr(GArray) ids = ids_of(requests, FALSE, error);
	gboolean good = ids != NULL;

	for (guint i = 0; good && i < ids->len; i++) {
		struct secret *key OWNED(secret_free) = NULL;
		struct ident name;

		key_name(requests, g_array_index(ids, guint64, i), &name);
		key = vault_key(requests->vault, &name, FALSE, NULL);
		good =
		    key == NULL || vault_forget(requests->vault, &name, error);
	}
	return good;
}

GArray *
requests_keys(struct requests *requests, GError **error)
{
	g_autoptr(GArray) ids = ids_of(requests, TRUE, error);
	GArray *names;

	if (ids == NULL)
		return NULL;
	names = g_array_new(FALSE, FALSE, sizeof(struct ident));
	for (guint i = 0; i < ids->len; i++) {
		struct ident name;

		key_name(requests, g_array_index(ids, guint64, i), &name);
		g_array_append_val(names, name);
	}
	return names;
}

struct requests *
requests_open(const char *folder, const struct secret *key, struct vault *vault,
    const struct clock *clock, GError **error)
{
	struct requests *requests = g_new0(struct requests, 1);

	requests->key = secret_new(secret_data(key), secret_length(key));
	requests->vault = vault;
	requests->clock = clock;
	requests->store = store_open(folder, tables, REQUESTS_MAP, error);
	if (requests->store == NULL || !heal(requests, error)) {
		g_prefix_error(error, "requests: ");
		requests_close(&requests);
	}
	return requests;
}

/* --- going on with it --- */

gboolean
request_forget_key(struct requests *requests, guint64 id, GError **error)
{
	struct ident name;

	key_name(requests, id, &name);
	return vault_forget(requests->vault, &name, error);
}

json_t *
request_get_open(struct store_txn *txn, guint64 id, GError **error)
{
	json_t *request = get(txn, id, error);

	if (request == NULL || is_open(request))
		return request;
	json_decref(request);
	err_set(error, DG_ERROR_NOTFOUND,
	    "request %" G_GUINT64_FORMAT " has ended", id);
	return NULL;
}

gboolean
requests_put(struct requests *requests, guint64 id, const json_t *holders,
    gboolean ended, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, TRUE, error);
	json_t *request = txn == NULL ? NULL : request_get_open(txn, id, error);
	struct ident name;

	if (request == NULL)
		return FALSE;
	json_object_set_new(request, "holders", json_deep_copy(holders));
	if (ended)
		request_end(requests, txn, request);
	request_keep(txn, id, request);
	json_decref(request);
	if (!store_commit(&txn, error))
		return FALSE;
	key_name(requests, id, &name);
	return !ended || vault_forget(requests->vault, &name, error);
}

struct store *
requests_store(struct requests *requests)
{
	return requests->store;
}

struct person *
requests_person(struct requests *requests, guint64 id,
    const struct secret *subject_key, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, FALSE, error);
	json_t *request = txn == NULL ? NULL : request_get_open(txn, id, error);
	struct secret *key OWNED(secret_free) = NULL;
	struct secret *inner OWNED(secret_free) = NULL;
	g_autoptr(GBytes) wrap = NULL;
	struct person *person;
	json_t *addresses, *sealed;
	struct ident name;

	if (request == NULL)
		return NULL;
	sealed = json_object_get(request, "sealed");
	wrap = unhex(json_string_value(sealed));
	json_decref(request);
	key_name(requests, id, &name);
	key = vault_key(requests->vault, &name, FALSE, error);
	if (key != NULL)
		inner = seal_unwrap(key, g_bytes_get_data(wrap, NULL),
		    g_bytes_get_size(wrap), error);
	if (inner == NULL)
		return NULL;
	addresses = json_loadb(
	    (const char *)secret_data(inner), secret_length(inner), 0, NULL);
	person = person_new(subject_key, addresses, error);
	json_decref(addresses);
	return person;
}

/* --- looking --- */

/* Takes out what is nobody's to see, and says when it is late. */
static void
show(const struct requests *requests, json_t *request)
{
	const char *due = json_string_value(json_object_get(request, "due"));
	g_autofree char *now = clock_text(clock_wall(requests->clock));

	json_object_del(request, "sealed");
	if (is_open(request) && due != NULL && strcmp(due, now) < 0)
		json_object_set_new(request, "overdue", json_true());
}

json_t *
requests_get(struct requests *requests, guint64 id, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, FALSE, error);
	json_t *request = txn == NULL ? NULL : get(txn, id, error);

	if (request != NULL)
		show(requests, request);
	return request;
}

json_t *
requests_list(struct requests *requests, gboolean open_only, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, FALSE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value;
	json_t *list;

	if (txn == NULL)
		return NULL;
	list = json_array();
	cursor = store_cursor_begin(txn, TABLE_REQUEST, NULL, 0);
	while (store_cursor_next(cursor, &key, &value)) {
		json_t *request = json_loadb(value.data, value.length, 0, NULL);
		gboolean open = is_open(request);

		show(requests, request);
		if (request != NULL && (open || !open_only))
			json_array_append(list, request);
		json_decref(request);
	}
	return list;
}
