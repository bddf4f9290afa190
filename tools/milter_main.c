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
#include "lib/base/file.h"
#include "milter/counts.h"
#include "milter/milter.h"
#include "tools/daemon.h"
#include "tools/ground.h"
#include "tools/settings.h"
#include "tools/walls.h"

struct server {
	const struct daemon_stage *stage;
	struct ground ground;
	char *socket;
	int inherited; /* a socket that was handed over, or -1 */
	struct milter *milter;
	struct tally *tally;
};

/* Where the keeper reads it; who cannot be read there is not kept from his
 * work. */
static struct tally *
open_tally(const struct paths *paths, const struct conf *conf)
{
	g_autoptr(GError) error = NULL;
	int folder OWNED(file_close) = file_open_dir(paths->watch, &error);
	struct tally *tally = folder < 0 ? NULL
					 : tally_make(counts_milter, folder,
					       COUNTS_MILTER_FILE, &error);

	if (tally == NULL) {
		log_error(LOG_LEVEL_WARN, error, "not-counted", NULL);
		return NULL;
	}
	/* So that each is told from 0 on. */
	for (guint i = 0; i < conf_count(conf, "inbox"); i++)
		(void)tally_row(tally, conf_title(conf_at(conf, "inbox", i)));
	return tally;
}

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
		.inherited = server->inherited,
		.group = conf_string(global, "milter-group"),
		.clock = &clock_system,
		.tally = server->tally,
	};

	server->milter = milter_new(&world, conf, error);
	return server->milter != NULL &&
	       walls_milter(conf, server->stage->path, &ground->paths, error) &&
	       milter_start(server->milter, error);
}

static void
reload(struct server *server)
{
	struct conf *conf OWNED(conf_free) = NULL;

	if (!settings_usable(server->stage->path))
		return;
	porter_tell(server->stage->porter, PORTER_RELOADING);
	conf = settings_load(server->stage->path, SETTINGS_DAEMON, NULL);
	if (conf != NULL && conf_faults(conf) == 0) {
		milter_reload(server->milter, conf);
		log_event(LOG_LEVEL_INFO, "reloaded", NULL);
	}
	porter_tell(server->stage->porter, PORTER_READY);
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
	if (milter_tend(server->milter, &failed)) {
		porter_tell(server->stage->porter, PORTER_ALIVE);
		return 0;
	}
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
		    (number == SIGHUP && !settings_usable(server->stage->path)))
			number = 0;
		if (number == 0)
			number = tend(server);
	}
	return number;
}

/* Where the MTA finds us, for the log too. */
static char *
socket_of(const struct server *server)
{
	if (server->inherited >= 0)
		return g_strdup("inherited");
	return paths_socket(server->stage->conf);
}

static void
serve_on(struct server *server, int *signal_r)
{
	struct porter *porter = server->stage->porter;

	log_event(LOG_LEVEL_INFO, "ready", "socket", server->socket, NULL);
	porter_tell(porter, PORTER_READY);
	*signal_r = wait_end(server);
	if (*signal_r != SIGHUP)
		porter_tell(porter, PORTER_STOPPING);
	log_event(
	    LOG_LEVEL_INFO, "ending", "signal", g_strsignal(*signal_r), NULL);
	milter_stop(server->milter);
}

static gboolean
serve(const struct daemon_stage *stage, int *signal_r, GError **error)
{
	struct server server = { .stage = stage };
	gboolean served;

	if (!ground_open(&server.ground, stage->conf, error))
		return FALSE;
	daemon_block_signals();
	server.inherited = porter_take_socket(stage->porter);
	server.socket = socket_of(&server);
	server.tally = open_tally(&server.ground.paths, stage->conf);
	served = start(&server, stage->conf, error);
	if (served)
		serve_on(&server, signal_r);
	milter_free(&server.milter);
	/* A thread of libmilter's may outlive its end, and counts that. */
	if (!served)
		tally_free(&server.tally);
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
