/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_PORT_MILTER_H
#define DESKGATE_MILTER_PORT_MILTER_H

#include <glib.h>

#include "milter/session.h"

/*
 * libmilter (port_milter.c alone includes its header).  A process has one,
 * since libmilter has one: its callbacks carry nothing of ours before
 * smfi_setpriv, so `world` is kept in the one variable of its kind, set once
 * before the first connection.
 */

/* Registers everything; `listening` is a socket that libmilter takes over,
 * `tcp` whether it is a network's.  Before port_milter_run. */
gboolean port_milter_prepare(const struct session_world *world, int listening,
    gboolean tcp, GError **error);

/* Serves until libmilter takes a signal (SIGTERM, SIGHUP, SIGINT), or gives up:
 * FALSE then. Threads that serve connections may be at work even after it
 * returns. */
gboolean port_milter_run(void);

#endif
