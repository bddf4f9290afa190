/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One delivery, from a claim to a state, in an order that survives a kill
 * anywhere:
 *
 *   claim (new -> busy)        killed here: heal makes it new again
 *   read, convert, wrap        changes nothing but the wrap, which is the same
 *                              the next time
 *   intent into the ledger     from here on nothing is tried before `find`
 *   desk: append or create
 *   result into the ledger     from here on it is done, whatever the spool says
 *   busy -> done
 *
 * What cannot be read is dead with the reason: it is seen, and kept.
 */
#include "tickets/deliver_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/unicode.h"
#include "lib/privacy/subject.h"
#include "tickets/convert.h"
#include "tickets/thread.h"

#define UNKNOWN_PERSON "unknown@invalid"
#define REASONS_SHOWN 3
#define SUBJECTS_MAX 41 /* the requester and 40 followers */

struct delivery {
	struct deliver *deliver;
	struct ident key;
	struct ledger_entry record;
	struct entry *entry;
	GBytes *message;
	struct ticket *ticket;
	struct ident subject;
	struct lane *lane;
};

static void
delivery_clear(struct delivery *delivery)
{
	entry_free(&delivery->entry);
	g_clear_pointer(&delivery->message, g_bytes_unref);
	ticket_free(&delivery->ticket);
}

static double
chance(void)
{
	guint32 random;

	seal_random(&random, sizeof(random));
	return (double)random / G_MAXUINT32;
}

static gboolean
record_put(
    struct delivery *delivery, const struct ledger_links *links, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;

	delivery->record.changed = clock_wall(world->clock);
	return ledger_put(
	    world->ledger, &delivery->key, &delivery->record, links, error);
}

static gboolean
settle_in(struct delivery *delivery, enum spool_state state, GError **error)
{
	return spool_move(delivery->deliver->world.spool, &delivery->key,
	    SPOOL_BUSY, state, error);
}

/* A desk's words may name the person it was about; the ledger keeps nobody's
 * address. */
static void
set_reason(struct delivery *delivery, const char *text)
{
	g_autofree char *hidden = addr_hide(text);
	g_autofree char *line =
	    unicode_line(hidden, sizeof(delivery->record.reason) - 1);

	g_strlcpy(
	    delivery->record.reason, line, sizeof(delivery->record.reason));
}

static void
log_step(const struct delivery *delivery, const struct retry_step *step,
    const GError *fault)
{
	char name[IDENT_TEXT];
	g_autofree char *hidden = addr_hide(fault->message);
	g_autoptr(GError) told =
	    g_error_new_literal(fault->domain, fault->code, hidden);
	g_autofree char *delay =
	    g_strdup_printf("%" G_GINT64_FORMAT, step->delay);

	ident_text(&delivery->key, name);
	log_error(step->state == SPOOL_DEAD ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
	    told, "not-delivered", "id", name, "state",
	    spool_state_word(step->state), "desk", delivery->record.desk,
	    "delay", delay, NULL);
}

/* After a refusal: reason and due time into the ledger, then the state. */
static gboolean
settle(struct delivery *delivery, const struct retry_step *step,
    const GError *fault, GError **error)
{
	log_step(delivery, step, fault);
	set_reason(delivery, fault->message);
	delivery->record.attempts++;
	delivery->record.next = clock_wall(delivery->deliver->world.clock) +
				step->delay * G_USEC_PER_SEC;
	return record_put(delivery, NULL, error) &&
	       settle_in(delivery, step->state, error);
}

