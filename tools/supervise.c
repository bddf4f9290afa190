/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The supervisor: one thread, one loop that waits for a signal or the next
 * thing that is due, and asks what follows.  What a child needs is in its row;
 * there is nothing else to remember.
 */
#include "tools/supervise.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

#define PROGRAMS_MOST 4
#define SECOND ((gint64)1000000)
#define BACKOFF_MOST 60 /* seconds */
#define GRACE 30        /* seconds to end by itself, and to become ready */

struct child {
	const struct supervise_program *program;
	pid_t pid;      /* 0: does not run */
	gint64 started; /* mono */
	gint64 due;     /* mono: not to be started before */
	guint failures; /* soon after a start, in a row */
	gboolean ready;
};

struct supervisor {
	const struct supervise_plan *plan;
	struct child children[PROGRAMS_MOST];
	guint n;
	char *folder; /* of our own program */
	gboolean ending;
	gint64 kill_at; /* mono: those that are left are killed */
	int code;
};

static gint64
now(void)
{
	return clock_mono(&clock_system);
}

/* The others stand beside the running program, or in the sbin beside its bin.
 */
static char *
program_path(const struct supervisor *supervisor, const char *name)
{
	static const char *const folders[] = { "", "../sbin" };

	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
		char *path = g_build_filename(
		    supervisor->folder, folders[i], name, NULL);

		if (access(path, X_OK) == 0)
			return path;
		g_free(path);
	}
	return g_build_filename(DESKGATE_SBINDIR, name, NULL);
}

/* A reload that comes too early waits until the program looks for it: as it
 * begins, and between fork(2) and that, the signals would end it. */
static void
wait_with_reloads(int how, sigset_t *before_r)
{
	sigset_t reloads;

	sigemptyset(&reloads);
	sigaddset(&reloads, SIGHUP);
	sigaddset(&reloads, SIGUSR1);
	sigprocmask(how, &reloads, before_r);
}

static void
run_child(const struct supervisor *supervisor, const char *name)
{
	g_autofree char *path = program_path(supervisor, name);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	g_ptr_array_add(argv, path);
	for (const char *const *word = supervisor->plan->arguments;
	     *word != NULL; word++)
		g_ptr_array_add(argv, (char *)*word);
	g_ptr_array_add(argv, NULL);
	wait_with_reloads(SIG_SETMASK, NULL);
	execv(path, (char *const *)argv->pdata);
	fprintf(stderr, "deskgate run: %s: %s\n", path, strerror(errno));
	_exit(EX_OSFILE);
}

static void
start_child(const struct supervisor *supervisor, struct child *child)
{
	sigset_t before;

	wait_with_reloads(SIG_BLOCK, &before);
	child->pid = fork();
	if (child->pid == 0)
		run_child(supervisor, child->program->name);
	sigprocmask(SIG_SETMASK, &before, NULL);
	child->started = now();
	child->ready = FALSE;
	if (child->pid > 0)
		return;
	log_event(LOG_LEVEL_ERROR, "cannot-fork", "program",
	    child->program->name, "text", g_strerror(errno), NULL);
	child->pid = 0;
	child->due = now() + BACKOFF_MOST * SECOND;
}

/* Starts what is due, as far as all before it are ready. */
static void
start_due(struct supervisor *supervisor)
{
	for (guint i = 0; i < supervisor->n; i++) {
		struct child *child = &supervisor->children[i];

		if (child->pid == 0 && now() >= child->due)
			start_child(supervisor, child);
		if (child->pid != 0 && !child->ready)
			child->ready =
			    child->program->ready(supervisor->plan->self);
		if (!child->ready)
			return;
	}
}

static gint64
backoff(guint failures)
{
	return MIN(1 << MIN(failures, 10), BACKOFF_MOST) * SECOND / 2;
}

static void
begin_end(struct supervisor *supervisor, int code)
{
	if (supervisor->ending)
		return;
	supervisor->ending = TRUE;
	supervisor->code = code;
}

/* The last one that runs is told to end; those before it wait for it. */
static void
end_next(struct supervisor *supervisor, pid_t *told)
{
	for (guint i = supervisor->n; i-- > 0;) {
		struct child *child = &supervisor->children[i];

		if (child->pid == 0)
			continue;
		if (*told != child->pid) {
			kill(child->pid, SIGTERM);
			*told = child->pid;
			supervisor->kill_at = now() + GRACE * SECOND;
		} else if (now() >= supervisor->kill_at) {
			log_event(LOG_LEVEL_WARN, "killed", "program",
			    child->program->name, "text",
			    "it did not end by itself", NULL);
			kill(child->pid, SIGKILL);
		}
		return;
	}
}

static void
child_ended(struct supervisor *supervisor, struct child *child, int status)
{
	gboolean soon = now() - child->started < BACKOFF_MOST * SECOND;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	g_autofree char *how =
	    WIFEXITED(status) ? g_strdup_printf("exit %d", code)
			      : g_strdup_printf("signal %d", WTERMSIG(status));

	child->pid = 0;
	child->ready = FALSE;
	if (supervisor->ending)
		return;
	log_event(LOG_LEVEL_ERROR, "ended", "program", child->program->name,
	    "how", how, NULL);
	if (code == EX_CONFIG || code == EX_USAGE || code == EX_OSFILE) {
		begin_end(supervisor, code);
		return;
	}
	child->failures = soon ? child->failures + 1 : 1;
	child->due = now() + backoff(child->failures);
}

static void
reap(struct supervisor *supervisor)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (guint i = 0; i < supervisor->n; i++)
			if (supervisor->children[i].pid == pid)
				child_ended(supervisor,
				    &supervisor->children[i], status);
	}
}

static void
reload(const struct supervisor *supervisor)
{
	for (guint i = 0; i < supervisor->n; i++)
		if (supervisor->children[i].pid > 0)
			kill(supervisor->children[i].pid,
			    supervisor->children[i].program->reload);
}

static gboolean
any_runs(const struct supervisor *supervisor)
{
	for (guint i = 0; i < supervisor->n; i++)
		if (supervisor->children[i].pid > 0)
			return TRUE;
	return FALSE;
}

static void
loop(struct supervisor *supervisor, const sigset_t *signals)
{
	const struct timespec tick = { 0, 100000000 };
	pid_t told = 0;

	while (!supervisor->ending || any_runs(supervisor)) {
		int number;

		if (supervisor->ending)
			end_next(supervisor, &told);
		else
			start_due(supervisor);
		number = sigtimedwait(signals, NULL, &tick);
		if (number == SIGTERM || number == SIGINT)
			begin_end(supervisor, EX_OK);
		else if (number == SIGHUP)
			reload(supervisor);
		reap(supervisor);
	}
}

int
supervise(const struct supervise_plan *plan)
{
	struct supervisor supervisor = { .plan = plan };
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	sigset_t signals;

	for (const struct supervise_program *program = plan->programs;
	     program->name != NULL; program++) {
		g_assert(supervisor.n < PROGRAMS_MOST);
		supervisor.children[supervisor.n++].program = program;
	}
	self[MAX(length, 0)] = '\0';
	supervisor.folder = g_path_get_dirname(self);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	loop(&supervisor, &signals);
	g_free(supervisor.folder);
	return supervisor.code;
}
