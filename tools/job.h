/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_JOB_H
#define DESKGATE_TOOLS_JOB_H

#include <glib.h>
#include <jansson.h>

/*
 * What was asked for and may take long, in a thread of its own: others want to
 * be answered meanwhile.  One at a time.  All are called by the thread that
 * answers verbs.
 */
struct job;

struct job_work {
	const char *name; /* "backup": in errors and the log; static */
	/* What there is to tell at the end, the caller's; NULL: it failed. */
	json_t *(*run)(void *self, GError **error);
	void *self;
};

/* Nothing runs yet. */
struct job *job_new(const struct job_work *work);
/* Waits for what runs.  Accepts NULL. */
void job_free(struct job **job);

/* AGAIN when it runs already; once this is TRUE, what `run` works on is the
 * thread's until job_is_busy is FALSE. */
gboolean job_begin(struct job *job, GError **error);
/* Whether it runs. */
gboolean job_is_busy(const struct job *job);
/* What it told at its end, borrowed until it is begun again; NULL with its
 * error when it failed, AGAIN while it runs, NOTFOUND when there was none. */
json_t *job_report(const struct job *job, GError **error);

#endif
