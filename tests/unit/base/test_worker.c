/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

static gboolean
job_echo(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context;
	g_byte_array_append(
	    answer->record, call->request, call->request_length);
	for (guint i = 0; i < call->n_fds; i++) {
		g_autoptr(GBytes) bytes =
		    file_read_fd(call->fds[i], 1 << 20, error);
		gsize length;
		gconstpointer data = g_bytes_get_data(bytes, &length);

		answer->fds[answer->n_fds++] =
		    file_memory("echo", data, length, error);
	}
	return TRUE;
}

static gboolean
job_fail(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)answer;
	return err_set(error, DG_ERROR_DENIED, "not %s", "now");
}

static gboolean
job_die(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)answer, (void)error;
	_exit(1);
}

static gboolean
job_hang(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)answer, (void)error;
	while (usleep(1000) == 0)
		;
	return TRUE;
}

static gboolean
job_nap(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)answer, (void)error;
	usleep(700000);
	return TRUE;
}

static gboolean
job_eat(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)answer;
	for (;;) {
		char *memory = malloc(16 << 20);

		if (memory == NULL)
			return err_set(error, DG_ERROR_FULL, "malloc failed");
		memset(memory, 1, 16 << 20);
	}
}

static gboolean
job_talk(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)error;
	g_byte_array_set_size(answer->record, 2 << 20);
	return TRUE;
}

/* Each forbidden act: its name and what came of it, one line each. */
static gboolean
job_break_out(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	static char *const nothing[] = { NULL };
	GString *out = g_string_new(NULL);

	(void)context, (void)call, (void)error;
#define TRY(name, act) \
	do { \
		errno = 0; \
		g_string_append_printf( \
		    out, "%s %s\n", name, (act) < 0 ? "refused" : "DONE"); \
	} while (0)
	TRY("read a file", open("/etc/passwd", O_RDONLY));
	TRY("write a file",
	    open("/tmp/deskgate-escape", O_WRONLY | O_CREAT, 0600));
	TRY("list a folder", open("/", O_RDONLY | O_DIRECTORY));
	TRY("inet socket", socket(AF_INET, SOCK_STREAM, 0));
	TRY("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	TRY("fork", fork());
	TRY("exec", execve("/bin/true", nothing, nothing));
	TRY("signal", kill(getppid(), 0));
	TRY("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
	TRY("unlink", unlink("/tmp/deskgate-escape"));
	TRY("rename", rename("/tmp/a", "/tmp/b"));
	TRY("chdir", chdir("/"));
	TRY("root", setuid(0));
	TRY("code", mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
			? -1
			: 0);
	g_byte_array_append(answer->record, (guint8 *)out->str, out->len);
	g_string_free(out, TRUE);
	return TRUE;
}

static const struct worker_job jobs[] = {
	{ "echo", job_echo },
	{ "fail", job_fail },
	{ "die", job_die },
	{ "hang", job_hang },
	{ "nap", job_nap },
	{ "eat", job_eat },
	{ "talk", job_talk },
	{ "break-out", job_break_out },
	{ NULL, NULL },
};

static struct worker_pool *
start_pool(void)
{
	const struct worker_limits limits = {
		.readers = 2,
		.wall_ms = 20000,
		.memory_bytes = 64 << 20,
		.record_bytes = 1 << 20,
		.file_bytes = 8 << 20,
		.calls = 5,
	};
	g_autoptr(GError) error = NULL;
	struct worker_pool *pool =
	    worker_pool_start(jobs, NULL, NULL, &limits, &error);

	g_assert_no_error(error);
	return pool;
}

/* One call of `text` and, unless it is negative, `fd`. */
static gboolean
run(struct worker_pool *pool, const char *job, const char *text, int fd,
    struct worker_reply *reply, GError **error)
{
	const struct worker_call call = { (const guint8 *)text, strlen(text),
		&fd, fd >= 0 ? 1 : 0 };

	return worker_pool_run(pool, job, &call, 0, reply, error);
}

static void
test_echo(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();

	for (int i = 0; i < 20; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) back = NULL;
		struct worker_reply reply;
		int fd OWNED(file_close) = file_memory("m", "hello", 5, &error);

		g_assert_true(run(pool, "echo", "abc", fd, &reply, &error));
		g_assert_cmpmem(
		    reply.record->data, reply.record->len, "abc", 3);
		g_assert_cmpuint(reply.n_fds, ==, 1);
		back = file_read_fd(reply.fds[0], 100, &error);
		g_assert_cmpmem(g_bytes_get_data(back, NULL),
		    g_bytes_get_size(back), "hello", 5);
		worker_reply_clear(&reply);
	}
	g_assert_true(worker_pool_alive(pool));
}

/* Frames that fit a socket's buffer and such that go through it in pieces. */
static void
test_sizes(void)
{
	static const gsize sizes[] = { 0, 1, 65535, 65536, 65537, 1 << 20 };
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree guint8 *bytes = g_malloc(sizes[i] + 1);
		int fd OWNED(file_close) = file_memory("m", "x", 1, NULL);
		const struct worker_call call = { bytes, sizes[i], &fd, 1 };
		g_autoptr(GError) error = NULL;
		struct worker_reply reply;

		for (gsize k = 0; k < sizes[i]; k++)
			bytes[k] = (guint8)(k * 131 + (k >> 8));
		g_assert_true(
		    worker_pool_run(pool, "echo", &call, 0, &reply, &error));
		g_assert_no_error(error);
		g_assert_cmpmem(
		    reply.record->data, reply.record->len, bytes, sizes[i]);
		g_assert_cmpuint(reply.n_fds, ==, 1);
		worker_reply_clear(&reply);
	}
}

