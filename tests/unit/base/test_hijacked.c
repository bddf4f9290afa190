/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reader that was taken over, in a real pool: a job that tries what an
 * attacker would, and answers with what it could.  The jail alone, act by act,
 * is in test_jail.c.
 */
#include "lib/base/worker.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MEMORY ((gsize)64 << 20)
#define RECORD ((gsize)1 << 20)
#define FILE_BYTES ((gsize)1 << 20)

/* A secret of the pool's process, and where a reader might look for it. */
struct loot {
	int file, socket; /* open in the pool's process */
	const char *path;
	pid_t pool;
};

static void
could(const struct worker_answer *answer, const char *what, gboolean done)
{
	if (!done)
		return;
	g_byte_array_append(
	    answer->record, (const guint8 *)what, (guint)strlen(what));
	g_byte_array_append(answer->record, (const guint8 *)"\n", 1);
}

/* Descriptors beside 0, 1, 2, the channel and those of the call. */
static guint
strays(const struct worker_call *call)
{
	guint n = 0;

	for (int fd = 3; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n - call->n_fds - 1;
}

static void
try_files(const struct loot *loot, struct worker_answer *answer)
{
	char byte = 0;

	could(answer, "open the secret", open(loot->path, O_RDONLY) >= 0);
	could(answer, "read the pool's descriptor",
	    read(loot->file, &byte, 1) == 1);
	could(answer, "write a file",
	    open(loot->path, O_WRONLY | O_CREAT, 0600) >= 0);
	could(answer, "unlink", unlink(loot->path) == 0);
	could(answer, "rename", rename(loot->path, "/tmp/x") == 0);
	could(answer, "mkdir", mkdir("/tmp/deskgate-hijacked", 0700) == 0);
	could(answer, "read /proc", open("/proc/self/maps", O_RDONLY) >= 0);
	could(answer, "environ of the pool",
	    open("/proc/1/environ", O_RDONLY) >= 0);
}

static void
try_network(const struct loot *loot, struct worker_answer *answer)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(53),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	could(answer, "socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
	could(answer, "unix socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	could(answer, "connect the pool's socket",
	    connect(loot->socket, (const struct sockaddr *)&at, sizeof(at)) ==
		0);
	could(answer, "send by it",
	    sendto(loot->socket, "x", 1, 0, (const struct sockaddr *)&at,
		sizeof(at)) == 1);
}

static void
try_processes(const struct loot *loot, struct worker_answer *answer)
{
	static char *const nothing[] = { NULL };
	pid_t child;

	could(answer, "execve", execve("/bin/true", nothing, nothing) == 0);
	child = fork();
	if (child == 0)
		_exit(0);
	could(answer, "fork", child > 0);
	could(answer, "signal the pool", kill(loot->pool, 0) == 0);
	could(answer, "signal the server", kill(getpid() - 1, 0) == 0);
	could(answer, "trace the pool",
	    ptrace(PTRACE_ATTACH, loot->pool, NULL, NULL) == 0);
	could(answer, "the pool's pidfd",
	    syscall(SYS_pidfd_open, loot->pool, 0) >= 0);
	could(answer, "code of its own",
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void
try_room(struct worker_answer *answer)
{
	static const char block[1 << 16];
	int fd = memfd_create("big", MFD_CLOEXEC);
	gsize sum = 0;

	while (fd >= 0 && sum <= FILE_BYTES &&
	       write(fd, block, sizeof(block)) == (gssize)sizeof(block))
		sum += sizeof(block);
	could(answer, "a file beyond the limit", sum > FILE_BYTES);
	close(fd);
#ifndef WITH_SANITIZERS
	could(answer, "memory beyond the limit",
	    mmap(NULL, 2 * MEMORY, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
#endif
}

static gboolean
job_try_all(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	const struct loot *loot = context;

	(void)error;
	signal(SIGXFSZ, SIG_IGN);
	could(answer, "a descriptor of the pool's", strays(call) != 0);
	try_files(loot, answer);
	try_network(loot, answer);
	try_processes(loot, answer);
	try_room(answer);
	return TRUE;
}

/* An answer without end. */
static gboolean
job_flood(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	(void)context, (void)call, (void)error;
	g_byte_array_set_size(answer->record, 4 * RECORD);
	return TRUE;
}

static const struct worker_job jobs[] = { { "try-all", job_try_all },
	{ "flood", job_flood }, { NULL, NULL } };

static const struct worker_limits limits = { .readers = 1,
	.wall_ms = 10000,
	.memory_bytes = MEMORY,
	.record_bytes = RECORD,
	.file_bytes = FILE_BYTES,
	.calls = 100 };

static void
test_all(void)
{
	g_autofree char *path = NULL;
	int file = g_file_open_tmp("deskgate-XXXXXX", &path, NULL);
	struct loot loot = { file, socket(AF_INET, SOCK_DGRAM, 0), path,
		getpid() };
	const struct worker_call call = { (const guint8 *)"", 0, NULL, 0 };
	struct worker_pool *pool OWNED(worker_pool_free) = NULL;
	struct worker_reply reply = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(write(file, "secret", 6), ==, 6);
	g_assert_cmpint(lseek(file, 0, SEEK_SET), ==, 0);
	pool = worker_pool_start(jobs, &loot, NULL, &limits, &error);
	g_assert_no_error(error);
	g_assert_true(
	    worker_pool_run(pool, "try-all", &call, 0, &reply, &error));
	g_assert_no_error(error);
	g_byte_array_append(reply.record, (const guint8 *)"", 1);
	g_assert_cmpstr((const char *)reply.record->data, ==, "");
	worker_reply_clear(&reply);
	g_assert_false(
	    worker_pool_run(pool, "flood", &call, 0, &reply, &error));
	g_assert_nonnull(error);
	g_assert_cmpint(unlink(path), ==, 0);
	file_close(&loot.file);
	file_close(&loot.socket);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/hijacked/all", test_all);
	return g_test_run();
}
