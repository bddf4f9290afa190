/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_WALLS_H
#define DESKGATE_TOOLS_WALLS_H

#include <glib.h>

#include "lib/base/conf.h"
#include "tools/paths.h"

/*
 * The walls of the two daemons (lib/base/wall.h), worked out from the settings.
 * `path` is the settings file.  Each is closed once, when all is open and
 * before the first thread.
 *
 * The milter: reads the system's files, the settings, its keys and the score
 * table; writes the spool and its part of the runtime folder; connects nowhere.
 *
 * The keeper: reads the system's files and what the settings name, with all
 * that is in the folders of certificates and texts, since other files may take
 * their place while it runs; writes the state, the keys, its part of the
 * runtime folder and the folders of backup-to (not set: anywhere); connects to
 * the TCP ports of its desks, of the mail relay and of DNS, and listens at
 * push-listen.  What listens at metrics-listen was opened before.
 */
gboolean walls_milter(const struct conf *conf, const char *path,
    const struct paths *paths, GError **error);
/* The keeper's. */
gboolean walls_deliver(const struct conf *conf, const char *path,
    const struct paths *paths, GError **error);

/* Adds the fault that this kernel lacks a wall that walls-required demands.
 * Behind the walls too, for reloads. */
void walls_check(struct conf *conf);

/* The TCP port that a url leads to: its own or its scheme's; 0 for none of
 * https, http, smtp and smtps.  Pure. */
guint16 walls_port(const char *url);

#endif