static const struct {
	const char *job;
	guint wall_ms;
	enum dg_error want;
	const char *text; /* part of the message */
} faults[] = {
	{ "fail", 0, DG_ERROR_DENIED, "not now" },
	{ "die", 0, DG_ERROR_BAD, "no reader could read it" },
	{ "hang", 100, DG_ERROR_BAD, "time is over" },
	{ "talk", 0, DG_ERROR_BAD, "too large" },
};

static void
test_faults(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();

	const struct worker_call nothing = { 0 };

	for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autoptr(GError) error = NULL;
		struct worker_reply reply;

		g_test_message("%s", faults[i].job);
		g_assert_false(worker_pool_run(pool, faults[i].job, &nothing,
		    faults[i].wall_ms, &reply, &error));
		g_assert_error(error, DG_ERROR, (int)faults[i].want);
		g_assert_nonnull(strstr(error->message, faults[i].text));
		g_clear_error(&error);
		g_assert_true(run(pool, "echo", "x", -1, &reply, &error));
		worker_reply_clear(&reply);
	}
}

static void
test_memory(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	g_autoptr(GError) error = NULL;
	struct worker_reply reply;

	g_assert_false(run(pool, "eat", "", -1, &reply, &error));
	g_assert_true(
	    err_is(error, DG_ERROR_FULL) || err_is(error, DG_ERROR_BAD));
}

static void
test_break_out(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	struct worker_reply reply;

#ifdef __SANITIZE_THREAD__
	g_test_skip("ThreadSanitizer's own calls are none the jail allows");
	return;
#endif
	g_assert_true(run(pool, "break-out", "", -1, &reply, &error));
	g_assert_no_error(error);
	text = g_strndup((char *)reply.record->data, reply.record->len);
	g_test_message("%s", text);
	g_assert_null(strstr(text, "DONE"));
	g_assert_nonnull(strstr(text, "code refused"));
	worker_reply_clear(&reply);
}

static void
test_killed_from_outside(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	g_autoptr(GError) error = NULL;
	struct worker_reply reply;
	pid_t pids[4];

	g_assert_true(run(pool, "echo", "x", -1, &reply, &error));
	worker_reply_clear(&reply);
	g_assert_cmpuint(worker_pool_readers(pool, pids, 4), ==, 1);
	kill(pids[0], SIGKILL);
	g_assert_true(run(pool, "echo", "y", -1, &reply, &error));
	g_assert_cmpmem(reply.record->data, reply.record->len, "y", 1);
	worker_reply_clear(&reply);
}

static void *
nap(void *pool)
{
	struct worker_reply reply;

	if (run(pool, "nap", "", -1, &reply, NULL))
		worker_reply_clear(&reply);
	return NULL;
}

/* Keeps both readers busy for a while; *threads_r are to be joined. */
static void
nap_twice(struct worker_pool *pool, pthread_t threads_r[2])
{
	pid_t pids[4];

	for (int i = 0; i < 2; i++)
		g_assert_cmpint(
		    pthread_create(&threads_r[i], NULL, nap, pool), ==, 0);
	while (worker_pool_readers(pool, pids, 4) < 2)
		g_usleep(1000);
}

