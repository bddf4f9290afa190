/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_DAEMON_H
#define DESKGATE_TOOLS_DAEMON_H

#include <glib.h>

#include "lib/base/conf.h"
#include "lib/base/secret.h"
#include "tools/home.h"
#include "tools/porter.h"

/*
 * What both daemons do alike: options, settings, folders, users, log, signals.
 * They run in the foreground; `deskgate run` or the init system stands above
 * them.
 */
struct daemon_stage { /* all borrowed */
	const struct conf *conf;
	const char *path; /* of the settings */
	const struct home_owners *owners;
	struct porter *porter;
};

struct daemon_program {
	const char *name;    /* "deskgate-deliver" */
	const char *summary; /* one line for --help */
	gboolean keeper;     /* becomes the keeper's user, else the milter's */
	/*
	 * Runs until a signal ends it, which it stores in *signal_r: SIGHUP
	 * asks for a restart with new settings.
	 */
	gboolean (*serve)(
	    const struct daemon_stage *stage, int *signal_r, GError **error);
};

/*
 * The whole of a daemon's main.  Exit codes by sysexits.h: 64 wrong options, 78
 * wrong settings (each fault told as FILE:LINE), else err_exit_code.
 */
int daemon_main(const struct daemon_program *program, int argc, char **argv);

/* Installs the log as the settings say; `key` hashes addresses (NULL: they are
 * left out).  Once in a process; daemon_main has done it before serve. */
void daemon_log(
    const struct conf *conf, const char *name, const struct secret *key);

/* Blocks the signals that daemon_wait takes; before any thread. */
void daemon_block_signals(void);

/* Waits for SIGTERM, SIGINT or SIGHUP, and returns it; or SIGABRT when
 * `alive(self)`, asked once a second, answers FALSE.  The porter hears that it
 * is alive. */
int daemon_wait(
    struct porter *porter, gboolean (*alive)(void *self), void *self);

#endif
