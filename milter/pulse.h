/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_PULSE_H
#define DESKGATE_MILTER_PULSE_H

#include <glib.h>

#include "lib/base/clock.h"

/*
 * Signs of life while a message is being judged: the MTA's timer starts anew
 * with each.  A session's thread waits for a reader meanwhile, so somebody else
 * must give them: whoever calls pulse_beat, about once a second.
 */
#define PULSE_PERIOD ((gint64)3 * G_USEC_PER_SEC)

struct pulse_waiter {
	/* Gives the sign; FALSE when the MTA is gone. */
	gboolean (*beat)(void *self);
	void *self;
	/* The pulse's own: */
	gint64 due;
	gboolean lost;
};

struct pulse;
/* With no waiter yet; `clock` must outlive it. */
struct pulse *pulse_new(const struct clock *clock);
/* No waiter may be left.  Accepts NULL. */
void pulse_free(struct pulse **pulse);

/* From now on the waiter's `beat` may be called, by another thread, until
 * pulse_leave returns.  The waiter is the caller's and stays where it is. */
void pulse_join(struct pulse *pulse, struct pulse_waiter *waiter);
/* FALSE when a beat told that the MTA is gone. */
gboolean pulse_leave(struct pulse *pulse, struct pulse_waiter *waiter);

/* A beat at once, in the caller's thread; FALSE when the MTA is gone. */
gboolean pulse_now(struct pulse *pulse, struct pulse_waiter *waiter);

/* Beats for everyone who has waited for PULSE_PERIOD since the last. */
void pulse_beat(struct pulse *pulse);

#endif
