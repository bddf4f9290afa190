/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate eval: how good the filter is on labelled mail. */
#include <sysexits.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/exam_report.h"
#include "tools/exam_request.h"

static const char words_of_help[] =
    "Say how good the filter is on labelled mail.\n\n"
    "The protocol is that of the TREC spam track: each message is judged by "
    "what was\n"
    "taught before it, then its label is taught. It runs in this process, "
    "from an\n"
    "empty model in a temporary folder; the keeper and its model have no part "
    "in it.\n"
    "Without -c FILE the default settings hold.\n\n"
    "A label is taught as \"deskgate train\" does it: what the model is sure "
    "of is only\n"
    "noted, and what it strongly contradicts is refused. So it is with "
    "labels that\n"
    "--flip makes wrong: some are refused, as they would be at a desk, and a "
    "right one\n"
    "may be refused after wrong ones were believed. --force teaches them all. "
    "Messages\n"
    "count by their true label in any case.\n\n"
    "Lines of an index: \"ham PATH\" or \"spam PATH\", in the order of time, "
    "PATH relative\n"
    "to the index. Ham and Spam: judged, not taught; HAM and SPAM: taught, "
    "not judged.\n"
    "Own mail (--ham, --spam) is read once, without copies, and interleaved.";

struct evaluation {
	struct exam_request request;
	char *results, *figures, *svg;
};

/* The files that are asked for, then the report. */
static int
show(const struct evaluation *evaluation, const struct exam_report *report)
{
	g_autoptr(GError) error = NULL;

	if (evaluation->results != NULL &&
	    !exam_results_write(report, evaluation->results, &error))
		return cmd_fail(error);
	if (evaluation->svg != NULL &&
	    !exam_report_draw(report, evaluation->svg, &error))
		return cmd_fail(error);
	if (evaluation->request.context->json)
		cmd_json_line(exam_report_json(report));
	else if (g_strcmp0(evaluation->results, "-") != 0)
		exam_report_print(report);
	return EX_OK;
}

static int
make_report(struct evaluation *evaluation, struct exam_report *report)
{
	struct conf *conf OWNED(conf_free) = NULL;
	g_autoptr(GError) error = NULL;
	int code;

	if (evaluation->figures != NULL)
		return exam_results_read(report, evaluation->figures, &error)
			   ? EX_OK
			   : cmd_fail(error);
	code = exam_request_settings(evaluation->request.context, &conf);
	return code == EX_OK
		   ? exam_request_run(&evaluation->request, conf, report)
		   : code;
}

static int
evaluate(struct evaluation *evaluation)
{
	struct exam_report report = { 0 };
	int code = make_report(evaluation, &report), shown = EX_OK;

	/* What is there is shown, also when some files were missing. */
	if (code == EX_OK || (code == EX_NOINPUT && report.read > 0))
		shown = show(evaluation, &report);
	exam_report_clear(&report);
	return code != EX_OK ? code : shown;
}

int
cmd_eval(struct cmd_context *context, int argc, char **argv)
{
	struct evaluation evaluation = { 0 };
	struct exam_request *request = &evaluation.request;
	const GOptionEntry entries[] = {
		EXAM_REQUEST_MAIL(request),
		{ "delay", 0, 0, G_OPTION_ARG_INT, &request->delay,
		    N_("labels are given N messages later (0)"), "N" },
		{ "flip", 0, 0, G_OPTION_ARG_STRING, &request->flip,
		    N_("share of labels that are given wrongly: 5%"), "P" },
		{ "seed", 0, 0, G_OPTION_ARG_INT64, &request->seed,
		    N_("chooses which (1)"), "S" },
		{ "force", 'f', 0, G_OPTION_ARG_NONE, &request->force,
		    N_("teach even what the model strongly contradicts"),
		    NULL },
		EXAM_REQUEST_MARGINS(request),
		{ "results", 'r', 0, G_OPTION_ARG_FILENAME, &evaluation.results,
		    N_("write \"LABEL SCORE VERDICT\" of each message (- is "
		       "standard output)"),
		    "FILE" },
		{ "figures", 0, 0, G_OPTION_ARG_FILENAME, &evaluation.figures,
		    N_("only the figures of such a file, of whatever filter"),
		    "FILE" },
		{ "svg", 0, 0, G_OPTION_ARG_FILENAME, &evaluation.svg,
		    N_("draw the ROC and the learning curve"), "FILE" },
		{ NULL },
	};
	int code;

	exam_request_init(request, context);
	context->summary = words_of_help;
	code = cmd_options(context, entries, NULL, &argc, &argv);
	if (code < 0 && argc > 1)
		code = cmd_usage(context, "there is a word too many");
	if (code < 0)
		code = evaluate(&evaluation);
	exam_request_clear(request);
	g_free(evaluation.results);
	g_free(evaluation.figures);
	g_free(evaluation.svg);
	return code;
}
