/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our own mail: what goes out, and what comes back.
 */
#include "tickets/deliver_sort.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/privacy/subject.h"
#include "tickets/post.h"
#include "tickets/thread.h"
#include "tickets/token.h"

#define PEOPLE_MOST 41

gboolean
delivery_is_inbox(const struct delivery *delivery, const char *address)
{
	const struct conf *conf = delivery->deliver->world.conf;

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const char *title = conf_title(conf_at(conf, "inbox", i));

		if (title[0] != '@' && addr_is_inbox(address, title))
			return TRUE;
	}
	return g_ascii_strcasecmp(address, delivery->entry->recipient) == 0;
}

/* Of any desk of ours: mail goes from one to another too. */
static gboolean
is_proven(const struct delivery *delivery, const char *token)
{
	const struct deliver *deliver = delivery->deliver;
	char ticket[TOKEN_TICKET_MAX];

	for (guint i = 0; token != NULL && i < deliver->lanes->len; i++) {
		const struct lane *lane = deliver->lanes->pdata[i];

		if (token_proves(
			deliver->world.subject_key, lane->name, token, ticket))
			return TRUE;
	}
	return FALSE;
}

/* The field as we write it. */
static gboolean
is_own_loop(const struct delivery *delivery)
{
	const char *given = delivery->ticket->origin.loop;
	g_autofree char *ours = post_loop(delivery->deliver);

	return given != NULL &&
	       secret_equal(given, strlen(given), ours, strlen(ours));
}

static gboolean
dmarc_holds(const struct delivery *delivery)
{
	const struct conf_section *inbox = conf_find(
	    delivery->deliver->world.conf, "inbox", delivery->entry->inbox);

	return inbox != NULL &&
	       strcmp(conf_string(inbox, "dmarc-fail"), "quarantine") == 0;
}

enum delivery_sort
delivery_sort(struct delivery *delivery, char **reason_r)
{
	const struct ticket *ticket = delivery->ticket;
	const struct origin *origin = &ticket->origin;
	const struct envelope *envelope = delivery->entry->envelope;

	if (delivery->entry->action == ENTRY_OUTGOING)
		return SORT_OUTGOING;
	if (entry_teaches(delivery->entry))
		return SORT_TEACH;
	if (delivery->record.released)
		return SORT_MAIL;
	if (is_proven(delivery, origin->own) || is_own_loop(delivery))
		return SORT_LOOP;
	if (origin->loop != NULL) {
		*reason_r = g_strdup("loop: it bears X-Deskgate-Loop, which "
				     "mail of ours has");
		return SORT_DOUBT;
	}
	if (delivery_is_inbox(delivery, ticket->requester_address)) {
		if (envelope->authenticated != NULL || envelope->own_network)
			return SORT_OUTGOING;
		*reason_r = g_strdup("loop: it comes from outside in the name "
				     "of our own inbox");
		return SORT_DOUBT;
	}
	if (origin->auth == ORIGIN_FAILED && dmarc_holds(delivery)) {
		*reason_r = g_strdup_printf(
		    "the sender's domain disowns it (%s)", origin->results);
		return SORT_DOUBT;
	}
	return SORT_MAIL;
}

static void
log_own(const struct delivery *delivery, const char *event, const char *ticket)
{
	char name[IDENT_TEXT];

	ident_text(&delivery->key, name);
	log_event(LOG_LEVEL_INFO, event, "id", name, "inbox",
	    delivery->entry->inbox, "ticket", ticket, NULL);
}

gboolean
delivery_end_loop(struct delivery *delivery, GError **error)
{
	log_own(delivery, "loop", NULL);
	/* So that it is known, as all that is done is. */
	delivery_reason(delivery, "mail of our own that came back");
	return delivery_record(delivery, NULL, error) &&
	       delivery_move(delivery, SPOOL_DONE, error);
}

/* --- outgoing --- */

/* Who gets an answer takes part in its ticket from now on. */
static guint
find_people(const struct delivery *delivery, struct ident people_r[PEOPLE_MOST])
{
	const GPtrArray *followers = delivery->ticket->followers;
	guint n = 0;

	for (guint i = 0; i < followers->len && n < PEOPLE_MOST; i++) {
		const struct addr *addr = followers->pdata[i];

		if (subject_ident(delivery->deliver->world.subject_key,
			addr->address, &people_r[n]))
			n++;
	}
	return n;
}

static gboolean
learn(
    struct delivery *delivery, const struct ledger_place *place, GError **error)
{
	const char *ids[] = { delivery->ticket->message_id, NULL };
	struct ident people[PEOPLE_MOST];
	const struct ledger_links links = { ids, people,
		find_people(delivery, people) };
	struct ledger_entry *record = &delivery->record;

	g_strlcpy(record->ticket, place->ticket, sizeof(record->ticket));
	g_strlcpy(record->code, place->code, sizeof(record->code));
	record->appended = TRUE;
	return delivery_record(delivery, &links, error);
}

gboolean
delivery_outgoing(struct delivery *delivery, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct lane *lane =
	    deliver_lane(delivery->deliver, delivery->entry->inbox, NULL);
	const struct ledger_question question = {
		.desk = lane == NULL ? "" : lane->name,
		.inbox = delivery->entry->inbox,
	};
	const struct thread_asker asker = {
		.question = &question,
		.key = world->subject_key,
		.trusted = TRUE,
	};
	struct thread thread;

	if (!thread_find(
		world->ledger, &asker, delivery->ticket, &thread, error))
		return FALSE;
	g_strlcpy(delivery->record.desk, question.desk,
	    sizeof(delivery->record.desk));
	if (thread.joins ? !learn(delivery, &thread.place, error)
			 : !delivery_record(delivery, NULL, error))
		return FALSE;
	log_own(delivery, "outgoing", thread.joins ? thread.place.code : NULL);
	return delivery_move(delivery, SPOOL_DONE, error);
}
