/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One delivery, from a claim to a state, in an order that survives a kill
 * anywhere:
 *
 *   claim (new -> busy)        killed here: heal makes it new again
 *   read, convert, wrap        changes nothing but the wrap, which is the same
 *                              the next time
 *   sort, screen               what is our own ends here, what is held too
 *   intent into the ledger     from here on nothing is tried before `find`
 *   desk: append or create
 *   result into the ledger     from here on it is done, whatever the spool says
 *   acknowledgement made due   once, however often this is begun again
 *   busy -> done
 *
 * What cannot be read is dead with the reason: it is seen, and kept.  What was
 * delivered and is only looked for (`sought`) is done again then.
 */
#include "tickets/deliver_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"
#include "tickets/convert.h"
#include "tickets/deliver_screen.h"
#include "tickets/deliver_sort.h"
#include "tickets/post.h"

/* How long a ticket is worth an acknowledgement: one a day is sent. */
#define NEW_FOR ((gint64)24 * 3600 * G_USEC_PER_SEC)

void
delivery_clear(struct delivery *delivery)
{
	entry_free(&delivery->entry);
	g_clear_pointer(&delivery->message, g_bytes_unref);
	ticket_free(&delivery->ticket);
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

gboolean
delivery_convert(struct delivery *delivery, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	struct convert_terms *terms OWNED(convert_terms_free) =
	    /* What is to be taught is taught whole. */
	    convert_terms_new(
		entry_teaches(delivery->entry)
		    ? NULL
		    : conf_find(world->conf, "inbox", delivery->entry->inbox));
	gboolean done =
	    world->convert != NULL
		? world->convert(delivery->entry, delivery->message, terms,
		      &delivery->ticket, error)
		: convert_message(world->pool, delivery->entry,
		      delivery->message, terms, &delivery->ticket, error);

	if (done)
		delivery->ticket->imported = delivery->entry->imported;
	return done;
}

/* The requester; of mail of our own whoever gets it. */
static const char *
find_person(const struct delivery *delivery)
{
	const struct ticket *ticket = delivery->ticket;
	const struct addr *first;

	if (ticket->followers->len == 0 ||
	    !delivery_is_inbox(delivery, ticket->requester_address))
		return ticket->requester_address;
	first = ticket->followers->pdata[0];
	return first->address;
}

gboolean
delivery_wrap(struct delivery *delivery, GError **error)
{
	const struct secret *key = delivery->deliver->world.subject_key;

	if (!subject_ident(key, find_person(delivery), &delivery->subject) &&
	    !subject_ident(key, TICKET_NOBODY, &delivery->subject))
		return err_set(error, DG_ERROR_IO, "no subject");
	return vaulted_wrap(&delivery->deliver->vaulted, &delivery->key,
	    &delivery->subject, error);
}

/* --- the whole --- */

static gboolean
unreadable(struct delivery *delivery, const GError *fault, GError **error)
{
	const struct retry_step step = { .state = SPOOL_DEAD };

	if (err_is(fault, DG_ERROR_BAD) || err_is(fault, DG_ERROR_NOTFOUND))
		return delivery_settle(delivery, &step, fault, error);
	g_propagate_error(error, g_error_copy(fault));
	return FALSE;
}

/* What was read is sorted, screened, and sent. */
static gboolean
go_on(struct delivery *delivery, GError **error)
{
	g_autofree char *reason = NULL;

	switch (delivery_sort(delivery, &reason)) {
	case SORT_OUTGOING:
		return delivery_outgoing(delivery, error);
	case SORT_TEACH:
		return delivery_teach(delivery, error);
	case SORT_LOOP:
		return delivery_end_loop(delivery, error);
	case SORT_DOUBT:
		if (!delivery->record.sought)
			return delivery_hold(delivery, reason, error);
		break;
	case SORT_MAIL:
		break;
	}
	/* It was let through once; its desk is the one that was chosen then. */
	if (delivery->record.sought) {
		delivery_mark(delivery);
		return delivery_send(delivery, error);
	}
	if (!delivery_screen(delivery, &reason, error))
		return FALSE;
	if (reason == NULL && !delivery_standing(delivery, &reason, error))
		return FALSE;
	if (reason != NULL)
		return delivery_hold(delivery, reason, error);
	return delivery_send(delivery, error);
}

/*
 * Its ticket is made, and what follows a ticket may not be: we were killed in
 * between.  An acknowledgement that was made due before is not due twice, and
 * of a ticket that is no longer new none is.  What cannot be read any more is
 * as good as done.
 */
static gboolean
end_again(struct delivery *delivery, GError **error)
{
	struct deliver *deliver = delivery->deliver;
	gint64 now = clock_wall(deliver->world.clock);
	g_autoptr(GError) fault = NULL;

	if (vaulted_read(&deliver->vaulted, &delivery->key, &delivery->entry,
		&delivery->message, &fault) &&
	    delivery_convert(delivery, &fault)) {
		delivery->ticket->spam = delivery->record.spam;
		/* Or nobody would find it as his. */
		if (!delivery_wrap(delivery, error))
			return FALSE;
		if (now - delivery->record.changed < NEW_FOR)
			post_acknowledge(delivery);
	}
	return delivery_move(delivery, SPOOL_DONE, error);
}

/* Its inbox takes no mail: it waits for as long as that lasts, and no try is
 * used up.  Why a released one was held is for its ticket. */
static gboolean
rest(struct delivery *delivery, GError **error)
{
	if (!delivery->record.released)
		delivery_reason(
		    delivery, "its inbox takes no mail at the moment");
	delivery->record.next = 0;
	return delivery_record(delivery, NULL, error) &&
	       delivery_move(delivery, SPOOL_WAIT, error);
}

static gboolean
deliver_claimed(struct delivery *delivery, GError **error)
{
	struct deliver *deliver = delivery->deliver;
	g_autoptr(GError) fault = NULL;
	struct retry_step step;

	if (!deliver_record(deliver, &delivery->key, &delivery->record, error))
		return FALSE;
	delivery->record.by_verdict = FALSE; /* the screen says so anew */
	if (delivery->record.ticket[0] != '\0')
		return end_again(delivery, error);
	if (!vaulted_read(&deliver->vaulted, &delivery->key, &delivery->entry,
		&delivery->message, &fault))
		return unreadable(delivery, fault, error);
	g_assert(delivery->entry != NULL);
	g_strlcpy(delivery->record.inbox, delivery->entry->inbox,
	    sizeof(delivery->record.inbox));
	if (lives_rest(deliver->world.lives, delivery->entry->inbox))
		return rest(delivery, error);
	if (!delivery_convert(delivery, &fault)) {
		step = retry_after_convert(&deliver->limits, fault,
		    delivery->record.attempts + 1, delivery_chance());
		return delivery_settle(delivery, &step, fault, error);
	}
	delivery->ticket->source = g_bytes_ref(delivery->message);
	if (!delivery_wrap(delivery, error))
		return FALSE;
	return go_on(delivery, error);
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
		(void)delivery_move(&delivery, SPOOL_WAIT, NULL);
	delivery_clear(&delivery);
	return done;
}
