/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate stats: what was learnt, and what is on its way. */
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/chart.h"
#include "tools/cmd.h"
#include "tools/paths.h"
#include "tools/stats_chart.h"

/* How it is shown. */
struct look {
	struct cmd_context *context;
	gboolean chart, plain; /* as asked for */
	gboolean unicode;      /* in charts */
};

static int
number(const json_t *object, const char *name)
{
	return (int)json_integer_value(json_object_get(object, name));
}

static void
show_labels(const json_t *model)
{
	cmd_print("labels   ham %d/%d, spam %d/%d, all %d/%d\n",
	    number(model, "ham"), number(model, "need_each"),
	    number(model, "spam"), number(model, "need_each"),
	    number(model, "all"), number(model, "need_all"));
}

static void
show_model(const json_t *model)
{
	gboolean active = json_is_true(json_object_get(model, "active"));

	cmd_print("filter   %s\n",
	    active ? translate("active")
		   : translate("learning: until these labels are "
			       "given, everything is unsure "
			       "and goes to the desk"));
	cmd_print("learnt   %d ham, %d spam (of %d lessons; the others were "
		  "known well enough)\n",
	    number(model, "learnt_ham"), number(model, "learnt_spam"),
	    number(model, "lessons"));
	cmd_print("model    %d records, %.1f MB\n", number(model, "records"),
	    number(model, "bytes") / 1e6);
}

static void
show_own(const json_t *own)
{
	json_t *model;
	size_t i;

	json_array_foreach(own, i, model) cmd_print(
	    "own      \"%s\": %d ham, %d spam learnt of %d lessons; %d "
	    "records, %.1f MB\n",
	    cmd_member(model, "name"), number(model, "learnt_ham"),
	    number(model, "learnt_spam"), number(model, "lessons"),
	    number(model, "records"), number(model, "bytes") / 1e6);
}

static void
show_sources(const json_t *sources)
{
	json_t *source;
	size_t i;

	json_array_foreach(sources, i, source)
	    cmd_print("%-8s \"%s\": %d ham, %d spam, %d of %d records\n",
		json_is_true(json_object_get(source, "starter")) ? "starter"
								 : "import",
		cmd_member(source, "name"), number(source, "ham"),
		number(source, "spam"), number(source, "left"),
		number(source, "records"));
}

/* "desk:main:3  4 learnt, 1 taken-back" */
static void
show_feedback(json_t *feedback)
{
	const char *actor, *act;
	json_t *acts, *count;

	json_object_foreach(feedback, actor, acts)
	{
		gboolean first = TRUE;

		cmd_print("taught   %s:", actor);
		json_object_foreach(acts, act, count)
		{
			cmd_print("%s %d %s", first ? "" : ",",
			    (int)json_integer_value(count), act);
			first = FALSE;
		}
		cmd_print("\n");
	}
}

static void
show_backup(const json_t *known)
{
	const char *made = cmd_member(known, "made");

	cmd_print("backup   %s%s\n",
	    made[0] != '\0' ? made : translate("none was made"),
	    json_is_true(json_object_get(known, "stale"))
		? translate(
		      ", and since then somebody was erased, or something was "
		      "asked for or deleted")
		: "");
}

/* Nothing, while all are active. */
static void
show_inboxes(json_t *counts)
{
	const char *state;
	json_t *count;
	gboolean first = TRUE;

	json_object_foreach(counts, state, count)
	{
		if (json_integer_value(count) == 0)
			continue;
		cmd_print("%s %d %s", first ? "inboxes " : ",",
		    (int)json_integer_value(count), state);
		first = FALSE;
	}
	if (!first)
		cmd_print("\n");
}

/* The oldest of each kind there is. */
static void
show_kept(json_t *kept)
{
	const char *kind;
	json_t *one;

	json_object_foreach(json_object_get(kept, "kinds"), kind, one)
	{
		const char *oldest = cmd_member(one, "oldest");

		/* Some have no age. */
		if (number(one, "count") > 0)
			cmd_print("kept     %s: %d, %s%s%s%d past their time\n",
			    kind, number(one, "count"),
			    oldest[0] != '\0' ? translate("the oldest of ")
					      : "",
			    oldest, oldest[0] != '\0' ? ", " : "",
			    number(one, "past"));
	}
}

