/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/control.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/frame.h"

struct world {
	char *folder, *path;
	struct control_server *server;
	gint batches; /* atomic */
	gint refuse;  /* atomic: batch_end fails */
};

static gboolean
verb_echo(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	(void)self;
	(void)error;
	g_assert_true(g_str_has_prefix(request->actor, "cli:"));
	g_assert_cmpuint(request->uid, ==, geteuid());
	json_object_set(
	    answer->body, "text", json_object_get(request->body, "text"));
	return TRUE;
}

static gboolean
verb_files(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	gsize sum = 0;

	(void)self;
	for (guint i = 0; i < request->n_fds; i++) {
		g_autoptr(GBytes) bytes =
		    file_read_fd(request->fds[i], 1 << 20, error);

		if (bytes == NULL)
			return FALSE;
		sum += g_bytes_get_size(bytes);
	}
	json_object_set_new(
	    answer->body, "bytes", json_integer((json_int_t)sum));
	answer->fds[0] = file_memory("answer", "back", 4, error);
	answer->n_fds = answer->fds[0] >= 0 ? 1 : 0;
	return answer->n_fds == 1;
}

static gboolean
verb_fail(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	(void)self;
	(void)request;
	json_object_set_new(answer->body, "half", json_true());
	return err_set(error, DG_ERROR_FULL, "no room");
}

static const struct control_verb verbs[] = {
	{ "echo", verb_echo },
	{ "files", verb_files },
	{ "fail", verb_fail },
	{ NULL, NULL },
};

static gboolean
batch_begin(void *self, GError **error)
{
	struct world *world = self;

	(void)error;
	g_atomic_int_inc(&world->batches);
	return TRUE;
}

static gboolean
batch_end(void *self, GError **error)
{
	struct world *world = self;

	if (g_atomic_int_get(&world->refuse) != 0)
		return err_set(error, DG_ERROR_FULL, "commit failed");
	return TRUE;
}

static void
world_init(struct world *world)
{
	const struct control_service service = { verbs, world, batch_begin,
		batch_end };
	g_autoptr(GError) error = NULL;

	memset(world, 0, sizeof(*world));
	world->folder = g_dir_make_tmp("deskgate-XXXXXX", NULL);
	world->path = g_build_filename(world->folder, "control", NULL);
	world->server =
	    control_listen(world->path, (gid_t)-1, &service, &error);
	g_assert_no_error(error);
	g_assert_true(control_start(world->server, &error));
}

static void
world_fini(struct world *world)
{
	control_close(&world->server);
	g_assert_cmpint(access(world->path, F_OK), !=, 0);
	(void)rmdir(world->folder);
	g_free(world->folder);
	g_free(world->path);
}

static void
ask(struct control_client *client, const char *verb, const char *text)
{
	json_t *body = json_pack("{s:s, s:s}", "verb", verb, "text", text);
	g_autoptr(GError) error = NULL;

	g_assert_true(control_send(client, body, NULL, 0, &error));
	g_assert_no_error(error);
	json_decref(body);
}

