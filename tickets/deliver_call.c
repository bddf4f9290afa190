/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls of a desk that make one ticket of one entry: intent into the
 * ledger, the call, the result into the ledger; after an unclear end a look-up
 * first (the order is told in deliver_one.c).
 */
#include "tickets/deliver_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tickets/counts.h"
#include "tickets/deliver_screen.h"
#include "tickets/fit.h"
#include "tickets/note.h"
#include "tickets/thread.h"

/* A chain of merged tickets that is longer leads nowhere. */
#define MERGES_MOST 5

static gboolean
refused(struct delivery *delivery, const GError *fault, gboolean looked_up,
    GError **error)
{
	struct retry_step step = retry_after_desk(&delivery->deliver->limits,
	    fault, delivery->record.attempts + 1, delivery_chance());

	step.delay = MAX(step.delay, delivery->lane->desk->retry_after);
	tally_add(delivery->deliver->world.tally, COUNTS_CALLS,
	    delivery->lane->row, counts_call_of(fault), 1);
	/* A look-up that failed says nothing about the call before it. */
	if (!looked_up)
		delivery->record.intent = step.maybe_created;
	lane_health(delivery->lane, !step.pause);
	return delivery_settle(delivery, &step, fault, error);
}

/* After a call whose outcome is unknown: is it there?  FALSE: the caller ends
 * with *done_r. */
