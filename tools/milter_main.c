/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate-milter: what speaks with the MTA.  On SIGUSR1 it reads its settings
 * anew, for connections to come; on SIGHUP, which libmilter knows as an end, it
 * ends and starts itself anew, so that nothing of the old settings stays.  With
 * wrong new settings it goes on with the old ones and says so.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/intake.h"
#include "milter/milter.h"
#include "tools/daemon.h"
#include "tools/paths.h"
#include "tools/readers.h"
#include "tools/settings.h"

/* Everything the milter stands on, in the order in which it is opened. */
struct ground {
	struct paths paths;
	int key_dir;
	struct home_keys keys;
	struct readers *readers;
	struct spool *spool;
	struct classify *classify;
	char *socket;
	struct milter *milter;
};

/* Whether the keeper has been here: mail must not come in before it can be
 * sealed. */
static gboolean
open_keys(struct ground *ground, GError **error)
{
	struct ident id;
	guint8 public_key[SEAL_PUBLIC_BYTES];

	ground->key_dir = file_open_dir(ground->paths.keys, error);
	if (ground->key_dir < 0 ||
	    !home_load_keys(ground->key_dir, FALSE, &ground->keys, error))
		return FALSE;
	if (intake_public(ground->key_dir, &id, public_key, error))
		return TRUE;
	g_prefix_error(error,
	    "the key that mail is sealed with is made by the keeper; start "
	    "deskgate-deliver: ");
	return FALSE;
}

/* The readers' fork server comes first, while there is one thread. */
static gboolean
open_ground(struct ground *ground, const struct conf *conf, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	const char *socket = conf_string(global, "milter-socket");

	paths_init(&ground->paths, conf);
	ground->socket = socket != NULL ? g_strdup(socket)
					: g_strdup_printf("unix:%s/milter.sock",
					      ground->paths.milter);
	if (!open_keys(ground, error))
		return FALSE;
	ground->readers = readers_start(conf, ground->keys.feature, error);
	if (ground->readers == NULL)
		return FALSE;
	daemon_block_signals();
	ground->spool = spool_open(ground->paths.spool, error);
	if (ground->spool == NULL)
		return FALSE;
	ground->classify =
	    classify_new(readers_pool(ground->readers), ground->paths.table);
	return TRUE;
}

static void
close_ground(struct ground *ground)
{
	milter_free(&ground->milter);
	classify_free(&ground->classify);
	spool_close(&ground->spool);
	readers_stop(&ground->readers);
	home_keys_clear(&ground->keys);
	file_close(&ground->key_dir);
	paths_fini(&ground->paths);
	g_free(ground->socket);
}

static gboolean
start(struct ground *ground, const struct conf *conf, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	const struct milter_world world = {
		.spool = ground->spool,
		.spool_folder = ground->paths.spool,
		.classify = ground->classify,
		.entry_key = ground->keys.entry,
		.key_dir = ground->key_dir,
		.reader_ms = conf_duration(global, "reader-time") * 1000,
		.socket = ground->socket,
		.group = conf_string(global, "milter-group"),
		.clock = &clock_system,
	};

	ground->milter = milter_new(&world, conf, error);
	return ground->milter != NULL && milter_start(ground->milter, error);
}

static void
reload(struct ground *ground, const char *path)
{
	struct conf *conf OWNED(conf_free) = NULL;

	if (!settings_usable(path))
		return;
	conf = settings_load(path, SETTINGS_DAEMON, NULL);
	if (conf == NULL || conf_faults(conf) > 0)
		return;
	milter_reload(ground->milter, conf);
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
tend(struct ground *ground)
{
	gboolean failed;

	if (!worker_pool_alive(readers_pool(ground->readers))) {
		log_event(LOG_LEVEL_ERROR, "readers-gone", NULL);
		return SIGABRT;
	}
	if (milter_tend(ground->milter, &failed))
		return 0;
	if (failed)
		log_event(LOG_LEVEL_ERROR, "libmilter-failed", NULL);
	return failed ? SIGABRT : SIGTERM;
}

/* Until something ends us. */
static int
wait_end(struct ground *ground, const char *path)
{
	int number = 0;

	while (number == 0) {
		number = next_signal();
		if (number == SIGUSR1)
			reload(ground, path);
		if (number == SIGUSR1 ||
		    (number == SIGHUP && !settings_usable(path)))
			number = 0;
		if (number == 0)
			number = tend(ground);
	}
	return number;
}

static gboolean
serve(const struct conf *conf, const char *path,
    const struct home_owners *owners, int *signal_r, GError **error)
{
	struct ground ground = { .key_dir = -1 };
	gboolean served =
	    open_ground(&ground, conf, error) && start(&ground, conf, error);

	(void)owners;
	if (served) {
		log_event(
		    LOG_LEVEL_INFO, "ready", "socket", ground.socket, NULL);
		*signal_r = wait_end(&ground, path);
		log_event(LOG_LEVEL_INFO, "ending", "signal",
		    g_strsignal(*signal_r), NULL);
		milter_stop(ground.milter);
	}
	close_ground(&ground);
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
