/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_STARTER_H
#define DESKGATE_TOOLS_STARTER_H

#include "classifier/learn.h"
#include "lib/base/conf.h"
#include "lib/base/worker.h"
#include "tools/paths.h"

/*
 * A starter model in the making: a model of its own beside the one in use, in a
 * folder that goes when it is done.  A public corpus is taught to it, by the
 * same rules as one's own mail and with this installation's feature key, and
 * what it has counted then is imported under the name "starter".
 */
struct starter;

/* Begins with an empty one. */
struct starter *starter_open(const struct conf *conf, const struct paths *paths,
    struct worker_pool *pool, const struct ident *key, GError **error);
/* Removes it.  Accepts NULL. */
void starter_close(struct starter **address);

/* Teaches it one message. */
gboolean starter_teach(struct starter *starter, int message,
    enum verdict_class class, enum teacher_outcome *outcome_r, GError **error);
/* What it has counted, as text (exchange.h). */
gboolean starter_text(struct starter *starter, GString *text, GError **error);

#endif
