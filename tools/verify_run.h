/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_VERIFY_RUN_H
#define DESKGATE_TOOLS_VERIFY_RUN_H

/*
 * A verify of a model in a thread of its own: of a large one it takes seconds,
 * and others want to be answered meanwhile.  One at a time, of whatever model.
 * All are called by the thread that answers verbs.
 */
struct verify_run;

/* Nothing runs yet. */
struct verify_run *verify_run_new(void);
/* Waits for what runs; before the models are closed.  Accepts NULL. */
void verify_run_free(struct verify_run **run);

#endif
