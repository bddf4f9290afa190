/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receipts that are past their time: as long as the audit trail, counted from
 * the end of the request.  They go from the beginning of their chain, in its
 * order; the digest of the last one that went stays, with a keyed digest of its
 * own, as that which the first one left has to name.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/request_private.h"

#define CUT "cut"
#define TOP "top"

/* --- where the chain begins --- */

static char *
cut_proof(const struct requests *requests, const char *digest)
{
	struct seal_digest *proof = seal_digest_new(secret_data(requests->key),
	    secret_length(requests->key), "receipt-cut");
	guint8 bytes[32];

	seal_digest_add(proof, digest, strlen(digest));
	seal_digest_end(&proof, bytes, sizeof(bytes));
	return request_hex(bytes, sizeof(bytes));
}

/* "DIGEST:PROOF" */
static char *
cut_text(const struct requests *requests, const char *digest)
{
	g_autofree char *proof = cut_proof(requests, digest);

	return g_strconcat(digest, ":", proof, NULL);
}

char *
request_cut(const struct requests *requests, struct store_txn *txn)
{
	struct store_value value;
	g_autofree char *text = NULL, *whole = NULL;
	char *colon;

	if (!store_get(txn, TABLE_META, CUT, strlen(CUT), &value))
		return g_strdup("");
	text = g_strndup(value.data, value.length);
	colon = strchr(text, ':');
	if (colon == NULL)
		return NULL;
	*colon = '\0';
	whole = cut_text(requests, text);
	return strlen(whole) == value.length &&
		       memcmp(whole, value.data, value.length) == 0
		   ? g_steal_pointer(&text)
		   : NULL;
}

guint64
request_top(struct store_txn *txn)
{
	struct store_value value;
	guint64 top = 0;

	if (store_get(txn, TABLE_META, TOP, strlen(TOP), &value) &&
	    value.length == sizeof(top))
		memcpy(&top, value.data, sizeof(top));
	return GUINT64_FROM_BE(top);
}

/* --- what is there --- */

struct receipts {
	GHashTable *by_previous; /* text -> json_t *, of those that ended */
	GPtrArray *all;          /* json_t * */
};

static void
receipts_clear(struct receipts *receipts)
{
	g_clear_pointer(&receipts->by_previous, g_hash_table_unref);
	g_clear_pointer(&receipts->all, g_ptr_array_unref);
}

static void
drop(gpointer item)
{
	json_decref(item);
}

static const char *
text_of(const json_t *receipt, const char *name)
{
	return json_string_value(json_object_get(receipt, name));
}

static void
read_all(struct store_txn *txn, struct receipts *receipts_r)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_REQUEST, NULL, 0);
	struct store_value key, value;

	receipts_r->all = g_ptr_array_new_with_free_func(drop);
	receipts_r->by_previous = g_hash_table_new(g_str_hash, g_str_equal);
	while (store_cursor_next(cursor, &key, &value)) {
		json_t *one = json_loadb(value.data, value.length, 0, NULL);

		if (one == NULL)
			continue;
		g_ptr_array_add(receipts_r->all, one);
		if (text_of(one, "previous") != NULL)
			g_hash_table_insert(receipts_r->by_previous,
			    (gpointer)text_of(one, "previous"), one);
	}
}

/* Of "2026-11-29T10:00:00Z"; 0 when it is none. */
static gint64
time_of(const json_t *receipt, const char *name)
{
	const char *text = text_of(receipt, name);
	g_autoptr(GDateTime) time =
	    text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	return time != NULL ? g_date_time_to_unix(time) * G_USEC_PER_SEC : 0;
}

/* --- going --- */

static guint64
number_of(const json_t *receipt)
{
	return (guint64)json_integer_value(json_object_get(receipt, "id"));
}

static void
keep_top(struct store_txn *txn, const struct receipts *receipts)
{
	guint64 top = request_top(txn);

	for (guint i = 0; i < receipts->all->len; i++)
		top = MAX(top, number_of(receipts->all->pdata[i]));
	top = GUINT64_TO_BE(top);
	store_put(txn, TABLE_META, TOP, strlen(TOP), &top, sizeof(top));
}

/* From the beginning, as long as they are past and were told to the audit
 * trail. */
static void
cut_chain(struct requests *requests, struct store_txn *txn,
    const struct receipts *receipts, gint64 now, struct kept *kept)
{
	g_autofree char *at = request_cut(requests, txn);
	g_autofree char *text = NULL;
	json_t *one;

	while (at != NULL &&
	       (one = g_hash_table_lookup(receipts->by_previous, at)) != NULL &&
	       kept_is_past(kept, time_of(one, "ended"), now) &&
	       !request_is_untold(txn, number_of(one))) {
		guint64 key = GUINT64_TO_BE(number_of(one));

		(void)store_del(txn, TABLE_REQUEST, &key, sizeof(key));
		json_object_set_new(one, "gone", json_true());
		kept->gone++;
		g_free(at);
		at = g_strdup(text_of(one, "digest"));
	}
	if (kept->gone == 0 || at == NULL)
		return;
	keep_top(txn, receipts);
	text = cut_text(requests, at);
	store_put(txn, TABLE_META, CUT, strlen(CUT), text, strlen(text));
}

static void
count_left(const struct receipts *receipts, gint64 now, struct kept *ended,
    struct kept *open)
{
	for (guint i = 0; i < receipts->all->len; i++) {
		const json_t *one = receipts->all->pdata[i];

		if (json_object_get(one, "gone") != NULL)
			continue;
		if (text_of(one, "ended") != NULL)
			kept_count(ended, time_of(one, "ended"), now, FALSE);
		else
			kept_count(open, time_of(one, "made"), now, FALSE);
	}
}

static gboolean
expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct requests *requests = self;
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, expiry->run, error);
	struct receipts receipts OWNED(receipts_clear) = { 0 };
	struct kept ended = { .kind = "receipts",
		.setting = "audit-retention",
		.keep = kept_setting(expiry->conf, NULL, "audit-retention") };
	struct kept open = { .kind = "requests", .until = "it has ended" };

	if (txn == NULL)
		return FALSE;
	read_all(txn, &receipts);
	if (expiry->run)
		cut_chain(requests, txn, &receipts, expiry->now, &ended);
	if (!store_commit(&txn, error))
		return FALSE;
	if (ended.gone > 0)
		store_owe(requests->store);
	count_left(&receipts, expiry->now, &ended, &open);
	kept_row(&ended, rows);
	kept_row(&open, rows);
	return TRUE;
}

void
requests_add_holder(struct registry *registry, struct requests *requests)
{
	static const char *const claims[] = { "privacy/data.mdb:request",
		"privacy/data.mdb:meta", "privacy/lock.mdb", "privacy/compact/",
		NULL };

	static const char *const kinds[] = {
		"addresses of people in open requests, sealed", NULL
	};

	registry_add(registry, &(struct holder){ .name = "requests",
				   .self = requests,
				   .claims = claims,
				   .kinds = kinds,
				   .find = holder_find_nothing,
				   .erase = holder_erase_nothing,
				   .expire = expire });
}
