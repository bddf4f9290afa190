/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate inbox: the life of an inbox. */
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/translate.h"
#include "lib/privacy/life.h"
#include "tools/cmd.h"

/* "2027-01-31T00:00:00Z" -> "2027-01-31 00:00" */
static char *
minute(const json_t *object, const char *name)
{
	char *text = g_strndup(cmd_member(object, name), 16);

	return g_strdelimit(text, "T", ' ');
}

static char *
next_text(const json_t *one)
{
	const json_t *next = json_object_get(one, "next");
	g_autofree char *at = minute(next, "at");
	const json_t *then = json_object_get(next, "then");
	g_autofree char *then_at = minute(then, "at");
	const char *how = "";

	if (json_is_true(json_object_get(next, "waits")))
		how = ", once its letter is sent";
	else if (json_is_true(json_object_get(next, "announced")))
		how = ", announced";
	if (next == NULL)
		return g_strdup("");
	return g_strdup_printf("%s %s%s%s%s%s%s", cmd_member(next, "to"), at,
	    how, then != NULL ? ", then " : "", cmd_member(then, "to"),
	    then != NULL ? " " : "", then_at);
}

static void
show(json_t *inboxes, gboolean plain)
{
	static const char *const heads[] = { N_("INBOX"), N_("STATE"),
		N_("SINCE"), N_("MAIL"), N_("NEXT"), N_("REASON"), NULL };
	struct cmd_list *list = cmd_list_new(plain, heads);
	json_t *one;
	size_t i;

	json_array_foreach(inboxes, i, one)
	{
		const char *state = cmd_member(one, "state");
		g_autofree char *since = minute(one, "since");
		g_autofree char *next = next_text(one);
		const char *mail = strcmp(state, life_word(LIFE_ACTIVE)) == 0
				       ? "taken"
				       : "refused";
		const char *cells[] = { cmd_member(one, "inbox"), state, since,
			mail, next, cmd_member(one, "reason") };

		if (strcmp(cmd_member(one, "answer"),
			life_answer_word(LIFE_TEMPFAIL)) == 0)
			cells[3] = "later";
		cmd_list_add(list, cells);
	}
	cmd_list_end(&list, "no inboxes: there is none in the settings");
}

/* Of one that was asked for alone. */
static void
show_load(const json_t *one)
{
	json_int_t waiting =
	    json_integer_value(json_object_get(one, "waiting"));
	json_int_t aside = json_integer_value(json_object_get(one, "aside"));

	if (waiting + aside > 0)
		cmd_print("accepted, and at no desk: %lld wait, %lld are held "
			  "or dead\n",
		    waiting, aside);
}

/* Takes `body` over. */
static int
ask(struct cmd_context *context, json_t *body, gboolean plain)
{
	json_t *answer = NULL;
	int code = cmd_ask(context, body, &answer, NULL);

	if (code != EX_OK)
		return code;
	if (context->json) {
		cmd_json_line(answer);
		return EX_OK;
	}
	show(json_object_get(answer, "inboxes"), plain);
	if (!plain)
		show_load(
		    json_array_get(json_object_get(answer, "inboxes"), 0));
	json_decref(answer);
	return EX_OK;
}

int
cmd_inbox_status(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE;
	const GOptionEntry entries[] = {
		{ "plain", 0, 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells with tabs between them, no head"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "[INBOX]", &argc, &argv);
	json_t *body;

	if (code >= 0)
		return code;
	if (argc > 2)
		return cmd_usage(context, "one inbox, or none for all");
	body = json_pack("{s:s}", "verb", "inbox-status");
	if (argc == 2)
		json_object_set_new(body, "inbox", json_string(argv[1]));
	return ask(context, body, plain);
}

struct options {
	char *answer, *day, *reason;
};

/* The request of these options; NULL with *code_r when they are wrong. */
static json_t *
body_of(struct cmd_context *context, const struct options *options,
    const char *verb, const char *inbox, int *code_r)
{
	json_t *body;
	gint64 at = 0;
	enum life_answer answer;

	*code_r = EX_OK;
	if (options->day != NULL && !clock_parse_day(options->day, &at))
		*code_r = cmd_usage(context, "--at is a day: 2027-01-31");
	else if (options->answer != NULL &&
		 !life_answer_parse(options->answer, &answer))
		*code_r = cmd_usage(
		    context, "--answer is \"tempfail\" or \"reject\"");
	else if (options->reason != NULL &&
		 (strlen(options->reason) > LIFE_REASON_MOST ||
		     !g_utf8_validate(options->reason, -1, NULL))) {
		g_autofree char *text = g_strdup_printf(
		    translate("the reason is a text of at most %d bytes"),
		    LIFE_REASON_MOST);

		*code_r = cmd_usage(context, text);
	}
	if (*code_r != EX_OK)
		return NULL;
	body = json_pack("{s:s, s:s}", "verb", verb, "inbox", inbox);
	if (at != 0)
		json_object_set_new(body, "at", json_integer(at));
	if (options->answer != NULL)
		json_object_set_new(
		    body, "answer", json_string(options->answer));
	if (options->reason != NULL)
		json_object_set_new(
		    body, "reason", json_string(options->reason));
	return body;
}

static int
run(struct cmd_context *context, struct options *options, const char *verb,
    int argc, char **argv)
{
	json_t *body = NULL;
	int code = EX_OK;

	if (argc != 2)
		code = cmd_usage(context, "say which inbox, by its address");
	else
		body = body_of(context, options, verb, argv[1], &code);
	if (body != NULL)
		code = ask(context, body, FALSE);
	g_free(options->answer);
	g_free(options->day);
	g_free(options->reason);
	return code;
}

#define AT \
	"at", 0, 0, G_OPTION_ARG_STRING, &options.day, \
	    N_("from that day on (default: now)"), "2027-01-31"
#define REASON \
	"reason", 'r', 0, G_OPTION_ARG_STRING, &options.reason, \
	    N_("why; name nobody: it is kept"), "TEXT"

int
cmd_inbox_suspend(struct cmd_context *context, int argc, char **argv)
{
	struct options options = { 0 };
	const GOptionEntry entries[] = {
		{ "answer", 0, 0, G_OPTION_ARG_STRING, &options.answer,
		    N_("what its mail is answered: come again later, or "
		       "refused "
		       "(default: suspend-answer of the settings)"),
		    "tempfail|reject" },
		{ AT },
		{ REASON },
		{ NULL },
	};
	int code = cmd_options(context, entries, "INBOX", &argc, &argv);

	return code >= 0 ? code
			 : run(context, &options, "inbox-suspend", argc, argv);
}

int
cmd_inbox_end(struct cmd_context *context, int argc, char **argv)
{
	struct options options = { 0 };
	const GOptionEntry entries[] = { { AT }, { REASON }, { NULL } };
	int code = cmd_options(context, entries, "INBOX", &argc, &argv);

	return code >= 0 ? code
			 : run(context, &options, "inbox-end", argc, argv);
}

int
cmd_inbox_resume(struct cmd_context *context, int argc, char **argv)
{
	struct options options = { 0 };
	int code = cmd_options(context, NULL, "INBOX", &argc, &argv);

	return code >= 0 ? code
			 : run(context, &options, "inbox-resume", argc, argv);
}

int
cmd_inbox_open(struct cmd_context *context, int argc, char **argv)
{
	struct options options = { 0 };
	int code = cmd_options(context, NULL, "INBOX", &argc, &argv);

	return code >= 0 ? code
			 : run(context, &options, "inbox-open", argc, argv);
}
