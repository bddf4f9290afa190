/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program as a filter.
 *
 * Its standard input is a socket, so that one who does not read costs us no
 * SIGPIPE; its standard output a pipe.
 */
#include "lib/base/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

/* Our ends of what it reads and writes, and who it is. */
struct filter {
	int input, output;
	pid_t pid; /* 0: it has ended */
};

static void
filter_close(struct filter *filter)
{
	file_close(&filter->input);
	file_close(&filter->output);
}

static int
spawn(const char *const *argv, int input, int output, pid_t *pid_r)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int number;

	/* Threads of ours may have signals blocked or ignored. */
	sigemptyset(&signals);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	number = posix_spawn(
	    pid_r, argv[0], &actions, &attributes, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return number;
}

static gboolean
begin(const char *const *argv, struct filter *filter, GError **error)
{
	int pair[2], ends[2], number;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(error, errno, "socketpair");
	filter->input = pair[0];
	if (pipe2(ends, O_CLOEXEC) != 0) {
		number = errno;
		file_close(&pair[1]);
		return err_errno(error, number, "pipe");
	}
	filter->output = ends[0];
	number = spawn(argv, pair[1], ends[1], &filter->pid);
	file_close(&pair[1]);
	file_close(&ends[1]);
	return number == 0 ||
	       err_errno(error, number, "cannot run %s", argv[0]);
}

static gboolean
give(struct filter *filter, GBytes *input, GError **error)
{
	gsize length;
	const void *data = g_bytes_get_data(input, &length);

	/* One that does not read it may still answer; its end tells. */
	if (send(filter->input, data, length, MSG_NOSIGNAL) != (gssize)length &&
	    errno != EPIPE)
		return err_errno(error, errno, "cannot write to it");
	file_close(&filter->input);
	return TRUE;
}

/* FALSE with AGAIN when nothing came until `end`. */
static gboolean
wait_readable(int fd, gint64 end, GError **error)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	gint64 left = end - clock_mono(&clock_system);
	int got = left <= 0 ? 0 : poll(&poller, 1, (int)(left / 1000) + 1);

	if (got > 0 || (got < 0 && errno == EINTR))
		return TRUE;
	return err_set(error, DG_ERROR_AGAIN, "it took too long");
}

static gboolean
take(int fd, gsize most, gint64 end, GByteArray *answer, GError **error)
{
	guint8 block[4096];
	gssize got = 1;

	while (got != 0) {
		if (!wait_readable(fd, end, error))
			return FALSE;
		got = read(fd, block, sizeof(block));
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return err_errno(error, errno, "cannot read from it");
		if (got > 0)
			g_byte_array_append(answer, block, (guint)got);
		if (answer->len > most)
			return err_set(error, DG_ERROR_IO,
			    "it wrote more than %zu bytes", most);
	}
	explicit_bzero(block, sizeof(block));
	return TRUE;
}

/* A program may shut its output and stay: it has as long as all the rest. */
static gboolean
end_of(struct filter *filter, gint64 end, GError **error)
{
	int status = 0;
	pid_t gone;

	while ((gone = waitpid(filter->pid, &status, WNOHANG)) == 0 &&
	       clock_mono(&clock_system) < end)
		g_usleep(G_USEC_PER_SEC / 100);
	if (gone == 0)
		return err_set(error, DG_ERROR_AGAIN, "it took too long");
	filter->pid = 0;
	if (gone < 0)
		return err_errno(error, errno, "waitpid");
	if (WIFSIGNALED(status))
		return err_set(error, DG_ERROR_IO, "it was ended by signal %d",
		    WTERMSIG(status));
	return WEXITSTATUS(status) == 0 ||
	       err_set(error, DG_ERROR_IO, "it ended with status %d",
		   WEXITSTATUS(status));
}

GBytes *
filter_run(const char *const *argv, GBytes *input, gsize most, guint seconds,
    GError **error)
{
	gint64 end =
	    clock_mono(&clock_system) + (gint64)seconds * G_USEC_PER_SEC;
	struct filter filter OWNED(filter_close) = { -1, -1, 0 };
	GByteArray *answer;

	g_assert(g_bytes_get_size(input) <= FILTER_INPUT_MOST);
	if (!begin(argv, &filter, error))
		return NULL;
	answer = g_byte_array_new();
	if (give(&filter, input, error) &&
	    take(filter.output, most, end, answer, error) &&
	    end_of(&filter, end, error))
		return g_byte_array_free_to_bytes(answer);
	g_prefix_error(error, "%s: ", argv[0]);
	if (filter.pid != 0) {
		kill(filter.pid, SIGKILL);
		(void)waitpid(filter.pid, NULL, 0);
	}
	g_byte_array_unref(answer);
	return NULL;
}
