/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket's server: one thread, one poll loop, sockets that never
 * block.
 *
 * Requests that arrived together from one client are one batch, so that a
 * thousand lessons cost a few commits; the answers go out after the batch has
 * been committed and never before.
 *
 * What a client can do to the others is bounded: a frame has a ceiling, a batch
 * ends at so many frames, bytes and descriptors, a client who does not read his
 * answers is not read from, one who stands still in the middle of a frame or of
 * an answer is dropped, and when all places are taken the one idle longest
 * makes room.  Descriptors must be sealed memory files: with any other file a
 * handler could be made to wait, or to see the bytes change under its eyes.
 *
 * Who he is the kernel says (SO_PEERCRED, SO_PEERGROUPS), not he.
 */
#include "tickets/control_private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

#define CLIENTS_MAX 64
#define POLL_MS 1000
#define NO_DESCRIPTOR_USEC (G_USEC_PER_SEC / 10)
#define GROUPS_MAX 256

/* --- who may come in --- */

static gboolean
peer_in_group(int fd, const struct ucred *peer, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t length = sizeof(groups);

	if (group == (gid_t)-1)
		return FALSE;
	if (peer->gid == group)
		return TRUE;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0)
		return FALSE;
	for (gsize i = 0; i < length / sizeof(gid_t); i++)
		if (groups[i] == group)
			return TRUE;
	return FALSE;
}

/* Whoever was idle longest goes. */
static void
drop_idlest(struct control_server *server)
{
	guint idle = 0;

	for (guint i = 1; i < server->clients->len; i++) {
		const struct client *one = server->clients->pdata[i];
		const struct client *best = server->clients->pdata[idle];

		if (one->active < best->active)
			idle = i;
	}
	g_ptr_array_remove_index(server->clients, idle);
}

/* Whoever knocks stays at the door until there is a descriptor for him, and
 * poll(2) says so at once each time: one who is idle gives his, and without
 * anybody to go this waits a little. */
static void
no_descriptor(struct control_server *server, int number)
{
	if (number != EMFILE && number != ENFILE)
		return;
	if (server->clients->len > 0)
		drop_idlest(server);
	else
		g_usleep(NO_DESCRIPTOR_USEC);
}

