/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames: a length of 32 bits in network order, that many bytes of JSON, and
 * descriptors by SCM_RIGHTS with the first byte.
 *
 * Memory grows with what has arrived and not with what a length promises, so a
 * client that announces 16 MiB and sends nothing costs nothing.
 */
#include "tickets/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

#define READ_CHUNK 65536

struct frame_reader {
	guint8 head[4];
	gsize head_have;
	guint32 length;
	GByteArray *body;
	int fds[CONTROL_MAX_FDS];
	guint n_fds;
	guint64 total;
};

struct out_frame {
	GByteArray *bytes;
	gsize sent;
	int fds[CONTROL_MAX_FDS];
	guint n_fds;
};

struct frame_writer {
	GQueue frames; /* struct out_frame * */
	gsize bytes;
};

static void
close_all(int *fds, guint *n_fds)
{
	for (guint i = 0; i < *n_fds; i++)
		file_close(&fds[i]);
	*n_fds = 0;
}

void
frame_clear(struct frame *frame)
{
	json_decref(frame->body);
	frame->body = NULL;
	close_all(frame->fds, &frame->n_fds);
}

/* --- reading --- */

struct frame_reader *
frame_reader_new(void)
{
	struct frame_reader *reader = g_new0(struct frame_reader, 1);

	reader->body = g_byte_array_new();
	return reader;
}

void
frame_reader_free(struct frame_reader **reader)
{
	struct frame_reader *old = *reader;

	*reader = NULL;
	if (old == NULL)
		return;
	close_all(old->fds, &old->n_fds);
	g_byte_array_unref(old->body);
	g_free(old);
}

gboolean
frame_begun(const struct frame_reader *reader)
{
	return reader->head_have > 0;
}

guint64
frame_progress(const struct frame_reader *reader)
{
	return reader->total;
}

/* Takes the descriptors of one recvmsg; FALSE when there are too many. */
static gboolean
take_fds(struct frame_reader *reader, struct msghdr *message)
{
	gboolean fits = (message->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item != NULL;
	     item = CMSG_NXTHDR(message, item)) {
		gsize count;

		if (item->cmsg_level != SOL_SOCKET ||
		    item->cmsg_type != SCM_RIGHTS)
			continue;
		count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (gsize i = 0; i < count; i++) {
			int fd;

			memcpy(
			    &fd, CMSG_DATA(item) + i * sizeof(int), sizeof(fd));
			if (reader->n_fds < CONTROL_MAX_FDS) {
				reader->fds[reader->n_fds++] = fd;
			} else {
				file_close(&fd);
				fits = FALSE;
			}
		}
	}
	return fits;
}