static gboolean
claim(struct delivery *delivery, GError **error)
{
	struct spool *spool = delivery->deliver->world.spool;
	g_autoptr(GError) fault = NULL;

	if (spool_move(spool, &delivery->key, SPOOL_NEW, SPOOL_BUSY, &fault))
		return TRUE;
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return spool_move(
		    spool, &delivery->key, SPOOL_WAIT, SPOOL_BUSY, error);
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
convert(struct delivery *delivery, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct conf_section *inbox =
	    conf_find(world->conf, "inbox", delivery->entry->inbox);
	const char *tag =
	    inbox == NULL ? NULL : conf_string(inbox, "subject-tag");

	if (world->convert != NULL)
		return world->convert(delivery->entry, delivery->message, tag,
		    &delivery->ticket, error);
	return convert_message(world->pool, delivery->entry, delivery->message,
	    tag, &delivery->ticket, error);
}

/* To whom it belongs: the requester, or nobody known. */
static gboolean
wrap(struct delivery *delivery, GError **error)
{
	const struct secret *key = delivery->deliver->world.subject_key;

	if (!subject_ident(
		key, delivery->ticket->requester_address, &delivery->subject) &&
	    !subject_ident(key, UNKNOWN_PERSON, &delivery->subject))
		return err_set(error, DG_ERROR_IO, "no subject");
	return vaulted_wrap(&delivery->deliver->vaulted, &delivery->key,
	    &delivery->subject, error);
}

/* --- held back --- */

static gboolean
hold(struct delivery *delivery, GError **error)
{
	const struct verdict *verdict = &delivery->entry->verdict;
	g_autofree char *brief = verdict_brief(verdict, REASONS_SHOWN);
	g_autofree char *reason = g_strdup_printf("%s%s%s",
	    verdict_word(verdict->class), brief[0] == '\0' ? "" : ": ", brief);

	set_reason(delivery, reason);
	return record_put(delivery, NULL, error) &&
	       settle_in(delivery, SPOOL_HELD, error);
}

/* --- to the desk --- */

static void
add_note(struct ticket *ticket, const char *line)
{
	char *old = ticket->note;

	ticket->note =
	    old == NULL ? g_strdup(line) : g_strdup_printf("%s\n%s", old, line);
	g_free(old);
}

/* The result: ticket, its ids and people, in one commit; then done. */
static gboolean
finish(
    struct delivery *delivery, const char *id, const char *code, GError **error)
{
	const struct ticket *ticket = delivery->ticket;
	const char *ids[] = { ticket->message_id, NULL };
	struct ident subjects[SUBJECTS_MAX];
	struct ledger_links links = { ids, subjects, 1 };
	char name[IDENT_TEXT];

	subjects[0] = delivery->subject;
	for (guint i = 0;
	     i < ticket->followers->len && links.n_subjects < SUBJECTS_MAX;
	     i++) {
		const struct addr *follower = ticket->followers->pdata[i];

		if (subject_ident(delivery->deliver->world.subject_key,
			follower->address, &subjects[links.n_subjects]))
			links.n_subjects++;
	}
	/* Never empty: that would read as "no ticket yet". */
	g_strlcpy(delivery->record.ticket, id[0] == '\0' ? "?" : id,
	    sizeof(delivery->record.ticket));
	g_strlcpy(delivery->record.code, code == NULL ? "" : code,
	    sizeof(delivery->record.code));
	delivery->record.reason[0] = '\0';
	if (!record_put(delivery, &links, error))
		return FALSE;
	ident_text(&delivery->key, name);
	log_event(LOG_LEVEL_INFO, "delivered", "id", name, "desk",
	    delivery->record.desk, "ticket", delivery->record.code, "joined",
	    delivery->record.appended ? "yes" : NULL, NULL);
	return settle_in(delivery, SPOOL_DONE, error);
}

static gboolean
refused(struct delivery *delivery, const GError *fault, gboolean looked_up,
    GError **error)
{
	struct retry_step step = retry_after_desk(&delivery->deliver->limits,
	    fault, delivery->record.attempts + 1, chance());

	step.delay = MAX(step.delay, delivery->lane->desk->retry_after);
	/* A look-up that failed says nothing about the call before it. */
	if (!looked_up)
		delivery->record.intent = step.maybe_created;
	lane_health(delivery->lane, !step.pause);
	return settle(delivery, &step, fault, error);
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
		*done_r = finish(delivery, found.id, found.code, error);
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
	done = finish(delivery, made.id, made.code, error);
	desk_ticket_clear(&made);
	return done;
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
		return finish(delivery, place->ticket, place->code, error);
	}
	if (err_is(fault, DG_ERROR_NOTFOUND)) /* deleted there meanwhile */
		return create(delivery, error);
	return refused(delivery, fault, FALSE, error);
}

/* For a desk that cannot append: the new ticket begins by naming the old one.
 */
static void
name_old_ticket(struct ticket *ticket, const struct ledger_place *place)
{
	char *old = ticket->text;

	ticket->text = g_strdup_printf("[Follow-up to ticket %s]\n\n%s",
	    place->code[0] != '\0' ? place->code : place->ticket, old);
	g_free(old);
}

