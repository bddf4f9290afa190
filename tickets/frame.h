/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_FRAME_H
#define DESKGATE_TICKETS_FRAME_H

#include <glib.h>
#include <jansson.h>

#include "tickets/control.h"

/*
 * Frames of the control socket, read and written piece by piece on a socket
 * that never blocks.  A frame's descriptors come with its first byte; reads
 * never go past a frame's end, so that they are never given to its neighbour.
 */
struct frame {
	json_t *body;
	gsize length; /* of its JSON */
	int fds[CONTROL_MAX_FDS];
	guint n_fds;
};
/* Frees the body and closes the descriptors. */
void frame_clear(struct frame *frame);

enum frame_step {
	FRAME_WHOLE, /* a frame was read, or all was written */
	FRAME_PART,  /* the socket has no more to give, or takes no more */
	FRAME_END,   /* the other side hung up */
	FRAME_BROKEN /* not our protocol, or the socket failed: *error */
};

struct frame_reader;
/* One for each socket. */
struct frame_reader *frame_reader_new(void);
/* With what it has of a frame. Accepts NULL. */
void frame_reader_free(struct frame_reader **reader);
/* On FRAME_WHOLE *frame_r is the caller's to clear. */
enum frame_step frame_read(
    struct frame_reader *reader, int fd, struct frame *frame_r, GError **error);
/* Whether a frame was begun and is not whole. */
gboolean frame_begun(const struct frame_reader *reader);
/* Bytes read so far, to see whether there is progress. */
guint64 frame_progress(const struct frame_reader *reader);

struct frame_writer;
/* One for each socket. */
struct frame_writer *frame_writer_new(void);
/* With what was not sent. Accepts NULL. */
void frame_writer_free(struct frame_writer **writer);
/* Queues a frame; takes `fds` over and closes them once sent.  FULL when the
 * body is larger than CONTROL_MAX_FRAME (the descriptors are closed then too).
 */
gboolean frame_queue(struct frame_writer *writer, const json_t *body,
    const int *fds, guint n_fds, GError **error);
/* Sends what the socket takes. */
enum frame_step frame_write(
    struct frame_writer *writer, int fd, GError **error);
/* What is queued and not sent. */
guint frame_unsent(const struct frame_writer *writer, gsize *bytes_r);

#endif
