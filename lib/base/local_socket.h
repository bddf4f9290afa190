/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_LOCAL_SOCKET_H
#define DESKGATE_LIB_BASE_LOCAL_SOCKET_H

#include <glib.h>

/*
 * Stream sockets of this host, by their path.
 */

/* Whether a path can be one's: absolute, and short enough (107 bytes). */
gboolean local_socket_valid(const char *path);

/* Listens there, mode 0660, in the place of a socket that nobody serves.  The
 * caller's to close, and to unlink.  -1 with AGAIN when somebody does, BAD when
 * what stands there is no socket. */
int local_socket_listen(const char *path, GError **error);

/* Connects.  -1 with NOTFOUND when there is none, AGAIN when nobody listens,
 * DENIED when the caller may not. */
int local_socket_connect(const char *path, GError **error);

#endif
