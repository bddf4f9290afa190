/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The milter, put together.
 */
#include "milter/milter.h"

#include "milter/network.h"
#include "milter/socket.h"

gboolean
milter_socket_valid(const char *socket, GError **error)
{
	return socket_valid(socket, error);
}

gboolean
milter_network_valid(const char *network)
{
	return network_valid(network);
}
