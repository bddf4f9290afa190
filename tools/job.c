/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread at a time.
 */
#include "tools/job.h"

#include <pthread.h>

#include "lib/base/err.h"
#include "lib/base/log.h"

struct job {
	struct job_work work;
	gint ended; /* atomic; from then on what follows is the asker's */
	pthread_t thread;
	gboolean started;
	json_t *report; /* NULL: it failed */
	GError *fault;
};

struct job *
job_new(const struct job_work *work)
{
	struct job *job = g_new0(struct job, 1);

	job->work = *work;
	return job;
}

/* Waits for it and forgets it. */
static void
clear(struct job *job)
{
	if (job->started)
		pthread_join(job->thread, NULL);
	job->started = FALSE;
	g_clear_pointer(&job->report, json_decref);
	g_clear_error(&job->fault);
}

void
job_free(struct job **job)
{
	struct job *old = *job;

	*job = NULL;
	if (old == NULL)
		return;
	clear(old);
	g_free(old);
}

static void *
run_thread(void *self)
{
	struct job *job = self;

	job->report = job->work.run(job->work.self, &job->fault);
	/* A fault is told to who asked; the log has it for those who did not.
	 */
	if (job->report == NULL)
		log_error(LOG_LEVEL_INFO, job->fault, "job-fault", "job",
		    job->work.name, NULL);
	g_atomic_int_set(&job->ended, 1);
	return NULL;
}

gboolean
job_is_busy(const struct job *job)
{
	return job->started && g_atomic_int_get(&job->ended) == 0;
}

gboolean
job_begin(struct job *job, GError **error)
{
	int number;

	if (job_is_busy(job))
		return err_set(error, DG_ERROR_AGAIN,
		    "another %s is going on: wait for its end", job->work.name);
	clear(job);
	job->ended = 0;
	number = pthread_create(&job->thread, NULL, run_thread, job);
	if (number != 0)
		return err_errno(error, number, "thread");
	job->started = TRUE;
	return TRUE;
}

json_t *
job_report(const struct job *job, GError **error)
{
	if (!job->started)
		err_set(error, DG_ERROR_NOTFOUND, "no %s is going on",
		    job->work.name);
	else if (job_is_busy(job))
		err_set(
		    error, DG_ERROR_AGAIN, "the %s goes on", job->work.name);
	else if (job->report != NULL)
		return job->report;
	else
		g_propagate_error(error, g_error_copy(job->fault));
	return NULL;
}
