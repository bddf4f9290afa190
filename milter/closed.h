/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_CLOSED_H
#define DESKGATE_MILTER_CLOSED_H

#include "lib/privacy/lives.h"
#include "milter/reply.h"
#include "milter/terms.h"

/*
 * Whether an inbox takes mail at this moment.  Asked of each recipient, before
 * the message's bytes come.
 */
enum closed {
	CLOSED_NOT,     /* it takes mail */
	CLOSED_LATER,   /* 4xx: it is suspended, or nobody knows */
	CLOSED_FOR_GOOD /* 5xx */
};

/* With the answer, unless it takes mail.  NULL lives: all inboxes do. */
enum closed closed_ask(struct lives *lives, const struct terms *terms,
    const struct policy_inbox *inbox, struct reply *reply_r);

#endif
