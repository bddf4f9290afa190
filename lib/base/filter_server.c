/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process that runs the program: it waits at a socket for what to ask, runs
 * it, and answers; a packet each.  It ends when the other end closes.
 */
#include "lib/base/filter_server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/filter.h"

#define WORD_MOST 16

struct filter_server {
	int socket;
	pid_t pid;
	pthread_mutex_t lock;
};

struct question {
	guint64 most;
	char word[WORD_MOST]; /* NUL-ended */
};
struct answer {
	guint32 code; /* 0, or 1 and the error's code */
};
/* What came back. */
struct outcome {
	struct answer answer;
	gssize length;
	guint8 body[FILTER_ANSWER_MOST];
};

/* A head and what is behind it as one packet. */
static gboolean
send_packet(
    int fd, const void *head, gsize head_length, const void *body, gsize length)
{
	struct iovec parts[] = { { (void *)head, head_length },
		{ (void *)body, length } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	return sendmsg(fd, &message, MSG_NOSIGNAL) ==
	       (gssize)(head_length + length);
}

/* The length of the body; -1 when there was no whole head. */
static gssize
take_packet(int fd, void *head, gsize head_length, void *body, gsize body_most)
{
	struct iovec parts[] = { { head, head_length }, { body, body_most } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	gssize got;

	do
		got = recvmsg(fd, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got < (gssize)head_length || (message.msg_flags & MSG_TRUNC) != 0)
		return -1;
	return got - (gssize)head_length;
}

/* --- the process --- */

static gboolean
answer_one(int fd, const char **argv, guint n, guint seconds)
{
	struct question question;
	struct answer answer = { 0 };
	guint8 body[FILTER_INPUT_MOST];
	gssize got =
	    take_packet(fd, &question, sizeof(question), body, sizeof(body));
	g_autoptr(GBytes) input = NULL;
	g_autoptr(GBytes) output = NULL;
	g_autoptr(GError) error = NULL;
	gsize length = 0;
	const void *data;
	gboolean done;

	if (got < 0 || question.word[WORD_MOST - 1] != '\0')
		return FALSE;
	argv[n] = question.word;
	input = g_bytes_new_static(body, (gsize)got);
	output = filter_run(argv, input, MIN(question.most, FILTER_ANSWER_MOST),
	    seconds, &error);
	if (output == NULL)
		answer.code = 1 + (guint32)error->code;
	data =
	    output == NULL ? error->message : g_bytes_get_data(output, &length);
	if (output == NULL)
		length = MIN(strlen(error->message), FILTER_ANSWER_MOST);
	done = send_packet(fd, &answer, sizeof(answer), data, length);
	/* Either may be a key. */
	explicit_bzero(body, sizeof(body));
	explicit_bzero((void *)data, length);
	return done;
}

static void G_GNUC_NORETURN
serve(int fd, const char *const *words, guint seconds)
{
	const char *argv[FILTER_WORDS_MOST + 2] = { NULL };
	guint n = 0;
	sigset_t all;

	/* Signals are the daemon's business; for the program they are as always
	 * (filter_run). */
	sigfillset(&all);
	sigdelset(&all, SIGCHLD);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (fd != 3)
		fd = dup3(fd, 3, 0) == 3 ? 3 : fd;
	syscall(SYS_close_range, 4, ~0U, 0);
	/* Not for the program. */
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		_exit(EX_OSERR);
	for (; words[n] != NULL; n++)
		argv[n] = words[n];
	while (answer_one(fd, argv, n, seconds))
		;
	_exit(EX_OK);
}

/* --- who asks --- */

struct filter_server *
filter_server_start(const char *const *argv, guint seconds, GError **error)
{
	struct filter_server *server;
	pid_t parent = getpid(), pid;
	int pair[2];

	if (g_strv_length((char **)argv) > FILTER_WORDS_MOST) {
		err_set(error, DG_ERROR_BAD, "%s has more than %d words",
		    argv[0], FILTER_WORDS_MOST);
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		err_errno(error, errno, "socketpair");
		return NULL;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EX_OSERR);
		serve(pair[1], argv, seconds);
	}
	close(pair[1]);
	if (pid < 0) {
		err_errno(error, errno, "fork");
		close(pair[0]);
		return NULL;
	}
	server = g_new0(struct filter_server, 1);
	server->socket = pair[0];
	server->pid = pid;
	pthread_mutex_init(&server->lock, NULL);
	return server;
}

void
filter_server_stop(struct filter_server **address)
{
	struct filter_server *server = *address;

	if (server == NULL)
		return;
	close(server->socket);
	while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
		;
	pthread_mutex_destroy(&server->lock);
	g_clear_pointer(address, g_free);
}

static gboolean
ask(struct filter_server *server, const char *word, GBytes *input, gsize most,
    struct outcome *outcome_r)
{
	struct question question = { .most = most };
	gsize length;
	const void *data = g_bytes_get_data(input, &length);
	gboolean done;

	g_strlcpy(question.word, word, sizeof(question.word));
	pthread_mutex_lock(&server->lock);
	done = send_packet(
	    server->socket, &question, sizeof(question), data, length);
	if (done)
		outcome_r->length = take_packet(server->socket,
		    &outcome_r->answer, sizeof(outcome_r->answer),
		    outcome_r->body, sizeof(outcome_r->body));
	pthread_mutex_unlock(&server->lock);
	return done && outcome_r->length >= 0;
}

GBytes *
filter_server_run(struct filter_server *server, const char *word, GBytes *input,
    gsize most, GError **error)
{
	struct outcome outcome = { .length = 0 };
	GBytes *output = NULL;

	g_assert(g_bytes_get_size(input) <= FILTER_INPUT_MOST &&
		 most <= FILTER_ANSWER_MOST && strlen(word) < WORD_MOST);
	if (!ask(server, word, input, most, &outcome))
		err_set(error, DG_ERROR_AGAIN,
		    "the process that runs it is gone; start deskgate-deliver "
		    "again");
	else if (outcome.answer.code == 0)
		output = g_bytes_new(outcome.body, (gsize)outcome.length);
	else
		err_set(error, (enum dg_error)(outcome.answer.code - 1), "%.*s",
		    (int)outcome.length, (const char *)outcome.body);
	explicit_bzero(&outcome, sizeof(outcome));
	return output;
}
