/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The asking side of the control socket.  While it sends it also takes in the
 * answers that come, so that neither side waits for the other with full
 * buffers, however much is asked before the first answer is looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/control.h"
#include "tickets/frame.h"

/* The keeper may be learning a whole mailbox for somebody else. */
#define PATIENCE_MS (15 * 60 * 1000)

struct control_client {
	int fd;
	struct frame_reader *reader;
	struct frame_writer *writer;
	GQueue answers; /* struct frame * */
	gboolean lost;
};

struct control_client *
control_adopt(int fd)
{
	struct control_client *client = g_new0(struct control_client, 1);

	client->fd = fd;
	client->reader = frame_reader_new();
	client->writer = frame_writer_new();
	g_queue_init(&client->answers);
	return client;
}

struct control_client *
control_connect(const char *path, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd OWNED(file_close) = -1;
	int number;

	if (strlen(path) >= sizeof(address.sun_path)) {
		err_set(error, DG_ERROR_BAD, "%s: too long for a socket", path);
		return NULL;
	}
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		err_errno(error, errno, "control: socket");
		return NULL;
	}
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
	    0) {
		number = errno == ECONNREFUSED ? ENOENT : errno;
		err_errno(error, number, "no keeper at %s", path);
		return NULL;
	}
	return control_adopt(g_steal_fd(&fd));
}

static void
answer_free(gpointer item)
{
	frame_clear(item);
	g_free(item);
}

void
control_client_free(struct control_client **client)
{
	struct control_client *old = *client;

	*client = NULL;
	if (old == NULL)
		return;
	file_close(&old->fd);
	frame_reader_free(&old->reader);
	frame_writer_free(&old->writer);
	g_queue_clear_full(&old->answers, answer_free);
	g_free(old);
}

/* Takes in every answer that has come. */
static gboolean
take_answers(struct control_client *client, GError **error)
{
	for (;;) {
		struct frame frame;

		switch (frame_read(client->reader, client->fd, &frame, error)) {
		case FRAME_WHOLE:
			g_queue_push_tail(
			    &client->answers, g_memdup2(&frame, sizeof(frame)));
			break;
		case FRAME_PART:
			return TRUE;
		case FRAME_END:
			return err_set(
			    error, DG_ERROR_AGAIN, "the keeper hung up");
		case FRAME_BROKEN:
		default:
			return FALSE;
		}
	}
}

/* Waits for what is asked and does it. */
static gboolean
wait_turn(struct control_client *client, short events, GError **error)
{
	struct pollfd item = { client->fd, events, 0 };
	int ready;

	do
		ready = poll(&item, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return err_errno(error, errno, "control: poll");
	if (ready == 0)
		return err_set(
		    error, DG_ERROR_AGAIN, "the keeper does not answer");
	if ((item.revents & POLLOUT) != 0) {
		enum frame_step step =
		    frame_write(client->writer, client->fd, error);

		if (step == FRAME_BROKEN)
			return FALSE;
		/* When he hung up, what he said before is still to be read. */
	}
	if ((item.revents & ~POLLOUT) != 0)
		return take_answers(client, error);
	return TRUE;
}

static gboolean
client_turn(struct control_client *client, short events, GError **error)
{
	if (!client->lost && wait_turn(client, events, error))
		return TRUE;
	if (client->lost)
		err_set(error, DG_ERROR_AGAIN, "the keeper hung up");
	client->lost = TRUE;
	return FALSE;
}

gboolean
control_client_lost(const struct control_client *client)
{
	return client->lost;
}

gboolean
control_send(struct control_client *client, const json_t *body, const int *fds,
    guint n_fds, GError **error)
{
	int copies[CONTROL_MAX_FDS];

	if (n_fds > CONTROL_MAX_FDS)
		return err_set(error, DG_ERROR_BAD,
		    "control: more than %d descriptors", CONTROL_MAX_FDS);
	for (guint i = 0; i < n_fds; i++) {
		copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (copies[i] >= 0)
			continue;
		err_errno(error, errno, "control: duplicate a descriptor");
		while (i-- > 0)
			file_close(&copies[i]);
		return FALSE;
	}
	if (!frame_queue(client->writer, body, copies, n_fds, error))
		return FALSE;
	while (frame_unsent(client->writer, NULL) > 0)
		if (!client_turn(client, POLLIN | POLLOUT, error))
			return FALSE;
	return TRUE;
}

static gboolean
answer_error(const json_t *body, GError **error)
{
	static const enum dg_error codes[] = { DG_ERROR_NOTFOUND,
		DG_ERROR_AGAIN, DG_ERROR_BAD, DG_ERROR_DENIED, DG_ERROR_FULL,
		DG_ERROR_IO };
	const char *word = json_string_value(json_object_get(body, "code"));
	const char *text = json_string_value(json_object_get(body, "text"));
	enum dg_error code = DG_ERROR_IO;

	for (guint i = 0; word != NULL && i < G_N_ELEMENTS(codes); i++) {
		g_autoptr(GError) sample =
		    g_error_new_literal(DG_ERROR, (gint)codes[i], "");

		if (g_str_equal(word, err_word(sample)))
			code = codes[i];
	}
	return err_set(error, code, "%s", text == NULL ? "refused" : text);
}

gboolean
control_receive(struct control_client *client, json_t **body_r, int *fds_r,
    guint *n_fds_r, GError **error)
{
	struct frame *frame;
	gboolean good;

	*body_r = NULL;
	if (n_fds_r != NULL)
		*n_fds_r = 0;
	while (g_queue_is_empty(&client->answers)) {
		g_autoptr(GError) fault = NULL;

		if (!client_turn(client, POLLIN, &fault) &&
		    g_queue_is_empty(&client->answers)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
	}
	frame = g_queue_pop_head(&client->answers);
	good = json_is_true(json_object_get(frame->body, "ok"));
	if (good) {
		*body_r = g_steal_pointer(&frame->body);
		for (guint i = 0; fds_r != NULL && i < frame->n_fds; i++)
			fds_r[i] = frame->fds[i];
		if (fds_r != NULL && n_fds_r != NULL) {
			*n_fds_r = frame->n_fds;
			frame->n_fds = 0;
		}
	} else {
		answer_error(frame->body, error);
	}
	answer_free(frame);
	return good;
}
