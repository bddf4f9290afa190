/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_CONTROL_PRIVATE_H
#define DESKGATE_TICKETS_CONTROL_PRIVATE_H

#include <pthread.h>

#include "tickets/control.h"
#include "tickets/frame.h"

/*
 * Shared by control.c (the loop, and who may come in) and control_turn.c (one
 * client's turn), and by nobody else.
 */
struct client {
	int fd;
	uid_t uid;
	char *actor;
	gint64 active; /* mono: when something last came or went */
	guint64 progress;
	gboolean leaving; /* nothing more is read; gone once all is sent */
	struct frame_reader *reader;
	struct frame_writer *writer;
};

struct control_server {
	struct control_service service;
	char *path;
	gid_t group;
	int listening; /* -1: serves the clients it has, then ends */
	int wake;
	gboolean started;
	pthread_t thread;
	GPtrArray *clients; /* struct client * */
};

/* A client of the server's, who is `uid`, without a name; takes `fd` over. */
struct client *client_add(struct control_server *server, int fd, uid_t uid);

/* Names who may come in; refuses him when that cannot be written down. */
void client_name(struct control_server *server, struct client *client);

/* For the array of clients. */
void client_free(gpointer item);

/* Tells him why not, and lets him go once he has heard it. */
void client_refuse(struct client *client, const GError *reason);

/* Reads what has arrived and runs it. */
void client_read(struct control_server *server, struct client *client);
/* Sends what can be sent. */
void client_write(struct client *client);

/* What to wait for. */
short client_events(const struct client *client);
/* Whether he is to go. */
gboolean client_is_over(const struct client *client, gint64 now);

#endif
