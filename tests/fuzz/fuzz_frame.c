/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a client may send to the control socket, in pieces of the size that
 * the first byte says.
 */
#include <sys/socket.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/frame.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Reads all frames that have come; FALSE when the reader gave up. */
static gboolean
drain(struct frame_reader *reader, int fd)
{
	for (;;) {
		struct frame frame;

		switch (frame_read(reader, fd, &frame, NULL)) {
		case FRAME_WHOLE:
			g_assert(json_is_object(frame.body));
			frame_clear(&frame);
			break;
		case FRAME_PART:
			return TRUE;
		case FRAME_END:
		case FRAME_BROKEN:
		default:
			return FALSE;
		}
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct frame_reader *reader OWNED(frame_reader_free) =
	    frame_reader_new();
	gsize piece = size == 0 ? 1 : (gsize)data[0] + 1;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
		return 0;
	for (gsize at = 1; at < size; at += piece) {
		gsize length = MIN(piece, size - at);

		if (send(sockets[0], data + at, length, MSG_DONTWAIT) !=
			(gssize)length ||
		    !drain(reader, sockets[1]))
			break;
	}
	file_close(&sockets[0]);
	(void)drain(reader, sockets[1]);
	file_close(&sockets[1]);
	return 0;
}
