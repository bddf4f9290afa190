/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_ASK_H
#define DESKGATE_TOOLS_ASK_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/conf.h"

/*
 * How the command reaches the keeper: over the control socket when a keeper
 * runs; else over a socketpair to a child that takes the state lock, becomes
 * the keeper's user, opens the stores and serves the same verbs until the
 * command ends.  So there is one writer and one code path, and nothing is left
 * owned by root.
 */
struct ask;

/* AGAIN when the state is locked but nobody answers for some seconds (a keeper
 * that hangs, or is long in starting or ending). */
struct ask *ask_open(const struct conf *conf, GError **error);
/* The same; where no keeper runs, the child mends each damaged store first
 * (damage.h). */
struct ask *ask_open_mending(const struct conf *conf, GError **error);
/* Ends the child too and waits for it, so that what was asked is on disk. */
void ask_close(struct ask **address);

/*
 * One request and its answer.  `body` is taken over.  `message` is a memory
 * file or -1. `message_r` (may be NULL) takes the first memory file of the
 * answer, or -1.  The caller frees the result with json_decref.  NULL on
 * failure.
 */
json_t *ask_call(
    struct ask *ask, json_t *body, int message, int *message_r, GError **error);

/* The same for a verb that begins a job (job.h): asks `status` (taken over)
 * until it is "busy" no more, and answers what that says at the end. */
json_t *ask_job(struct ask *ask, json_t *body, json_t *status, GError **error);

/* The two halves, for sending up to ASK_AHEAD requests before reading the first
 * answer. */
#define ASK_AHEAD 32
gboolean ask_send(struct ask *ask, json_t *body, int message, GError **error);
/* Whether the keeper is gone: a failure of ask_receive was then no answer of
 * his. */
gboolean ask_lost(const struct ask *ask);
/* The next answer, in the order of the questions; NULL with the keeper's
 * error.  *message_r: a memory file that came with it, or -1; may be NULL. */
json_t *ask_receive(struct ask *ask, int *message_r, GError **error);

#endif
