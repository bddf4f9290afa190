/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_READERS_H
#define DESKGATE_TOOLS_READERS_H

#include <glib.h>

#include "classifier/classify.h"
#include "lib/base/conf.h"
#include "lib/base/secret.h"
#include "lib/base/worker.h"
#include "lib/mail/message.h"
#include "tickets/convert.h"

/*
 * The jailed readers with every job Deskgate has: score, features, explain
 * (classifier), convert and rules (tickets).  One pool a process, started
 * before any thread.
 */
struct readers;

/* Starts the pool. */
struct readers *readers_start(
    const struct conf *conf, const struct secret *feature_key, GError **error);
/* The same for an evaluation, that no keeper has a part in: so many readers,
 * and a fixed key, so that figures are the same again. */
struct readers *readers_start_eval(
    const struct conf *conf, guint count, gboolean body_only, GError **error);
/* Ends all readers. */
void readers_stop(struct readers **readers);
/* Borrowed. */
struct worker_pool *readers_pool(struct readers *readers);

/* Seconds of CPU of the readers that stand. */
double readers_cpu(struct readers *readers);

/* The ceilings of the settings. */
void readers_limits(const struct conf *conf, struct message_limits *limits_r);

#endif
