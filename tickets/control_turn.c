/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One client of the control socket: his requests, their batch, his answers, his
 * limits.  See control.c for the whole.
 */
#include "tickets/control_private.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#define BATCH_FRAMES 64
#define BATCH_BYTES ((gsize)CONTROL_MAX_FRAME)
#define BATCH_FDS 128
#define UNSENT_BYTES ((gsize)4 << 20)
#define STALL_LIMIT \
	((gint64)30 * \
	    G_USEC_PER_SEC) /* in mid-frame, or with an answer unread */
#define IDLE_LIMIT ((gint64)15 * 60 * G_USEC_PER_SEC)

void
client_free(gpointer item)
{
	struct client *client = item;

	file_close(&client->fd);
	frame_reader_free(&client->reader);
	frame_writer_free(&client->writer);
	g_free(client->actor);
	g_free(client);
}

static char *
actor_name(uid_t uid)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found != NULL)
		return g_strdup_printf("cli:%s", found->pw_name);
	return g_strdup_printf("cli:%u", (guint)uid);
}

void
client_name(struct control_server *server, struct client *client)
{
	const struct control_service *service = &server->service;
	g_autofree char *name = actor_name(client->uid);
	g_autoptr(GError) fault = NULL;

	client->actor =
	    g_strdup(service->alias == NULL
			 ? name
			 : service->alias(service->self, name, &fault));
	if (client->actor == NULL)
		client_refuse(client, fault);
}

struct client *
client_add(struct control_server *server, int fd, uid_t uid)
{
	struct client *client = g_new0(struct client, 1);

	client->fd = fd;
	client->uid = uid;
	client->active = clock_mono(&clock_system);
	client->reader = frame_reader_new();
	client->writer = frame_writer_new();
	g_ptr_array_add(server->clients, client);
	return client;
}

/* --- answers --- */

/* Makes the refusal's body of an answer; frees what stood there. */
static void
answer_refuse(struct control_answer *answer, const GError *fault)
{
	g_autofree char *text = g_utf8_make_valid(
	    fault == NULL ? "no reason was given" : fault->message, -1);

	for (guint i = 0; i < answer->n_fds; i++)
		file_close(&answer->fds[i]);
	answer->n_fds = 0;
	json_decref(answer->body);
	answer->body = json_object();
	json_object_set_new(answer->body, "ok", json_false());
	json_object_set_new(answer->body, "code",
	    json_string(fault == NULL ? "internal" : err_word(fault)));
	json_object_set_new(answer->body, "text", json_string(text));
}

/* Queues the answer and takes its body and descriptors. */
static void
answer_queue(struct client *client, struct control_answer *answer)
{
	g_autoptr(GError) fault = NULL;

	if (!frame_queue(client->writer, answer->body, answer->fds,
		answer->n_fds, &fault)) {
		answer->n_fds = 0;
		answer_refuse(answer, fault);
		(void)frame_queue(client->writer, answer->body, NULL, 0, NULL);
	}
	json_decref(answer->body);
	answer->body = NULL;
}

static gboolean
dispatch(const struct control_verb *verbs, void *self,
    const struct control_request *request, struct control_answer *answer,
    GError **error)
{
	const char *word =
	    json_string_value(json_object_get(request->body, "verb"));

	if (word == NULL)
		return err_set(error, DG_ERROR_BAD, "control: no verb");
	for (; verbs->name != NULL; verbs++)
		if (g_str_equal(word, verbs->name))
			return verbs->run(self, request, answer, error);
	return err_set(error, DG_ERROR_BAD, "control: unknown verb");
}

/* A memory file that nobody can change or cut any more. */
static gboolean
fd_is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & F_SEAL_WRITE) != 0 &&
	       (seals & F_SEAL_SHRINK) != 0;
}

static void
request_run(struct control_server *server, const struct client *client,
    const struct frame *frame, struct control_answer *answer)
{
	struct control_request request = { .body = frame->body,
		.n_fds = frame->n_fds,
		.uid = client->uid,
		.actor = client->actor };
	g_autoptr(GError) fault = NULL;

	answer->body = json_object();
	json_object_set_new(answer->body, "ok", json_true());
	for (guint i = 0; i < frame->n_fds; i++) {
		request.fds[i] = frame->fds[i];
		if (!fd_is_sealed(frame->fds[i]))
			err_set(fault == NULL ? &fault : NULL, DG_ERROR_BAD,
			    "control: not a sealed memory file");
	}
	if (fault != NULL ||
	    !dispatch(server->service.verbs, server->service.self, &request,
		answer, &fault))
		answer_refuse(answer, fault);
	if (server->service.reveal != NULL)
		server->service.reveal(server->service.self, answer->body);
}

