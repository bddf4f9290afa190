/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests of people, carried out.
 */
#include "tools/privacy.h"

#include <inttypes.h>

#include "classifier/holder.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/vault_holder.h"
#include "tickets/holders.h"
#include "tools/changes.h"
#include "tools/daybook.h"
#include "tools/records.h"
#include "tools/retain.h"
#include "tools/traces.h"

/* --- holders --- */

/* Whose keys are in use; of a request that is open too. */
static gboolean
add_users(void *self, GHashTable *used, GError **error)
{
	struct keeper *keeper = self;
	g_autoptr(GArray) names = requests_keys(keeper->requests, error);

	for (guint i = 0; names != NULL && i < names->len; i++)
		g_hash_table_add(
		    used, g_memdup2(&g_array_index(names, struct ident, i),
			      sizeof(struct ident)));
	return names != NULL &&
	       ticket_holders_subjects(keeper->holders, used, error);
}

/* --- one request --- */

/* The receipt's digest goes into the audit trail, which is chained and stands
 * elsewhere. */
static gboolean
tell_audit(struct keeper *keeper, guint64 id, GError **error)
{
	json_t *receipt = requests_get(keeper->requests, id, error);
	g_autofree char *object = g_strdup_printf("request %" PRIu64, id);
	const struct audit_act act = { json_string_value(
					   json_object_get(receipt, "actor")),
		json_string_value(json_object_get(receipt, "kind")), object,
		json_string_value(json_object_get(receipt, "digest")) };
	gboolean told =
	    receipt != NULL && audit_add(keeper->audit, &act, error);

	json_decref(receipt);
	return told && requests_told(keeper->requests, id, error);
}

/* Of what ended as the last keeper was stopped. */
static gboolean
tell_rest(struct keeper *keeper, GError **error)
{
	g_autoptr(GArray) ids = requests_untold(keeper->requests, error);

	for (guint i = 0; ids != NULL && i < ids->len; i++)
		if (!tell_audit(keeper, g_array_index(ids, guint64, i), error))
			return FALSE;
	return ids != NULL;
}

/* A round over all holders; *holders_r is the caller's. */
static gboolean
erase_round(struct keeper *keeper, guint64 id, const struct person *person,
    const struct registry_round *round, json_t **holders_r, GError **error)
{
	json_t *request = requests_get(keeper->requests, id, error);
	struct registry_round next = *round;

	*holders_r = NULL;
	if (request == NULL)
		return FALSE;
	next.before = json_object_get(request, "holders");
	*holders_r = registry_erase(keeper->registry, person, &next);
	json_decref(request);
	return requests_put(keeper->requests, id, *holders_r, FALSE, error);
}

/* Wherever it would stand still. */
static gboolean
take_copies(struct keeper *keeper, GError **error)
{
	return traces_remove(keeper, error) &&
	       records_drop_aside(keeper, error) && changes_add(keeper, error);
}

/* Its addresses go first, so that no trace of them is left either.  From here
 * on there is nothing to be asked again, whatever stops us. */
static gboolean
end(struct keeper *keeper, guint64 id, GError **error)
{
	json_t *request;
	gboolean ended;

	if (!requests_blind(keeper->requests, id, error) ||
	    !take_copies(keeper, error) ||
	    !requests_step(keeper->requests, id, REQUEST_COMPACTED, error))
		return FALSE;
	request = requests_get(keeper->requests, id, error);
	ended = request != NULL &&
		requests_put(keeper->requests, id,
		    json_object_get(request, "holders"), TRUE, error);
	json_decref(request);
	return ended && tell_audit(keeper, id, error);
}

/* After a round: as far as it goes.  A desk that takes days does not keep what
 * was erased here readable. */
static gboolean
after_round(struct keeper *keeper, guint64 id, gboolean compacted,
    const json_t *holders, GError **error)
{
	if (registry_settled(keeper->registry, holders, FALSE))
		return end(keeper, id, error);
	if (compacted || !registry_settled(keeper->registry, holders, TRUE))
		return TRUE;
	return requests_step(keeper->requests, id, REQUEST_SETTLED, error) &&
	       take_copies(keeper, error) &&
	       requests_step(keeper->requests, id, REQUEST_COMPACTED, error);
}

static gboolean
is_open(const json_t *request)
{
	return g_strcmp0(json_string_value(json_object_get(request, "state")),
		   "open") == 0;
}

static gboolean
has_ended(struct keeper *keeper, guint64 id)
{
	json_t *request = requests_get(keeper->requests, id, NULL);
	gboolean ended = request != NULL && !is_open(request);

	json_decref(request);
	return ended;
}

/* Of an inbox: nobody else is asked, so one round does it. */
static gboolean
try_inbox(struct keeper *keeper, guint64 id, const json_t *request,
    gint *stopping, GError **error)
{
	const struct registry_round round = {
		.inbox.name =
		    json_string_value(json_object_get(request, "inbox"))
	};
	json_t *holders = NULL;
	gboolean good;

	(void)stopping;
	if (round.inbox.name == NULL ||
	    registry_settled(
		keeper->registry, json_object_get(request, "holders"), FALSE))
		return end(keeper, id, error);
	good = erase_round(keeper, id, NULL, &round, &holders, error) &&
	       (!registry_settled(keeper->registry, holders, FALSE) ||
		   end(keeper, id, error));
	json_decref(holders);
	return good;
}

