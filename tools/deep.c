/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/deep_private.h"

#include "lib/base/err.h"
#include "tickets/desk_local.h"
#include "tools/job.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

void
deep_found(struct deep *deep, gboolean mended, const char *format, ...)
{
	g_autofree char *text = NULL;
	g_autofree char *valid = NULL;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	valid = g_utf8_make_valid(text, -1);
	json_array_append_new(deep->found,
	    json_pack("{s:s, s:b}", "text", valid, "mended", mended));
}

static gboolean
look_at_desk(struct deep *deep, const char *name, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) other = NULL;
	struct desk *desk =
	    deliver_lock_desk(deep->keeper->deliver, name, "local", &other);
	gboolean done;

	if (desk == NULL)
		return TRUE; /* of another type */
	deep->looked++;
	done = desk_local_check(desk, deep->mend, found, left, error);
	deliver_unlock_desk(deep->keeper->deliver, desk);
	if (done && found->len > 0)
		deep_found(deep, deep->mend && left->len == 0,
		    "the embedded desk \"%s\" is damaged: %s%s", name,
		    (const char *)found->pdata[0],
		    left->len > 0 ? "; put a backup of desk.sqlite back" : "");
	return done;
}

static gboolean
deep_desk(struct deep *deep, GError **error)
{
	const char *name;

	for (guint i = 0;
	     (name = deliver_desk_name(deep->keeper->deliver, i)) != NULL; i++)
		if (!look_at_desk(deep, name, error))
			return FALSE;
	return TRUE;
}

static gboolean
deep_audit(struct deep *deep, GError **error)
{
	struct audit_report report;

	if (!audit_verify(deep->keeper->audit, NULL, &report, error))
		return FALSE;
	deep->looked = report.records;
	if (!report.whole)
		deep_found(deep, FALSE,
		    "the audit trail is not whole: %s; nothing mends it, keep "
		    "the file and compare it with a backup",
		    report.fault);
	return TRUE;
}

static const struct {
	const char *name;
	gboolean (*look)(struct deep *deep, GError **error);
} steps[] = {
	{ "stores", deep_stores },
	{ "spool", deep_spool },
	{ "ledger", deep_ledger },
	{ "models", deep_models },
	{ "desk", deep_desk },
	{ "people", deep_people },
	{ "audit", deep_audit },
};

json_t *
deep_step(struct keeper *keeper, guint i, gboolean mend, GError **error)
{
	struct deep deep = { .keeper = keeper, .mend = mend };

	if (i >= G_N_ELEMENTS(steps)) {
		err_set(error, DG_ERROR_NOTFOUND, "no such step");
		return NULL;
	}
	deep.found = json_array();
	if (!steps[i].look(&deep, error)) {
		g_prefix_error(error, "%s: ", steps[i].name);
		json_decref(deep.found);
		return NULL;
	}
	return json_pack("{s:i, s:s, s:I, s:o}", "steps",
	    (int)G_N_ELEMENTS(steps), "name", steps[i].name, "looked",
	    (json_int_t)deep.looked, "found", deep.found);
}

/* --- as a job --- */

struct deep_run {
	struct keeper *keeper;
	struct job *job;
	guint step; /* while it runs, the job's */
	gboolean mend;
};

static json_t *
make(void *self, GError **error)
{
	struct deep_run *run = self;

	return deep_step(run->keeper, run->step, run->mend, error);
}

struct deep_run *
deep_run_new(struct keeper *keeper)
{
	struct deep_run *run = g_new0(struct deep_run, 1);

	run->keeper = keeper;
	run->job = job_new(&(struct job_work){ "check --deep", make, run });
	return run;
}

void
deep_run_free(struct deep_run **run)
{
	struct deep_run *old = *run;

	*run = NULL;
	if (old == NULL)
		return;
	job_free(&old->job);
	g_free(old);
}

/* {step: n, mend: bool} -> {busy: true} */
gboolean
verb_check_deep(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct deep_run *run = keeper->deep;
	json_int_t step =
	    json_integer_value(json_object_get(request->body, "step"));

	if (!job_is_busy(run->job)) {
		run->step = (guint)CLAMP(step, 0, G_MAXINT);
		run->mend =
		    json_is_true(json_object_get(request->body, "mend"));
	}
	if (!job_begin(run->job, error))
		return FALSE;
	if (run->mend && run->step == 0)
		wayback_act(keeper, request, "check-mend", NULL);
	json_object_set_new(answer->body, "busy", json_true());
	return TRUE;
}

/* {} -> {busy: true}, or {busy: false, ...} with what deep_step tells; the
 * error of one that failed */
gboolean
verb_check_deep_status(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	gboolean busy = job_is_busy(keeper->deep->job);
	json_t *report = busy ? NULL : job_report(keeper->deep->job, error);

	(void)request;
	if (!busy && report == NULL)
		return FALSE;
	json_object_set_new(answer->body, "busy", json_boolean(busy));
	if (report != NULL)
		json_object_update(answer->body, report);
	return TRUE;
}
