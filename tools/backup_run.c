/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A backup as a job.
 */
#include "tools/backup_run.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tools/job.h"

struct backup_run {
	struct keeper *keeper;
	struct job *job;
	struct backup_progress progress;
	char *state, *vault; /* while it runs, the job's */
};

/* The walls (walls.h) say no more than that they stand. */
static void
tell_walls(const struct keeper *keeper, GError *fault, GError **error)
{
	const char *const *folder =
	    conf_list(conf_global(keeper->conf), "backup-to");

	if (err_is(fault, DG_ERROR_DENIED) && folder != NULL && *folder != NULL)
		err_set(error, DG_ERROR_DENIED,
		    "%s: is it in backup-to, and was it there when "
		    "deskgate-deliver started?",
		    fault->message);
	else
		g_propagate_error(error, g_error_copy(fault));
}

static json_t *
make(void *self, GError **error)
{
	struct backup_run *run = self;
	const struct backup_wish wish = { run->state, run->vault };
	g_autoptr(GError) fault = NULL;
	json_t *report =
	    backup_make(run->keeper, &wish, &run->progress, &fault);

	if (report != NULL)
		log_event(LOG_LEVEL_INFO, "backup-made", NULL);
	else
		tell_walls(run->keeper, fault, error);
	return report;
}

struct backup_run *
backup_run_new(struct keeper *keeper)
{
	struct backup_run *run = g_new0(struct backup_run, 1);

	run->keeper = keeper;
	run->job = job_new(&(struct job_work){ "backup", make, run });
	return run;
}

void
backup_run_free(struct backup_run **run)
{
	struct backup_run *old = *run;

	*run = NULL;
	if (old == NULL)
		return;
	g_atomic_int_set(&old->progress.stopping, 1);
	job_free(&old->job);
	g_free(old->state);
	g_free(old->vault);
	g_free(old);
}

gboolean
backup_run_begin(
    struct backup_run *run, const struct backup_wish *wish, GError **error)
{
	if (!job_is_busy(run->job)) {
		run->progress = (struct backup_progress){ 0 };
		g_free(run->state);
		g_free(run->vault);
		run->state = g_strdup(wish->state);
		run->vault = g_strdup(wish->vault);
	}
	return job_begin(run->job, error);
}

json_t *
backup_run_look(struct backup_run *run, GError **error)
{
	struct backup_progress *progress = &run->progress;
	json_t *report;

	if (job_is_busy(run->job))
		return json_pack("{s:b, s:s, s:i, s:i}", "busy", 1, "stage",
		    backup_stage(g_atomic_int_get(&progress->stage)), "entries",
		    g_atomic_int_get(&progress->entries), "all",
		    g_atomic_int_get(&progress->all));
	report = job_report(run->job, error);
	return report == NULL
		   ? NULL
		   : json_pack("{s:b, s:O}", "busy", 0, "backup", report);
}
