/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_TOOLS_ACTS_H
#define DESKGATE_TESTS_UNIT_TOOLS_ACTS_H

#include <glib.h>
#include <sys/types.h>

/*
 * What a daemon that was taken over could try, and what comes of it in the
 * milter and in the keeper.  An act answers what its system call does: negative
 * with errno when it was refused.  Its working folder has etc/dg.conf,
 * state-keys/a.key, state/spool/msg/a, state/spool/new/b, state/model/a,
 * state/run/keeper/a, state/run/milter/a, backup/a and outside/a.
 */
enum { REFUSED = 0, DONE = 10, WRONG_ERRNO = 20, NO_WALL = 30 };

/* What an act may use: made before the wall closed. */
struct hands {
	int tcp, unix_stream;
	guint16 desk, other; /* ports on which somebody listens */
	void *memory;
	pid_t parent;
};

/* Landlock is wanted for it: without, nothing is known. */
#define FILES 1
#define NETWORK 2
/* Sanitizers need it for their own work. */
#define SANITIZER 4

struct act {
	const char *name;
	long (*act)(const struct hands *hands);
	int milter, deliver;
	guint needs;
};

/* Ended by a NULL name. */
extern const struct act acts[];

/* The one of this name. */
const struct act *act_find(const char *name);

#endif
