/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_TOP_PRIVATE_H
#define DESKGATE_TOOLS_TOP_PRIVATE_H

#include "tools/top.h"

/* What top.c (looks) and top_page.c (what is shown of them) share. */
struct top {
	GArray *looks; /* struct top_sample, TOP_LOOKS at most, newest last */
	json_t *families; /* of the newest */
};

/* The look of this number. */
const struct top_sample *top_look(const struct top *top, guint index);
/* Messages that are on their way at a look. */
double top_on_its_way(const struct top *top, guint index);
/* A minute, between a look and the one before it; NAN of the first one:
 * messages of a class, all messages, messages that became or joined a ticket.
 */
double top_verdict_rate(const struct top *top, guint index, guint class);
double top_message_rate(const struct top *top, guint index);
double top_ticket_rate(const struct top *top, guint index);

#endif
