/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate tickets: the embedded desk, from the command line. */
#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

/* What stands in place of what is not shown; NULL: it is shown. */
static const char *
hidden_word(const json_t *object)
{
	if (json_is_true(json_object_get(object, "erased")))
		return translate("(erased)");
	return json_is_true(json_object_get(object, "restricted"))
		   ? translate("(restricted)")
		   : NULL;
}

/* --- lists --- */

static void
add_ticket(struct cmd_list *list, const json_t *ticket)
{
	const json_t *requester = json_object_get(ticket, "requester");
	const char *hidden = hidden_word(ticket);

	cmd_list_add(list,
	    (const char *[]){ cmd_member(ticket, "code"),
		cmd_member(ticket, "status"), cmd_member(ticket, "changed"),
		cmd_member(ticket, "inbox"),
		hidden != NULL ? hidden : cmd_member(requester, "address"),
		cmd_member(ticket, "subject") });
}

/* Takes `request` over. */
static int
show_tickets(struct cmd_context *context, json_t *request, gboolean plain)
{
	static const char *const heads[] = { N_("TICKET"), N_("STATUS"),
		N_("CHANGED"), N_("INBOX"), N_("REQUESTER"), N_("SUBJECT"),
		NULL };
	json_t *answer = NULL, *ticket;
	struct cmd_list *list;
	size_t i;
	int code = cmd_ask_shown(context, request, &answer);

	if (code >= 0)
		return code;
	list = cmd_list_new(plain, heads);
	json_array_foreach(json_object_get(answer, "tickets"), i, ticket)
	    add_ticket(list, ticket);
	cmd_list_end(&list, "no tickets");
	json_decref(answer);
	return EX_OK;
}

int
cmd_tickets_list(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *status = NULL, *inbox = NULL;
	gboolean plain = FALSE, restricted = FALSE;
	gint limit = 50;
	const GOptionEntry entries[] = {
		{ "status", 's', 0, G_OPTION_ARG_STRING, &status,
		    N_("new, open, closed or spam (all but spam)"), "STATUS" },
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &inbox,
		    N_("those of one inbox"), "INBOX" },
		{ "limit", 'l', 0, G_OPTION_ARG_INT, &limit,
		    N_("how many at most, up to 1000 (50)"), "N" },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *request;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(
		    context, "it takes no words; \"tickets search\" does");
	request = json_pack("{s:s, s:i, s:b}", "verb", "tickets-list", "limit",
	    limit, "restricted", restricted);
	if (status != NULL)
		json_object_set_new(request, "status", json_string(status));
	if (inbox != NULL)
		json_object_set_new(request, "inbox", json_string(inbox));
	return show_tickets(context, request, plain);
}

int
cmd_tickets_search(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE, restricted = FALSE;
	gint limit = 50;
	const GOptionEntry entries[] = {
		{ "limit", 'l', 0, G_OPTION_ARG_INT, &limit,
		    N_("how many at most, up to 1000 (50)"), "N" },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "WORD...", &argc, &argv);
	g_autofree char *text = NULL;

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(context, "say which words to find");
	text = g_strjoinv(" ", argv + 1);
	return show_tickets(context,
	    json_pack("{s:s, s:s, s:i, s:b}", "verb", "tickets-search", "text",
		text, "limit", limit, "restricted", restricted),
	    plain);
}

/* --- one ticket --- */

static void
show_person(const char *label, const json_t *person)
{
	if (json_is_object(person))
		cmd_print("%-10s %s <%s>\n", label, cmd_member(person, "name"),
		    cmd_member(person, "address"));
}

/* Below the text, folded: each line behind a bar. */
static void
show_quoted(const char *quoted)
{
	g_auto(GStrv) lines = g_strsplit(quoted, "\n", -1);

	if (*quoted == '\0')
		return;
	cmd_print("\nquoted text and signature:\n");
	for (gsize i = 0; lines[i] != NULL; i++)
		cmd_print("| %s\n", lines[i]);
}

