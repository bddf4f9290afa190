/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_CONTROL_H
#define DESKGATE_TICKETS_CONTROL_H

#include <glib.h>
#include <jansson.h>
#include <sys/types.h>

/*
 * The keeper's control socket: a unix stream socket in the runtime folder.  A
 * frame is a 32-bit length (network order), then JSON, with memory files by
 * SCM_RIGHTS.  A request is
 * {"verb": "...", ...}; an answer {"ok": true, ...} or {"ok": false, "code":
 * "notfound", "text": "..."}.  Who asks is known by his peer credentials
 * (SO_PEERCRED): root, the keeper's own user, and members of the control group.
 */
#define CONTROL_MAX_FRAME (16 << 20)
#define CONTROL_MAX_FDS 16

struct control_request {
	const json_t *body;
	int fds[CONTROL_MAX_FDS]; /* sealed memory files (file_memory; the
				   * server refuses others); closed after the
				   * call by the server */
	guint n_fds;
	uid_t uid;   /* who asks */
	char *actor; /* "cli:root", or what service.alias makes of it */
};

struct control_answer {
	json_t *body; /* an object, made by the server; handlers add to it */
	int fds[CONTROL_MAX_FDS]; /* closed after sending */
	guint n_fds;
};

struct control_verb {
	const char *name; /* NULL ends a table */
	gboolean (*run)(void *self, const struct control_request *request,
	    struct control_answer *answer, GError **error);
};

/* What stands behind the socket.  `batch_begin` and `batch_end` (both or
 * neither may be NULL) stand around requests that arrived together from one
 * client, whose answers are sent only after batch_end was TRUE (group commit);
 * when one is FALSE, its error is the answer to each. */
struct control_service {
	const struct control_verb *verbs;
	void *self; /* goes to the verbs */
	gboolean (*batch_begin)(void *self, GError **error);
	gboolean (*batch_end)(void *self, GError **error);
	/* Both or neither may be NULL.  What who asks ("cli:anna") is called
	 * from here on; NULL: he is refused.  And the last touch of an answer,
	 * where he is called by his name again. */
	const char *(*alias)(void *self, const char *actor, GError **error);
	void (*reveal)(void *self, json_t *body);
};

struct control_server;
/* Listens at `path` (mode 0660, group as given, (gid_t)-1: as it comes). AGAIN
 * when another keeper listens there.  The service is copied. */
struct control_server *control_listen(const char *path, gid_t group,
    const struct control_service *service, GError **error);
/* Serves in a thread of its own until control_close. */
gboolean control_start(struct control_server *server, GError **error);
/* Stops the thread, hangs up on all clients, removes the socket. Accepts NULL.
 */
void control_close(struct control_server **server);

/* Serves one client on a connected socket, in this thread, until he hangs up:
 * how the command line asks a keeper of its own (a child, over a socketpair)
 * when no daemon runs.  Closes `fd`. */
gboolean control_serve(
    int fd, const struct control_service *service, GError **error);

struct control_client;
/* The client. NULL with NOTFOUND when nobody listens. */
struct control_client *control_connect(const char *path, GError **error);
/* A client on a connected socket; takes `fd` over. */
struct control_client *control_adopt(int fd);
/* Whether the connection is gone or broken: nothing more can be asked. */
gboolean control_client_lost(const struct control_client *client);
/* Hangs up. Accepts NULL. */
void control_client_free(struct control_client **client);
/* Sends a request; several may be sent before the first answer is read (at most
 * 64). */
gboolean control_send(struct control_client *client, const json_t *body,
    const int *fds, guint n_fds, GError **error);
/* The next answer, in order; an {"ok":false} answer becomes FALSE with its code
 * and text. */
gboolean control_receive(struct control_client *client, json_t **body_r,
    int *fds_r, guint *n_fds_r, GError **error);

#endif
