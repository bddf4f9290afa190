/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restriction and objection, carried out.
 */
#include "tools/rights.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"
#include "tools/changes.h"
#include "tools/privacy.h"

/* --- lessons --- */

#define RESTRICTED \
	"its sender has restricted the use of his data: \"privacy restrict " \
	"--lift\" ends that"
#define OBJECTED \
	"its sender has objected to lessons of his mail: \"privacy object " \
	"--lift\" ends that"

#define NO_CONSENT \
	"lessons for this inbox need its sender's consent: \"privacy consent " \
	"grant\" writes it down"

/* The section of an inbox, or of an address of it; NULL when there is none. */
static const struct conf_section *
inbox_of(const struct keeper *keeper, const char *inbox)
{
	for (guint i = 0;
	     inbox != NULL && i < conf_count(keeper->conf, "inbox"); i++) {
		const struct conf_section *section =
		    conf_at(keeper->conf, "inbox", i);
		const char *title = conf_title(section);

		if (g_ascii_strcasecmp(title, inbox) == 0 ||
		    addr_is_inbox(inbox, title))
			return section;
	}
	return NULL;
}

static gboolean
check_consent(struct keeper *keeper, const char *const *people,
    const char *inbox, const char **why_r, GError **error)
{
	const struct conf_section *section = inbox_of(keeper, inbox);
	struct ident subject;
	struct consent consent = { 0 };

	if (section == NULL || !conf_flag(section, "learn-needs-consent"))
		return TRUE;
	if (people[0] != NULL &&
	    subject_ident(keeper->own.subject, people[0], &subject) &&
	    !standings_consent(keeper->standings, &subject, conf_title(section),
		&consent, error))
		return FALSE;
	if (!consent_holds(&consent))
		*why_r = NO_CONSENT;
	return TRUE;
}

static gboolean
bars(void *self, const char *const *people, const char *inbox,
    const char **why_r, GError **error)
{
	struct keeper *keeper = self;

	if (!check_consent(keeper, people, inbox, why_r, error))
		return FALSE;
	for (guint i = 0; i < MODEL_PEOPLE; i++) {
		struct standing standing;

		if (!standings_of(keeper->standings, keeper->own.subject,
			people[i], &standing, error))
			return FALSE;
		if (standing.restricted != 0)
			*why_r = RESTRICTED;
		else if (standing.objected != 0)
			*why_r = OBJECTED;
	}
	return TRUE;
}

void
rights_guard_lessons(struct keeper *keeper)
{
	const struct faculty_guard guard = { bars, keeper };

	faculty_set_guard(keeper->faculty, &guard);
}

#define NAME_MOST 256 /* bytes */

/* --- what stands --- */

/* Of one address; what else stands of it stays. */
static gboolean
change_one(struct keeper *keeper, const struct ident *subject,
    enum request_kind kind, const struct rights_change *change, GError **error)
{
	gint64 now = change->lift ? 0 : clock_wall(&clock_system);
	struct standing standing;

	if (!standings_get(keeper->standings, subject, &standing, error))
		return FALSE;
	if (kind == REQUEST_OBJECT) {
		standing.objected = now;
	} else {
		standing.restricted = now;
		standing.hold = change->hold && !change->lift;
	}
	return standings_put(keeper->standings, subject, &standing, error);
}

static gboolean
change_standing(struct keeper *keeper, const struct request_wish *wish,
    const struct rights_change *change, GError **error)
{
	const GArray *subjects = wish->person->subjects;

	for (guint i = 0; i < subjects->len; i++)
		if (!change_one(keeper,
			&g_array_index(subjects, struct ident, i), wish->kind,
			change, error))
			return FALSE;
	return TRUE;
}

