/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking the keeper, running or not.  See ask.h for why a child.
 */
#include "tools/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/jail.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tickets/control.h"
#include "tools/home.h"
#include "tools/keeper.h"
#include "tools/privacy.h"
#include "tools/paths.h"

/* How long to wait before a job is asked for again: what takes a moment is not
 * held up, what takes long is seldom asked. */
#define LOOK_USEC_LEAST 5000
#define LOOK_USEC_MOST ((gulong)(G_USEC_PER_SEC / 10))

struct ask {
	struct control_client *client;
	pid_t child; /* 0: a running keeper answers */
	gboolean mend;
};

/* Only what a person at the terminal has to see, or the syslog to keep. */
static void
log_warnings(const struct conf *conf)
{
	const char *target = conf_string(conf_global(conf), "log-target");
	const struct log_settings settings = {
		.program = "deskgate",
		.target = strcmp(target, "syslog") == 0 ? LOG_TARGET_SYSLOG
							: LOG_TARGET_STDERR,
		.level = LOG_LEVEL_WARN,
		.addresses = LOG_ADDRESSES_NONE,
	};

	log_install(&settings);
}

/* The child's life: become, open, say "ready" (or the fault), serve, close. */
static gboolean
serve_child(const struct ask *ask, const struct conf *conf, int fd, int report,
    GError **error)
{
	struct home_owners owners;
	struct paths paths;
	struct keeper *keeper OWNED(keeper_close) = NULL;
	struct control_service service;
	gboolean ready;

	/* What it keeps is the same in whatever language it was asked. */
	translate_stop();
	log_warnings(conf);
	paths_init(&paths, conf);
	ready = home_owners(conf, FALSE, &owners, error) &&
		home_prepare(&paths, &owners, error) &&
		(owners.keeper_name == NULL ||
		    jail_become(owners.keeper_name, owners.group, error)) &&
		jail_keep_private(error) &&
		(keeper = ask->mend ? keeper_open_mending(conf, error)
				    : keeper_open(conf, error)) != NULL;
	paths_fini(&paths);
	if (ready)
		privacy_alone(keeper);
	if (!ready) {
		const char *text = error != NULL && *error != NULL
				       ? (*error)->message
				       : "unknown";
		char code =
		    error != NULL && *error != NULL ? (*error)->code : 0;

		(void)!write(report, &code, 1);
		(void)!write(report, text, strlen(text));
		close(report);
		return FALSE;
	}
	close(report);
	service = keeper_service(keeper);
	return control_serve(fd, &service, error);
}

/* Reads the child's word: nothing is good news. */
static gboolean
wait_ready(int report, GError **error)
{
	g_autoptr(GBytes) word = file_read_fd(report, 4096, error);
	gsize length;
	const char *text;

	if (word == NULL)
		return FALSE;
	text = g_bytes_get_data(word, &length);
	if (length == 0)
		return TRUE;
	return err_set(
	    error, (enum dg_error)text[0], "%.*s", (int)length - 1, text + 1);
}

static gboolean
fork_keeper(struct ask *ask, const struct conf *conf, GError **error)
{
	int pair[2], report[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(error, errno, "socketpair");
	if (pipe2(report, O_CLOEXEC) != 0) {
		err_errno(error, errno, "pipe");
		close(pair[0]);
		close(pair[1]);
		return FALSE;
	}
	fflush(NULL);
	ask->child = fork();
	if (ask->child == 0) {
		g_autoptr(GError) fault = NULL;

		close(pair[0]);
		close(report[0]);
		/* The parent's end ends us by EOF; a signal to the terminal's
		 * process group must not cut a commit. */
		signal(SIGINT, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(EX_TEMPFAIL);
		_exit(serve_child(ask, conf, pair[1], report[1], &fault)
			  ? EX_OK
			  : EX_SOFTWARE);
	}
	close(pair[1]);
	close(report[1]);
	if (ask->child < 0) {
		close(pair[0]);
		close(report[0]);
		ask->child = 0;
		return err_errno(error, errno, "fork");
	}
	ask->client = control_adopt(pair[0]);
	gboolean ready = wait_ready(report[0], error);
	close(report[0]);
	return ready;
}

static struct ask *
open_once(const struct conf *conf, gboolean mend, GError **error)
{
	struct ask *ask = g_new0(struct ask, 1);
	struct paths paths;
	g_autoptr(GError) none = NULL;

	ask->mend = mend;
	paths_init(&paths, conf);
	ask->client = control_connect(paths.control, &none);
	paths_fini(&paths);
	if (ask->client != NULL)
		return ask;
	if (!err_is(none, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&none));
		g_prefix_error(error, "the keeper cannot be asked: ");
		ask_close(&ask);
	} else if (!fork_keeper(ask, conf, error)) {
		ask_close(&ask);
	}
	return ask;
}

/* One that is starting has the lock, and listens in a moment; one that is
 * ending has it for a moment still.  Each try waits for the lock itself. */
#define TRIES 4

static struct ask *
open_ask(const struct conf *conf, gboolean mend, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct ask *ask = NULL;

	for (guint i = 0; ask == NULL && i < TRIES; i++) {
		if (i > 0 && !err_is(fault, DG_ERROR_AGAIN))
			break;
		g_clear_error(&fault);
		ask = open_once(conf, mend, &fault);
	}
	if (ask == NULL)
		g_propagate_error(error, g_steal_pointer(&fault));
	return ask;
}

struct ask *
ask_open(const struct conf *conf, GError **error)
{
	return open_ask(conf, FALSE, error);
}

struct ask *
ask_open_mending(const struct conf *conf, GError **error)
{
	return open_ask(conf, TRUE, error);
}

void
ask_close(struct ask **address)
{
	struct ask *ask = *address;
	int status;

	if (ask == NULL)
		return;
	control_client_free(&ask->client);
	while (ask->child > 0 && waitpid(ask->child, &status, 0) < 0 &&
	       errno == EINTR)
		;
	g_clear_pointer(address, g_free);
}

gboolean
ask_send(struct ask *ask, json_t *body, int message, GError **error)
{
	gboolean sent = control_send(
	    ask->client, body, &message, message >= 0 ? 1 : 0, error);

	json_decref(body);
	return sent;
}

json_t *
ask_receive(struct ask *ask, int *message_r, GError **error)
{
	int fds[CONTROL_MAX_FDS];
	guint n_fds = 0;
	json_t *body = NULL;

	if (message_r != NULL)
		*message_r = -1;
	if (!control_receive(ask->client, &body, fds, &n_fds, error))
		return NULL;
	for (guint i = 0; i < n_fds; i++) {
		if (i == 0 && message_r != NULL)
			*message_r = fds[i];
		else
			close(fds[i]);
	}
	return body;
}

gboolean
ask_lost(const struct ask *ask)
{
	return control_client_lost(ask->client);
}

json_t *
ask_call(
    struct ask *ask, json_t *body, int message, int *message_r, GError **error)
{
	if (!ask_send(ask, body, message, error))
		return NULL;
	return ask_receive(ask, message_r, error);
}

json_t *
ask_job(struct ask *ask, json_t *body, json_t *status, GError **error)
{
	json_t *answer = ask_call(ask, body, -1, NULL, error);
	gulong wait = LOOK_USEC_LEAST;

	while (
	    answer != NULL && json_is_true(json_object_get(answer, "busy"))) {
		json_decref(answer);
		g_usleep(wait);
		wait = MIN(2 * wait, LOOK_USEC_MOST);
		answer = ask_call(ask, json_incref(status), -1, NULL, error);
	}
	json_decref(status);
	return answer;
}
