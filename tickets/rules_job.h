/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_RULES_JOB_H
#define DESKGATE_TICKETS_RULES_JOB_H

#include "lib/base/worker.h"
#include "tickets/convert.h"

/*
 * What every rule says of a message, for people who write rules: a job in a
 * jailed reader and the call to it.
 */

/* The job "rules": fds[0] the message, request = the entry's JSON; record = a
 * list of {"rule", "result", "why" or null, "us": microseconds}. */
gboolean rules_job(const struct convert_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);

/* The caller's side: that list, the caller's; NULL with the error of a message
 * that cannot be read. */
json_t *rules_ask(struct worker_pool *pool, const struct entry *entry,
    int message, GError **error);

#endif
