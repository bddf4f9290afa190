/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy request: requests that a person carries out. */
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

/* Takes `body` over. */
static int
ask(struct cmd_context *context, json_t *body, const char *advice)
{
	json_t *answer = NULL;
	const json_t *request;
	int code = cmd_ask_shown(context, body, &answer);

	if (code >= 0)
		return code;
	request = json_object_get(answer, "request");
	cmd_print("request %lld: %s, due %s%s\n",
	    json_integer_value(json_object_get(request, "id")),
	    cmd_member(request, "state"), cmd_member(request, "due"), advice);
	json_decref(answer);
	return EX_OK;
}

int
cmd_privacy_request_add(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *identity = NULL;
	const GOptionEntry entries[] = {
		{ "identity", 'i', 0, G_OPTION_ARG_STRING, &identity,
		    N_("how it was made sure who asks: not-verified (default), "
		       "known-address, reply-to-code, in-person, document, "
		       "agent"),
		    "HOW" },
		{ NULL },
	};
	int code =
	    cmd_options(context, entries, "KIND ADDRESS...", &argc, &argv);
	json_t *addresses;

	if (code >= 0)
		return code;
	if (argc < 3)
		return cmd_usage(context,
		    "say what is asked for (access, rectify, erase, restrict, "
		    "object), then by whom");
	addresses = json_array();
	for (int i = 2; i < argc; i++)
		json_array_append_new(addresses, json_string(argv[i]));
	return ask(context,
	    json_pack("{s:s, s:s, s:o, s:s}", "verb", "privacy-note", "kind",
		argv[1], "addresses", addresses, "identity",
		identity != NULL ? identity : "not-verified"),
	    "");
}

static int
decide(struct cmd_context *context, const char *decision, const char *advice,
    int argc, char **argv)
{
	g_autofree char *reason = NULL;
	const GOptionEntry entries[] = {
		{ "reason", 'r', 0, G_OPTION_ARG_STRING, &reason,
		    N_("why, or what was done; name nobody: it is kept"),
		    "TEXT" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "REQUEST", &argc, &argv);
	json_t *body;
	gint64 id;
	char *end;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say which request, by its number");
	errno = 0;
	id = g_ascii_strtoll(argv[1], &end, 10);
	if (errno != 0 || *end != '\0' || id < 1)
		return cmd_usage(context,
		    "a request is a number that \"privacy requests\" tells");
	body = json_pack("{s:s, s:I, s:s}", "verb", "privacy-decide", "id",
	    (json_int_t)id, "decision", decision);
	if (reason != NULL)
		json_object_set_new(body, "reason", json_string(reason));
	return ask(context, body, advice);
}

int
cmd_privacy_request_extend(struct cmd_context *context, int argc, char **argv)
{
	return decide(context, "extend",
	    "; tell the person so, and why, within a month of the request "
	    "(Article 12(3))",
	    argc, argv);
}

int
cmd_privacy_request_refuse(struct cmd_context *context, int argc, char **argv)
{
	return decide(context, "refuse",
	    "; tell the person so, why, and that he may complain to the "
	    "authority or a court (Article 12(4))",
	    argc, argv);
}

int
cmd_privacy_request_done(struct cmd_context *context, int argc, char **argv)
{
	return decide(context, "done", "; tell the person", argc, argv);
}
