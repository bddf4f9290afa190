/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate-deliver: the keeper as a daemon.  On SIGHUP it stops cleanly and
 * starts itself anew, so that nothing of the old settings stays; with wrong new
 * settings it goes on with the old ones and says so.
 */
#include <signal.h>

#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tools/backup.h"
#include "tools/daemon.h"
#include "tools/damage.h"
#include "tools/keeper.h"
#include "tools/privacy.h"
#include "tools/settings.h"
#include "tools/record.h"
#include "tools/walls.h"
#include "tools/watch.h"
#include "tools/wayback.h"

/* Waits for a signal that ends us; a reload with wrong settings does not. */
static int
wait_end(struct keeper *keeper, const struct daemon_stage *stage)
{
	for (;;) {
		int number = daemon_wait(stage->porter, keeper_tend, keeper);

		/* It begins anew, and looks at its stores first. */
		if (number == SIGABRT && damage_lost(keeper) &&
		    settings_usable(stage->path)) {
			log_event(LOG_LEVEL_ERROR, "store-lost", "text",
			    "a store is damaged, or its disk failed: starting "
			    "anew",
			    NULL);
			return SIGHUP;
		}
		if (number != SIGHUP || settings_usable(stage->path))
			return number;
	}
}

/* What the record of processing lacks is no fault, but not to be missed. */
static void
tell_lacks(const struct conf *conf)
{
	g_autoptr(GPtrArray) lacks = record_lacks(conf);

	for (guint i = 0; i < lacks->len; i++)
		log_event(LOG_LEVEL_WARN, "record-lacks", "text",
		    (const char *)lacks->pdata[i], NULL);
}

/* A copy of the vault that is older than the last erasure, and such, undoes it.
 */
static void
tell_stale(struct keeper *keeper)
{
	json_t *known = backup_known(&keeper->paths, NULL);

	if (json_is_true(json_object_get(known, "stale")))
		log_event(LOG_LEVEL_WARN, "vault-copy-stale", "text",
		    "no copy of the vault since somebody was erased, or "
		    "something was asked for or deleted: run deskgate backup",
		    NULL);
	json_decref(known);
}

static gboolean
serve(const struct daemon_stage *stage, int *signal_r, GError **error)
{
	struct keeper *keeper OWNED(keeper_close) =
	    keeper_open(stage->conf, error);
	struct control_server *server OWNED(control_close) = NULL;
	struct control_service service;

	if (keeper == NULL)
		return FALSE;
	daemon_block_signals();
	service = keeper_service(keeper);
	server = control_listen(
	    keeper->paths.control, stage->owners->group, &service, error);
	/* Who asks finds all that is asked for at work. */
	if (server == NULL || !watch_open(keeper, error) ||
	    !walls_deliver(stage->conf, stage->path, &keeper->paths, error) ||
	    !deliver_start(keeper->deliver, error) ||
	    !wayback_start(keeper, error) || !privacy_start(keeper, error) ||
	    !watch_start(keeper->watch, error) || !control_start(server, error))
		return FALSE;
	tell_lacks(stage->conf);
	tell_stale(keeper);
	log_event(LOG_LEVEL_INFO, "ready", NULL);
	porter_tell(stage->porter, PORTER_READY);
	*signal_r = wait_end(keeper, stage);
	if (*signal_r != SIGHUP)
		porter_tell(stage->porter, PORTER_STOPPING);
	log_event(
	    LOG_LEVEL_INFO, "ending", "signal", g_strsignal(*signal_r), NULL);
	watch_close(&keeper->watch);
	deliver_hang_up(keeper->deliver);
	privacy_stop(keeper);
	wayback_stop(keeper);
	deliver_stop(keeper->deliver);
	return TRUE;
}

int
main(int argc, char **argv)
{
	static const struct daemon_program program = {
		.name = "deskgate-deliver",
		.summary =
		    "Keeps Deskgate's state: makes tickets of stored mail, "
		    "teaches the model, answers the deskgate command.",
		.keeper = TRUE,
		.serve = serve,
	};

	return daemon_main(&program, argc, argv);
}