/* Until a person removes what is kept of it. */
static void
show_damaged(const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) cmd_print(
	    "damaged  %s, %s: %d faults, %d records saved; kept as %s/%s: see "
	    "\"deskgate check --deep --help\"\n",
	    cmd_member(one, "store"), cmd_member(one, "when"),
	    number(one, "faults"), number(one, "saved"),
	    cmd_member(one, "folder"), cmd_member(one, "name"));
}

/* Only while it is in doubt. */
static void
show_clock(const json_t *clock)
{
	if (cmd_member(clock, "doubt")[0] != '\0')
		cmd_print("clock    in doubt: %s\n", cmd_member(clock, "text"));
}

static void
show_spool(json_t *spool)
{
	const char *state;
	json_t *count;

	cmd_print("spool   ");
	json_object_foreach(spool, state, count)
	    cmd_print(" %s %d", state, (int)json_integer_value(count));
	cmd_print("\n");
}

/* What the keeper and the milter have counted, where a keeper runs. */
static void
show_figures(const struct look *look)
{
	struct conf *conf OWNED(conf_free) = NULL;
	g_autofree char *text = NULL;
	struct paths paths;
	json_t *answer;

	if (cmd_settings(look->context, &conf) != EX_OK)
		return;
	paths_init(&paths, conf);
	answer = cmd_ask_running(
	    paths.control, json_pack("{s:s}", "verb", "metrics"), NULL);
	paths_fini(&paths);
	text = stats_chart_figures(
	    json_object_get(answer, "families"), look->unicode);
	cmd_print("%s", text);
	json_decref(answer);
}

/* Takes the chart over. */
static void
show_chart(char *chart)
{
	cmd_print("%s", chart);
	g_free(chart);
}

static void
show(const struct look *look, const json_t *answer)
{
	json_t *model = json_object_get(answer, "model");
	json_t *spool = json_object_get(answer, "spool");

	if (look->chart)
		show_chart(stats_chart_labels(model, look->unicode));
	else
		show_labels(model);
	show_model(model);
	show_sources(json_object_get(model, "sources"));
	show_own(json_object_get(model, "own"));
	show_feedback(json_object_get(answer, "feedback"));
	if (look->chart)
		show_chart(stats_chart_spool(spool, look->unicode));
	else
		show_spool(spool);
	if (look->chart)
		show_figures(look);
	cmd_print(
	    "persons  %d with a key in the vault\n", number(answer, "persons"));
	show_backup(json_object_get(answer, "backup"));
	show_inboxes(json_object_get(answer, "inboxes"));
	cmd_print("requests %d open, %d overdue\n",
	    number(json_object_get(answer, "requests"), "open"),
	    number(json_object_get(answer, "requests"), "overdue"));
	show_kept(json_object_get(answer, "kept"));
	show_damaged(json_object_get(answer, "damaged"));
	show_clock(json_object_get(answer, "clock"));
}

int
cmd_stats(struct cmd_context *context, int argc, char **argv)
{
	struct look look = { .context = context };
	const GOptionEntry entries[] = {
		{ "chart", 0, 0, G_OPTION_ARG_NONE, &look.chart,
		    N_("with small charts, as on a terminal"), NULL },
		{ "plain", 0, 0, G_OPTION_ARG_NONE, &look.plain,
		    N_("without them, as in a pipe"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	if (look.chart && look.plain)
		return cmd_usage(context, "--chart or --plain, not both");
	look.chart |= !look.plain && isatty(STDOUT_FILENO);
	look.unicode = chart_unicode();
	code = cmd_ask_shown(
	    context, json_pack("{s:s}", "verb", "stats"), &answer);
	if (code >= 0)
		return code;
	show(&look, answer);
	json_decref(answer);
	return EX_OK;
}
