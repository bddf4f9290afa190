/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receipts: what is left of a request that has ended, in a chain of keyed
 * digests.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/request_private.h"

#define LAST "last"
#define UNTOLD "untold:"

static void
digest_of(const struct requests *requests, json_t *request, char digest_r[65])
{
	json_t *bare = json_copy(request);
	guint8 bytes[32];
	struct seal_digest *digest = seal_digest_new(secret_data(requests->key),
	    secret_length(requests->key), "receipt");
	g_autofree char *text = NULL;
	g_autofree char *digits = NULL;

	json_object_del(bare, "digest");
	text = json_dumps(bare, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(bare);
	seal_digest_add(digest, text, strlen(text));
	seal_digest_end(&digest, bytes, sizeof(bytes));
	digits = request_hex(bytes, sizeof(bytes));
	g_strlcpy(digest_r, digits, 65);
}

#define UNTOLD_BYTES 32

static void
untold_key(guint64 id, char key_r[UNTOLD_BYTES])
{
	g_snprintf(key_r, UNTOLD_BYTES, UNTOLD "%" G_GUINT64_FORMAT, id);
}

void
request_end(struct requests *requests, struct store_txn *txn, json_t *request)
{
	g_autofree char *now = clock_text(clock_wall(requests->clock));
	struct store_value last;
	char digest[65], untold[UNTOLD_BYTES];

	json_object_del(request, "sealed");
	if (json_object_get(request, "refused") == NULL)
		json_object_set_new(request, "state", json_string("done"));
	else
		json_object_set_new(request, "state", json_string("refused"));
	json_object_set_new(request, "ended", json_string(now));
	json_object_set_new(request, "previous",
	    store_get(txn, TABLE_META, LAST, strlen(LAST), &last)
		? json_stringn(last.data, last.length)
		: json_string(""));
	digest_of(requests, request, digest);
	json_object_set_new(request, "digest", json_string(digest));
	store_put(txn, TABLE_META, LAST, strlen(LAST), digest, strlen(digest));
	untold_key((guint64)json_integer_value(json_object_get(request, "id")),
	    untold);
	store_put(txn, TABLE_META, untold, strlen(untold), "", 0);
}

gboolean
request_is_untold(struct store_txn *txn, guint64 id)
{
	struct store_value value;
	char key[UNTOLD_BYTES];

	untold_key(id, key);
	return store_get(txn, TABLE_META, key, strlen(key), &value);
}

GArray *
requests_untold(struct requests *requests, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, FALSE, error);
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value;
	GArray *ids;

	if (txn == NULL)
		return NULL;
	ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	cursor = store_cursor_begin(txn, TABLE_META, UNTOLD, strlen(UNTOLD));
	while (store_cursor_next(cursor, &key, &value)) {
		g_autofree char *name = g_strndup(key.data, key.length);
		guint64 id;

		if (!g_str_has_prefix(name, UNTOLD))
			break;
		id = g_ascii_strtoull(name + strlen(UNTOLD), NULL, 10);
		g_array_append_val(ids, id);
	}
	return ids;
}

gboolean
requests_told(struct requests *requests, guint64 id, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, TRUE, error);
	char untold[UNTOLD_BYTES];

	if (txn == NULL)
		return FALSE;
	untold_key(id, untold);
	(void)store_del(txn, TABLE_META, untold, strlen(untold));
	return store_commit(&txn, error);
}

/* Between what the chain runs. */
struct ends {
	char *newest; /* the digest of the last receipt; "": there is none */
	char *oldest; /* what the first one names; NULL: nobody knows */
};

static void
ends_clear(struct ends *ends)
{
	g_free(ends->newest);
	g_free(ends->oldest);
	*ends = (struct ends){ 0 };
}

static gboolean
read_ends(struct requests *requests, struct ends *ends_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, FALSE, error);
	struct store_value last;

	ends_clear(ends_r);
	if (txn == NULL)
		return FALSE;
	ends_r->newest = store_get(txn, TABLE_META, LAST, strlen(LAST), &last)
			     ? g_strndup(last.data, last.length)
			     : g_strdup("");
	ends_r->oldest = request_cut(requests, txn);
	return TRUE;
}

/* Each receipt's digest is right; what each names is there, and no two name the
 * same, which leaves the last one that nobody names. */
static void
check_chain(struct requests *requests, const json_t *list,
    const struct ends *ends, char fault_r[REQUEST_FAULT_BYTES])
{
	g_autoptr(GHashTable) digests =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) named = g_ptr_array_new();
	json_t *one;
	size_t i;

	g_hash_table_add(
	    digests, g_strdup(ends->oldest != NULL ? ends->oldest : "nobody"));
	json_array_foreach(list, i, one)
	{
		const char *said =
		    json_string_value(json_object_get(one, "digest"));
		char digest[65];

		if (said == NULL)
			continue;
		digest_of(requests, one, digest);
		if (strcmp(digest, said) != 0)
			g_snprintf(fault_r, REQUEST_FAULT_BYTES,
			    "receipt %" JSON_INTEGER_FORMAT " was changed",
			    json_integer_value(json_object_get(one, "id")));
		g_hash_table_add(digests, g_strdup(said));
		g_ptr_array_add(named, (gpointer)json_string_value(
					   json_object_get(one, "previous")));
	}
	for (guint k = 0; k < named->len && fault_r[0] == '\0'; k++) {
		if (named->pdata[k] == NULL ||
		    !g_hash_table_remove(digests, named->pdata[k]))
			g_snprintf(fault_r, REQUEST_FAULT_BYTES,
			    "a receipt is missing");
	}
	if (fault_r[0] == '\0' && !g_hash_table_contains(digests, ends->newest))
		g_snprintf(fault_r, REQUEST_FAULT_BYTES,
		    "the newest receipt is missing");
}

/* All of them, and the ends of their chain.  One may end, or go, in between. */
static json_t *
list_with_ends(struct requests *requests, struct ends *ends_r, GError **error)
{
	struct ends before OWNED(ends_clear) = { 0 };

	for (;;) {
		json_t *list = read_ends(requests, &before, error)
				   ? requests_list(requests, FALSE, error)
				   : NULL;
		gboolean read =
		    list != NULL && read_ends(requests, ends_r, error);

		if (read && strcmp(before.newest, ends_r->newest) == 0 &&
		    g_strcmp0(before.oldest, ends_r->oldest) == 0)
			return list;
		json_decref(list);
		if (!read)
			return NULL;
	}
}

gboolean
requests_verify(struct requests *requests, guint64 id, gboolean *whole_r,
    char fault_r[REQUEST_FAULT_BYTES], GError **error)
{
	json_t *request = requests_get(requests, id, error);
	gboolean ended = json_object_get(request, "digest") != NULL;
	struct ends ends OWNED(ends_clear) = { 0 };
	json_t *list;

	json_decref(request);
	if (request == NULL)
		return FALSE;
	if (!ended)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "request %" G_GUINT64_FORMAT
		    " is open: it has no receipt yet",
		    id);
	list = list_with_ends(requests, &ends, error);
	if (list == NULL)
		return FALSE;
	fault_r[0] = '\0';
	check_chain(requests, list, &ends, fault_r);
	json_decref(list);
	*whole_r = fault_r[0] == '\0';
	return TRUE;
}
