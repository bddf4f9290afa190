/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two protocols: a datagram of lines to a unix socket, and descriptors from
 * 3 on whose number stands in the environment.
 */
#include "lib/base/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define FIRST 3

gboolean
notify_send(const char *state, GError **error)
{
	const char *path = g_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	gsize length = path != NULL ? strlen(path) : 0;
	int fd OWNED(file_close) = -1;

	if (path == NULL)
		return TRUE;
	if ((path[0] != '/' && path[0] != '@') ||
	    length >= sizeof(address.sun_path))
		return err_set(error, DG_ERROR_BAD,
		    "NOTIFY_SOCKET is no path of a socket");
	memcpy(address.sun_path, path, length);
	/* A socket without a file. */
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(error, errno, "NOTIFY_SOCKET");
	return sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		   (struct sockaddr *)&address,
		   offsetof(struct sockaddr_un, sun_path) +
		       (socklen_t)length) == (gssize)strlen(state) ||
	       err_errno(error, errno, "NOTIFY_SOCKET");
}

static gboolean
listens(int fd)
{
	int type = 0, accepts = 0;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) ==
		   0 &&
	       type == SOCK_STREAM && accepts != 0;
}

int
notify_listening(GError **error)
{
	const char *pid = g_getenv("LISTEN_PID"), *n = g_getenv("LISTEN_FDS");

	if (pid == NULL || n == NULL ||
	    g_ascii_strtoull(pid, NULL, 10) != (guint64)getpid())
		return -1;
	if (g_ascii_strtoull(n, NULL, 10) != 1)
		err_set(error, DG_ERROR_BAD,
		    "%s sockets were handed over (LISTEN_FDS): give one "
		    "ListenStream in the .socket unit",
		    n);
	else if (!listens(FIRST))
		err_set(error, DG_ERROR_BAD,
		    "what was handed over does not listen: it has to be a "
		    "ListenStream with Accept=no");
	else
		return FIRST;
	return -1;
}
