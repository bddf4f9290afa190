/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A path outlives whoever listened there, so one that refuses is in the way and
 * is removed.  Nobody can connect before listen(2), so the mode is right in
 * time.
 */
#include "lib/base/local_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define BACKLOG 16

gboolean
local_socket_valid(const char *path)
{
	return path[0] == '/' && path[1] != '\0' &&
	       strlen(path) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

static int
make(const char *path, struct sockaddr_un *address_r, GError **error)
{
	int fd;

	*address_r = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!local_socket_valid(path)) {
		err_set(error, DG_ERROR_BAD,
		    "%s: no path for a socket: it begins with / and has 107 "
		    "bytes at most",
		    path);
		return -1;
	}
	memcpy(address_r->sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		err_errno(error, errno, "cannot make a socket");
	return fd;
}

int
local_socket_connect(const char *path, GError **error)
{
	struct sockaddr_un address;
	int fd = make(path, &address, error);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			  sizeof(address)) == 0)
		return fd;
	if (errno == ECONNREFUSED)
		err_set(error, DG_ERROR_AGAIN, "nobody listens at %s", path);
	else
		err_errno(error, errno, "%s", path);
	file_close(&fd);
	return -1;
}

static gboolean
make_way(const char *path, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct stat status;
	int fd OWNED(file_close) = -1;

	if (lstat(path, &status) != 0)
		return errno == ENOENT || err_errno(error, errno, "%s", path);
	if (!S_ISSOCK(status.st_mode))
		return err_set(
		    error, DG_ERROR_BAD, "%s is there and is no socket", path);
	fd = local_socket_connect(path, &fault);
	if (fd >= 0)
		return err_set(error, DG_ERROR_AGAIN,
		    "another program listens at %s", path);
	return unlink(path) == 0 || errno == ENOENT ||
	       err_errno(error, errno, "cannot remove %s", path);
}

int
local_socket_listen(const char *path, GError **error)
{
	struct sockaddr_un address;
	int fd = make(path, &address, error);

	if (fd < 0)
		return -1;
	if (!make_way(path, error)) {
		file_close(&fd);
		return -1;
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(path, 0660) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	err_errno(error, errno, "cannot listen at %s", path);
	file_close(&fd);
	return -1;
}
