/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate tickets: the embedded desk, from the command line. */
#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

#include "tools/cmd.h"

/* --- lists --- */

static void
add_ticket(struct cmd_list *list, const json_t *ticket)
{
	const json_t *requester = json_object_get(ticket, "requester");
	gboolean erased = json_is_true(json_object_get(ticket, "erased"));

	cmd_list_add(list,
	    (const char *[]){ cmd_member(ticket, "code"),
		cmd_member(ticket, "status"), cmd_member(ticket, "changed"),
		cmd_member(ticket, "inbox"),
		erased ? "(erased)" : cmd_member(requester, "address"),
		cmd_member(ticket, "subject") });
}

/* Takes `request` over. */
static int
show_tickets(struct cmd_context *context, json_t *request, gboolean plain)
{
	static const char *const heads[] = { "TICKET", "STATUS", "CHANGED",
		"INBOX", "REQUESTER", "SUBJECT", NULL };
	json_t *answer = NULL, *ticket;
	struct cmd_list *list;
	size_t i;
	int code = cmd_ask(context, request, &answer, NULL);

	if (code != EX_OK)
		return code;
	if (context->json) {
		cmd_json_line(answer);
		return EX_OK;
	}
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
	gboolean plain = FALSE;
	gint limit = 50;
	const GOptionEntry entries[] = {
		{ "status", 's', 0, G_OPTION_ARG_STRING, &status,
		    "new, open, closed or spam (all but spam)", "STATUS" },
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &inbox,
		    "those of one inbox", "INBOX" },
		{ "limit", 'l', 0, G_OPTION_ARG_INT, &limit,
		    "how many at most, up to 1000 (50)", "N" },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    "cells between tabs, without a head", NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *request;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(
		    context, "it takes no words; \"tickets search\" does");
	request =
	    json_pack("{s:s, s:i}", "verb", "tickets-list", "limit", limit);
	if (status != NULL)
		json_object_set_new(request, "status", json_string(status));
	if (inbox != NULL)
		json_object_set_new(request, "inbox", json_string(inbox));
	return show_tickets(context, request, plain);
}

int
cmd_tickets_search(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE;
	gint limit = 50;
	const GOptionEntry entries[] = {
		{ "limit", 'l', 0, G_OPTION_ARG_INT, &limit,
		    "how many at most, up to 1000 (50)", "N" },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    "cells between tabs, without a head", NULL },
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
	    json_pack("{s:s, s:s, s:i}", "verb", "tickets-search", "text", text,
		"limit", limit),
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

static void
show_message(const json_t *message)
{
	const json_t *from = json_object_get(message, "from"), *file;
	const char *actor = cmd_member(message, "actor");
	size_t i;

	cmd_print("\n--- %s, %s, by the %s", cmd_member(message, "added"),
	    actor[0] != '\0' ? actor : cmd_member(from, "address"),
	    cmd_member(message, "author"));
	if (json_is_true(json_object_get(message, "erased"))) {
		cmd_print("\n(erased)\n");
		return;
	}
	cmd_print("\n%s\n", cmd_member(message, "text"));
	json_array_foreach(json_object_get(message, "attachments"), i, file)
	    cmd_print("attachment %d: %s (%s, %d bytes)\n",
		(int)json_integer_value(json_object_get(file, "id")),
		cmd_member(file, "name"), cmd_member(file, "type"),
		(int)json_integer_value(json_object_get(file, "size")));
}

static void
show_ticket(const json_t *ticket)
{
	static const char *const names[] = { "code", "status", "inbox",
		"created", "changed", "subject" };
	const json_t *one;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++)
		cmd_print("%-10s %s\n", names[i], cmd_member(ticket, names[i]));
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
	int code = cmd_options(context, NULL, "TICKET", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say which ticket");
	code = cmd_ask(context,
	    json_pack("{s:s, s:s}", "verb", "tickets-show", "ticket", argv[1]),
	    &answer, NULL);
	if (code != EX_OK)
		return code;
	if (context->json) {
		cmd_json_line(answer);
		return EX_OK;
	}
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
	int code = cmd_options(context, NULL, "ATTACHMENT", &argc, &argv);
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
	    json_pack("{s:s, s:I}", "verb", "tickets-file", "attachment",
		(json_int_t)id),
	    &answer, &file);
	if (code != EX_OK)
		return code;
	json_decref(answer);
	return cmd_pour(file);
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
		    cmd_member(answer, "taught")[0] != '\0' ? "; lessons: "
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
