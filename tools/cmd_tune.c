/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate tune: the two thresholds for a wished share of held ham. */
#include <sysexits.h>

#include "classifier/tune.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/exam_report.h"
#include "tools/exam_request.h"

#define FOLDS 10

static const char words_of_help[] = N_(
    "Propose spam-score and ham-score for a wished share of held ham.\n\n"
    "From own labelled mail, each part of it judged by what the others teach "
    "(--kfold\n"
    "10), or from results that \"deskgate eval --results\" wrote. "
    "Nothing is\n"
    "changed: the lines that are printed belong into the settings.");

struct tuning {
	struct exam_request request;
	char *results, *held, *passed;
	struct tune_wish wish;
};

/* The thresholds in force and those proposed, and what each would do to the
 * mail that was judged. */
struct proposal {
	struct tune_thresholds now, then;
	struct tune_effect effect_now, effect_then;
	/* refuse-score now, and the least that the proposed ones go with. */
	double refuse, refuse_then;
};

static double
percent(guint count, guint n)
{
	return n > 0 ? 100.0 * count / n : 0;
}

static void
print_effect(const char *name, const struct tune_thresholds *thresholds,
    const struct tune_effect *effect)
{
	cmd_print("%-9s %11.1f %10.1f %8.3f %% (%u) %9.2f %% %9.2f %% %9.2f "
		  "%% %8.3f %%\n",
	    name, thresholds->spam, thresholds->ham,
	    percent(effect->ham_held, effect->ham), effect->ham_held,
	    percent(effect->ham_unsure, effect->ham),
	    percent(effect->spam_caught, effect->spam),
	    percent(effect->spam_unsure, effect->spam),
	    percent(effect->spam_passed, effect->spam));
}

/* What the sample does not tell. */
static void
print_doubt(const struct tuning *tuning, const struct tune_effect *effect)
{
	guint needed = tune_needed(tuning->wish.held);

	cmd_print("\nOf %u ham %u would be held; at 95 %% trust that is at "
		  "most %.3f %% of all ham.\n",
	    effect->ham, effect->ham_held, 100 * effect->held_most);
	if (tuning->wish.held <= 0)
		cmd_print("WARNING: the sample is too small for the wish, as "
			  "any is: that none will ever be\n"
			  "held cannot be shown.\n");
	else if (effect->ham < needed)
		cmd_print("WARNING: the sample is too small for the wish: with "
			  "none held of %u ham, up to %.3f %%\n"
			  "may be in truth (rule of three, 3/N). For %.3f %% "
			  "at least %u ham are needed.\n",
		    effect->ham, 100 * tune_upper(0, effect->ham),
		    100 * tuning->wish.held, needed);
}

static void
print(const struct tuning *tuning, const struct proposal *proposal)
{
	cmd_print("%-9s %11s %10s %14s %11s %11s %11s %10s\n", "", "spam-score",
	    "ham-score", translate("ham held"), translate("ham unsure"),
	    translate("spam held"), translate("unsure"), translate("passed"));
	print_effect(translate("now"), &proposal->now, &proposal->effect_now);
	print_effect(
	    translate("proposed"), &proposal->then, &proposal->effect_then);
	print_doubt(tuning, &proposal->effect_then);
	cmd_print("\nFor the settings:\n\nspam-score = %.1f\nham-score = "
		  "%.1f\n",
	    proposal->then.spam, proposal->then.ham);
	if (proposal->refuse_then > proposal->refuse)
		cmd_print("refuse-score = %.1f\n", proposal->refuse_then);
}

static json_t *
effect_json(
    const struct tune_thresholds *thresholds, const struct tune_effect *effect)
{
	return json_pack("{s:f, s:f, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f}",
	    "spam_score", thresholds->spam, "ham_score", thresholds->ham, "ham",
	    effect->ham, "spam", effect->spam, "ham_held", effect->ham_held,
	    "ham_unsure", effect->ham_unsure, "spam_caught",
	    effect->spam_caught, "spam_unsure", effect->spam_unsure,
	    "spam_passed", effect->spam_passed, "held_most", effect->held_most);
}

