/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate-milter: what speaks with the MTA.  On SIGUSR1 it reads its settings
 * anew, for connections to come; on SIGHUP, which libmilter knows as an end, it
 * ends and starts itself anew, so that nothing of the old settings stays.  With
 * wrong new settings it goes on with the old ones and says so.
 */
#include <pthread.h>
#include <signal.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "milter/milter.h"
#include "tools/daemon.h"
#include "tools/ground.h"
#include "tools/settings.h"

struct server {
	const char *path; /* of the settings */
	struct ground ground;
	char *socket;
	struct milter *milter;
};

static gboolean
start(struct server *server, const struct conf *conf, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	const struct ground *ground = &server->ground;
	const struct milter_world world = {
		.spool = ground->spool,
		.spool_folder = ground->paths.spool,
		.classify = ground->classify,
		.entry_key = ground->keys.entry,
		.key_dir = ground->key_dir,
		.lives = ground->lives,
		.reader_ms = conf_duration(global, "reader-time") * 1000,
		.socket = server->socket,
		.group = conf_string(global, "milter-group"),
		.clock = &clock_system,
	};

	server->milter = milter_new(&world, conf, error);
	return server->milter != NULL && milter_start(server->milter, error);
}

static void
reload(struct server *server)
{
	struct conf *conf OWNED(conf_free) = NULL;

	if (!settings_usable(server->path))
		return;
	conf = settings_load(server->path, SETTINGS_DAEMON, NULL);
	if (conf == NULL || conf_faults(conf) > 0)
		return;
	milter_reload(server->milter, conf);
	log_event(LOG_LEVEL_INFO, "reloaded", NULL);
}

/* One signal, or 0 after a second. */
static int
next_signal(void)
{
	const struct timespec second = { 1, 0 };
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	number = sigtimedwait(&set, NULL, &second);
	return MAX(number, 0);
}

/* 0 while all goes well; SIGABRT when what we stand on is gone. */
static int
tend(struct server *server)
{
	gboolean failed;

	if (!worker_pool_alive(readers_pool(server->ground.readers))) {
		log_event(LOG_LEVEL_ERROR, "readers-gone", NULL);
		return SIGABRT;
	}
	if (milter_tend(server->milter, &failed))
		return 0;
	if (failed)
		log_event(LOG_LEVEL_ERROR, "libmilter-failed", NULL);
	return failed ? SIGABRT : SIGTERM;
}

/* Until something ends us. */
static int
wait_end(struct server *server)
{
	int number = 0;

	while (number == 0) {
		number = next_signal();
		if (number == SIGUSR1)
			reload(server);
		if (number == SIGUSR1 ||
		    (number == SIGHUP && !settings_usable(server->path)))
			number = 0;
		if (number == 0)
			number = tend(server);
	}
	return number;
}

static gboolean
serve(const struct conf *conf, const char *path,
    const struct home_owners *owners, int *signal_r, GError **error)
{
	const char *socket = conf_string(conf_global(conf), "milter-socket");
	struct server server = { .path = path };
	gboolean served;

	(void)owners;
	if (!ground_open(&server.ground, conf, error))
		return FALSE;
	daemon_block_signals();
	server.socket = socket != NULL ? g_strdup(socket)
				       : g_strdup_printf("unix:%s/milter.sock",
					     server.ground.paths.milter);
	served = start(&server, conf, error);
	if (served) {
		log_event(
		    LOG_LEVEL_INFO, "ready", "socket", server.socket, NULL);
		*signal_r = wait_end(&server);
		log_event(LOG_LEVEL_INFO, "ending", "signal",
		    g_strsignal(*signal_r), NULL);
		milter_stop(server.milter);
	}
	milter_free(&server.milter);
	ground_close(&server.ground);
	g_free(server.socket);
	return served;
}

int
main(int argc, char **argv)
{
	static const struct daemon_program program = {
		.name = "deskgate-milter",
		.summary = "Takes mail for support inboxes from Postfix or "
			   "Sendmail: judges it, stores it, answers.",
		.keeper = FALSE,
		.serve = serve,
	};
	sigset_t set;

	/* A reload that comes too early waits. */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return daemon_main(&program, argc, argv);
}