static void
show_file(const json_t *file)
{
	json_int_t size = json_integer_value(json_object_get(file, "size"));

	cmd_print("attachment %d: %s (%s, %lld byte%s)\n",
	    (int)json_integer_value(json_object_get(file, "id")),
	    cmd_member(file, "name"), cmd_member(file, "type"), size,
	    size == 1 ? "" : "s");
}

static void
show_message(const json_t *message)
{
	const json_t *from = json_object_get(message, "from"), *file;
	const char *actor = cmd_member(message, "actor");
	size_t i;

	cmd_print("\n--- %s, %s, by the %s", cmd_member(message, "added"),
	    actor[0] != '\0' ? actor : cmd_member(from, "address"),
	    cmd_member(message, "author"));
	if (hidden_word(message) != NULL) {
		cmd_print("\n%s\n", hidden_word(message));
		return;
	}
	cmd_print("\n%s\n", cmd_member(message, "text"));
	show_quoted(cmd_member(message, "quoted"));
	json_array_foreach(json_object_get(message, "attachments"), i, file)
	    show_file(file);
}

static void
show_ticket(const json_t *ticket)
{
	static const char *const names[] = { "code", "status", "inbox",
		"created", "changed", "subject" };
	static const char *const marks[] = { "priority", "department" };
	const json_t *one;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++)
		cmd_print("%-10s %s\n", names[i], cmd_member(ticket, names[i]));
	for (i = 0; i < G_N_ELEMENTS(marks); i++) {
		if (*cmd_member(ticket, marks[i]) != '\0')
			cmd_print("%-10s %s\n", marks[i],
			    cmd_member(ticket, marks[i]));
	}
	show_person("requester", json_object_get(ticket, "requester"));
	json_array_foreach(json_object_get(ticket, "followers"), i, one)
	    show_person("follower", one);
	json_array_foreach(json_object_get(ticket, "tags"), i, one)
	    cmd_print("%-10s %s\n", "tag", json_string_value(one));
	json_array_foreach(json_object_get(ticket, "messages"), i, one)
	    show_message(one);
}

int
cmd_tickets_show(struct cmd_context *context, int argc, char **argv)
{
	gboolean restricted = FALSE;
	g_autofree char *reason = NULL;
	const GOptionEntry entries[] = {
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &reason, CMD_REASON,
		    "TEXT" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "TICKET", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say which ticket");
	code = cmd_ask_shown(context,
	    json_pack("{s:s, s:s, s:b, s:s?}", "verb", "tickets-show", "ticket",
		argv[1], "restricted", restricted, "reason", reason),
	    &answer);
	if (code >= 0)
		return code;
	show_ticket(json_object_get(answer, "ticket"));
	json_decref(answer);
	return EX_OK;
}

int
cmd_tickets_reply_note(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "TICKET TEXT...", &argc, &argv);
	g_autofree char *text = NULL;
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc < 3)
		return cmd_usage(context, "say which ticket, then the note");
	text = g_strjoinv(" ", argv + 2);
	code = cmd_ask(context,
	    json_pack("{s:s, s:s, s:s}", "verb", "tickets-note", "ticket",
		argv[1], "text", text),
	    &answer, NULL);
	if (code != EX_OK)
		return code;
	json_decref(answer);
	if (!context->json)
		cmd_print("%s: noted\n", argv[1]);
	return EX_OK;
}

