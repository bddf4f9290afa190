/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SUPERVISE_H
#define DESKGATE_TOOLS_SUPERVISE_H

#include <glib.h>

/*
 * Several programs under one supervisor, in the foreground.  They are started
 * in the order of the table, each once the one before it is ready; one that
 * ends is started again, later each time it fails soon (1 s doubling to 60 s).
 * SIGTERM or SIGINT ends them in reverse order, with 30 s for each to end by
 * itself; SIGHUP is passed on as each one's reload signal.  An end with
 * EX_CONFIG or EX_USAGE is not a crash: all is ended.
 */
struct supervise_program {
	const char *name; /* its file's name, too; NULL ends the table */
	int reload;       /* the signal that makes it read its settings anew */
	/* Whether others may be started that need it. */
	gboolean (*ready)(void *self);
};

struct supervise_plan {
	const struct supervise_program *programs;
	const char *const *arguments; /* for each: argv[1...], NULL-ended */
	void *self;                   /* goes to ready() */
};

/* Returns the exit code: EX_OK after a signal. */
int supervise(const struct supervise_plan *plan);

#endif
