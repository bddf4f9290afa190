/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening the milter's socket, by our own hand.
 */
#include "milter/socket.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define BACKLOG 512

/* What the text says: a path, or family, port and host. */
struct place {
	const char *path; /* borrowed from the text; NULL: inet */
	int family;
	char port[6];
	const char *host;
};

static gboolean
parse_inet(
    const char *text, const char *rest, struct place *place_r, GError **error)
{
	const char *at = strchr(rest, '@');
	gsize digits = strspn(rest, "0123456789");
	guint64 port = g_ascii_strtoull(rest, NULL, 10);

	if (at == NULL || at[1] == '\0' || digits != (gsize)(at - rest) ||
	    digits == 0 || digits > 5 || port < 1 || port > 65535)
		return err_set(error, DG_ERROR_BAD,
		    "milter-socket = \"%s\": write PORT@HOST with a port of 1 "
		    "to "
		    "65535, as in inet:8891@127.0.0.1",
		    text);
	g_snprintf(place_r->port, sizeof(place_r->port), "%u", (guint)port);
	place_r->host = at + 1;
	return TRUE;
}

static gboolean
parse_unix(
    const char *text, const char *path, struct place *place_r, GError **error)
{
	if (path[0] != '/')
		return err_set(error, DG_ERROR_BAD,
		    "milter-socket = \"%s\": the path begins with /, as in "
		    "unix:/run/deskgate/milter/milter.sock",
		    text);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(error, DG_ERROR_BAD,
		    "milter-socket: %s is too long for a socket (107 bytes)",
		    path);
	place_r->path = path;
	return TRUE;
}

static gboolean
parse(const char *text, struct place *place_r, GError **error)
{
	*place_r = (struct place){ .family = AF_UNIX };
	if (g_str_has_prefix(text, "unix:"))
		return parse_unix(text, text + 5, place_r, error);
	if (g_str_has_prefix(text, "local:"))
		return parse_unix(text, text + 6, place_r, error);
	place_r->family = AF_INET;
	if (g_str_has_prefix(text, "inet:"))
		return parse_inet(text, text + 5, place_r, error);
	place_r->family = AF_INET6;
	if (g_str_has_prefix(text, "inet6:"))
		return parse_inet(text, text + 6, place_r, error);
	return err_set(error, DG_ERROR_BAD,
	    "milter-socket = \"%s\": write unix:/PATH, inet:PORT@HOST or "
	    "inet6:PORT@HOST",
	    text);
}

gboolean
socket_valid(const char *text, GError **error)
{
	struct place place;

	return parse(text, &place, error);
}

/* FALSE when something serves the path, or it is no socket at all. */
static gboolean
remove_stale(const struct sockaddr_un *address, GError **error)
{
	int fd OWNED(file_close) = -1;
	struct stat st;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ||
		       err_errno(error, errno, "%s", address->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(error, DG_ERROR_BAD,
		    "%s is there and is no socket", address->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(error, errno, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
	    0)
		return err_set(error, DG_ERROR_AGAIN,
		    "another milter listens at %s", address->sun_path);
	if (errno != ECONNREFUSED)
		return err_errno(error, errno, "%s", address->sun_path);
	if (unlink(address->sun_path) != 0 && errno != ENOENT)
		return err_errno(
		    error, errno, "cannot remove %s", address->sun_path);
	return TRUE;
}

static gboolean
find_group(const char *name, gid_t *gid_r, GError **error)
{
	struct group entry, *found = NULL;
	char buffer[16384];

	if (getgrnam_r(name, &entry, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "milter-group: there is no group \"%s\"", name);
	*gid_r = found->gr_gid;
	return TRUE;
}

static gboolean
give_to_group(const char *path, const char *name, GError **error)
{
	struct stat st;
	gid_t gid = (gid_t)-1;

	if (name == NULL)
		return TRUE;
	if (!find_group(name, &gid, error))
		return FALSE;
	if (stat(path, &st) == 0 && st.st_gid == gid)
		return TRUE;
	if (chown(path, (uid_t)-1, gid) == 0)
		return TRUE;
	return err_errno(error, errno,
	    "cannot give %s to the group %s; make the folder it is in belong "
	    "to "
	    "that group, with chmod g+s, or the milter's user a member",
	    path, name);
}

static int
listen_unix(const struct place *place, const char *group, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd OWNED(file_close) = -1;

	g_strlcpy(address.sun_path, place->path, sizeof(address.sun_path));
	if (!remove_stale(&address, error))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		err_errno(
		    error, errno, "cannot make the socket %s", place->path);
		return -1;
	}
	/* Nobody can connect before listen(2). */
	if (!give_to_group(place->path, group, error))
		return -1;
	if (chmod(place->path, 0660) != 0 || listen(fd, BACKLOG) != 0) {
		err_errno(error, errno, "cannot listen at %s", place->path);
		return -1;
	}
	return g_steal_fd(&fd);
}

static int
listen_at(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC,
	    info->ai_protocol);
	const int on = 1;

	/* Accepted sockets inherit TCP_NODELAY. */
	if (fd >= 0 &&
	    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) !=
		    0 ||
		bind(fd, info->ai_addr, info->ai_addrlen) != 0 ||
		listen(fd, BACKLOG) != 0))
		file_close(&fd); /* keeps errno */
	return fd;
}

static int
listen_inet(const struct place *place, GError **error)
{
	const struct addrinfo hints = {
		.ai_family = place->family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	struct addrinfo *found = NULL;
	int number = getaddrinfo(place->host, place->port, &hints, &found);
	int fd;

	if (number != 0) {
		err_set(error, DG_ERROR_BAD, "milter-socket: %s: %s",
		    place->host, gai_strerror(number));
		return -1;
	}
	fd = listen_at(found);
	if (fd < 0)
		err_errno(error, errno, "cannot listen at port %s of %s",
		    place->port, place->host);
	freeaddrinfo(found);
	return fd;
}

int
socket_listen(const char *text, const char *group, GError **error)
{
	struct place place;

	if (!parse(text, &place, error))
		return -1;
	return place.path != NULL ? listen_unix(&place, group, error)
				  : listen_inet(&place, error);
}

gboolean
socket_adopt(int fd, gboolean *tcp_r, GError **error)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	const int on = 1;

	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return err_errno(error, errno, "the milter's socket");
	*tcp_r = address.ss_family != AF_UNIX;
	return !*tcp_r ||
	       setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 ||
	       err_errno(error, errno, "TCP_NODELAY");
}

void
socket_remove(const char *text)
{
	struct place place;

	if (parse(text, &place, NULL) && place.path != NULL)
		(void)unlink(place.path);
}
