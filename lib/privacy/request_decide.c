/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people decide of requests.
 */
#include "lib/privacy/request_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

/* Article 12(3): "by two further months where necessary". */
#define MONTHS_MORE 2

static gboolean
check_reason(enum request_decision decision, const char *reason, GError **error)
{
	if (reason == NULL || reason[0] == '\0')
		return decision == REQUEST_MET ||
		       err_set(error, DG_ERROR_BAD,
			   "say why, as the person is to be told within a "
			   "month of his request");
	if (strlen(reason) > REQUEST_REASON_MOST ||
	    !g_utf8_validate(reason, -1, NULL))
		return err_set(error, DG_ERROR_BAD,
		    "a reason is a text in UTF-8 of %d bytes at most",
		    REQUEST_REASON_MOST);
	return TRUE;
}

static gboolean
extend(json_t *request, const char *reason, GError **error)
{
	const char *text = json_string_value(json_object_get(request, "due"));
	g_autoptr(GDateTime) due =
	    text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;
	g_autoptr(GDateTime) later =
	    due != NULL ? g_date_time_add_months(due, MONTHS_MORE) : NULL;
	g_autofree char *later_text = NULL;

	if (later == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "the request's date is damaged");
	if (json_object_get(request, "extended") != NULL)
		return err_set(error, DG_ERROR_BAD,
		    "it was extended before, and can be once");
	later_text = clock_text(g_date_time_to_unix(later) * G_USEC_PER_SEC);
	json_object_set_new(request, "extended", json_string(reason));
	json_object_set_new(request, "due", json_string(later_text));
	return TRUE;
}

/* Done or refused: that is a receipt. */
static gboolean
finish(struct requests *requests, struct store_txn *txn, json_t *request,
    enum request_decision decision, const char *reason, GError **error)
{
	if (!json_is_true(json_object_get(request, "by_hand")))
		return err_set(error, DG_ERROR_BAD,
		    "it is being carried out: it ends by itself");
	if (decision == REQUEST_REFUSED)
		json_object_set_new(request, "refused", json_string(reason));
	else
		json_object_set_new(request, "holders",
		    json_pack("[{s:s, s:s, s:s}]", "holder", "by hand",
			"outcome", "done", "words",
			reason != NULL ? reason : ""));
	request_end(requests, txn, request);
	return TRUE;
}

gboolean
requests_decide(struct requests *requests, guint64 id,
    enum request_decision decision, const char *reason, GError **error)
{
	struct store_txn *txn OWNED(store_abort) = NULL;
	json_t *request;
	gboolean good;

	if (!check_reason(decision, reason, error))
		return FALSE;
	txn = store_begin(requests->store, TRUE, error);
	request = txn == NULL ? NULL : request_get_open(txn, id, error);
	if (request == NULL)
		return FALSE;
	good = decision == REQUEST_EXTENDED
		   ? extend(request, reason, error)
		   : finish(requests, txn, request, decision, reason, error);
	if (good)
		request_keep(txn, id, request);
	json_decref(request);
	return good && store_commit(&txn, error) &&
	       (decision == REQUEST_EXTENDED ||
		   request_forget_key(requests, id, error));
}