static void
hear(struct control_client *client, const char *text)
{
	g_autoptr(GError) error = NULL;
	json_t *body;

	g_assert_true(control_receive(client, &body, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(
	    json_string_value(json_object_get(body, "text")), ==, text);
	json_decref(body);
}

static void
hear_error(struct control_client *client, enum dg_error code, const char *text)
{
	g_autoptr(GError) error = NULL;
	json_t *body;

	g_assert_false(control_receive(client, &body, NULL, NULL, &error));
	g_assert_null(body);
	g_assert_error(error, DG_ERROR, (int)code);
	g_assert_nonnull(strstr(error->message, text));
}

static void
test_ask(void)
{
	struct world world;
	struct control_client *client OWNED(control_client_free) = NULL;
	struct stat st;

	world_init(&world);
	g_assert_cmpint(stat(world.path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0660);
	client = control_connect(world.path, NULL);
	ask(client, "echo", "hello");
	hear(client, "hello");
	ask(client, "fail", "");
	hear_error(client, DG_ERROR_FULL, "no room");
	ask(client, "unknown", "");
	hear_error(client, DG_ERROR_BAD, "unknown verb");
	ask(client, "echo", "still there");
	hear(client, "still there");
	world_fini(&world);
}

/* More asked and more answered than any buffer holds, before the first is
 * heard. */
static void
test_pipeline(void)
{
	struct world world;
	struct control_client *client OWNED(control_client_free) = NULL;
	g_autofree char *large = g_strnfill(100000, 'x');

	world_init(&world);
	client = control_connect(world.path, NULL);
	for (guint i = 0; i < 200; i++) {
		large[0] = (char)('a' + i % 26);
		ask(client, "echo", large);
	}
	for (guint i = 0; i < 200; i++) {
		large[0] = (char)('a' + i % 26);
		hear(client, large);
	}
	g_assert_cmpint(g_atomic_int_get(&world.batches), <=, 200);
	world_fini(&world);
}

static void
test_batch(void)
{
	struct world world;
	int sockets[2];
	struct control_client *client OWNED(control_client_free) = NULL;
	const struct control_service service = { verbs, &world, batch_begin,
		batch_end };

	memset(&world, 0, sizeof(world));
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), ==, 0);
	client = control_adopt(sockets[0]);
	for (guint i = 0; i < 50; i++)
		ask(client, "echo", "x");
	g_assert_cmpint(shutdown(sockets[0], SHUT_WR), ==, 0);
	/* All of it arrived before the server looked: one batch. */
	g_assert_true(control_serve(sockets[1], &service, NULL));
	g_assert_cmpint(world.batches, ==, 1);
	for (guint i = 0; i < 50; i++)
		hear(client, "x");
}

static void
test_batch_fails(void)
{
	struct world world;
	struct control_client *client OWNED(control_client_free) = NULL;

	world_init(&world);
	g_atomic_int_set(&world.refuse, 1);
	client = control_connect(world.path, NULL);
	ask(client, "echo", "x");
	hear_error(client, DG_ERROR_FULL, "commit failed");
	g_atomic_int_set(&world.refuse, 0);
	ask(client, "echo", "x");
	hear(client, "x");
	world_fini(&world);
}

static void
test_files(void)
{
	struct world world;
	struct control_client *client OWNED(control_client_free) = NULL;
	json_t *body = json_pack("{s:s}", "verb", "files"), *answer;
	int fds[CONTROL_MAX_FDS], back[CONTROL_MAX_FDS], plain;
	guint n_back = 0;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) error = NULL;

	world_init(&world);
	client = control_connect(world.path, NULL);
	for (guint i = 0; i < CONTROL_MAX_FDS; i++)
		fds[i] = file_memory("test", "12345", 5, NULL);
	g_assert_true(control_send(client, body, fds, CONTROL_MAX_FDS, NULL));
	g_assert_true(control_receive(client, &answer, back, &n_back, &error));
	g_assert_no_error(error);
	g_assert_cmpint(json_integer_value(json_object_get(answer, "bytes")),
	    ==, 5 * CONTROL_MAX_FDS);
	g_assert_cmpuint(n_back, ==, 1);
	bytes = file_read_fd(back[0], 100, NULL);
	g_assert_cmpmem(
	    g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "back", 4);
	json_decref(answer);
	file_close(&back[0]);
	for (guint i = 0; i < CONTROL_MAX_FDS; i++)
		file_close(&fds[i]);
	plain = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	g_assert_true(control_send(client, body, &plain, 1, NULL));
	hear_error(client, DG_ERROR_BAD, "sealed");
	file_close(&plain);
	json_decref(body);
	world_fini(&world);
}

/* --- hostile clients --- */

static void
raw_join(const struct world *world, int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, world->path, strlen(world->path));
	g_assert_cmpint(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
}

static int
raw_connect(const struct world *world)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	raw_join(world, fd);
	return fd;
}

static void
test_hostile(void)
{
	static const struct {
		const char *name, *bytes;
		gsize length;
		gboolean dropped;
	} cases[] = {
		{ "silent", "", 0, FALSE },
		{ "half a length", "\0\0", 2, FALSE },
		{ "promises much", "\0\xf0\0\0{", 5, FALSE },
		{ "promises too much", "\x7f\xff\xff\xff", 4, TRUE },
		{ "empty frame", "\0\0\0\0", 4, TRUE },
		{ "not JSON", "\0\0\0\4abcd", 8, TRUE },
		{ "no object", "\0\0\0\2[]", 6, TRUE },
		{ "HTTP", "GET / HTTP/1.0\r\n\r\n", 18, TRUE },
	};
	struct world world;
	int fds[G_N_ELEMENTS(cases)];
	struct control_client *client OWNED(control_client_free) = NULL;

	world_init(&world);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		fds[i] = raw_connect(&world);
		g_assert_cmpint(write(fds[i], cases[i].bytes, cases[i].length),
		    ==, (gssize)cases[i].length);
	}
	client = control_connect(world.path, NULL);
	ask(client, "echo", "the others are served");
	hear(client, "the others are served");
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		char byte;

		g_test_message("%s", cases[i].name);
		if (cases[i].dropped)
			g_assert_cmpint(recv(fds[i], &byte, 1, 0), <=, 0);
		else
			g_assert_cmpint(
			    recv(fds[i], &byte, 1, MSG_DONTWAIT), ==, -1);
		file_close(&fds[i]);
	}
	world_fini(&world);
}

