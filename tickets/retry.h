/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_RETRY_H
#define DESKGATE_TICKETS_RETRY_H

#include <glib.h>

#include "tickets/spool.h"

/*
 * When to try again: pure functions of values.
 */
struct retry_limits {
	gint64 minimum; /* seconds before the second try */
	gint64 maximum; /* and the longest wait between two */
	guint attempts; /* for faults that are the message's own (conversion) */
};

/* Seconds to wait after `attempts` tries (1: the first one failed): doubled
 * with each, from minimum to maximum, less up to a quarter: `chance` is 0 to 1,
 * so that what failed together is not tried together. */
gint64 retry_delay(
    const struct retry_limits *limits, guint attempts, double chance);

/* What is to follow a desk's or our own refusal. */
struct retry_step {
	enum spool_state state; /* SPOOL_WAIT or SPOOL_DEAD */
	gint64 delay;           /* seconds, for WAIT */
	gboolean maybe_created; /* look it up before the next try */
	gboolean pause; /* the desk is ill: spare it the other messages */
};

/* After the desk's error (see desk.h for what its codes mean). */
struct retry_step retry_after_desk(const struct retry_limits *limits,
    const GError *error, guint attempts, double chance);

/* After a message could not be turned into a ticket. */
struct retry_step retry_after_convert(const struct retry_limits *limits,
    const GError *error, guint attempts, double chance);

#endif
