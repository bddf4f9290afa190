/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DECISION_H
#define DESKGATE_TICKETS_DECISION_H

#include "lib/base/secret.h"
#include "tickets/ledger_marks.h"

/*
 * What a change at a desk means: pure functions of what we know and what we are
 * told.
 *
 *   what we knew           what the desk says now   means
 *   not spam               spam                     an agent marked it
 *   spam, made by us       new, open                an agent corrects us
 *   spam, by an agent      new, open                the mark was a mistake
 *   spam                   closed, deleted          nothing: who clears up
 *                                                   says nothing of the mail
 *   the same as now        the same                 nothing
 *
 * A decision that is older than the one we know of is passed by: what a desk
 * told before somebody decided again.
 */
enum decision {
	DECISION_NOTHING, /* nothing is to be learnt or kept */
	DECISION_SEEN,    /* keep the status, learn nothing */
	DECISION_SPAM,    /* its messages are spam */
	DECISION_HAM,     /* they are not, as we had thought */
	DECISION_UNDO     /* they are not, as an agent had thought */
};

/* `status` is a word of desk.h ("not-spam" counts as open), or NULL when the
 * desk tells of something else than a status; `when` in seconds
 * (0: not known). */
enum decision decision_of(
    const struct ledger_mark *mark, const char *status, gint64 when);
/* "spam", "ham", "undo", ... for logs; static. */
const char *decision_word(enum decision step);

/* Bytes of an actor, as the model's journal keeps him. */
#define DECISION_ACTOR_MOST 40
/* "desk:main:3": who decided, as model, statistics and audit trail name him.  A
 * name that is an address becomes a keyed digest ("desk:main:agent-1f3a9c02");
 * `who` NULL: the desk alone.  The caller frees it. */
char *decision_actor(
    const struct secret *key, const char *desk, const char *who);

/* The network that a client's address stands for, "192.0.2.0/24" or
 * "2001:db8:1::/48": what stays the same when a provider sends by another
 * machine.  "" for none, and for loopback, which says nothing.  The caller
 * frees it. */
char *decision_network(const char *address);

/*
 * Whether mail is from who was vouched for: the time is not over, and either
 * his address is proved (`proved`: our MTA found it so) or the mail came by the
 * network of that time.  A name alone anybody can write.
 */
gboolean decision_trusts(const struct ledger_trust *trust, gint64 now,
    const char *client_address, gboolean proved);

#endif
