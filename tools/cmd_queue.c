/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate queue and quarantine: what stands in the spool, and what to do with
 * it. */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

/* --- lists --- */

/* The reason of a refusal comes before that of the filter. */
static void
add_entry(struct cmd_list *list, const json_t *row)
{
	static const char *const reasons[] = { "reason", "unreadable", "why" };
	const char *reason = "";

	for (gsize i = 0; reason[0] == '\0' && i < G_N_ELEMENTS(reasons); i++)
		reason = cmd_member(row, reasons[i]);
	cmd_list_add(list,
	    (const char *[]){ cmd_member(row, "id"), cmd_member(row, "state"),
		cmd_member(json_object_get(row, "verdict"), "class"),
		cmd_member(row, "ticket"), cmd_member(row, "received"),
		cmd_member(row, "inbox"), cmd_member(row, "sender"), reason });
}

static int
show_entries(struct cmd_context *context, json_t *request, gboolean plain)
{
	static const char *const heads[] = { N_("ID"), N_("STATE"),
		N_("VERDICT"), N_("TICKET"), N_("RECEIVED"), N_("INBOX"),
		N_("SENDER"), N_("WHY"), NULL };
	json_t *answer = NULL, *row;
	struct cmd_list *list;
	size_t i;
	int code = cmd_ask_shown(context, request, &answer);

	if (code >= 0)
		return code;
	list = cmd_list_new(plain, heads);
	json_array_foreach(json_object_get(answer, "entries"), i, row)
	    add_entry(list, row);
	cmd_list_end(&list, "nothing is here");
	if (json_is_true(json_object_get(answer, "cut")))
		cmd_complain("there is more: this is the beginning");
	json_decref(answer);
	return EX_OK;
}