/* Readers that die while they are idle are no try of the message that comes
 * next. */
static void
test_idle_killed(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	g_autoptr(GError) error = NULL;
	struct worker_reply reply;
	pthread_t threads[2];
	pid_t pids[4];

	nap_twice(pool, threads);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	g_assert_cmpuint(worker_pool_readers(pool, pids, 4), ==, 2);
	for (int i = 0; i < 2; i++)
		kill(pids[i], SIGKILL);
	g_usleep(50000);
	g_assert_true(run(pool, "echo", "y", -1, &reply, &error));
	g_assert_no_error(error);
	worker_reply_clear(&reply);
}

/* A caller that is in a hurry does not wait for ever. */
static void
test_busy(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	const struct worker_call call = { (const guint8 *)"", 0, NULL, 0 };
	g_autoptr(GError) error = NULL;
	struct worker_reply reply;
	pthread_t threads[2];

	nap_twice(pool, threads);
	g_assert_false(
	    worker_pool_run(pool, "echo", &call, 50, &reply, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_clear_error(&error);
	g_assert_true(
	    worker_pool_run(pool, "echo", &call, 10000, &reply, &error));
	g_assert_no_error(error);
	worker_reply_clear(&reply);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static void *
call_often(void *data)
{
	guint *good = g_new0(guint, 1);

	for (guint i = 0; i < 50; i++) {
		struct worker_reply reply;

		const struct worker_call call = { (const guint8 *)&i, sizeof(i),
			NULL, 0 };

		if (!worker_pool_run(data, "echo", &call, 0, &reply, NULL))
			continue;
		*good += reply.record->len == sizeof(i) &&
			 memcmp(reply.record->data, &i, sizeof(i)) == 0;
		worker_reply_clear(&reply);
	}
	return good;
}

static void
test_threads(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	pthread_t threads[8];

	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		g_assert_cmpint(
		    pthread_create(&threads[i], NULL, call_often, pool), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++) {
		void *good;

		pthread_join(threads[i], &good);
		g_assert_cmpuint(*(guint *)good, ==, 50);
		g_free(good);
	}
}

/* A program that is killed leaves no reader behind. */
static void
test_no_orphans(void)
{
	int report[2];
	pid_t child, reader = 0;
	gboolean gone = FALSE;

	g_assert_cmpint(pipe(report), ==, 0);
	child = fork();
	if (child == 0) {
		struct worker_pool *pool = start_pool();
		struct worker_reply reply;

		if (!run(pool, "echo", "x", -1, &reply, NULL) ||
		    worker_pool_readers(pool, &reader, 1) != 1 ||
		    write(report[1], &reader, sizeof(reader)) != sizeof(reader))
			_exit(1);
		for (;;)
			pause();
	}
	g_assert_cmpint(
	    read(report[0], &reader, sizeof(reader)), ==, sizeof(reader));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 200 && !gone; i++) {
		g_usleep(10000);
		gone = kill(reader, 0) != 0 && errno == ESRCH;
	}
	g_assert_true(gone);
	close(report[0]);
	close(report[1]);
}

static void
test_server_gone(void)
{
	struct worker_pool *pool OWNED(worker_pool_free) = start_pool();
	g_autofree char *children =
	    g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	struct worker_reply reply;
	pid_t server;

	if (!g_file_get_contents(children, &text, NULL, NULL)) {
		g_test_skip("the kernel does not list children");
		return;
	}
	server = strtol(text, NULL, 10);
	kill(server, SIGKILL);
	while (worker_pool_alive(pool))
		g_usleep(1000);
	g_assert_false(run(pool, "echo", "x", -1, &reply, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {
		{ "/base/worker/echo", test_echo },
		{ "/base/worker/sizes", test_sizes },
		{ "/base/worker/faults", test_faults },
		{ "/base/worker/memory", test_memory },
		{ "/base/worker/break-out", test_break_out },
		{ "/base/worker/killed-from-outside",
		    test_killed_from_outside },
		{ "/base/worker/idle-killed", test_idle_killed },
		{ "/base/worker/busy", test_busy },
		{ "/base/worker/no-orphans", test_no_orphans },
		{ "/base/worker/server-gone", test_server_gone },
		{ "/base/worker/threads", test_threads },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add_func(tests[i].name, tests[i].run);
	return g_test_run();
}
