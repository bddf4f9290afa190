/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the command line to an examination. */
#include "tools/exam_request.h"

#include <math.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tools/settings.h"

#define FOLDS_MOST 100
#define DELAY_MOST 1000000
#define READERS_MOST 64

/* "0.05" or "5%". */
gboolean
exam_read_share(const char *text, double *share_r)
{
	char *end;
	double value = g_ascii_strtod(text, &end);

	if (end == text)
		return FALSE;
	if (strcmp(end, "%") == 0)
		value /= 100;
	else if (*end != '\0')
		return FALSE;
	*share_r = value;
	return value >= 0 && value <= 1;
}

void
exam_request_init(struct exam_request *request, struct cmd_context *context)
{
	*request = (struct exam_request){ .context = context,
		.seed = 1,
		.spam_score = NAN,
		.ham_score = NAN,
		.training_margin = NAN,
		.refuse_score = NAN };
}

/* What is wrong with how it is asked for, or NULL. */
static const char *
fault_of(const struct exam_request *request)
{
	gboolean piles = request->ham != NULL || request->spam != NULL;

	if (request->index == NULL && !piles)
		return "say which mail: --index FILE, or --ham PATH and --spam "
		       "PATH";
	if (request->index != NULL && piles)
		return "either --index, or --ham and --spam";
	if (piles && (request->ham == NULL || request->spam == NULL))
		return "both --ham and --spam are needed";
	if (request->folds != 0 &&
	    (request->folds < 2 || request->folds > FOLDS_MOST))
		return "--kfold is 2 to 100";
	if (request->delay < 0 || request->delay > DELAY_MOST)
		return "--delay is 0 to 1000000 messages";
	if (request->delay > 0 && request->folds > 0)
		return "--delay has no meaning with --kfold";
	/* As in the settings; one that is not given is no number. */
	if (request->spam_score < 0)
		return "--spam-score is 0 or more";
	if (request->ham_score > 0)
		return "--ham-score is 0 or less";
	if (request->max_records < 0)
		return "--max-records is 1 or more; 0: as in the settings";
	if (request->readers < 0 || request->readers > READERS_MOST)
		return "--readers is 1 to 64";
	return NULL;
}

int
exam_request_settings(const struct cmd_context *context, struct conf **conf_r)
{
	if (context->path != NULL)
		return cmd_settings_for(context, SETTINGS_FIGURES, conf_r);
	*conf_r = conf_parse("defaults", "", settings_kinds);
	return EX_OK;
}

static void
show_progress(void *self, guint done, const char *name, const GError *error)
{
	const struct exam_request *request = self;

	if (error != NULL)
		cmd_complain("%s: %s", name, error->message);
	cmd_progress(request->context, done);
}

static gboolean
run(struct exam_request *request, struct exam *exam, const GArray *items,
    struct exam_report *report_r, GError **error)
{
	const struct exam_witness witness = { show_progress, request };
	const struct exam_piles piles = { request->ham, request->spam, items,
		request->folds };
	gboolean done;

	done = items != NULL && request->folds == 0
		   ? exam_run(exam, items, &witness, report_r, error)
		   : exam_run_piles(exam, &piles, &witness, report_r, error);
	cmd_progress(request->context, 0);
	return done;
}

static int
examine(struct exam_request *request, const struct conf *conf,
    struct exam_report *report_r)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) items = NULL;
	struct exam *exam OWNED(exam_close) = NULL;

	if (request->index != NULL) {
		items = exam_read_index(request->index, &error);
		if (items == NULL)
			return cmd_fail(error);
	}
	exam = exam_open(&request->rules, conf, &error);
	if (exam == NULL || !run(request, exam, items, report_r, &error))
		return cmd_fail(error);
	return report_r->missing > 0 ? EX_NOINPUT : EX_OK;
}

/* What is said on the command line counts more than the settings. */
static void
override(const struct exam_request *request, struct exam_rules *rules)
{
	const struct {
		double asked, *value;
	} values[] = {
		{ request->spam_score, &rules->judging.spam_score },
		{ request->ham_score, &rules->judging.ham_score },
		{ request->training_margin, &rules->learning.training_margin },
		{ request->refuse_score, &rules->learning.refuse_score },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		if (!isnan(values[i].asked))
			*values[i].value = values[i].asked;
	}
	if (request->max_records > 0)
		rules->learning.max_records = (guint64)request->max_records;
}

int
exam_request_run(struct exam_request *request, const struct conf *conf,
    struct exam_report *report_r)
{
	struct exam_rules *rules = &request->rules;
	const char *fault = fault_of(request);

	*report_r = (struct exam_report){ 0 };
	if (fault != NULL)
		return cmd_usage(request->context, fault);
	exam_rules_set(rules, conf);
	override(request, rules);
	if (request->flip != NULL &&
	    !exam_read_share(request->flip, &rules->flip))
		return cmd_usage(request->context,
		    "--flip is a share: 0.05 or 5%, at most 1");
	rules->delay = request->delay;
	rules->seed = request->seed;
	rules->readers = request->readers;
	rules->force = request->force;
	rules->body_only = request->body_only;
	return examine(request, conf, report_r);
}

void
exam_request_clear(struct exam_request *request)
{
	g_clear_pointer(&request->index, g_free);
	g_clear_pointer(&request->flip, g_free);
	g_clear_pointer(&request->ham, g_strfreev);
	g_clear_pointer(&request->spam, g_strfreev);
}