int
cmd_queue_list(struct cmd_context *context, int argc, char **argv)
{
	gboolean all = FALSE, plain = FALSE, restricted = FALSE;
	const GOptionEntry entries[] = {
		{ "all", 'a', 0, G_OPTION_ARG_NONE, &all,
		    N_("delivered ones too, while their source is kept"),
		    NULL },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	return show_entries(context,
	    json_pack("{s:s, s:b, s:b}", "verb", "queue-list", "all", all,
		"restricted", restricted),
	    plain);
}

int
cmd_quarantine_list(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE, restricted = FALSE;
	const GOptionEntry entries[] = {
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	return show_entries(context,
	    json_pack("{s:s, s:b}", "verb", "quarantine-list", "restricted",
		restricted),
	    plain);
}

/* --- one entry --- */

static void
show_facts(const json_t *entry)
{
	static const char *const names[] = { "id", "state", "received", "inbox",
		"sender", "action", "desk", "ticket", "next", "reason",
		"unreadable", "why" };
	const json_t *verdict = json_object_get(entry, "verdict"), *reason;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *text = cmd_member(entry, names[i]);

		if (text[0] != '\0')
			cmd_print("%-10s %s\n", names[i], text);
	}
	if (verdict == NULL)
		return;
	cmd_print("%-10s %s, margin %+.1f\n", "verdict",
	    cmd_member(verdict, "class"),
	    json_number_value(json_object_get(verdict, "margin")));
	json_array_foreach(json_object_get(verdict, "reasons"), i, reason)
	    cmd_print("  %+7.2f  %-10s %s\n",
		json_number_value(json_object_get(reason, "weight")),
		cmd_member(reason, "part"), cmd_member(reason, "text"));
}

static int
show_entry(struct cmd_context *context, int argc, char **argv, const char *verb)
{
	gboolean raw = FALSE, restricted = FALSE;
	g_autofree char *reason = NULL;
	const GOptionEntry entries[] = {
		{ "raw", 'r', 0, G_OPTION_ARG_NONE, &raw,
		    N_("the message itself, as it came, and nothing else"),
		    NULL },
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &reason, CMD_REASON,
		    "TEXT" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ID", &argc, &argv);
	json_t *answer = NULL;
	int message = -1;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say which one by its id");
	code = cmd_ask(context,
	    json_pack("{s:s, s:s, s:b, s:s?}", "verb", verb, "id", argv[1],
		"restricted", restricted, "reason", reason),
	    &answer, &message);
	if (code != EX_OK)
		return code;
	if (raw) {
		json_decref(answer);
		return cmd_pour(message);
	}
	if (context->json) {
		cmd_json_line(answer);
	} else {
		show_facts(json_object_get(answer, "entry"));
		json_decref(answer);
	}
	if (message >= 0)
		close(message);
	return EX_OK;
}

int
cmd_queue_show(struct cmd_context *context, int argc, char **argv)
{
	return show_entry(context, argc, argv, "queue-show");
}

int
cmd_quarantine_show(struct cmd_context *context, int argc, char **argv)
{
	return show_entry(context, argc, argv, "quarantine-show");
}

/* --- acts on entries --- */

struct act {
	const char *verb;
	const char *done; /* what is said of each */
	const char *flag; /* a member of the request, or NULL */
	gboolean value;
};

/* What became of one: done, or nothing, since it is in another state by now. */
static void
say_done(const struct act *act, const char *id, const json_t *answer)
{
	const char *state = cmd_member(answer, "state");
	const char *word = cmd_member(answer, "word");

	if (state[0] != '\0')
		cmd_print("%s: %s %s\n", id,
		    translate("went on by itself; it is"), state);
	else
		cmd_print("%s: %s%s%s\n", id, translate(act->done),
		    word[0] != '\0' ? translate("; lesson: ") : "", word);
}

/* Asks the same for each id; goes on after a failure and ends with its code. */
static int
act_on(
    struct cmd_context *context, const struct act *act, int argc, char **argv)
{
	int worst = EX_OK;

	if (argc < 2)
		return cmd_usage(context, "say which ones by their ids");
	for (int i = 1; i < argc; i++) {
		json_t *answer = NULL;
		json_t *request =
		    json_pack("{s:s, s:s}", "verb", act->verb, "id", argv[i]);
		int code;

		if (act->flag != NULL)
			json_object_set_new(
			    request, act->flag, json_boolean(act->value));
		code = cmd_ask(context, request, &answer, NULL);
		if (code != EX_OK) {
			worst = code;
			continue;
		}
		if (context->json) {
			json_object_set_new(answer, "id", json_string(argv[i]));
			cmd_json_line(answer);
			continue;
		}
		say_done(act, argv[i], answer);
		json_decref(answer);
	}
	return worst;
}

static int
act_plainly(
    struct cmd_context *context, int argc, char **argv, const struct act *act)
{
	int code = cmd_options(context, NULL, "ID...", &argc, &argv);

	return code >= 0 ? code : act_on(context, act, argc, argv);
}

int
cmd_queue_retry(struct cmd_context *context, int argc, char **argv)
{
	return act_plainly(context, argc, argv,
	    &(struct act){ "queue-retry", N_("is tried again"), NULL, FALSE });
}

int
cmd_reprocess(struct cmd_context *context, int argc, char **argv)
{
	return act_plainly(context, argc, argv,
	    &(struct act){ "reprocess", N_("read again; the ticket has a note"),
		NULL, FALSE });
}

int
cmd_queue_drop(struct cmd_context *context, int argc, char **argv)
{
	return act_plainly(context, argc, argv,
	    &(struct act){ "queue-drop", N_("removed"), NULL, FALSE });
}

int
cmd_quarantine_release(struct cmd_context *context, int argc, char **argv)
{
	gboolean no_teach = FALSE;
	const GOptionEntry entries[] = {
		{ "no-teach", 0, 0, G_OPTION_ARG_NONE, &no_teach,
		    N_("make the ticket without teaching ham"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ID...", &argc, &argv);

	return code >= 0 ? code
			 : act_on(context,
			       &(struct act){ "quarantine-release",
				   N_("becomes a ticket"), "teach", !no_teach },
			       argc, argv);
}

int
cmd_quarantine_delete(struct cmd_context *context, int argc, char **argv)
{
	gboolean spam = FALSE;
	const GOptionEntry entries[] = {
		{ "spam", 's', 0, G_OPTION_ARG_NONE, &spam,
		    N_("teach it as spam first"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ID...", &argc, &argv);

	return code >= 0 ? code
			 : act_on(context,
			       &(struct act){ "quarantine-delete",
				   N_("removed"), "spam", spam },
			       argc, argv);
}