int
cmd_tickets_file(struct cmd_context *context, int argc, char **argv)
{
	gboolean restricted = FALSE;
	g_autofree char *reason = NULL;
	const GOptionEntry entries[] = {
		{ "restricted", 0, 0, G_OPTION_ARG_NONE, &restricted,
		    CMD_RESTRICTED, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &reason, CMD_REASON,
		    "TEXT" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ATTACHMENT", &argc, &argv);
	json_t *answer = NULL;
	int file = -1;
	gint64 id;
	char *end;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say the attachment's number");
	errno = 0;
	id = g_ascii_strtoll(argv[1], &end, 10);
	if (errno != 0 || *end != '\0' || id < 1)
		return cmd_usage(context,
		    "an attachment is a number that \"tickets show\" tells");
	code = cmd_ask(context,
	    json_pack("{s:s, s:I, s:b, s:s?}", "verb", "tickets-file",
		"attachment", (json_int_t)id, "restricted", restricted,
		"reason", reason),
	    &answer, &file);
	if (code != EX_OK)
		return code;
	json_decref(answer);
	return cmd_pour(file);
}

int
cmd_tickets_merge(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "TICKET INTO", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc != 3)
		return cmd_usage(
		    context, "say which ticket, then the one it belongs to");
	code = cmd_ask(context,
	    json_pack("{s:s, s:s, s:s}", "verb", "tickets-merge", "ticket",
		argv[1], "into", argv[2]),
	    &answer, NULL);
	if (code != EX_OK)
		return code;
	json_decref(answer);
	if (!context->json)
		cmd_print("%s: merged into %s\n", argv[1], argv[2]);
	return EX_OK;
}

/* "1 ticket", "2 tickets"; the caller frees it. */
static char *
counted(
    const json_t *answer, const char *member, const char *one, const char *more)
{
	json_int_t count = json_integer_value(json_object_get(answer, member));

	return g_strdup_printf("%lld %s", count, count == 1 ? one : more);
}

int
cmd_tickets_erase(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "ADDRESS", &argc, &argv);
	g_autofree char *tickets = NULL;
	g_autofree char *messages = NULL;
	json_t *answer = NULL;
	const char *words;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say whom, by one address");
	code = cmd_ask_shown(context,
	    json_pack(
		"{s:s, s:s}", "verb", "tickets-erase", "address", argv[1]),
	    &answer);
	if (code >= 0)
		return code;
	words = cmd_member(answer, "words");
	tickets = counted(answer, "tickets", "ticket", "tickets");
	messages = counted(answer, "entries", "message", "messages");
	cmd_print("erased: %s, %s of the spool%s%s\n", tickets, messages,
	    words[0] != '\0' ? "; " : "", words);
	json_decref(answer);
	return EX_OK;
}

/* --- statuses --- */

/* The same status for each ticket; goes on after a failure and ends with its
 * code. */
static int
set_status(
    struct cmd_context *context, const char *status, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "TICKET...", &argc, &argv);
	int worst = EX_OK;

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(context, "say which tickets");
	for (int i = 1; i < argc; i++) {
		json_t *answer = NULL;

		code = cmd_ask(context,
		    json_pack("{s:s, s:s, s:s}", "verb", "tickets-status",
			"ticket", argv[i], "status", status),
		    &answer, NULL);
		if (code != EX_OK) {
			worst = code;
			continue;
		}
		if (context->json) {
			json_object_set_new(
			    answer, "ticket", json_string(argv[i]));
			cmd_json_line(answer);
			continue;
		}
		cmd_print("%s: %s%s%s\n", argv[i], status,
		    cmd_member(answer, "taught")[0] != '\0'
			? translate("; lessons: ")
			: "",
		    cmd_member(answer, "taught"));
		json_decref(answer);
	}
	return worst;
}

int
cmd_tickets_close(struct cmd_context *context, int argc, char **argv)
{
	return set_status(context, "closed", argc, argv);
}

int
cmd_tickets_reopen(struct cmd_context *context, int argc, char **argv)
{
	return set_status(context, "open", argc, argv);
}

int
cmd_tickets_spam(struct cmd_context *context, int argc, char **argv)
{
	return set_status(context, "spam", argc, argv);
}

int
cmd_tickets_not_spam(struct cmd_context *context, int argc, char **argv)
{
	return set_status(context, "not-spam", argc, argv);
}