/* One who asks on and on and never listens is not read from any more. */
static void
test_deaf(void)
{
	struct world world;
	struct control_client *client OWNED(control_client_free) = NULL;
	g_autofree char *text = g_strnfill(60000, 'x');
	g_autofree char *json =
	    g_strdup_printf("{\"verb\":\"echo\",\"text\":\"%s\"}", text);
	const guint32 head = htonl((guint32)strlen(json));
	int fd;
	gsize sent = 0;

	world_init(&world);
	fd = raw_connect(&world);
	g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
	for (guint idle = 0; idle < 20 && sent < (200U << 20);) {
		gssize one = send(fd, &head, sizeof(head), MSG_NOSIGNAL);
		gsize done = 0;

		for (; one == 4 && done < strlen(json) && idle < 20;) {
			gssize more = send(
			    fd, json + done, strlen(json) - done, MSG_NOSIGNAL);

			if (more > 0)
				done += (gsize)more;
			else
				idle++, g_usleep(5000);
		}
		if (one != 4)
			idle++, g_usleep(5000);
		else
			idle = idle == 20 ? 20 : 0;
		sent += done;
	}
	g_assert_cmpuint(sent, <, 64U << 20);
	client = control_connect(world.path, NULL);
	ask(client, "echo", "served");
	hear(client, "served");
	file_close(&fd);
	world_fini(&world);
}

/* More clients than places: newcomers are served. */
static void
test_crowd(void)
{
	struct world world;
	int fds[100];

	world_init(&world);
	for (guint i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = raw_connect(&world);
		if (i % 20 == 19) {
			struct control_client *client OWNED(
			    control_client_free) =
			    control_connect(world.path, NULL);

			ask(client, "echo", "in");
			hear(client, "in");
		}
	}
	for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
		file_close(&fds[i]);
	world_fini(&world);
}

/* Without a descriptor for whoever knocks, one who is idle gives his: the
 * server neither keeps everybody out nor spins. */
static void
test_descriptors(void)
{
	static const char request[] = "\0\0\0\x0f{\"verb\":\"fail\"}";
	struct world world;
	struct rlimit before, low;
	int idle, late, next;
	struct pollfd item;

	world_init(&world);
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	idle = raw_connect(&world);
	g_usleep(100000); /* taken in */
	late = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	next = dup(late);
	close(next);
	low = (struct rlimit){ (rlim_t)next, before.rlim_max };
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
	raw_join(&world, late);
	g_assert_cmpint(
	    write(late, request, sizeof(request) - 1), ==, sizeof(request) - 1);
	item = (struct pollfd){ late, POLLIN, 0 };
	g_assert_cmpint(poll(&item, 1, 5000), ==, 1);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	close(idle);
	close(late);
	world_fini(&world);
}

static void
test_listen(void)
{
	struct world world;
	const struct control_service service = { verbs, NULL, NULL, NULL };
	g_autoptr(GError) error = NULL;
	g_autofree char *stale = NULL, *longest = g_strnfill(200, 'x');
	struct control_server *server OWNED(control_close) = NULL;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	world_init(&world);
	g_assert_null(control_listen(world.path, (gid_t)-1, &service, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_clear_error(&error);
	g_assert_null(control_connect("/nonexistent/control", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_null(control_listen(longest, (gid_t)-1, &service, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	/* What a killed keeper leaves is taken over. */
	stale = g_build_filename(world.folder, "stale", NULL);
	memcpy(address.sun_path, stale, strlen(stale));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	g_assert_cmpint(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	file_close(&fd);
	g_assert_null(control_connect(stale, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	server = control_listen(stale, (gid_t)-1, &service, &error);
	g_assert_no_error(error);
	control_close(&server);
	world_fini(&world);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/control/ask", test_ask);
	g_test_add_func("/tickets/control/pipeline", test_pipeline);
	g_test_add_func("/tickets/control/batch", test_batch);
	g_test_add_func("/tickets/control/batch-fails", test_batch_fails);
	g_test_add_func("/tickets/control/files", test_files);
	g_test_add_func("/tickets/control/hostile", test_hostile);
	g_test_add_func("/tickets/control/deaf", test_deaf);
	g_test_add_func("/tickets/control/crowd", test_crowd);
	g_test_add_func("/tickets/control/descriptors", test_descriptors);
	g_test_add_func("/tickets/control/listen", test_listen);
	return g_test_run();
}
