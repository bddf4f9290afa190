/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pool: hands calls to standing readers, kills those that take too long or
 * too much, tries a call once more in a new reader, and then lets the message
 * go on unread.
 *
 * One lock guards the list of readers and the control socket; it is not held
 * while a reader works.
 */
#include "lib/base/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/worker_private.h"

#define TRIES 2
/* How long the fork server may take to fork. */
#define FORK_USEC ((gint64)10 * G_USEC_PER_SEC)

struct reader {
	int channel, pidfd;
	pid_t pid;
	guint calls;
	gint64 deadline; /* of the call it has now */
};

struct worker_pool {
	const struct worker_job *jobs;
	struct worker_limits limits;
	int control;
	pid_t server;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	GQueue idle;    /* struct reader * */
	GPtrArray *all; /* struct reader *: idle and busy ones */
};

struct worker_pool *
worker_pool_start(const struct worker_job *jobs, void *context,
    void (*prepare)(void *context), const struct worker_limits *limits,
    GError **error)
{
	struct worker_pool *pool;
	pid_t parent = getpid(), server;
	pthread_condattr_t attributes;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		err_errno(error, errno, "socketpair");
		return NULL;
	}
	fflush(NULL);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		worker_serve(pair[1], jobs, context, prepare, limits);
	}
	close(pair[1]);
	if (server < 0) {
		err_errno(error, errno, "fork");
		close(pair[0]);
		return NULL;
	}
	pool = g_new0(struct worker_pool, 1);
	pool->jobs = jobs;
	pool->limits = *limits;
	pool->control = pair[0];
	pool->server = server;
	pool->all = g_ptr_array_new();
	g_queue_init(&pool->idle);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->freed, &attributes);
	pthread_condattr_destroy(&attributes);
	return pool;
}

/* Ends a reader for good; the caller holds the lock. */
static void
end_reader(struct worker_pool *pool, struct reader *reader)
{
	g_ptr_array_remove_fast(pool->all, reader);
	syscall(SYS_pidfd_send_signal, reader->pidfd, SIGKILL, NULL, 0);
	close(reader->channel);
	close(reader->pidfd);
	g_free(reader);
}

void
worker_pool_free(struct worker_pool **address)
{
	struct worker_pool *pool = *address;

	if (pool == NULL)
		return;
	g_queue_clear(&pool->idle);
	while (pool->all->len > 0)
		end_reader(pool, pool->all->pdata[0]);
	g_ptr_array_unref(pool->all);
	close(pool->control);
	while (waitpid(pool->server, NULL, 0) < 0 && errno == EINTR)
		;
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->freed);
	g_clear_pointer(address, g_free);
}

gboolean
worker_pool_alive(struct worker_pool *pool)
{
	struct pollfd ready = { .fd = pool->control };

	return poll(&ready, 1, 0) == 0 ||
	       (ready.revents & (POLLHUP | POLLERR)) == 0;
}

/* A new reader from the fork server; the caller holds the lock. */
static struct reader *
fork_reader(struct worker_pool *pool, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + FORK_USEC;
	struct worker_head head;
	int fds[WORKER_MAX_FDS];
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct reader *reader;

	if (send(pool->control, "r", 1, MSG_NOSIGNAL) != 1 ||
	    !wire_receive_head(pool->control, &head, fds, deadline, NULL) ||
	    !wire_receive_bytes(
		pool->control, head.length, bytes, deadline, NULL)) {
		err_set(error, DG_ERROR_AGAIN, "the fork server is gone");
		return NULL;
	}
	if (head.code != 0 || head.n_fds != 2 || bytes->len != sizeof(pid_t)) {
		wire_close_all(fds, head.n_fds);
		err_set(error, DG_ERROR_AGAIN, "no reader could be forked");
		return NULL;
	}
	reader = g_new0(struct reader, 1);
	reader->channel = fds[0];
	reader->pidfd = fds[1];
	memcpy(&reader->pid, bytes->data, sizeof(pid_t));
	g_ptr_array_add(pool->all, reader);
	return reader;
}

/* An idle reader has nothing to say: what can be read is its end. */
static gboolean
is_gone(const struct reader *reader)
{
	struct pollfd ready = { .fd = reader->channel, .events = POLLIN };

	return poll(&ready, 1, 0) > 0;
}

/* One that died meanwhile (the kernel was short of memory, say) is no try of
 * a message that never saw it; the caller holds the lock. */
static struct reader *
pop_idle(struct worker_pool *pool)
{
	struct reader *reader;

	while ((reader = g_queue_pop_head(&pool->idle)) != NULL) {
		if (!is_gone(reader))
			return reader;
		end_reader(pool, reader);
	}
	return NULL;
}

static struct timespec
in_ms(guint ms)
{
	gint64 then = g_get_monotonic_time() + (gint64)ms * 1000;

	return (struct timespec){ then / G_USEC_PER_SEC,
		then % G_USEC_PER_SEC * 1000 };
}

/* A free reader, a new one, or the next that is freed within `wait_ms` (0:
 * ever).
 */
static struct reader *
take_reader(struct worker_pool *pool, guint wait_ms, GError **error)
{
	const struct timespec until = in_ms(wait_ms);
	struct reader *reader;
	int late = 0;

	pthread_mutex_lock(&pool->lock);
	while ((reader = pop_idle(pool)) == NULL && late != ETIMEDOUT &&
	       pool->all->len >= pool->limits.readers)
		late = wait_ms == 0
			   ? pthread_cond_wait(&pool->freed, &pool->lock)
			   : pthread_cond_timedwait(
				 &pool->freed, &pool->lock, &until);
	if (reader == NULL && pool->all->len < pool->limits.readers)
		reader = fork_reader(pool, error);
	else if (reader == NULL)
		err_set(error, DG_ERROR_AGAIN, "no reader was free in time");
	pthread_mutex_unlock(&pool->lock);
	return reader;
}