static gboolean
take_back(struct keeper *keeper, const struct person *person, guint *taken_r,
    GError **error)
{
	*taken_r = 0;
	for (guint i = 0; i < person->addresses->len; i++) {
		g_autoptr(GError) fault = NULL;
		guint taken = 0;

		if (!faculty_take_back_person(keeper->faculty,
			person->addresses->pdata[i], &taken, &fault) &&
		    !err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		*taken_r += fault == NULL ? taken : 0;
	}
	return TRUE;
}

json_t *
rights_stand(struct keeper *keeper, const struct request_wish *wish,
    const struct rights_change *change, GError **error)
{
	json_t *holders, *request;

	/* First what bars lessons, or one could come in between. */
	if (!change_standing(keeper, wish, change, error) ||
	    !changes_add(keeper, error))
		return NULL;
	holders = json_pack("[{s:s, s:s, s:s}]", "holder", "standing",
	    "outcome", "done", "words",
	    change->lift   ? "lifted"
	    : change->hold ? "new mail is held"
			   : "");
	request = (change->lift ? privacy_record : privacy_begin)(
	    keeper, wish, holders, error);
	json_decref(holders);
	return request;
}

/* --- a name --- */

json_t *
rights_rectify(struct keeper *keeper, const struct request_wish *wish,
    const char *name, GError **error)
{
	json_t *holders, *receipt;

	if (name[0] == '\0' || strlen(name) > NAME_MOST) {
		err_set(
		    error, DG_ERROR_BAD, "a name has 1 to %d bytes", NAME_MOST);
		return NULL;
	}
	holders = registry_rectify(keeper->registry, wish->person, name, error);
	receipt = holders == NULL
		      ? NULL
		      : privacy_record(keeper, wish, holders, error);
	json_decref(holders);
	return receipt;
}

/* --- consent --- */

static const struct conf_section *
consent_inbox(struct keeper *keeper, const char *name, GError **error)
{
	const struct conf_section *section = inbox_of(keeper, name);

	if (name == NULL && conf_count(keeper->conf, "inbox") == 1)
		return conf_at(keeper->conf, "inbox", 0);
	if (section == NULL)
		err_set(error, DG_ERROR_BAD,
		    name == NULL ? "say for which inbox (--inbox)"
				 : "there is no such inbox");
	return section;
}

/* Of one address. */
static gboolean
say_consent(struct keeper *keeper, const struct ident *subject,
    const char *inbox, const struct rights_consent *wish, GError **error)
{
	struct consent said = { 0 };

	*(wish->withdraw ? &said.withdrawn : &said.granted) =
	    clock_wall(&clock_system);
	if (!wish->withdraw && wish->version != NULL)
		g_strlcpy(said.version, wish->version, sizeof(said.version));
	return standings_say_consent(
	    keeper->standings, subject, inbox, &said, error);
}

gboolean
rights_consent(
    struct keeper *keeper, const struct rights_consent *wish, GError **error)
{
	const struct conf_section *section =
	    consent_inbox(keeper, wish->inbox, error);
	const GArray *subjects = wish->person->subjects;
	struct audit_act act = { .actor = wish->actor,
		.act = wish->withdraw ? "consent-withdraw" : "consent-grant",
		/* An inbox is an address, which the trail has none of. */
		.object = "inbox",
		.outcome = "done" };
	guint taken;

	if (section == NULL)
		return FALSE;
	if (wish->version != NULL &&
	    strlen(wish->version) >= CONSENT_VERSION_MOST)
		return err_set(error, DG_ERROR_BAD,
		    "a version has %d bytes at most", CONSENT_VERSION_MOST - 1);
	for (guint i = 0; i < subjects->len; i++)
		if (!say_consent(keeper,
			&g_array_index(subjects, struct ident, i),
			conf_title(section), wish, error))
			return FALSE;
	if (wish->withdraw && !changes_add(keeper, error))
		return FALSE;
	return (!wish->withdraw || !conf_flag(section, "learn-needs-consent") ||
		   take_back(keeper, wish->person, &taken, error)) &&
	       audit_add(keeper->audit, &act, error);
}

/* --- what is hidden --- */

static gboolean
is_asked_for(const struct control_request *request)
{
	return json_is_true(json_object_get(request->body, "restricted"));
}

/* What cannot be looked up is hidden. */
gboolean
rights_hide(struct keeper *keeper, const struct ident *subject,
    const struct control_request *request)
{
	struct standing standing;

	return !is_asked_for(request) &&
	       (!standings_get(keeper->standings, subject, &standing, NULL) ||
		   standing.restricted != 0);
}

static gboolean
is_restricted(struct keeper *keeper, const json_t *person)
{
	const char *address =
	    json_string_value(json_object_get(person, "address"));
	struct standing standing;

	return !standings_of(keeper->standings, keeper->own.subject, address,
		   &standing, NULL) ||
	       standing.restricted != 0;
}

static void
blank(json_t *object, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (json_object_get(object, *names) != NULL)
			json_object_set_new(object, *names, json_null());
	}
	json_object_set_new(object, "restricted", json_true());
}

static void
hide_ticket(struct keeper *keeper, json_t *ticket)
{
	static const char *const of_ticket[] = { "subject", "requester",
		"followers", NULL };
	static const char *const of_message[] = { "from", "text", "quoted",
		"html", "message_id", "attachments", NULL };
	gboolean all =
	    is_restricted(keeper, json_object_get(ticket, "requester"));
	json_t *message;
	size_t i;

	json_array_foreach(json_object_get(ticket, "messages"), i, message)
	{
		if (is_restricted(keeper, json_object_get(message, "from")))
			blank(message, of_message);
	}
	if (all)
		blank(ticket, of_ticket);
}

void
rights_hide_tickets(struct keeper *keeper,
    const struct control_request *request, json_t *tickets)
{
	json_t *ticket;
	size_t i;

	if (is_asked_for(request))
		return;
	if (json_is_object(tickets))
		hide_ticket(keeper, tickets);
	json_array_foreach(tickets, i, ticket) hide_ticket(keeper, ticket);
}

void
rights_drop_tickets(struct keeper *keeper,
    const struct control_request *request, json_t *tickets)
{
	if (is_asked_for(request))
		return;
	for (size_t i = json_array_size(tickets); i > 0; i--) {
		const json_t *ticket = json_array_get(tickets, i - 1);

		if (is_restricted(keeper, json_object_get(ticket, "requester")))
			json_array_remove(tickets, i - 1);
	}
}
