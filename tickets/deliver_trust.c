/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail of people an agent vouched for is not held (decision.h says when that
 * counts).  Doubt holds: what cannot be looked up is no trust.
 */
#include "tickets/deliver_private.h"

#include "tickets/decision.h"

/* Our own MTA knew who it was, or found that From's domain stands for it. */
static gboolean
is_proved(const struct delivery *delivery)
{
	return delivery->entry->envelope->authenticated != NULL ||
	       delivery->ticket->origin.auth == ORIGIN_PASSED;
}

gboolean
delivery_trusted(struct delivery *delivery)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct envelope *envelope = delivery->entry->envelope;
	g_autofree char *until = NULL;
	struct ledger_trust trust;

	if (delivery->ticket->origin.auth == ORIGIN_FAILED ||
	    !ledger_trust_get(
		world->ledger, &delivery->subject, &trust, NULL) ||
	    !decision_trusts(&trust, clock_wall(world->clock),
		envelope->client_address, is_proved(delivery)))
		return FALSE;
	until = clock_text(trust.until);
	ticket_add_note(delivery->ticket,
	    "Not held, though it looks like %s: an agent vouched for this "
	    "sender, which counts until %.10s.",
	    verdict_word(delivery->entry->verdict.class), until);
	return TRUE;
}
