/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What delivery counts.  Words stand in the order of the enums they are of.
 */
#include "tickets/counts.h"

#include "lib/base/err.h"

static const char *const calls[] = { "taken", "later", "unclear", "refused",
	"denied", NULL };
static const char *const tickets[] = { "made", "joined", NULL };

const struct tally_metric counts_deliver[] = {
	[COUNTS_CALLS] = { "deskgate_desk_answers_total",
	    "What desks said to messages: taken, try later, unclear, refused "
	    "for good, or no rights.",
	    TALLY_COUNTER, "desk", "answer", calls },
	[COUNTS_TICKETS] = { "deskgate_tickets_total",
	    "Messages that became a ticket, or joined one.", TALLY_COUNTER,
	    "desk", "how", tickets },
	[COUNTS_CALL_TIME] = { "deskgate_deliver_seconds",
	    "Time that the calls of a desk took for one message.",
	    TALLY_SECONDS, "desk", NULL, NULL },
	[COUNTS_TICKET_AGE] = { "deskgate_ticket_delay_seconds",
	    "Time from when a message was taken in to its ticket.",
	    TALLY_SECONDS, "desk", NULL, NULL },
	{ NULL },
};

enum counts_call
counts_call_of(const GError *fault)
{
	if (fault == NULL)
		return COUNTS_TAKEN;
	if (err_is(fault, DG_ERROR_AGAIN) || err_is(fault, DG_ERROR_FULL))
		return COUNTS_LATER;
	if (err_is(fault, DG_ERROR_DENIED))
		return COUNTS_DENIED;
	return err_is(fault, DG_ERROR_IO) ? COUNTS_UNCLEAR : COUNTS_REFUSED;
}
