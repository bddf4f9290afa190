/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_WORKER_PRIVATE_H
#define DESKGATE_LIB_BASE_WORKER_PRIVATE_H

#include "lib/base/worker.h"

/*
 * What the pool (worker.c), the fork server and its readers (worker_server.c)
 * and the wire between them (worker_wire.c) share.
 *
 * Wire: a frame is struct worker_head with the descriptors as ancillary data,
 * then `length` bytes.  Both ends are of one program, so native byte order.
 */
struct worker_head {
	guint32 code;   /* request: the job's index; answer: 0, or 1 + enum
			   dg_error */
	guint32 length; /* bytes that follow: request, record, or the error's
			   text */
	guint32 n_fds;
};

/* Sends a whole frame; AGAIN past `deadline` (monotonic microseconds, 0: none),
 * IO when the other side is gone. */
gboolean wire_send(int socket, const struct worker_head *head,
    const void *bytes, const int *fds, gint64 deadline, GError **error);

/* Receives the head with its descriptors (the caller closes them).  *fds_r has
 * room for WORKER_MAX_FDS. */
gboolean wire_receive_head(int socket, struct worker_head *head_r, int *fds_r,
    gint64 deadline, GError **error);
/* Receives head->length bytes, appended to `out`. */
gboolean wire_receive_bytes(
    int socket, gsize length, GByteArray *out, gint64 deadline, GError **error);

/* Closes those that are not negative and makes them -1. */
void wire_close_all(int *fds, guint n_fds);

/* The fork server's life; never returns. */
void worker_serve(int control, const struct worker_job *jobs, void *context,
    void (*prepare)(void *context),
    const struct worker_limits *limits) G_GNUC_NORETURN;

#endif
