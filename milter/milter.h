/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_MILTER_H
#define DESKGATE_MILTER_MILTER_H

#include <glib.h>

/*
 * The milter, as the programs see it: one SMTP conversation to one decision.
 */

/* Whether the text of milter-socket can be used; BAD with what would be right.
 */
gboolean milter_socket_valid(const char *socket, GError **error);
/* Whether the text is a network as own-networks and relay-networks want it. */
gboolean milter_network_valid(const char *network);

#endif
