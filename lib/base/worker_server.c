/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fork server and its readers.  The server is single-threaded and small: it
 * waits for a byte from the pool, forks a reader, and hands back the reader's
 * channel and pidfd.  It ends when the pool's end of the control socket closes;
 * readers end when their channel does, or with the server.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/jail.h"
#include "lib/base/log.h"
#include "lib/base/worker_private.h"

struct server {
	int control;
	const struct worker_job *jobs;
	void *context;
	const struct worker_limits *limits;
};

static guint
count_jobs(const struct worker_job *jobs)
{
	guint n = 0;

	while (jobs[n].name != NULL)
		n++;
	return n;
}

static gboolean
send_failure(int channel, const GError *error)
{
	const char *text = error != NULL ? error->message : "it failed unsaid";
	struct worker_head head = {
		.code = 1 + (error != NULL && error->domain == DG_ERROR
				    ? (guint)error->code
				    : DG_ERROR_BAD),
		.length = strlen(text),
	};

	return wire_send(channel, &head, text, NULL, 0, NULL);
}

/* Runs one call and answers it; FALSE when the pool is gone. */
static gboolean
answer_call(const struct server *server, int channel,
    const struct worker_head *head, int *fds, GByteArray *request)
{
	const struct worker_call call = { request->data, request->len, fds,
		head->n_fds };
	struct worker_answer answer = { .record = g_byte_array_new() };
	g_autoptr(GError) error = NULL;
	gboolean sent;

	if (head->code < count_jobs(server->jobs) &&
	    server->jobs[head->code].run(
		server->context, &call, &answer, &error)) {
		struct worker_head reply = { 0, answer.record->len,
			answer.n_fds };

		sent = wire_send(
		    channel, &reply, answer.record->data, answer.fds, 0, NULL);
	} else {
		sent = send_failure(channel, error);
	}
	wire_close_all(answer.fds, answer.n_fds);
	wire_close_all(fds, head->n_fds);
	g_byte_array_unref(answer.record);
	return sent;
}

/* A reader's life. */
static void G_GNUC_NORETURN
read_calls(const struct server *server, int channel)
{
	g_autoptr(GError) error = NULL;

	if (!jail_close(server->limits->memory_bytes,
		server->limits->file_bytes, &error)) {
		log_error(LOG_LEVEL_ERROR, error, "reader-without-jail", "what",
		    "no mail is read: it goes on as it came, unsure", NULL);
		send_failure(channel, error);
		_exit(EX_OSERR);
	}
	for (;;) {
		struct worker_head head;
		int fds[WORKER_MAX_FDS];
		g_autoptr(GByteArray) request = g_byte_array_new();

		if (!wire_receive_head(channel, &head, fds, 0, NULL) ||
		    !wire_receive_bytes(
			channel, head.length, request, 0, NULL) ||
		    !answer_call(server, channel, &head, fds, request))
			_exit(EX_OK);
	}
}

static void
fork_reader(const struct server *server)
{
	int pair[2], handed[2];
	pid_t pid, parent = getpid();
	struct worker_head head = { 0, sizeof(pid), 2 };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		send_failure(server->control, NULL);
		return;
	}
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EX_OSERR);
		close(pair[0]);
		close(server->control);
		read_calls(server, pair[1]);
	}
	close(pair[1]);
	handed[0] = pair[0];
	handed[1] = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (handed[1] < 0)
		send_failure(server->control, NULL);
	else
		wire_send(server->control, &head, &pid, handed, 0, NULL);
	wire_close_all(handed, 2);
}

/* Signals meant for the program are the pool's business; the server ends by
 * EOF. */
static void
set_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGUSR1, SIGUSR2, SIGPIPE };
	sigset_t none;

	for (gsize i = 0; i < G_N_ELEMENTS(ignored); i++)
		signal(ignored[i], SIG_IGN);
	/* Readers are reaped by the kernel: nobody waits for them. */
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Keeps 0, 1, 2 and the control socket (moved to 3). */
static int
close_others(int control)
{
	if (control != 3) {
		dup3(control, 3, O_CLOEXEC);
		control = 3;
	}
	syscall(SYS_close_range, 4, ~0U, 0);
	return control;
}

void
worker_serve(int control, const struct worker_job *jobs, void *context,
    void (*prepare)(void *context), const struct worker_limits *limits)
{
	struct server server = { close_others(control), jobs, context, limits };
	char wish;

	set_signals();
	if (prepare != NULL)
		prepare(context);
	for (;;) {
		gssize got = recv(server.control, &wish, 1, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			_exit(EX_OK);
		fork_reader(&server);
	}
}
