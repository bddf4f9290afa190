/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long what stands of people is kept: a restriction or an objection until
 * it is lifted, consent as long as it holds.  What is left of a consent that
 * was withdrawn, and of a notice without one, is proof, and as old as the audit
 * trail becomes.
 */
#include "lib/privacy/standing_private.h"

#include "lib/base/owned.h"

struct standing_count {
	struct kept standing, holding, ended;
	GPtrArray *past; /* GBytes *: keys of consents */
};

static gint64
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void
count_standing(struct store_txn *txn, gint64 now, struct standing_count *count)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_STANDING, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		json_t *record = json_loadb(value.data, value.length, 0, NULL);

		kept_count(&count->standing,
		    MAX(number(record, "restricted"),
			number(record, "objected")),
		    now, FALSE);
		json_decref(record);
	}
}

static void
count_consents(struct store_txn *txn, const struct holder_expiry *expiry,
    struct standing_count *count)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_CONSENT, NULL, 0);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		struct consent consent = { 0 };
		gint64 ended;

		standings_read_consent(&value, &consent);
		ended = MAX(consent.withdrawn, consent.noticed);
		if (consent_holds(&consent))
			kept_count(&count->holding, consent.granted,
			    expiry->now, FALSE);
		else if (expiry->run &&
			 kept_is_past(&count->ended, ended, expiry->now))
			g_ptr_array_add(
			    count->past, g_bytes_new(key.data, key.length));
		else
			kept_count(&count->ended, ended, expiry->now, FALSE);
	}
}

static void
remove_past(struct standings *standings, struct store_txn *txn,
    struct standing_count *count)
{
	for (guint i = 0; i < count->past->len; i++) {
		gsize length;
		const void *key =
		    g_bytes_get_data(count->past->pdata[i], &length);

		count->ended.gone += store_del(txn, TABLE_CONSENT, key, length);
	}
	if (count->past->len > 0)
		store_owe(standings->store);
}

gboolean
standings_expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct standings *standings = self;
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, expiry->run, error);
	g_autoptr(GPtrArray) past =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct standing_count count = {
		{ .kind = "standing", .until = "it is lifted" },
		{ .kind = "consents", .until = "it is withdrawn" },
		{ .kind = "consents-ended",
		    .setting = "audit-retention",
		    .keep =
			kept_setting(expiry->conf, NULL, "audit-retention") },
		past,
	};

	if (txn == NULL)
		return FALSE;
	count_standing(txn, expiry->now, &count);
	count_consents(txn, expiry, &count);
	remove_past(standings, txn, &count);
	if (!store_commit(&txn, error))
		return FALSE;
	kept_row(&count.standing, rows);
	kept_row(&count.holding, rows);
	kept_row(&count.ended, rows);
	return TRUE;
}
