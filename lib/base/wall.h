/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_WALL_H
#define DESKGATE_LIB_BASE_WALL_H

#include <glib.h>

#include "lib/base/calls.h"
#include "lib/base/fence.h"

/*
 * The wall around a daemon: what jail.h is for readers.  A daemon does more, so
 * its wall has gates, which the program names; whoever takes the daemon over
 * still can run no other program, open nothing beyond the gates, look into no
 * process and gain no rights.
 */
struct wall {
	enum calls_more calls;
	const struct fence_path *paths; /* ended by a NULL path */
	const struct fence_port *ports; /* ended by port 0 */
};

/* The walls that a kernel may lack, in the order in which kernels got them. */
enum wall_kind {
	WALL_NONE,
	WALL_CALLS,   /* seccomp */
	WALL_FILES,   /* Landlock */
	WALL_NETWORK, /* its part for TCP */
};

/* What this kernel lacks of the walls up to `last`: a sentence, static and not
 * yet translated, about the first of them; NULL when it has them all.  Behind
 * the walls of a daemon too.  Thread-safe. */
const char *wall_lack(enum wall_kind last);

/*
 * Closes it around the calling process, for good: no capabilities, no
 * no_new_privs set back, then fence_close and calls_allow_daemon.  After all
 * that needs more is open and started (the readers too: they have a jail of
 * their own), before the first thread.
 *
 * A wall that the kernel cannot build is passed over and logged, as are those
 * that stand (events "walls" and "wall-missing").  FALSE when one that it could
 * build does not stand: the daemon must not go on.
 */
gboolean wall_close(const struct wall *wall, GError **error);

#endif