/* With the desk's lock held. */
static gboolean
call_desk(struct delivery *delivery, GError **error)
{
	const struct ledger_question question = {
		.desk = delivery->lane->name,
		.inbox = delivery->entry->inbox,
		.subject = &delivery->subject,
	};
	struct ledger *ledger = delivery->deliver->world.ledger;
	const struct desk_ops *ops = delivery->lane->desk->ops;
	g_autofree char *note = NULL;
	struct thread thread;
	gboolean done;

	delivery->lane->desk->retry_after = 0;
	if (delivery->record.intent && !look_up(delivery, &done, error))
		return done;
	if (!thread_find(ledger, &question, delivery->ticket, &thread, error))
		return FALSE;
	note = thread_note(&thread);
	if (note != NULL)
		add_note(delivery->ticket, note);
	delivery->record.intent = TRUE;
	if (!record_put(delivery, NULL, error))
		return FALSE;
	if (thread.joins && ops->append != NULL)
		return append(delivery, &thread.place, error);
	if (thread.joins)
		name_old_ticket(delivery->ticket, &thread.place);
	return create(delivery, error);
}

/* The desk of the inbox; but after an unclear end the one that was asked then,
 * if it is still there, since only it knows. */
static struct lane *
choose_lane(struct delivery *delivery, GError **error)
{
	const struct ledger_entry *record = &delivery->record;
	struct lane *lane =
	    record->intent ? deliver_lane_named(delivery->deliver, record->desk)
			   : NULL;

	if (lane != NULL)
		return lane;
	return deliver_lane(delivery->deliver, delivery->entry->inbox, error);
}

static gboolean
send_ticket(struct delivery *delivery, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct retry_step step = { .state = SPOOL_WAIT };
	gboolean done;

	delivery->lane = choose_lane(delivery, &fault);
	if (delivery->lane == NULL) {
		step.delay = delivery->deliver->limits.maximum;
		return settle(delivery, &step, fault, error);
	}
	g_strlcpy(delivery->record.desk, delivery->lane->name,
	    sizeof(delivery->record.desk));
	if (delivery->entry->action == ENTRY_TICKET_AS_SPAM &&
	    !delivery->record.released)
		delivery->ticket->spam = TRUE;
	pthread_mutex_lock(&delivery->lane->desk_lock);
	done = call_desk(delivery, error);
	pthread_mutex_unlock(&delivery->lane->desk_lock);
	return done;
}

/* --- the whole --- */

static gboolean
unreadable(struct delivery *delivery, const GError *fault, GError **error)
{
	const struct retry_step step = { .state = SPOOL_DEAD };

	if (err_is(fault, DG_ERROR_BAD) || err_is(fault, DG_ERROR_NOTFOUND))
		return settle(delivery, &step, fault, error);
	g_propagate_error(error, g_error_copy(fault));
	return FALSE;
}

static gboolean
deliver_claimed(struct delivery *delivery, GError **error)
{
	struct deliver *deliver = delivery->deliver;
	g_autoptr(GError) fault = NULL;
	struct retry_step step;

	if (!deliver_record(deliver, &delivery->key, &delivery->record, error))
		return FALSE;
	if (delivery->record.ticket[0] != '\0')
		return settle_in(delivery, SPOOL_DONE, error);
	if (!vaulted_read(&deliver->vaulted, &delivery->key, &delivery->entry,
		&delivery->message, &fault))
		return unreadable(delivery, fault, error);
	g_assert(delivery->entry != NULL);
	g_strlcpy(delivery->record.inbox, delivery->entry->inbox,
	    sizeof(delivery->record.inbox));
	if (!convert(delivery, &fault)) {
		step = retry_after_convert(&deliver->limits, fault,
		    delivery->record.attempts + 1, chance());
		return settle(delivery, &step, fault, error);
	}
	if (!wrap(delivery, error))
		return FALSE;
	if (delivery->entry->action == ENTRY_QUARANTINE &&
	    !delivery->record.released)
		return hold(delivery, error);
	return send_ticket(delivery, error);
}

gboolean
deliver_one(struct deliver *deliver, const struct ident *key, GError **error)
{
	struct delivery delivery = { .deliver = deliver, .key = *key };
	gboolean done;

	if (!claim(&delivery, error))
		return FALSE;
	done = deliver_claimed(&delivery, error);
	/* A fault of our own (disk, map): it waits, and what the ledger knows
	 * by now says how to go on. */
	if (!done)
		(void)settle_in(&delivery, SPOOL_WAIT, NULL);
	delivery_clear(&delivery);
	return done;
}
