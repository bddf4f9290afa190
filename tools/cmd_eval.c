/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate eval: how good the filter is on labelled mail. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tools/cmd.h"
#include "tools/exam_report.h"
#include "tools/settings.h"

struct evaluation {
	struct cmd_context *context;
	char *index, *results;
	gboolean margins;
	gint delay, readers;
	gint64 seed;
	char *flip;
	struct exam_rules rules;
};

/* "0.05" or "5%". */
static gboolean
read_share(const char *text, double *share_r)
{
	char *end;
	double value;

	errno = 0;
	value = g_ascii_strtod(text, &end);
	if (end == text || errno != 0)
		return FALSE;
	if (strcmp(end, "%") == 0)
		value /= 100;
	else if (*end != '\0')
		return FALSE;
	*share_r = value;
	return value >= 0 && value <= 1;
}

static int
check(struct evaluation *evaluation)
{
	const struct cmd_context *context = evaluation->context;

	if (evaluation->index == NULL)
		return cmd_usage(context,
		    "say --index FILE, lines \"ham PATH\" and \"spam PATH\"");
	if (evaluation->delay < 0 || evaluation->delay > 1000000)
		return cmd_usage(context, "--delay is 0 to 1000000 messages");
	if (evaluation->readers < 0 || evaluation->readers > 64)
		return cmd_usage(context, "--readers is 1 to 64");
	if (evaluation->flip != NULL &&
	    !read_share(evaluation->flip, &evaluation->rules.flip))
		return cmd_usage(
		    context, "--flip is a share: 0.05 or 5%, at most 1");
	return EX_OK;
}

/* The settings of -c FILE; without it the defaults, so that figures mean the
 * same everywhere. */
static int
load_settings(const struct cmd_context *context, struct conf **conf_r)
{
	if (context->path != NULL)
		return cmd_settings(context, conf_r);
	*conf_r = conf_parse("defaults", "", settings_kinds);
	return EX_OK;
}

static void
show_progress(void *self, guint done, const char *name, const GError *error)
{
	const struct evaluation *evaluation = self;

	if (error != NULL)
		cmd_complain("%s: %s", name, error->message);
	cmd_progress(evaluation->context, done);
}

static int
show(const struct evaluation *evaluation, const struct exam_report *report)
{
	g_autoptr(GError) error = NULL;

	if (evaluation->results != NULL &&
	    !exam_report_write(
		report, evaluation->results, evaluation->margins, &error))
		return cmd_fail(error);
	if (evaluation->context->json)
		cmd_json_line(exam_report_json(report));
	else if (g_strcmp0(evaluation->results, "-") != 0)
		exam_report_print(report);
	return report->missing > 0 ? EX_NOINPUT : EX_OK;
}

static int
run(struct evaluation *evaluation, const struct conf *conf)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) items = exam_read_index(evaluation->index, &error);
	struct exam *exam OWNED(exam_close) = NULL;
	struct exam_report report = { 0 };
	gboolean done;
	int code;

	if (items == NULL)
		return cmd_fail(error);
	exam = exam_open(&evaluation->rules, conf, &error);
	if (exam == NULL)
		return cmd_fail(error);
	done =
	    exam_run(exam, items, show_progress, evaluation, &report, &error);
	cmd_progress(evaluation->context, 0);
	exam_close(&exam);
	code = done ? show(evaluation, &report) : cmd_fail(error);
	exam_report_clear(&report);
	return code;
}

static int
evaluate(struct evaluation *evaluation)
{
	struct exam_rules *rules = &evaluation->rules;
	struct conf *conf OWNED(conf_free) = NULL;
	int code = check(evaluation);

	if (code == EX_OK)
		code = load_settings(evaluation->context, &conf);
	if (code != EX_OK)
		return code;
	exam_rules_set(rules, conf);
	rules->delay = evaluation->delay;
	rules->seed = evaluation->seed;
	rules->readers = evaluation->readers;
	return run(evaluation, conf);
}

int
cmd_eval(struct cmd_context *context, int argc, char **argv)
{
	struct evaluation evaluation = { .context = context, .seed = 1 };
	gboolean force = FALSE, body_only = FALSE;
	const GOptionEntry entries[] = {
		{ "index", 'i', 0, G_OPTION_ARG_FILENAME, &evaluation.index,
		    "labelled messages in their order, lines \"ham|spam PATH\"",
		    "FILE" },
		{ "results", 'r', 0, G_OPTION_ARG_FILENAME, &evaluation.results,
		    "write \"LABEL SCORE VERDICT\" of each message (- is "
		    "standard output)",
		    "FILE" },
		{ "margins", 0, 0, G_OPTION_ARG_NONE, &evaluation.margins,
		    "and the margin in decades behind it, for tune", NULL },
		{ "delay", 0, 0, G_OPTION_ARG_INT, &evaluation.delay,
		    "labels are given N messages later (0)", "N" },
		{ "flip", 0, 0, G_OPTION_ARG_STRING, &evaluation.flip,
		    "share of labels that are given wrongly (0)", "P" },
		{ "seed", 0, 0, G_OPTION_ARG_INT64, &evaluation.seed,
		    "chooses which (1)", "S" },
		{ "force", 'f', 0, G_OPTION_ARG_NONE, &force,
		    "teach even what the model strongly contradicts", NULL },
		{ "no-headers", 0, 0, G_OPTION_ARG_NONE, &body_only,
		    "judge by the bodies alone", NULL },
		{ "readers", 0, 0, G_OPTION_ARG_INT, &evaluation.readers,
		    "messages read at once (one for each core)", "N" },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	evaluation.rules.force = force;
	evaluation.rules.body_only = body_only;
	if (code < 0 && argc > 1)
		code = cmd_usage(context, "there is a word too many");
	if (code < 0)
		code = evaluate(&evaluation);
	g_free(evaluation.index);
	g_free(evaluation.results);
	g_free(evaluation.flip);
	return code;
}