static void
show(const struct tuning *tuning, const struct proposal *proposal)
{
	guint needed = tune_needed(tuning->wish.held);

	if (!tuning->request.context->json) {
		print(tuning, proposal);
		return;
	}
	cmd_json_line(json_pack("{s:o, s:o, s:f, s:I, s:b}", "now",
	    effect_json(&proposal->now, &proposal->effect_now), "proposed",
	    effect_json(&proposal->then, &proposal->effect_then),
	    "refuse_score", proposal->refuse_then, "needed", (json_int_t)needed,
	    "enough", proposal->effect_then.ham >= needed));
}

static void
propose(const struct tuning *tuning, const struct conf *conf,
    const struct exam_report *report)
{
	const struct conf_section *global = conf_global(conf);
	const struct figures_result *results =
	    (const struct figures_result *)report->results->data;
	guint n = report->results->len;
	struct proposal proposal = {
		.now = { conf_real(global, "spam-score"),
		    conf_real(global, "ham-score") },
		.refuse = conf_real(global, "refuse-score"),
	};

	tune_choose(results, n, &tuning->wish, &proposal.then);
	proposal.refuse_then =
	    MAX(proposal.refuse, MAX(proposal.then.spam, -proposal.then.ham));
	tune_effect(results, n, &proposal.now, &proposal.effect_now);
	tune_effect(results, n, &proposal.then, &proposal.effect_then);
	show(tuning, &proposal);
}

static gboolean
has_both(const struct exam_report *report)
{
	guint counts[2] = { 0 };

	for (guint i = 0; i < report->results->len; i++)
		counts[g_array_index(report->results, struct figures_result, i)
			   .truth == VERDICT_SPAM]++;
	return counts[0] > 0 && counts[1] > 0;
}

static int
make_report(
    struct tuning *tuning, const struct conf *conf, struct exam_report *report)
{
	g_autoptr(GError) error = NULL;

	if (tuning->results == NULL)
		return exam_request_run(&tuning->request, conf, report);
	return exam_results_read(report, tuning->results, &error)
		   ? EX_OK
		   : cmd_fail(error);
}

static int
tune(struct tuning *tuning)
{
	const struct cmd_context *context = tuning->request.context;
	struct conf *conf OWNED(conf_free) = NULL;
	struct exam_report report = { 0 };
	int code;

	if (!exam_read_share(tuning->held != NULL ? tuning->held : "0.1%",
		&tuning->wish.held) ||
	    !exam_read_share(tuning->passed != NULL ? tuning->passed : "0.5%",
		&tuning->wish.passed))
		return cmd_usage(context, "a wish is a share: 0.1% or 0.001");
	code = exam_request_settings(context, &conf);
	if (code != EX_OK)
		return code;
	code = make_report(tuning, conf, &report);
	if (code == EX_OK && !has_both(&report)) {
		cmd_complain("deskgate tune: ham and spam are needed, to tell "
			     "one from the other");
		code = EX_DATAERR;
	}
	if (code == EX_OK)
		propose(tuning, conf, &report);
	exam_report_clear(&report);
	return code;
}

int
cmd_tune(struct cmd_context *context, int argc, char **argv)
{
	struct tuning tuning = { 0 };
	struct exam_request *request = &tuning.request;
	const GOptionEntry entries[] = {
		{ "wish-held", 'w', 0, G_OPTION_ARG_STRING, &tuning.held,
		    N_("share of ham that may be called spam (0.1%)"), "P" },
		{ "wish-passed", 0, 0, G_OPTION_ARG_STRING, &tuning.passed,
		    N_("share of spam that may be called ham (0.5%)"), "P" },
		{ "results", 'r', 0, G_OPTION_ARG_FILENAME, &tuning.results,
		    N_("from these results"), "FILE" },
		EXAM_REQUEST_MAIL(request),
		{ NULL },
	};
	int code;

	exam_request_init(request, context);
	request->folds = FOLDS;
	context->summary = words_of_help;
	code = cmd_options(context, entries, NULL, &argc, &argv);
	if (code < 0 && argc > 1)
		code = cmd_usage(context, "there is a word too many");
	if (code < 0)
		code = tune(&tuning);
	exam_request_clear(request);
	g_free(tuning.results);
	g_free(tuning.held);
	g_free(tuning.passed);
	return code;
}