static gboolean
look_up(struct delivery *delivery, gboolean *done_r, GError **error)
{
	struct desk *desk = delivery->lane->desk;
	struct desk_ticket found = { 0 };
	g_autoptr(GError) fault = NULL;

	if (desk->ops->find(
		desk, delivery->ticket, &delivery->key, &found, &fault)) {
		lane_health(delivery->lane, TRUE);
		*done_r =
		    delivery_finish(delivery, found.id, found.code, error);
		desk_ticket_clear(&found);
		return FALSE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	*done_r = refused(delivery, fault, TRUE, error);
	return FALSE;
}

static gboolean
create(struct delivery *delivery, GError **error)
{
	struct desk *desk = delivery->lane->desk;
	struct desk_ticket made = { 0 };
	g_autoptr(GError) fault = NULL;
	gboolean done;

	delivery->record.appended = FALSE;
	if (!desk->ops->create(
		desk, delivery->ticket, &delivery->key, &made, &fault))
		return refused(delivery, fault, FALSE, error);
	lane_health(delivery->lane, TRUE);
	done = delivery_finish(delivery, made.id, made.code, error);
	desk_ticket_clear(&made);
	return done;
}

/* For a desk that cannot append, or not this message, and where the old ticket
 * is gone: the new one begins by naming it. */
static void
name_old_ticket(struct ticket *ticket, const struct ledger_place *place)
{
	char *old = ticket->text;

	ticket->text = g_strdup_printf("[Follow-up to ticket %s]\n\n%s",
	    place->code[0] != '\0' ? place->code : place->ticket, old);
	g_free(old);
}

static gboolean
append(
    struct delivery *delivery, const struct ledger_place *place, GError **error)
{
	struct desk *desk = delivery->lane->desk;
	g_autoptr(GError) fault = NULL;

	delivery->record.appended = TRUE;
	if (desk->ops->append(desk, place->ticket, delivery->ticket,
		&delivery->key, &fault)) {
		lane_health(delivery->lane, TRUE);
		return delivery_finish(
		    delivery, place->ticket, place->code, error);
	}
	if (err_is(fault, DG_ERROR_NOTFOUND)) {
		name_old_ticket(delivery->ticket, place);
		return create(delivery, error);
	}
	return refused(delivery, fault, FALSE, error);
}

/* An agent who sees it should know that it was held, and why; after a try that
 * failed the reason is that fault's. */
static void
note_release(struct delivery *delivery)
{
	if (delivery->record.released && delivery->record.attempts == 0 &&
	    delivery->record.reason[0] != '\0')
		ticket_add_note(delivery->ticket,
		    "Released from quarantine: %s", delivery->record.reason);
}

/* The embedded desk may have no section, and takes all. */
static guint64
files_most(const struct delivery *delivery)
{
	const struct conf_section *desk = conf_find(
	    delivery->deliver->world.conf, "desk", delivery->lane->name);

	return desk != NULL ? conf_size(desk, "max-files-size") : G_MAXUINT64;
}

/* --- a ticket that has changed since --- */

static gboolean
makes_new(const struct delivery *delivery)
{
	const struct conf_section *inbox = conf_find(
	    delivery->deliver->world.conf, "inbox", delivery->entry->inbox);

	return inbox != NULL &&
	       delivery->ticket->origin.kind == TICKET_PERSON &&
	       strcmp(conf_string(inbox, "closed"), "new") == 0;
}

/* Goes to the ticket that this one was merged into. */
static void
go_to_parent(struct ledger_place *place, struct desk_state *state)
{
	g_strlcpy(place->ticket, state->parent, sizeof(place->ticket));
	g_strlcpy(place->code,
	    state->parent_code == NULL ? "" : state->parent_code,
	    sizeof(place->code));
}

/* Where it was merged, and whether it was closed.  One that is gone is left to
 * `append`, which finds that out. */
static gboolean
see_ticket(struct delivery *delivery, struct thread *thread, gboolean *closed_r,
    GError **error)
{
	struct desk *desk = delivery->lane->desk;
	gboolean merged = TRUE;

	*closed_r = FALSE;
	if (!thread->joins || desk->ops->look == NULL)
		return TRUE;
	for (guint i = 0; merged && i < MERGES_MOST; i++) {
		struct desk_state state = { 0 };
		g_autoptr(GError) fault = NULL;

		if (!desk->ops->look(
			desk, thread->place.ticket, &state, &fault)) {
			if (err_is(fault, DG_ERROR_NOTFOUND))
				return TRUE;
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		merged = state.parent != NULL;
		if (merged)
			go_to_parent(&thread->place, &state);
		else
			*closed_r = strcmp(state.status, "closed") == 0;
		desk_state_clear(&state);
	}
	return TRUE;
}

/* What no person wrote leaves closed what is closed; a desk that opened it is
 * told so. */
static void
close_again(struct delivery *delivery, const struct ledger_place *place)
{
	const struct desk_change change = { .status = "closed" };
	struct desk *desk = delivery->lane->desk;
	g_autoptr(GError) fault = NULL;

	if (desk->ops->change != NULL &&
	    !desk->ops->change(desk, place->ticket, &change, &fault))
		log_error(LOG_LEVEL_WARN, fault, "not-closed-again", "desk",
		    delivery->lane->name, NULL);
}

/* A report that is about no ticket of ours makes none: there would be one for
 * each piece of mail that was sent in our name. */
static gboolean
is_stray_report(const struct delivery *delivery, const struct thread *thread)
{
	return delivery->ticket->origin.kind == TICKET_REPORT &&
	       !thread->joins && !delivery->record.released;
}

static gboolean
write_intent(
    struct delivery *delivery, const struct thread *thread, GError **error)
{
	g_autofree char *note = thread_note(thread);

	if (note != NULL)
		ticket_add_note(delivery->ticket, "%s", note);
	note_release(delivery);
	delivery->record.intent = TRUE;
	return delivery_record(delivery, NULL, error);
}

static gboolean
send_to(struct delivery *delivery, struct thread *thread, GError **error)
{
	const struct desk_ops *ops = delivery->lane->desk->ops;
	g_autoptr(GError) fault = NULL;
	gboolean closed, done;

	if (!see_ticket(delivery, thread, &closed, &fault))
		return refused(delivery, fault, TRUE, error);
	if (closed && makes_new(delivery)) {
		thread->joins = FALSE;
		thread->refers = TRUE;
	}
	if (!write_intent(delivery, thread, error))
		return FALSE;
	if (!thread->joins || ops->append == NULL) {
		if (thread->joins || closed)
			name_old_ticket(delivery->ticket, &thread->place);
		return create(delivery, error);
	}
	done = append(delivery, &thread->place, error);
	if (done && closed && delivery->ticket->automatic)
		close_again(delivery, &thread->place);
	return done;
}

/* Its ticket is not there any more: agents may remove what they like. */
static gboolean
leave(struct delivery *delivery, GError **error)
{
	delivery->record.intent = delivery->record.sought = FALSE;
	delivery_reason(delivery,
	    "the ledger lost its ticket, and the desk does not know it");
	return delivery_record(delivery, NULL, error) &&
	       delivery_move(delivery, SPOOL_DONE, error);
}

/* With the desk's lock held. */
static gboolean
call_desk(struct delivery *delivery, GError **error)
{
	g_autofree char *reason = NULL;
	struct thread thread;
	gboolean done;

	fit_files(delivery->ticket, files_most(delivery));
	delivery->lane->desk->retry_after = 0;
	if (delivery->record.intent && !look_up(delivery, &done, error))
		return done;
	if (delivery->record.sought)
		return leave(delivery, error);
	if (!delivery_thread(delivery, &thread, error))
		return FALSE;
	if (is_stray_report(delivery, &thread))
		return delivery_hold(delivery,
		    thread.refers
			? "delivery report for an address that is not on the "
			  "ticket of its message"
			: "delivery report for a message of no ticket",
		    error);
	if (!thread.joins && !delivery_too_many(delivery, &reason, error))
		return FALSE;
	if (reason != NULL)
		return delivery_hold(delivery, reason, error);
	return send_to(delivery, &thread, error);
}

/* The desk of a rule or of the inbox; but after an unclear end the one that was
 * asked then, if it is still there, since only it knows. */
static struct lane *
choose_lane(struct delivery *delivery, GError **error)
{
	const struct ledger_entry *record = &delivery->record;
	struct lane *lane =
	    record->intent ? deliver_lane_named(delivery->deliver, record->desk)
			   : NULL;

	if (lane == NULL && delivery->ticket->desk != NULL)
		lane = deliver_lane_named(
		    delivery->deliver, delivery->ticket->desk);
	if (lane != NULL)
		return lane;
	return deliver_lane(delivery->deliver, delivery->entry->inbox, error);
}

gboolean
delivery_send(struct delivery *delivery, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	g_autoptr(GError) fault = NULL;
	struct retry_step step = { .state = SPOOL_WAIT };
	gboolean done;
	gint64 begun;

	delivery->lane = choose_lane(delivery, &fault);
	if (delivery->lane == NULL) {
		step.delay = delivery->deliver->limits.maximum;
		return delivery_settle(delivery, &step, fault, error);
	}
	g_strlcpy(delivery->record.desk, delivery->lane->name,
	    sizeof(delivery->record.desk));
	pthread_mutex_lock(&delivery->lane->desk_lock);
	begun = clock_mono(world->clock);
	done = call_desk(delivery, error);
	tally_time(world->tally, COUNTS_CALL_TIME, delivery->lane->row,
	    clock_mono(world->clock) - begun);
	pthread_mutex_unlock(&delivery->lane->desk_lock);
	if (done && delivery->record.ticket[0] != '\0')
		note_now(delivery->deliver, LEDGER_DUE_NOTE, &delivery->key);
	return done;
}
