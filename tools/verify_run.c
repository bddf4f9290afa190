/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A verify as a job, and its verbs.
 */
#include "tools/verify_run.h"

#include "classifier/verify.h"
#include "lib/base/err.h"
#include "tools/job.h"
#include "tools/keeper.h"
#include "tools/verbs.h"

struct verify_run {
	struct job *job;
	struct learn *learn; /* borrowed; while it runs, the job's */
};

/* {records, lessons, differences: n, shown: ["..."]} */
static json_t *
make(void *self, GError **error)
{
	struct verify_run *run = self;
	struct verify_report report;
	json_t *shown;

	if (!verify_model(run->learn, &report, error))
		return NULL;
	shown = json_array();
	for (guint i = 0; i < report.shown->len; i++)
		json_array_append_new(
		    shown, json_string(report.shown->pdata[i]));
	verify_report_clear(&report);
	return json_pack("{s:I, s:I, s:I, s:o}", "records",
	    (json_int_t)report.records, "lessons", (json_int_t)report.lessons,
	    "differences", (json_int_t)report.differences, "shown", shown);
}

struct verify_run *
verify_run_new(void)
{
	struct verify_run *run = g_new0(struct verify_run, 1);

	run->job = job_new(&(struct job_work){ "model verify", make, run });
	return run;
}

void
verify_run_free(struct verify_run **run)
{
	struct verify_run *old = *run;

	*run = NULL;
	if (old == NULL)
		return;
	job_free(&old->job);
	g_free(old);
}

/* {inbox} -> {busy: true} */
gboolean
verb_model_verify(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct verify_run *run = keeper->verify;
	struct learn *learn = verb_model(keeper, request, error);

	if (learn == NULL)
		return FALSE;
	if (!job_is_busy(run->job))
		run->learn = learn;
	if (!job_begin(run->job, error))
		return FALSE;
	json_object_set_new(answer->body, "busy", json_true());
	return TRUE;
}

/* {inbox} -> {busy: true}, or {busy: false, ...} with what was found; the error
 * of one that failed, AGAIN when another model's has begun since */
gboolean
verb_verify_status(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct verify_run *run = keeper->verify;
	struct learn *learn = verb_model(keeper, request, error);
	gboolean busy = job_is_busy(run->job);
	json_t *report;

	if (learn == NULL)
		return FALSE;
	if (run->learn != NULL && learn != run->learn)
		return err_set(error, DG_ERROR_AGAIN,
		    "another %s is going on: wait for its end", "model verify");
	report = busy ? NULL : job_report(run->job, error);
	if (!busy && report == NULL)
		return FALSE;
	json_object_set_new(answer->body, "busy", json_boolean(busy));
	if (report != NULL)
		json_object_update(answer->body, report);
	return TRUE;
}
