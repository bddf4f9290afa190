/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_COUNTS_H
#define DESKGATE_TICKETS_COUNTS_H

#include "lib/base/tally.h"

/*
 * What delivery counts; rows are desks, by the title of their section.  The
 * order is the table's.
 */
enum counts_deliver {
	COUNTS_CALLS,   /* value: enum counts_call */
	COUNTS_TICKETS, /* value: enum counts_ticket */
	COUNTS_CALL_TIME,
	COUNTS_TICKET_AGE,
};
/* What a desk said to a message: it took it, or one of the codes of desk.h. */
enum counts_call {
	COUNTS_TAKEN,
	COUNTS_LATER,
	COUNTS_UNCLEAR,
	COUNTS_REFUSED,
	COUNTS_DENIED
};
enum counts_ticket { COUNTS_MADE, COUNTS_JOINED };

extern const struct tally_metric counts_deliver[];

/* Which of the values an error of a desk is; NULL is COUNTS_TAKEN.  Pure. */
enum counts_call counts_call_of(const GError *fault);

#endif