static gboolean
one_try(struct keeper *keeper, guint64 id, const json_t *request,
    gint *stopping, GError **error)
{
	gboolean compacted = json_object_get(request, "compacted") != NULL;
	const struct registry_round here = { .here_only = TRUE };
	const struct registry_round round = { .stopping = stopping };
	struct person *person OWNED(person_free) = NULL;
	json_t *holders = NULL;
	gboolean good;

	/* Blind: all is erased, and we were stopped in `end`. */
	if (registry_settled(
		keeper->registry, json_object_get(request, "holders"), FALSE))
		return end(keeper, id, error);
	person =
	    requests_person(keeper->requests, id, keeper->own.subject, error);
	if (person == NULL)
		return FALSE;
	/* What is here first, the keys too, whatever a desk takes its time for.
	 */
	good = erase_round(keeper, id, person, &here, &holders, error) &&
	       after_round(keeper, id, compacted, holders, error);
	json_decref(holders);
	if (!good || has_ended(keeper, id))
		return good;
	person->until = requests_until(keeper->requests, id);
	good = erase_round(keeper, id, person, &round, &holders, error) &&
	       (!registry_settled(keeper->registry, holders, FALSE) ||
		   end(keeper, id, error));
	json_decref(holders);
	return good;
}

/* Of what stands from now on: lessons alone are taken back. */
static gboolean
try_lessons(struct keeper *keeper, guint64 id, const json_t *request,
    gint *stopping, GError **error)
{
	const struct registry_round round = { .before = json_object_get(
						  request, "holders"),
		.stopping = stopping };
	struct person *person OWNED(person_free) =
	    requests_person(keeper->requests, id, keeper->own.subject, error);
	json_t *holders;
	gboolean settled, good;

	if (person == NULL)
		return FALSE;
	holders = registry_erase(keeper->lessons, person, &round);
	settled = registry_settled(keeper->lessons, holders, FALSE);
	good = requests_put(keeper->requests, id, holders, settled, error) &&
	       (!settled || tell_audit(keeper, id, error));
	json_decref(holders);
	return good;
}

static gboolean
is_kind(const json_t *request, enum request_kind kind)
{
	return g_strcmp0(json_string_value(json_object_get(request, "kind")),
		   request_kind_word(kind)) == 0;
}

/* TRUE when it has ended. */
static gboolean
go_on(void *self, guint64 id, gint *stopping)
{
	struct keeper *keeper = self;
	g_autoptr(GError) fault = NULL;
	g_autofree char *text = g_strdup_printf("%" PRIu64, id);
	json_t *request = requests_get(keeper->requests, id, &fault);
	gboolean ended;

	if (is_open(request) &&
	    (is_kind(request, REQUEST_ERASE) ? one_try
		: is_kind(request, REQUEST_INBOX)
		    ? try_inbox
		    : try_lessons)(keeper, id, request, stopping, &fault)) {
		json_decref(request);
		request = requests_get(keeper->requests, id, &fault);
	}
	if (fault != NULL)
		log_error(LOG_LEVEL_ERROR, fault, "erase-fault", "request",
		    text, NULL);
	ended = request != NULL && !is_open(request);
	json_decref(request);
	return ended;
}

/* Nothing is erased here: the model's lessons of who asks are not committed
 * yet, and a receipt must not be there before what it tells of. */
json_t *
privacy_erase(
    struct keeper *keeper, const struct request_wish *wish, GError **error)
{
	guint64 id;

	if (!requests_add(keeper->requests, wish, &id, error))
		return NULL;
	privacy_run_add(keeper->run, id);
	return requests_get(keeper->requests, id, error);
}

json_t *
privacy_begin(struct keeper *keeper, const struct request_wish *wish,
    const json_t *holders, GError **error)
{
	guint64 id;

	if (!requests_add(keeper->requests, wish, &id, error) ||
	    !requests_put(keeper->requests, id, holders, FALSE, error))
		return NULL;
	privacy_run_add(keeper->run, id);
	return requests_get(keeper->requests, id, error);
}

json_t *
privacy_record(struct keeper *keeper, const struct request_wish *wish,
    const json_t *holders, GError **error)
{
	guint64 id;

	if (!requests_add(keeper->requests, wish, &id, error) ||
	    !requests_put(keeper->requests, id, holders, TRUE, error) ||
	    !tell_audit(keeper, id, error))
		return NULL;
	return requests_get(keeper->requests, id, error);
}

json_t *
privacy_note(
    struct keeper *keeper, const struct request_wish *wish, GError **error)
{
	guint64 id;

	if (!requests_add(keeper->requests, wish, &id, error) ||
	    !changes_add(keeper, error))
		return NULL;
	return requests_get(keeper->requests, id, error);
}

