/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate-deliver: the keeper as a daemon.  On SIGHUP it stops cleanly and
 * starts itself anew, so that nothing of the old settings stays; with wrong new
 * settings it goes on with the old ones and says so.
 */
#include <signal.h>

#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tools/daemon.h"
#include "tools/keeper.h"
#include "tools/settings.h"

/* Waits for a signal that ends us; a reload with wrong settings does not. */
static int
wait_end(struct keeper *keeper, const char *path)
{
	for (;;) {
		int number = daemon_wait(keeper_tend, keeper);

		if (number != SIGHUP || settings_usable(path))
			return number;
	}
}

static gboolean
serve(const struct conf *conf, const char *path,
    const struct home_owners *owners, int *signal_r, GError **error)
{
	struct keeper *keeper OWNED(keeper_close) = keeper_open(conf, error);
	struct control_server *server OWNED(control_close) = NULL;

	if (keeper == NULL)
		return FALSE;
	daemon_block_signals();
	server = control_listen(keeper->paths.control, owners->group,
	    &(struct control_service){
		keeper_verbs, keeper, keeper_batch_begin, keeper_batch_end },
	    error);
	if (server == NULL || !control_start(server, error) ||
	    !deliver_start(keeper->deliver, error))
		return FALSE;
	log_event(LOG_LEVEL_INFO, "ready", NULL);
	*signal_r = wait_end(keeper, path);
	log_event(
	    LOG_LEVEL_INFO, "ending", "signal", g_strsignal(*signal_r), NULL);
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
