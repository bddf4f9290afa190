/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the rights beside erasure (GDPR Articles 15 to 21).
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tools/keeper.h"
#include "tools/privacy.h"
#include "tools/privacy_export.h"
#include "tools/rights.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

/* {addresses: [...], identity, notes?: bool, data?: bool} -> {request: {...}} +
 * the archive, or with `data` data.json alone */
gboolean
verb_privacy_export(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const json_t *body = request->body;
	struct person *person OWNED(person_free) = person_new(
	    keeper->own.subject, json_object_get(body, "addresses"), error);
	struct export_wish wish = {
		.request = { .kind = REQUEST_ACCESS,
		    .actor = request->actor,
		    .person = person },
		.notes = json_is_true(json_object_get(body, "notes")),
		.data_only = json_is_true(json_object_get(body, "data")),
	};
	json_t *receipt = NULL;

	if (person == NULL)
		return FALSE;
	wish.request.identity = verb_text(request, "identity", error);
	if (wish.request.identity == NULL)
		return FALSE;
	answer->fds[0] = privacy_export(keeper, &wish, &receipt, error);
	if (answer->fds[0] < 0)
		return FALSE;
	answer->n_fds = 1;
	json_object_set_new(answer->body, "request", receipt);
	return TRUE;
}

static gboolean
stand(struct keeper *keeper, enum request_kind kind,
    const struct control_request *request, struct control_answer *answer,
    GError **error)
{
	const json_t *body = request->body;
	struct person *person OWNED(person_free) = person_new(
	    keeper->own.subject, json_object_get(body, "addresses"), error);
	struct request_wish wish = {
		.kind = kind, .actor = request->actor, .person = person
	};
	const struct rights_change change = {
		.lift = json_is_true(json_object_get(body, "lift")),
		.hold = json_is_true(json_object_get(body, "hold")),
	};
	json_t *receipt;

	if (person == NULL)
		return FALSE;
	wish.identity = verb_text(request, "identity", error);
	receipt = wish.identity == NULL
		      ? NULL
		      : rights_stand(keeper, &wish, &change, error);
	if (receipt == NULL)
		return FALSE;
	privacy_tell(keeper, receipt, answer->body);
	return TRUE;
}

/* {addresses: [...], identity, lift?: true, hold?: true} -> {request: {...},
 * busy}: as it stands */
gboolean
verb_privacy_restrict(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return stand(self, REQUEST_RESTRICT, request, answer, error);
}

/* {addresses: [...], identity, lift?: true} -> {request: {...},
 * busy}: as it stands */
gboolean
verb_privacy_object(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return stand(self, REQUEST_OBJECT, request, answer, error);
}

/* {addresses: [...], identity, name} -> {request: {...}} */
gboolean
verb_privacy_rectify(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct person *person OWNED(person_free) =
	    person_new(keeper->own.subject,
		json_object_get(request->body, "addresses"), error);
	struct request_wish wish = { .kind = REQUEST_RECTIFY,
		.actor = request->actor,
		.person = person };
	const char *name =
	    person == NULL ? NULL : verb_text(request, "name", error);
	json_t *receipt;

	if (name == NULL)
		return FALSE;
	wish.identity = verb_text(request, "identity", error);
	receipt = wish.identity == NULL
		      ? NULL
		      : rights_rectify(keeper, &wish, name, error);
	if (receipt == NULL)
		return FALSE;
	json_object_set_new(answer->body, "request", receipt);
	return TRUE;
}

/* --- requests that a person carries out --- */

static gboolean
parse_kind(const char *word, enum request_kind *kind_r, GError **error)
{
	for (guint kind = 0; kind < REQUEST_KINDS; kind++) {
		if (kind != REQUEST_INBOX &&
		    g_strcmp0(word, request_kind_word(kind)) == 0) {
			*kind_r = kind;
			return TRUE;
		}
	}
	return err_set(error, DG_ERROR_BAD,
	    "\"%s\" is no kind of request; there is access, rectify, erase, "
	    "restrict, object",
	    word);
}

/* {kind, addresses: [...], identity} -> {request: {...}} */
gboolean
verb_privacy_note(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct person *person OWNED(person_free) =
	    person_new(keeper->own.subject,
		json_object_get(request->body, "addresses"), error);
	struct request_wish wish = {
		.actor = request->actor, .person = person, .by_hand = TRUE
	};
	const char *kind =
	    person == NULL ? NULL : verb_text(request, "kind", error);
	json_t *noted;

	if (kind == NULL || !parse_kind(kind, &wish.kind, error))
		return FALSE;
	wish.identity = verb_text(request, "identity", error);
	noted =
	    wish.identity == NULL ? NULL : privacy_note(keeper, &wish, error);
	if (noted == NULL)
		return FALSE;
	json_object_set_new(answer->body, "request", noted);
	return TRUE;
}

/* {id, decision: extend|refuse|done, reason?} -> {request: {...}} */
gboolean
verb_privacy_decide(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	static const char *const words[] = { [REQUEST_EXTENDED] = "extend",
		[REQUEST_REFUSED] = "refuse",
		[REQUEST_MET] = "done" };
	const json_t *body = request->body;
	const char *word = verb_text(request, "decision", error);
	guint64 id = (guint64)json_integer_value(json_object_get(body, "id"));
	json_t *decided = NULL;
	guint decision = 0;

	if (word == NULL)
		return FALSE;
	while (decision < G_N_ELEMENTS(words) &&
	       strcmp(word, words[decision]) != 0)
		decision++;
	if (decision == G_N_ELEMENTS(words))
		return err_set(error, DG_ERROR_BAD,
		    "a request is extended, refused or done");
	decided = privacy_decide(self, id, decision,
	    json_string_value(json_object_get(body, "reason")), error);
	if (decided == NULL)
		return FALSE;
	json_object_set_new(answer->body, "request", decided);
	return TRUE;
}

/* {addresses: [one], decision: grant|withdraw|show, inbox?, version?} ->
 * {consents: [...]} as they are now */
gboolean
verb_privacy_consent(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const json_t *body = request->body;
	struct person *person OWNED(person_free) = person_new(
	    keeper->own.subject, json_object_get(body, "addresses"), error);
	const char *word =
	    person == NULL ? NULL : verb_text(request, "decision", error);
	const struct rights_consent wish = {
		.person = person,
		.inbox = json_string_value(json_object_get(body, "inbox")),
		.version = json_string_value(json_object_get(body, "version")),
		.actor = request->actor,
		.withdraw = g_strcmp0(word, "withdraw") == 0,
	};
	json_t *consents;

	if (word == NULL ||
	    !(strcmp(word, "show") == 0
		    ? wayback_search(keeper, request, person->subjects, error)
		    : rights_consent(keeper, &wish, error)))
		return FALSE;
	consents = standings_consents(keeper->standings, person, error);
	if (consents == NULL)
		return FALSE;
	json_object_set_new(answer->body, "consents", consents);
	return TRUE;
}
