/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The porter: one thread that waits for signals, for words of the daemon and
 * for its end.
 */
#include "tools/porter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"

struct porter {
	int channel;
	int socket;
};

/* The porter's own. */
struct lodge {
	int channel, signals;
	pid_t daemon;
	sigset_t before; /* what was blocked */
	gboolean ending; /* it was told to end, perhaps amid a new start */
	char *const *again;
};

static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

static void
lodge_signals(sigset_t *set)
{
	sigemptyset(set);
	for (gsize i = 0; i < G_N_ELEMENTS(passed_on); i++)
		sigaddset(set, passed_on[i]);
	sigaddset(set, SIGCHLD);
}

/* A reload that comes too early waits until somebody looks for it. */
static void
restore_signals(const sigset_t *before)
{
	sigset_t set = *before;

	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void
pass_word(guint8 word)
{
	static const char *const words[] = {
		[PORTER_READY] = "READY=1",
		[PORTER_STOPPING] = "STOPPING=1",
		[PORTER_ALIVE] = "WATCHDOG=1",
	};
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	if (word == PORTER_RELOADING)
		text = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		    g_get_monotonic_time());
	else if (word < G_N_ELEMENTS(words))
		text = g_strdup(words[word]);
	if (text != NULL && !notify_send(text, &error))
		log_error(LOG_LEVEL_WARN, error, "not-notified", NULL);
}

/* All that it has said; FALSE when the daemon's end is closed. */
static gboolean
hear(const struct lodge *lodge)
{
	guint8 word;
	gssize got;

	while ((got = recv(lodge->channel, &word, 1, MSG_DONTWAIT)) == 1)
		pass_word(word);
	return got != 0;
}

/* TRUE when the daemon has ended. */
static gboolean
take_signal(struct lodge *lodge, int *status_r)
{
	struct signalfd_siginfo info;

	if (read(lodge->signals, &info, sizeof(info)) != sizeof(info))
		return FALSE;
	if (info.ssi_signo == SIGCHLD)
		return waitpid(lodge->daemon, status_r, WNOHANG) ==
		       lodge->daemon;
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
		lodge->ending = TRUE;
	kill(lodge->daemon, (int)info.ssi_signo);
	return FALSE;
}

static int
wait_for_end(struct lodge *lodge)
{
	struct pollfd fds[] = { { .fd = lodge->signals, .events = POLLIN },
		{ .fd = lodge->channel, .events = POLLIN } };
	int status = 0;

	for (;;) {
		if (poll(fds, G_N_ELEMENTS(fds), -1) < 0)
			continue;
		if (fds[1].revents != 0 && !hear(lodge))
			fds[1].fd = -1; /* it is about to end */
		if (fds[0].revents != 0 && take_signal(lodge, &status))
			return status;
	}
}

/* Ends as the daemon did, or becomes a new one. */
static void G_GNUC_NORETURN
lodge_keep(struct lodge *lodge)
{
	int status = wait_for_end(lodge);

	(void)hear(lodge); /* its last words */
	if (WIFSIGNALED(status)) {
		sigset_t one;

		signal(WTERMSIG(status), SIG_DFL);
		sigemptyset(&one);
		sigaddset(&one, WTERMSIG(status));
		raise(WTERMSIG(status));
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		_exit(128 + WTERMSIG(status));
	}
	if (WEXITSTATUS(status) != PORTER_AGAIN)
		_exit(WEXITSTATUS(status));
	if (lodge->ending)
		_exit(EX_OK);
	pass_word(PORTER_RELOADING);
	restore_signals(&lodge->before);
	execv("/proc/self/exe", lodge->again);
	_exit(EX_OSERR);
}

static struct porter *
enter(int channel, int socket, const sigset_t *before)
{
	struct porter *porter = g_new0(struct porter, 1);

	restore_signals(before);
	porter->channel = channel;
	porter->socket = socket;
	if (socket >= 0)
		fcntl(socket, F_SETFD, FD_CLOEXEC);
	return porter;
}

struct porter *
porter_enter(char *const *again, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct lodge lodge = { .again = again };
	int pair[2], socket = notify_listening(&fault);
	pid_t parent = getpid();
	sigset_t set;

	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		err_errno(error, errno, "socketpair");
		return NULL;
	}
	lodge_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &lodge.before);
	signal(SIGCHLD, SIG_DFL);
	lodge.signals = signalfd(-1, &set, SFD_CLOEXEC);
	lodge.channel = pair[0];
	lodge.daemon = lodge.signals < 0 ? -1 : fork();
	if (lodge.daemon > 0) {
		close(pair[1]);
		lodge_keep(&lodge);
	}
	if (lodge.daemon < 0) {
		err_errno(error, errno, "cannot fork");
		restore_signals(&lodge.before);
		close(pair[1]);
		close(pair[0]);
		return NULL;
	}
	close(lodge.signals);
	close(pair[0]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EX_OSERR);
	return enter(pair[1], socket, &lodge.before);
}

void
porter_leave(struct porter **address)
{
	struct porter *porter = *address;

	if (porter == NULL)
		return;
	file_close(&porter->channel);
	file_close(&porter->socket);
	g_clear_pointer(address, g_free);
}

void
porter_tell(struct porter *porter, enum porter_word word)
{
	guint8 byte = (guint8)word;

	/* One who does not hear is not waited for. */
	if (porter != NULL)
		(void)!send(
		    porter->channel, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int
porter_take_socket(struct porter *porter)
{
	int socket = porter->socket;

	porter->socket = -1;
	return socket;
}