/* Runs what arrived together and queues the answers. */
static void
batch_run(struct control_server *server, struct client *client,
    struct frame *frames, guint n)
{
	const struct control_service *service = &server->service;
	g_autofree struct control_answer *answers =
	    g_new0(struct control_answer, n);
	g_autoptr(GError) fault = NULL;
	gboolean begun = service->batch_begin == NULL ||
			 service->batch_begin(service->self, &fault);
	gboolean good = begun;

	for (guint i = 0; begun && i < n; i++)
		request_run(server, client, &frames[i], &answers[i]);
	if (begun && service->batch_end != NULL)
		good = service->batch_end(service->self, &fault);
	for (guint i = 0; i < n; i++) {
		if (!good)
			answer_refuse(&answers[i], fault);
		answer_queue(client, &answers[i]);
		frame_clear(&frames[i]);
	}
}

/* --- one client's turn --- */

/* Reads what has arrived, up to a batch; FALSE when the client is to go. */
static gboolean
client_collect(struct client *client, GArray *frames)
{
	gsize bytes = 0;
	guint fds = 0;

	while (frames->len < BATCH_FRAMES && bytes < BATCH_BYTES &&
	       fds < BATCH_FDS) {
		g_autoptr(GError) fault = NULL;
		struct frame frame;

		switch (
		    frame_read(client->reader, client->fd, &frame, &fault)) {
		case FRAME_WHOLE:
			bytes += frame.length;
			fds += frame.n_fds;
			g_array_append_val(frames, frame);
			break;
		case FRAME_PART:
			return TRUE;
		case FRAME_BROKEN:
			log_error(LOG_LEVEL_WARN, fault, "control-broken",
			    "actor", client->actor, NULL);
			return FALSE;
		case FRAME_END:
		default:
			return FALSE;
		}
	}
	return TRUE;
}

/* Everybody else could not be served meanwhile: that is not their idleness. */
static void
forgive(struct control_server *server, gint64 elapsed)
{
	for (guint i = 0; i < server->clients->len; i++)
		((struct client *)server->clients->pdata[i])->active += elapsed;
}

void
client_read(struct control_server *server, struct client *client)
{
	g_autoptr(GArray) frames =
	    g_array_new(FALSE, FALSE, sizeof(struct frame));
	gint64 start = clock_mono(&clock_system);

	if (!client_collect(client, frames))
		client->leaving = TRUE;
	if (frames->len > 0) {
		batch_run(
		    server, client, (struct frame *)frames->data, frames->len);
		forgive(server, clock_mono(&clock_system) - start);
	}
	if (frame_progress(client->reader) != client->progress) {
		client->progress = frame_progress(client->reader);
		client->active = clock_mono(&clock_system);
	}
}

void
client_write(struct client *client)
{
	gsize before, after;
	enum frame_step step;

	(void)frame_unsent(client->writer, &before);
	step = frame_write(client->writer, client->fd, NULL);
	if (frame_unsent(client->writer, &after) > 0 &&
	    (step == FRAME_END || step == FRAME_BROKEN)) {
		frame_writer_free(&client->writer);
		client->writer = frame_writer_new();
		client->leaving = TRUE;
	}
	if (after != before)
		client->active = clock_mono(&clock_system);
}

gboolean
client_is_over(const struct client *client, gint64 now)
{
	gboolean unsent = frame_unsent(client->writer, NULL) > 0;
	gint64 limit =
	    unsent || frame_begun(client->reader) ? STALL_LIMIT : IDLE_LIMIT;

	return (client->leaving && !unsent) || now - client->active > limit;
}

short
client_events(const struct client *client)
{
	gsize bytes;
	guint unsent = frame_unsent(client->writer, &bytes);
	short events = unsent > 0 ? POLLOUT : 0;

	if (!client->leaving && unsent < BATCH_FRAMES && bytes < UNSENT_BYTES)
		events |= POLLIN;
	return events;
}

void
client_refuse(struct client *client, const GError *reason)
{
	struct control_answer answer = { 0 };

	answer_refuse(&answer, reason);
	answer_queue(client, &answer);
	client->leaving = TRUE;
}
