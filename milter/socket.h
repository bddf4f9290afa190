/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_SOCKET_H
#define DESKGATE_MILTER_SOCKET_H

#include <glib.h>

/*
 * The socket the MTA connects to: unix:/PATH (or local:/PATH), inet:PORT@HOST,
 * inet6:PORT@HOST, as the MTAs write it.  Opened here and handed to libmilter
 * as a descriptor: over TCP the small writes of libmilter meet delayed
 * acknowledgements unless the socket has TCP_NODELAY (45 ms a message), and a
 * unix socket gets its mode and group before anybody can connect.
 */

/* BAD with what would be right. */
gboolean socket_valid(const char *text, GError **error);

/*
 * Listens.  A unix socket that nobody serves any more is removed first; AGAIN
 * when somebody does. `group` ("postfix", or NULL) gets a unix socket of mode
 * 0660; DENIED when we may not give it, and the folder does not pass it on
 * (setgid) either.  The caller closes the result; -1 on failure.
 */
int socket_listen(const char *text, const char *group, GError **error);

/* Makes a socket that somebody else has opened one of ours: TCP_NODELAY, and
 * whether it is a network's. */
gboolean socket_adopt(int fd, gboolean *tcp_r, GError **error);

/* Removes a unix socket's name, so that the MTA hears at once that nobody is
 * there. */
void socket_remove(const char *text);

#endif
