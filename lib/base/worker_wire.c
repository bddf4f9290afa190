/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames with descriptors over a stream socket, each with a deadline.  The
 * reader at the other end may have been taken over by the mail it read: lengths
 * and counts are checked before anything is believed.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/worker_private.h"

/* What is received at once. */
#define AT_ONCE ((gsize)65536)

/* This end of the socket, and until when it waits. */
struct wire {
	int socket;
	gint64 deadline;
};

/* Waits until the socket is ready; FALSE past the deadline. */
static gboolean
wait_ready(const struct wire *wire, short events, GError **error)
{
	struct pollfd ready = { .fd = wire->socket, .events = events };
	gint64 deadline = wire->deadline;

	for (;;) {
		gint64 left =
		    deadline == 0
			? -1
			: (deadline - g_get_monotonic_time() + 999) / 1000;
		int n = poll(&ready, 1,
		    deadline == 0 ? -1 : (int)CLAMP(left, 0, G_MAXINT));

		if (n > 0)
			return TRUE;
		if (n == 0)
			return err_set(error, DG_ERROR_AGAIN, "time is over");
		if (errno != EINTR)
			return err_errno(error, errno, "poll");
	}
}

/* What is left to be sent of a frame: its head, and what follows. */
struct rest {
	struct iovec parts[2];
	const int *fds;
	guint n_fds;
};

/* The socket takes descriptors with the first byte that goes out. */
static gssize
send_some(int socket, struct rest *rest)
{
	union {
		char room[CMSG_SPACE(WORKER_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = { .msg_iov = rest->parts,
		.msg_iovlen = G_N_ELEMENTS(rest->parts) };

	if (rest->n_fds > 0) {
		struct cmsghdr *header;
		gsize length = rest->n_fds * sizeof(int);

		memset(&control, 0, CMSG_SPACE(length));
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(length);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(length);
		memcpy(CMSG_DATA(header), rest->fds, length);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Leaves out what was sent; FALSE when that was all. */
static gboolean
is_left(struct rest *rest, gsize sent)
{
	gsize left = 0;

	if (sent > 0)
		rest->n_fds = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(rest->parts); i++) {
		struct iovec *part = &rest->parts[i];
		gsize gone = MIN(sent, part->iov_len);

		if (gone > 0) /* an empty part may have no address */
			part->iov_base = (char *)part->iov_base + gone;
		part->iov_len -= gone;
		sent -= gone;
		left += part->iov_len;
	}
	return left > 0;
}

gboolean
wire_send(int socket, const struct worker_head *head, const void *bytes,
    const int *fds, gint64 deadline, GError **error)
{
	const struct wire wire = { socket, deadline };
	struct rest rest = { { { (void *)head, sizeof(*head) },
				 { (void *)bytes, head->length } },
		fds, head->n_fds };
	gsize gone = 0;

	g_assert(head->n_fds <= WORKER_MAX_FDS);
	while (is_left(&rest, gone)) {
		gssize sent = send_some(socket, &rest);

		gone = MAX(sent, 0);
		if (sent >= 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return err_set(error, DG_ERROR_IO,
			    "the reader is gone: %s", g_strerror(errno));
		if (!wait_ready(&wire, POLLOUT, error))
			return FALSE;
	}
	return TRUE;
}

void
wire_close_all(int *fds, guint n_fds)
{
	for (guint i = 0; i < n_fds; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* Takes descriptors out of a message; those beyond the room are closed. */
static guint
take_fds(struct msghdr *message, int *fds_r, guint have)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		gsize n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET ||
		    header->cmsg_type != SCM_RIGHTS)
			continue;
		for (gsize i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int),
			    sizeof(fd));
			if (have < WORKER_MAX_FDS)
				fds_r[have++] = fd;
			else
				close(fd);
		}
	}
	return have;
}

/* One recvmsg, waited for: by the socket itself when there is no deadline.  0:
 * the other side hung up. */
static gssize
receive_some(const struct wire *wire, void *bytes, gsize length, int *fds_r,
    guint *have, GError **error)
{
	union {
		char room[CMSG_SPACE(WORKER_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;

	for (;;) {
		struct iovec part = { bytes, length };
		struct msghdr message = { .msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = fds_r != NULL ? control.room : NULL,
			.msg_controllen =
			    fds_r != NULL ? sizeof(control.room) : 0 };
		gssize got = recvmsg(wire->socket, &message,
		    MSG_CMSG_CLOEXEC |
			(wire->deadline == 0 ? 0 : MSG_DONTWAIT));

		if (got >= 0) {
			if (got > 0 && fds_r != NULL)
				*have = take_fds(&message, fds_r, *have);
			return got;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			err_set(error, DG_ERROR_IO, "the reader is gone: %s",
			    g_strerror(errno));
			return -1;
		}
		if (!wait_ready(wire, POLLIN, error))
			return -1;
	}
}

gboolean
wire_receive_head(int socket, struct worker_head *head_r, int *fds_r,
    gint64 deadline, GError **error)
{
	const struct wire wire = { socket, deadline };
	gsize filled = 0;
	guint have = 0;

	while (filled < sizeof(*head_r)) {
		gssize got = receive_some(&wire, (char *)head_r + filled,
		    sizeof(*head_r) - filled, fds_r, &have, error);

		if (got <= 0) {
			wire_close_all(fds_r, have);
			return got < 0 ? FALSE
				       : err_set(error, DG_ERROR_IO,
					     "the other side hung up");
		}
		filled += got;
	}
	if (have == head_r->n_fds)
		return TRUE;
	wire_close_all(fds_r, have);
	return err_set(error, DG_ERROR_IO, "descriptors were lost on the way");
}

gboolean
wire_receive_bytes(
    int socket, gsize length, GByteArray *out, gint64 deadline, GError **error)
{
	const struct wire wire = { socket, deadline };

	/* Room for what came, not for what it says will come. */
	while (length > 0) {
		guint before = out->len;
		gsize room = MIN(length, AT_ONCE);
		gssize got;

		g_byte_array_set_size(out, before + room);
		got = receive_some(
		    &wire, out->data + before, room, NULL, NULL, error);
		g_byte_array_set_size(out, before + MAX(got, 0));
		if (got < 0)
			return FALSE;
		if (got == 0)
			return err_set(
			    error, DG_ERROR_IO, "the other side hung up");
		length -= got;
	}
	return TRUE;
}