json_t *
privacy_decide(struct keeper *keeper, guint64 id,
    enum request_decision decision, const char *reason, GError **error)
{
	if (!requests_decide(keeper->requests, id, decision, reason, error) ||
	    (decision != REQUEST_EXTENDED && !tell_audit(keeper, id, error)))
		return NULL;
	return requests_get(keeper->requests, id, error);
}

gboolean
privacy_count(struct keeper *keeper, json_t *counts, GError **error)
{
	json_t *open = requests_list(keeper->requests, TRUE, error), *one;
	int overdue = 0;
	size_t i;

	if (open == NULL)
		return FALSE;
	json_array_foreach(open, i, one) overdue +=
	    json_is_true(json_object_get(one, "overdue"));
	json_object_set_new(
	    counts, "open", json_integer((json_int_t)json_array_size(open)));
	json_object_set_new(counts, "overdue", json_integer(overdue));
	json_decref(open);
	return TRUE;
}

/* --- all of them --- */

static gboolean
add_open(struct keeper *keeper, GError **error)
{
	json_t *open = requests_list(keeper->requests, TRUE, error), *one;
	size_t i;

	if (open == NULL)
		return FALSE;
	json_array_foreach(open, i, one)
	{
		if ((is_kind(one, REQUEST_ERASE) ||
			is_kind(one, REQUEST_INBOX) ||
			is_kind(one, REQUEST_RESTRICT) ||
			is_kind(one, REQUEST_OBJECT)) &&
		    !json_is_true(json_object_get(one, "by_hand")))
			privacy_run_add(
			    keeper->run, (guint64)json_integer_value(
					     json_object_get(one, "id")));
	}
	json_decref(open);
	return TRUE;
}

gboolean
privacy_start(struct keeper *keeper, GError **error)
{
	return tell_rest(keeper, error) && add_open(keeper, error) &&
	       privacy_run_start(keeper->run, error) &&
	       retain_start(keeper->retain, error);
}

void
privacy_stop(struct keeper *keeper)
{
	retain_stop(keeper->retain);
	privacy_run_stop(keeper->run);
}

void
privacy_settle(struct keeper *keeper)
{
	privacy_run_settle(keeper->run);
	retain_settle(keeper->retain);
}

void
privacy_tell(struct keeper *keeper, json_t *request, json_t *answer)
{
	guint64 id =
	    (guint64)json_integer_value(json_object_get(request, "id"));
	gboolean busy = privacy_run_busy(keeper->run, id);
	/* It may have ended since it was read. */
	json_t *now = busy ? NULL : requests_get(keeper->requests, id, NULL);

	json_object_set(answer, "request", now != NULL ? now : request);
	json_object_set_new(answer, "busy", json_boolean(busy));
	json_decref(now);
	json_decref(request);
}

static void
add_holders(struct keeper *keeper)
{
	keeper->registry = registry_new();
	suppress_holder_add(keeper->registry, keeper->suppress);
	keeper->holders = ticket_holders_new(keeper->registry, keeper->deliver,
	    &keeper->vaulted, keeper->ledger, keeper->own.subject,
	    keeper->paths.state);
	standings_add_holder(keeper->registry, keeper->standings);
	holder_add_model(keeper->registry, keeper->faculty);
	requests_add_holder(keeper->registry, keeper->requests);
	audit_add_holder(keeper->registry, keeper->audit);
	records_add_holder(keeper);
	/* Last: what opens all the others. */
	vault_holder_add(keeper->registry, keeper->vault);
}

gboolean
privacy_open(struct keeper *keeper, GError **error)
{
	gint64 keep = conf_duration(conf_global(keeper->conf), "backup-keep");

	keeper->suppress = suppress_open(keeper->paths.erased,
	    keeper->own.ledger, daybook_latest(keeper->daybook),
	    daybook_clock(keeper->daybook), keep * G_USEC_PER_SEC, error);
	if (keeper->suppress == NULL)
		return FALSE;
	keeper->lessons = registry_new();
	holder_add_model(keeper->lessons, keeper->faculty);
	keeper->requests = requests_open(keeper->paths.privacy,
	    keeper->own.ledger, keeper->vault, &clock_system, error);
	if (keeper->requests == NULL)
		return FALSE;
	add_holders(keeper);
	keeper->run = privacy_run_new(&(struct privacy_work){ go_on, keeper });
	keeper->retain = retain_new(keeper);
	vault_set_users(
	    keeper->vault, &(struct vault_users){ add_users, keeper, FALSE });
	return TRUE;
}

void
privacy_alone(struct keeper *keeper)
{
	vault_set_users(
	    keeper->vault, &(struct vault_users){ add_users, keeper, TRUE });
}

void
privacy_close(struct keeper *keeper)
{
	retain_free(&keeper->retain);
	privacy_run_free(&keeper->run);
	requests_close(&keeper->requests);
	registry_free(&keeper->registry);
	registry_free(&keeper->lessons);
	suppress_close(&keeper->suppress);
	ticket_holders_free(&keeper->holders);
}
