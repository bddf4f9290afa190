/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate stats: what was learnt, and what is on its way. */
#include <sysexits.h>

#include "tools/cmd.h"

static int
number(const json_t *object, const char *name)
{
	return (int)json_integer_value(json_object_get(object, name));
}

static void
show_model(const json_t *model)
{
	gboolean active = json_is_true(json_object_get(model, "active"));

	cmd_print("labels   ham %d/%d, spam %d/%d, all %d/%d\n",
	    number(model, "ham"), number(model, "need_each"),
	    number(model, "spam"), number(model, "need_each"),
	    number(model, "all"), number(model, "need_all"));
	cmd_print("filter   %s\n", active ? "active"
					  : "learning: until these labels are "
					    "given, everything is unsure "
					    "and goes to the desk");
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

	cmd_print("backup   %s%s\n", made[0] != '\0' ? made : "none was made",
	    json_is_true(json_object_get(known, "stale"))
		? ", and since then somebody was erased, or something was "
		  "asked for or deleted"
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
		if (number(one, "count") > 0)
			cmd_print("kept     %s: %d, the oldest of %s, %d past "
				  "their time\n",
			    kind, number(one, "count"),
			    cmd_member(one, "oldest"), number(one, "past"));
	}
}

int
cmd_stats(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	json_t *answer = NULL, *spool, *count;
	const char *state;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_ask_shown(
	    context, json_pack("{s:s}", "verb", "stats"), &answer);
	if (code >= 0)
		return code;
	show_model(json_object_get(answer, "model"));
	show_sources(
	    json_object_get(json_object_get(answer, "model"), "sources"));
	show_own(json_object_get(json_object_get(answer, "model"), "own"));
	show_feedback(json_object_get(answer, "feedback"));
	spool = json_object_get(answer, "spool");
	cmd_print("spool   ");
	json_object_foreach(spool, state, count)
	    cmd_print(" %s %d", state, (int)json_integer_value(count));
	cmd_print("\npersons  %d with a key in the vault\n",
	    number(answer, "persons"));
	show_backup(json_object_get(answer, "backup"));
	show_inboxes(json_object_get(answer, "inboxes"));
	cmd_print("requests %d open, %d overdue\n",
	    number(json_object_get(answer, "requests"), "open"),
	    number(json_object_get(answer, "requests"), "overdue"));
	show_kept(json_object_get(answer, "kept"));
	json_decref(answer);
	return EX_OK;
}