static void
client_accept(struct control_server *server)
{
	int fd = accept4(
	    server->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer;
	socklen_t length = sizeof(peer);
	g_autoptr(GError) fault = NULL;
	g_autofree char *uid = NULL;
	struct client *client;

	if (fd < 0) {
		no_descriptor(server, errno);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
		file_close(&fd);
		return;
	}
	if (server->clients->len >= CLIENTS_MAX)
		drop_idlest(server);
	client = client_add(server, fd, peer.uid);
	if (peer.uid != 0 && peer.uid != geteuid() &&
	    !peer_in_group(fd, &peer, server->group)) {
		err_set(&fault, DG_ERROR_DENIED,
		    "only root and the control group may ask the keeper");
		uid = g_strdup_printf("%u", (guint)peer.uid);
		log_error(
		    LOG_LEVEL_WARN, fault, "control-denied", "uid", uid, NULL);
		client_refuse(client, fault);
		return;
	}
	client_name(server, client);
}

/* --- the loop --- */

static void
serve_clients(struct control_server *server, const struct pollfd *items)
{
	guint n = server->clients->len;
	gint64 now;

	for (guint i = 0; i < n; i++) {
		struct client *client = server->clients->pdata[i];

		if ((items[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    !client->leaving)
			client_read(server, client);
		if (frame_unsent(client->writer, NULL) > 0)
			client_write(client);
	}
	now = clock_mono(&clock_system);
	for (guint i = n; i-- > 0;)
		if (client_is_over(server->clients->pdata[i], now))
			g_ptr_array_remove_index(server->clients, i);
}

static void
serve(struct control_server *server)
{
	struct pollfd items[CLIENTS_MAX + 2];

	while (server->listening >= 0 || server->clients->len > 0) {
		guint n = server->clients->len;

		items[0] = (struct pollfd){ server->wake, POLLIN, 0 };
		items[1] = (struct pollfd){ server->listening, POLLIN, 0 };
		for (guint i = 0; i < n; i++) {
			const struct client *client = server->clients->pdata[i];

			items[2 + i] = (struct pollfd){ client->fd,
				client_events(client), 0 };
		}
		if (poll(items, n + 2, POLL_MS) < 0 && errno != EINTR)
			return;
		if ((items[0].revents & POLLIN) != 0)
			return;
		serve_clients(server, items + 2);
		if ((items[1].revents & POLLIN) != 0)
			client_accept(server);
	}
}

static void *
serve_thread(void *self)
{
	serve(self);
	return NULL;
}

static struct control_server *
server_new(const struct control_service *service)
{
	struct control_server *server = g_new0(struct control_server, 1);

	server->service = *service;
	server->listening = -1;
	server->wake = -1;
	server->clients = g_ptr_array_new_with_free_func(client_free);
	return server;
}

/* Removes a socket that nobody listens at; AGAIN when somebody does. */
static gboolean
remove_stale(const char *path, GError **error)
{
	struct control_client *client OWNED(control_client_free) =
	    control_connect(path, NULL);
	struct stat st;

	if (client != NULL)
		return err_set(error, DG_ERROR_AGAIN,
		    "another keeper listens at %s", path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	return TRUE;
}

/* Who has it already may not be allowed to ask for it. */
static gboolean
give_group(const char *path, gid_t group)
{
	struct stat status;

	return group == (gid_t)-1 ||
	       (stat(path, &status) == 0 && status.st_gid == group) ||
	       chown(path, (uid_t)-1, group) == 0;
}

static gboolean
server_bind(struct control_server *server, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	gsize length = strlen(server->path);

	if (length >= sizeof(address.sun_path))
		return err_set(error, DG_ERROR_BAD, "%s: too long for a socket",
		    server->path);
	if (!remove_stale(server->path, error))
		return FALSE;
	memcpy(address.sun_path, server->path, length);
	server->listening =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Nobody can connect before listen(2), so the mode is right in time. */
	if (server->listening < 0 || server->wake < 0 ||
	    bind(server->listening, (const struct sockaddr *)&address,
		sizeof(address)) != 0 ||
	    chmod(server->path, 0660) != 0 ||
	    !give_group(server->path, server->group) ||
	    listen(server->listening, CLIENTS_MAX) != 0)
		return err_errno(
		    error, errno, "control: listen at %s", server->path);
	return TRUE;
}

struct control_server *
control_listen(const char *path, gid_t group,
    const struct control_service *service, GError **error)
{
	struct control_server *server = server_new(service);

	server->path = g_strdup(path);
	server->group = group;
	if (!server_bind(server, error))
		control_close(&server);
	return server;
}

gboolean
control_start(struct control_server *server, GError **error)
{
	int number =
	    pthread_create(&server->thread, NULL, serve_thread, server);

	if (number != 0)
		return err_errno(error, number, "control: start a thread");
	server->started = TRUE;
	return TRUE;
}

void
control_close(struct control_server **server)
{
	struct control_server *old = *server;
	const guint64 one = 1;

	*server = NULL;
	if (old == NULL)
		return;
	if (old->started) {
		while (
		    write(old->wake, &one, sizeof(one)) < 0 && errno == EINTR)
			continue;
		pthread_join(old->thread, NULL);
	}
	if (old->listening >= 0 && old->path != NULL)
		(void)unlink(old->path);
	file_close(&old->listening);
	file_close(&old->wake);
	g_ptr_array_unref(old->clients);
	g_free(old->path);
	g_free(old);
}

gboolean
control_serve(int fd, const struct control_service *service, GError **error)
{
	struct control_server *server = server_new(service);
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
		err_errno(error, errno, "control: who asks");
		file_close(&fd);
		control_close(&server);
		return FALSE;
	}
	client_name(server, client_add(server, fd, peer.uid));
	serve(server);
	control_close(&server);
	return TRUE;
}