/* Gives a reader back, or ends it when it failed or is worn. */
static void
give_reader(struct worker_pool *pool, struct reader *reader, gboolean good)
{
	guint most = pool->limits.calls;

	pthread_mutex_lock(&pool->lock);
	reader->calls++;
	if (good && (most == 0 || reader->calls < most))
		g_queue_push_head(&pool->idle, reader);
	else
		end_reader(pool, reader);
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

#ifdef WITH_SANITIZERS
/* Sanitizers reserve the address space, so RLIMIT_DATA cannot be set: the
 * reader's resident memory is watched from here while we wait, with room for
 * their bookkeeping. */
#define SLICE_USEC (G_USEC_PER_SEC / 20)
#define SANITIZER_FACTOR 4
#define SANITIZER_BASE ((gsize)512 << 20)

static gsize
resident(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)pid);
	unsigned long pages = 0;
	FILE *file = fopen(path, "re");

	if (file != NULL) {
		if (fscanf(file, "%*u %lu", &pages) != 1)
			pages = 0;
		fclose(file);
	}
	return pages * (gsize)sysconf(_SC_PAGESIZE);
}

static gboolean
wait_watched(
    const struct worker_pool *pool, const struct reader *reader, GError **error)
{
	struct pollfd ready = { .fd = reader->channel, .events = POLLIN };
	gsize most =
	    pool->limits.memory_bytes * SANITIZER_FACTOR + SANITIZER_BASE;

	while (poll(&ready, 1, SLICE_USEC / 1000) == 0) {
		if (g_get_monotonic_time() > reader->deadline)
			return err_set(error, DG_ERROR_AGAIN, "time is over");
		if (resident(reader->pid) > most)
			return err_set(
			    error, DG_ERROR_FULL, "it took too much memory");
	}
	return TRUE;
}
#else
static gboolean
wait_watched(
    const struct worker_pool *pool, const struct reader *reader, GError **error)
{
	(void)pool, (void)reader, (void)error;
	return TRUE;
}
#endif

enum outcome { ANSWERED, FAILED, DIED };

/* The job's own word that it failed is an answer, not a death. */
static enum outcome
receive_answer(struct worker_pool *pool, struct reader *reader,
    struct worker_reply *reply, GError **error)
{
	struct worker_head head;

	if (!wait_watched(pool, reader, error) ||
	    !wire_receive_head(
		reader->channel, &head, reply->fds, reader->deadline, error))
		return DIED;
	reply->n_fds = head.n_fds;
	if (head.length > pool->limits.record_bytes) {
		err_set(error, DG_ERROR_FULL, "its answer is too large");
		return DIED;
	}
	if (!wire_receive_bytes(reader->channel, head.length, reply->record,
		reader->deadline, error))
		return DIED;
	if (head.code == 0)
		return ANSWERED;
	err_set(error, MIN(head.code - 1, (guint)DG_ERROR_IO), "%.*s",
	    (int)MIN(reply->record->len, 1000), (char *)reply->record->data);
	return FAILED;
}

static enum outcome
call_reader(struct worker_pool *pool, struct reader *reader, guint job,
    const struct worker_call *call, struct worker_reply *reply, GError **error)
{
	const struct worker_head head = { job, call->request_length,
		call->n_fds };
	enum outcome outcome = DIED;

	*reply = (struct worker_reply){ .record = g_byte_array_new() };
	if (wire_send(reader->channel, &head, call->request, call->fds,
		reader->deadline, error))
		outcome = receive_answer(pool, reader, reply, error);
	if (outcome != ANSWERED)
		worker_reply_clear(reply);
	return outcome;
}

static guint
job_index(const struct worker_pool *pool, const char *job)
{
	for (guint i = 0; pool->jobs[i].name != NULL; i++) {
		if (strcmp(pool->jobs[i].name, job) == 0)
			return i;
	}
	g_error("there is no job \"%s\"", job);
}

gboolean
worker_pool_run(struct worker_pool *pool, const char *job,
    const struct worker_call *call, guint wall_ms, struct worker_reply *reply_r,
    GError **error)
{
	guint wait_ms = wall_ms, index = job_index(pool, job);
	g_autoptr(GError) fault = NULL;

	if (wall_ms == 0 || wall_ms > pool->limits.wall_ms)
		wall_ms = pool->limits.wall_ms;
	for (guint try = 0; try < TRIES; try++) {
		struct reader *reader = take_reader(pool, wait_ms, error);
		enum outcome outcome;

		if (reader == NULL)
			return FALSE;
		g_clear_error(&fault);
		reader->deadline =
		    g_get_monotonic_time() + (gint64)wall_ms * 1000;
		outcome =
		    call_reader(pool, reader, index, call, reply_r, &fault);
		give_reader(pool, reader, outcome != DIED);
		if (outcome == ANSWERED)
			return TRUE;
		if (outcome == FAILED) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
	}
	return err_set(
	    error, DG_ERROR_BAD, "no reader could read it: %s", fault->message);
}

void
worker_reply_clear(struct worker_reply *reply)
{
	wire_close_all(reply->fds, reply->n_fds);
	reply->n_fds = 0;
	g_clear_pointer(&reply->record, g_byte_array_unref);
}

guint
worker_pool_readers(struct worker_pool *pool, pid_t *pids_r, guint max)
{
	guint n = 0;

	pthread_mutex_lock(&pool->lock);
	for (guint i = 0; i < pool->all->len && n < max; i++)
		pids_r[n++] = ((struct reader *)pool->all->pdata[i])->pid;
	pthread_mutex_unlock(&pool->lock);
	return n;
}
