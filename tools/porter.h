/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PORTER_H
#define DESKGATE_TOOLS_PORTER_H

#include <glib.h>

/*
 * A daemon is two processes.  The one that works closes a wall around itself
 * (lib/base/wall.h) and can start nothing any more, itself neither.  Before the
 * wall stays the porter, which was forked off before a key was read: it starts
 * the daemon anew when that asks for it, passes signals on, and tells the init
 * system what the daemon says, out of a list of words.  It reads nothing else.
 *
 * Whoever started the daemon knows the porter's pid: it ends as the daemon
 * ends, and with the porter the daemon ends.
 */
struct porter;

/* What a daemon ends with to be started anew; no code of sysexits.h. */
#define PORTER_AGAIN 90

enum porter_word {
	PORTER_READY,
	PORTER_RELOADING,
	PORTER_STOPPING,
	PORTER_ALIVE, /* now and then: for the init system's watchdog */
};

/*
 * Forks.  Returns in the process that works, with SIGHUP and SIGUSR1 blocked;
 * the porter never returns.  `again` is argv for a new start, NULL-ended.  No
 * thread may exist.  NULL on failure, or BAD when a socket that was handed over
 * is none to serve (notify.h).
 */
struct porter *porter_enter(char *const *again, GError **error);

/* Says no more, and gives up its end.  Accepts NULL. */
void porter_leave(struct porter **address);

/* Says a word.  Thread-safe; accepts NULL. */
void porter_tell(struct porter *porter, enum porter_word word);

/* The listening socket that was handed over, or -1.  The caller closes it. */
int porter_take_socket(struct porter *porter);

#endif
