/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_DOOR_H
#define DESKGATE_MILTER_DOOR_H

#include <glib.h>

#include "milter/gauge.h"
#include "milter/handover.h"
#include "milter/judge.h"

/*
 * The second door: a message that some MTA has accepted already and gives to
 * one inbox of ours (a pipe, an alias).  The same judge, policy, identity and
 * spool as the milter's, but for what cannot be undone any more: nothing is
 * rejected, since that would tell a forged sender (it is held instead), and
 * where the milter would only tag, there is nobody to hand the message on to:
 * it becomes a ticket, and spam is held.
 */
struct door { /* all borrowed */
	struct handover handover;
	struct judge judge;
	const struct gauge *gauge;
};

struct door_mail {
	const struct policy_inbox *inbox; /* of the terms */
	const char *recipient;
	struct envelope *envelope;
	const struct letter *letter;
};

struct door_result {
	struct ident key;
	struct verdict verdict;    /* its class is what it is to this inbox */
	enum policy_action action; /* POLICY_DISCARD: nothing was stored */
	enum spool_put put;
};

/* TRUE when it is on disk, or was discarded as the settings say.  Any error is
 * for the MTA to try again. */
gboolean door_take(const struct door *door, const struct terms *terms,
    const struct door_mail *mail, struct door_result *result_r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Where the message begins: behind a "From " line, and behind the Return-Path,
 * Delivered-To and X-Original-To that a delivering MTA puts on top.  The sender
 * of Return-Path goes to *sender_r (NULL when there is none); the caller frees
 * it.
 */
gsize door_skip_trace(const char *data, gsize length, char **sender_r);

#endif
