/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far a request that is open has come.
 */
#include "lib/privacy/request_private.h"

#include "lib/base/owned.h"

gboolean
requests_blind(struct requests *requests, guint64 id, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, TRUE, error);
	json_t *request = txn == NULL ? NULL : request_get_open(txn, id, error);

	if (request == NULL)
		return FALSE;
	json_object_del(request, "sealed");
	request_keep(txn, id, request);
	json_decref(request);
	return store_commit(&txn, error) &&
	       request_forget_key(requests, id, error);
}

gboolean
requests_step(struct requests *requests, guint64 id, enum request_step step,
    GError **error)
{
	static const char *const names[] = { "settled", "compacted" };
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(requests->store, TRUE, error);
	json_t *request = txn == NULL ? NULL : request_get_open(txn, id, error);
	g_autofree char *now = clock_text(clock_wall(requests->clock));

	if (request == NULL)
		return FALSE;
	if (step != REQUEST_SETTLED ||
	    json_object_get(request, names[step]) == NULL)
		json_object_set_new(request, names[step], json_string(now));
	request_keep(txn, id, request);
	json_decref(request);
	return store_commit(&txn, error);
}

gint64
requests_until(struct requests *requests, guint64 id)
{
	json_t *request = requests_get(requests, id, NULL);
	const char *text =
	    json_string_value(json_object_get(request, "settled"));
	g_autoptr(GDateTime) time =
	    text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	json_decref(request);
	return time != NULL ? g_date_time_to_unix(time) * G_USEC_PER_SEC
			    : clock_wall(requests->clock);
}