/* One recvmsg of at most `length` bytes. */
static enum frame_step
receive(struct frame_reader *reader, int fd, void *data, gsize length,
    gsize *got_r, GError **error)
{
	union {
		char bytes[CMSG_SPACE(CONTROL_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec vector = { data, length };
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	do
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return FRAME_PART;
	if (got < 0 && errno == ECONNRESET)
		return FRAME_END;
	if (got < 0) {
		err_errno(error, errno, "control: receive");
		return FRAME_BROKEN;
	}
	if (!take_fds(reader, &message)) {
		err_set(error, DG_ERROR_BAD,
		    "control: more than %d descriptors", CONTROL_MAX_FDS);
		return FRAME_BROKEN;
	}
	*got_r = (gsize)got;
	reader->total += (guint64)got;
	return got == 0 ? FRAME_END : FRAME_WHOLE;
}

static enum frame_step
read_head(struct frame_reader *reader, int fd, GError **error)
{
	while (reader->head_have < sizeof(reader->head)) {
		gsize got = 0;
		enum frame_step step =
		    receive(reader, fd, reader->head + reader->head_have,
			sizeof(reader->head) - reader->head_have, &got, error);

		if (step != FRAME_WHOLE)
			return step;
		reader->head_have += got;
	}
	memcpy(&reader->length, reader->head, sizeof(reader->length));
	reader->length = ntohl(reader->length);
	if (reader->length == 0 || reader->length > CONTROL_MAX_FRAME) {
		err_set(error, DG_ERROR_BAD, "control: a frame of %u bytes",
		    reader->length);
		return FRAME_BROKEN;
	}
	return FRAME_WHOLE;
}

static enum frame_step
read_body(struct frame_reader *reader, int fd, GError **error)
{
	while (reader->body->len < reader->length) {
		guint have = reader->body->len;
		guint want = MIN(reader->length - have, READ_CHUNK);
		gsize got = 0;
		enum frame_step step;

		g_byte_array_set_size(reader->body, have + want);
		step = receive(
		    reader, fd, reader->body->data + have, want, &got, error);
		g_byte_array_set_size(reader->body, have + (guint)got);
		if (step != FRAME_WHOLE)
			return step;
	}
	return FRAME_WHOLE;
}

enum frame_step
frame_read(
    struct frame_reader *reader, int fd, struct frame *frame_r, GError **error)
{
	enum frame_step step = read_head(reader, fd, error);

	if (step == FRAME_WHOLE)
		step = read_body(reader, fd, error);
	if (step != FRAME_WHOLE)
		return step;
	*frame_r = (struct frame){ .length = reader->length };
	frame_r->body = json_loadb((const char *)reader->body->data,
	    reader->body->len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(frame_r->body)) {
		json_decref(frame_r->body);
		frame_r->body = NULL;
		err_set(error, DG_ERROR_BAD,
		    "control: a frame is not a JSON object");
		return FRAME_BROKEN;
	}
	memcpy(frame_r->fds, reader->fds, sizeof(reader->fds));
	frame_r->n_fds = reader->n_fds;
	reader->n_fds = 0;
	reader->head_have = 0;
	g_byte_array_unref(reader->body); /* gives large memory back */
	reader->body = g_byte_array_new();
	return FRAME_WHOLE;
}

/* --- writing --- */

static void
out_free(gpointer item)
{
	struct out_frame *out = item;

	close_all(out->fds, &out->n_fds);
	g_byte_array_unref(out->bytes);
	g_free(out);
}

struct frame_writer *
frame_writer_new(void)
{
	struct frame_writer *writer = g_new0(struct frame_writer, 1);

	g_queue_init(&writer->frames);
	return writer;
}

void
frame_writer_free(struct frame_writer **writer)
{
	struct frame_writer *old = *writer;

	*writer = NULL;
	if (old == NULL)
		return;
	g_queue_clear_full(&old->frames, out_free);
	g_free(old);
}

gboolean
frame_queue(struct frame_writer *writer, const json_t *body, const int *fds,
    guint n_fds, GError **error)
{
	struct out_frame *out = g_new0(struct out_frame, 1);
	g_autofree char *text = json_dumps(body, JSON_COMPACT);
	gsize length = text == NULL ? 0 : strlen(text);
	guint32 head = htonl((guint32)length);

	g_assert(n_fds <= CONTROL_MAX_FDS);
	for (guint i = 0; i < n_fds; i++)
		out->fds[i] = fds[i];
	out->n_fds = n_fds;
	out->bytes = g_byte_array_new();
	if (length == 0 || length > CONTROL_MAX_FRAME) {
		out_free(out);
		return err_set(error, DG_ERROR_FULL,
		    "control: %" G_GSIZE_FORMAT " bytes in one frame", length);
	}
	g_byte_array_append(out->bytes, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(out->bytes, (const guint8 *)text, (guint)length);
	g_queue_push_tail(&writer->frames, out);
	writer->bytes += out->bytes->len;
	return TRUE;
}

guint
frame_unsent(const struct frame_writer *writer, gsize *bytes_r)
{
	if (bytes_r != NULL)
		*bytes_r = writer->bytes;
	return writer->frames.length;
}

/* One sendmsg; the descriptors go with the first byte. */
static ssize_t
send_some(struct out_frame *out, int fd)
{
	union {
		char bytes[CMSG_SPACE(CONTROL_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec vector = { out->bytes->data + out->sent,
		out->bytes->len - out->sent };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	struct cmsghdr *item;
	ssize_t sent;

	if (out->n_fds > 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(out->n_fds * sizeof(int));
		item = CMSG_FIRSTHDR(&message);
		item->cmsg_level = SOL_SOCKET;
		item->cmsg_type = SCM_RIGHTS;
		item->cmsg_len = CMSG_LEN(out->n_fds * sizeof(int));
		memcpy(CMSG_DATA(item), out->fds, out->n_fds * sizeof(int));
	}
	do
		sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent > 0)
		close_all(out->fds, &out->n_fds);
	return sent;
}

enum frame_step
frame_write(struct frame_writer *writer, int fd, GError **error)
{
	struct out_frame *out;

	while ((out = g_queue_peek_head(&writer->frames)) != NULL) {
		ssize_t sent = send_some(out, fd);

		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return FRAME_PART;
		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return FRAME_END;
		if (sent < 0) {
			err_errno(error, errno, "control: send");
			return FRAME_BROKEN;
		}
		out->sent += (gsize)sent;
		writer->bytes -= (gsize)sent;
		if (out->sent == out->bytes->len)
			out_free(g_queue_pop_head(&writer->frames));
	}
	return FRAME_WHOLE;
}
