/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a delivery asks of the ledger's threads, and what it leaves there.
 */
#include "tickets/deliver_private.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/privacy/subject.h"
#include "tickets/counts.h"
#include "tickets/deliver_screen.h"
#include "tickets/note.h"
#include "tickets/post.h"
#include "tickets/thread.h"

#define SUBJECTS_MAX 41 /* the requester and 40 followers */
#define NOTE_LATER ((gint64)60 * G_USEC_PER_SEC)
#define IDS_MAX (1 + ORIGIN_HINTS_MOST)

gboolean
delivery_thread(
    struct delivery *delivery, struct thread *thread_r, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const GPtrArray *failed = delivery->ticket->origin.failed;
	const struct ledger_question question = {
		.desk = delivery->lane->name,
		.inbox = delivery->entry->inbox,
		.subject = &delivery->subject,
	};
	struct ident also[ORIGIN_FAILED_MOST];
	struct thread_asker asker = {
		.question = &question,
		.key = world->subject_key,
		.also = also,
	};

	for (guint i = 0; i < MIN(failed->len, ORIGIN_FAILED_MOST); i++) {
		const struct origin_failed *one = failed->pdata[i];

		if (subject_ident(
			world->subject_key, one->address, &also[asker.n_also]))
			asker.n_also++;
	}
	return thread_find(
	    world->ledger, &asker, delivery->ticket, thread_r, error);
}

/* The requester and the followers; nobody of a report, which speaks for a
 * machine. */
static guint
find_people(
    const struct delivery *delivery, struct ident people_r[SUBJECTS_MAX])
{
	const GPtrArray *followers = delivery->ticket->followers;
	guint n = 1;

	if (delivery->ticket->origin.kind == TICKET_REPORT)
		return 0;
	people_r[0] = delivery->subject;
	for (guint i = 0; i < followers->len && n < SUBJECTS_MAX; i++) {
		const struct addr *follower = followers->pdata[i];

		if (subject_ident(delivery->deliver->world.subject_key,
			follower->address, &people_r[n]))
			n++;
	}
	return n;
}

/* --- whose address gives mail back --- */

static gboolean
mark_failed(struct delivery *delivery, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const GPtrArray *failed = delivery->ticket->origin.failed;

	for (guint i = 0; i < failed->len; i++) {
		const struct origin_failed *one = failed->pdata[i];
		struct ident person;

		if (one->status[0] != '5' ||
		    !subject_ident(world->subject_key, one->address, &person))
			continue;
		if (!ledger_set_undeliverable(world->ledger, &person,
			one->status, clock_wall(world->clock), error))
			return FALSE;
		log_event(LOG_LEVEL_INFO, "undeliverable", "@address",
		    one->address, "status", one->status, NULL);
	}
	return TRUE;
}

/* Who writes can be written to. */
static gboolean
unmark(struct delivery *delivery, GError **error)
{
	struct ledger *ledger = delivery->deliver->world.ledger;
	char status[LEDGER_STATUS_MAX];

	if (!ledger_undeliverable(ledger, &delivery->subject, status, error))
		return FALSE;
	return status[0] == '\0' || ledger_set_undeliverable(ledger,
					&delivery->subject, NULL, 0, error);
}

/* Only a report that has found its ticket is believed: anyone can write one. */
static gboolean
keep_reach(struct delivery *delivery, GError **error)
{
	const struct origin *origin = &delivery->ticket->origin;

	if (origin->kind == TICKET_REPORT && delivery->record.appended)
		return mark_failed(delivery, error);
	if (origin->kind == TICKET_PERSON && origin->auth != ORIGIN_FAILED)
		return unmark(delivery, error);
	return TRUE;
}

/* --- the result --- */

/* Before the result: who is killed between writes it still, since the ticket is
 * found then.  Its time is later than that of the call that follows. */
static gboolean
want_note(const struct delivery *delivery, GError **error)
{
	const struct desk_ops *ops = delivery->lane->desk->ops;
	const struct note note = { LEDGER_DUE_NOTE, &delivery->key,
		delivery->lane->name, delivery->record.ticket,
		delivery->ticket->note };

	if (!ops->note_apart || ops->note == NULL || note.text == NULL ||
	    delivery->record.appended)
		return TRUE;
	return note_want(delivery->deliver, &note,
	    clock_wall(delivery->deliver->world.clock) + NOTE_LATER, error);
}

static void
count_ticket(const struct delivery *delivery)
{
	const struct deliver_world *world = &delivery->deliver->world;
	guint row = delivery->lane->row;

	tally_add(world->tally, COUNTS_CALLS, row, COUNTS_TAKEN, 1);
	tally_add(world->tally, COUNTS_TICKETS, row,
	    delivery->record.appended ? COUNTS_JOINED : COUNTS_MADE, 1);
	tally_time(world->tally, COUNTS_TICKET_AGE, row,
	    clock_wall(world->clock) - delivery->entry->received);
}

gboolean
delivery_finish(
    struct delivery *delivery, const char *id, const char *code, GError **error)
{
	const struct ticket *ticket = delivery->ticket;
	const char *ids[IDS_MAX + 1] = { 0 };
	struct ident people[SUBJECTS_MAX];
	const struct ledger_links links = { ids, people,
		find_people(delivery, people) };
	char name[IDENT_TEXT];
	guint n = 0;

	if (ticket->message_id != NULL)
		ids[n++] = ticket->message_id;
	for (guint i = 0; i < ticket->origin.hints->len && n < IDS_MAX; i++)
		ids[n++] = ticket->origin.hints->pdata[i];
	/* Never empty: that would read as "no ticket yet". */
	g_strlcpy(delivery->record.ticket, id[0] == '\0' ? "?" : id,
	    sizeof(delivery->record.ticket));
	g_strlcpy(delivery->record.code, code == NULL ? "" : code,
	    sizeof(delivery->record.code));
	delivery->record.reason[0] = '\0';
	delivery->record.sought = FALSE;
	delivery->record.spam = ticket->spam;
	if (!want_note(delivery, error) || !keep_reach(delivery, error) ||
	    !delivery_record(delivery, &links, error) ||
	    !delivery_count(delivery, error))
		return FALSE;
	count_ticket(delivery);
	ident_text(&delivery->key, name);
	log_event(LOG_LEVEL_INFO, "delivered", "id", name, "desk",
	    delivery->record.desk, "ticket", delivery->record.code, "joined",
	    delivery->record.appended ? "yes" : NULL, "kind",
	    ticket->automatic ? ticket_kind_word(ticket->origin.kind) : NULL,
	    NULL);
	/* Before it is done: who is killed here does it again. */
	post_acknowledge(delivery);
	return delivery_move(delivery, SPOOL_DONE, error);
}
