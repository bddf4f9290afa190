/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of what people can ask of their data.
 */
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tools/keeper.h"
#include "tools/breach.h"
#include "tools/job.h"
#include "tools/privacy.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

static struct person *
request_person(struct keeper *keeper, const struct control_request *request,
    GError **error)
{
	return person_new(keeper->own.subject,
	    json_object_get(request->body, "addresses"), error);
}

/* {addresses: [...]} -> {holders: [{holder, ...counts}]} */
gboolean
verb_privacy_find(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct person *person OWNED(person_free) =
	    request_person(keeper, request, error);
	json_t *found;

	if (person == NULL ||
	    !wayback_search(keeper, request, person->subjects, error))
		return FALSE;
	found = registry_find(keeper->registry, person, error);
	if (found == NULL)
		return FALSE;
	json_object_set_new(answer->body, "holders", found);
	return TRUE;
}

/* {} -> {holders: [{holder, claims: [...], exports}]} */
gboolean
verb_privacy_holders(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	(void)request, (void)error;
	json_object_set_new(
	    answer->body, "holders", registry_list(keeper->registry));
	return TRUE;
}

/* {addresses: [...], identity} -> {request: {...}, busy}: as it stands */
gboolean
verb_privacy_erase(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct person *person OWNED(person_free) =
	    request_person(keeper, request, error);
	struct request_wish wish = {
		.kind = REQUEST_ERASE,
		.actor = request->actor,
		.person = person,
	};
	json_t *receipt;

	if (person == NULL)
		return FALSE;
	wish.identity = verb_text(request, "identity", error);
	receipt =
	    wish.identity == NULL ? NULL : privacy_erase(keeper, &wish, error);
	if (receipt == NULL)
		return FALSE;
	privacy_tell(keeper, receipt, answer->body);
	return TRUE;
}

/* {all?: true} -> {requests: [...]}, those that are open without it */
gboolean
verb_privacy_requests(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	gboolean all = json_is_true(json_object_get(request->body, "all"));
	json_t *list = requests_list(keeper->requests, !all, error);

	if (list == NULL)
		return FALSE;
	json_object_set_new(answer->body, "requests", list);
	return TRUE;
}

/* {id} -> {request: {...}, busy, whole, fault}; of one that is open without the
 * last two */
gboolean
verb_privacy_receipt(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	json_int_t id =
	    json_integer_value(json_object_get(request->body, "id"));
	json_t *receipt = requests_get(keeper->requests, (guint64)id, error);
	char fault[REQUEST_FAULT_BYTES];
	gboolean whole;

	if (receipt == NULL)
		return FALSE;
	privacy_tell(keeper, receipt, answer->body);
	receipt = json_object_get(answer->body, "request");
	if (json_object_get(receipt, "digest") == NULL)
		return TRUE;
	if (!requests_verify(
		keeper->requests, (guint64)id, &whole, fault, error))
		return FALSE;
	json_object_set_new(answer->body, "whole", json_boolean(whole));
	json_object_set_new(answer->body, "fault", json_string(fault));
	return TRUE;
}

/* {} -> as vault-status */
gboolean
verb_vault_rotate(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	if (!job_begin(keeper->rotation, error))
		return FALSE;
	wayback_act(keeper, request, "vault-rotate", NULL);
	json_object_set_new(answer->body, "busy", json_true());
	return TRUE;
}

/* {} -> {busy, keys}: at the end how many were wrapped anew; the error of one
 * that failed */
gboolean
verb_vault_status(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	gboolean busy = job_is_busy(keeper->rotation);
	json_t *report = busy ? NULL : job_report(keeper->rotation, error);

	(void)request;
	if (!busy && report == NULL)
		return FALSE;
	json_object_set_new(answer->body, "busy", json_boolean(busy));
	if (report != NULL)
		json_object_update(answer->body, report);
	return TRUE;
}

static gboolean
optional_time(const struct control_request *request, const char *name,
    gboolean last, gint64 *wall_r, GError **error)
{
	const char *text =
	    json_string_value(json_object_get(request->body, name));

	*wall_r = clock_wall(&clock_system);
	return text == NULL || breach_time(text, last, wall_r, error);
}

/* {since, until?, known?, holders?: [...]} -> {breach: {...}} */
gboolean
verb_privacy_breach(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct breach_wish wish = { .holders = json_object_get(
					request->body, "holders") };
	const char *since = verb_text(request, "since", error);
	json_t *breach;

	if (since == NULL || !breach_time(since, FALSE, &wish.since, error) ||
	    !optional_time(request, "until", TRUE, &wish.until, error) ||
	    !optional_time(request, "known", FALSE, &wish.known, error))
		return FALSE;
	breach = breach_tell(keeper, &wish, error);
	if (breach == NULL)
		return FALSE;
	json_object_set_new(answer->body, "breach", breach);
	return wayback_look(keeper, request, "breach", error);
}
