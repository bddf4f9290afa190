/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_NOTIFY_H
#define DESKGATE_LIB_BASE_NOTIFY_H

#include <glib.h>

/*
 * What an init system tells a daemon and is told by it, after sd_notify(3) and
 * sd_listen_fds(3) of systemd, in a few lines of our own.
 */

/* Sends `state` ("READY=1") to $NOTIFY_SOCKET.  FALSE when it cannot; nobody to
 * tell (not set) is TRUE.  Thread-safe. */
gboolean notify_send(const char *state, GError **error);

/*
 * The listening stream socket that was handed over by $LISTEN_PID and
 * $LISTEN_FDS, descriptor 3; -1 with no error when none was.  BAD when there
 * are several, or it does not listen.  It stays open and goes through exec.
 */
int notify_listening(GError **error);

#endif
