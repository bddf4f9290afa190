/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_HOME_DOOR_H
#define DESKGATE_TOOLS_HOME_DOOR_H

#include "tools/home.h"

/*
 * The folder in which the milter makes its unix socket.  A milter that has
 * become its own user can give a socket to the MTA's group only through a
 * folder of that group (setgid), and cannot make one in a folder of root's.  So
 * root sees to it before the change of users.
 *
 * RUNTIME/milter, where the socket is unless milter-socket says otherwise, is
 * ours: it is given to the group also where it was there before (systemd's
 * tmpfiles make it for units, where systemd opens the socket).  Any other
 * folder is made when it is missing, and else left as it is.
 *
 * Does nothing for a socket of TCP, or unless called as root.
 */
gboolean home_door_prepare(const struct conf *conf, const struct paths *paths,
    const struct home_owners *owners, GError **error);

#endif
