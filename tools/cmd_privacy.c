/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy: what is held of people, and what they asked for. */
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

static json_t *
request_of(const char *verb, int argc, char **argv)
{
	json_t *addresses = json_array();

	for (int i = 1; i < argc; i++)
		json_array_append_new(addresses, json_string(argv[i]));
	return json_pack("{s:s, s:o}", "verb", verb, "addresses", addresses);
}

/* "tickets 3, messages 5": every number of the object. */
static char *
counts_text(const json_t *object)
{
	GString *text = g_string_new(NULL);
	const char *kind;
	json_t *value;

	json_object_foreach((json_t *)object, kind, value)
	{
		if (json_is_integer(value))
			g_string_append_printf(text, "%s%s %lld",
			    text->len > 0 ? ", " : "", kind,
			    json_integer_value(value));
	}
	return g_string_free(text, FALSE);
}

static void
show_holders(const json_t *holders, gboolean outcomes, gboolean plain)
{
	static const char *const found[] = { N_("holder"), N_("what"), "",
		NULL };
	static const char *const erased[] = { N_("holder"), N_("outcome"),
		N_("what"), "", NULL };
	struct cmd_list *list = cmd_list_new(plain, outcomes ? erased : found);
	const json_t *one;
	size_t i;

	json_array_foreach(holders, i, one)
	{
		g_autofree char *counts = counts_text(one);
		const char *const cells[] = { cmd_member(one, "holder"),
			cmd_member(one, "outcome"),
			counts[0] != '\0' ? counts : "nothing",
			cmd_member(one, "words") };
		const char *const fewer[] = { cells[0], cells[2], cells[3] };

		cmd_list_add(list, outcomes ? cells : fewer);
	}
	cmd_list_end(&list, "nobody holds anything");
}

int
cmd_privacy_find(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE;
	const GOptionEntry entries[] = {
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS...", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(
		    context, "say whom, by all addresses of that person");
	code = cmd_ask_shown(
	    context, request_of("privacy-find", argc, argv), &answer);
	if (code >= 0)
		return code;
	show_holders(json_object_get(answer, "holders"), FALSE, plain);
	json_decref(answer);
	return EX_OK;
}

/* Each claim in a line of its own. */
static void
show_claims(const json_t *holders, gboolean plain)
{
	static const char *const heads[] = { N_("holder"),
		N_("files and tables"), NULL };
	struct cmd_list *list = cmd_list_new(plain, heads);
	const json_t *one, *claim;
	size_t i, k;

	json_array_foreach(holders, i, one)
	{
		const json_t *claims = json_object_get(one, "claims");

		json_array_foreach(claims, k, claim)
		{
			const char *const cells[] = { cmd_member(one, "holder"),
				json_string_value(claim) };

			cmd_list_add(list, cells);
		}
		if (json_array_size(claims) == 0) {
			const char *const cells[] = { cmd_member(one, "holder"),
				"elsewhere" };

			cmd_list_add(list, cells);
		}
	}
	cmd_list_end(&list, "nobody holds anything");
}

int
cmd_privacy_holders(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE;
	const GOptionEntry entries[] = {
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_ask_shown(
	    context, json_pack("{s:s}", "verb", "privacy-holders"), &answer);
	if (code >= 0)
		return code;
	show_claims(json_object_get(answer, "holders"), plain);
	json_decref(answer);
	return EX_OK;
}

static void
show_receipt(const json_t *request)
{
	static const char *const names[] = { "kind", "state", "inbox",
		"identity", "actor", "made", "due", "extended", "refused",
		"settled", "compacted", "ended", "digest" };

	cmd_print("%-10s %lld\n", "request",
	    json_integer_value(json_object_get(request, "id")));
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = cmd_member(request, names[i]);

		if (value[0] != '\0')
			cmd_print("%-10s %s\n", names[i], value);
	}
	show_holders(json_object_get(request, "holders"), TRUE, FALSE);
}

/* What is open is no failure: it is gone on with. */
static int
erase(struct cmd_context *context, const char *identity, int argc, char **argv)
{
	json_t *body = request_of("privacy-erase", argc, argv), *answer = NULL;
	const json_t *request;
	int code;

	json_object_set_new(body, "identity", json_string(identity));
	code = cmd_ask(context, body, &answer, NULL);
	if (code == EX_OK)
		code = cmd_wait_settled(context, &answer);
	if (code != EX_OK)
		return code;
	if (context->json) {
		cmd_json_line(answer);
		return EX_OK;
	}
	request = json_object_get(answer, "request");
	show_receipt(request);
	if (strcmp(cmd_member(request, "state"), "open") == 0)
		cmd_print("what is open is tried again; \"deskgate privacy "
			  "receipt %lld\" tells how far\n",
		    json_integer_value(json_object_get(request, "id")));
	json_decref(answer);
	return EX_OK;
}

int
cmd_privacy_erase(struct cmd_context *context, int argc, char **argv)
{
	gboolean dry = FALSE;
	g_autofree char *identity = NULL;
	const GOptionEntry entries[] = {
		{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry,
		    N_("only say what would go"), NULL },
		{ "identity", 'i', 0, G_OPTION_ARG_STRING, &identity,
		    N_("how it was made sure who asks: not-verified (default), "
		       "known-address, reply-to-code, in-person, document, "
		       "agent"),
		    "HOW" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS...", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(
		    context, "say whom, by all addresses of that person");
	if (!dry)
		return erase(context,
		    identity != NULL ? identity : "not-verified", argc, argv);
	code = cmd_ask_shown(
	    context, request_of("privacy-find", argc, argv), &answer);
	if (code >= 0)
		return code;
	cmd_print("nothing was erased; this would go:\n");
	show_holders(json_object_get(answer, "holders"), FALSE, FALSE);
	json_decref(answer);
	return EX_OK;
}

static void
show_requests(const json_t *requests, gboolean plain)
{
	static const char *const heads[] = { N_("request"), N_("kind"),
		N_("state"), N_("made"), N_("due"), N_("who took it"), NULL };
	struct cmd_list *list = cmd_list_new(plain, heads);
	const json_t *one;
	size_t i;

	json_array_foreach(requests, i, one)
	{
		g_autofree char *id = g_strdup_printf(
		    "%lld", json_integer_value(json_object_get(one, "id")));
		const char *const cells[] = { id, cmd_member(one, "kind"),
			json_is_true(json_object_get(one, "overdue"))
			    ? "OVERDUE"
			    : cmd_member(one, "state"),
			cmd_member(one, "made"), cmd_member(one, "due"),
			cmd_member(one, "actor") };

		cmd_list_add(list, cells);
	}
	cmd_list_end(&list, "no request is open");
}

int
cmd_privacy_requests(struct cmd_context *context, int argc, char **argv)
{
	gboolean plain = FALSE, all = FALSE;
	const GOptionEntry entries[] = {
		{ "all", 'a', 0, G_OPTION_ARG_NONE, &all,
		    N_("those that have ended too"), NULL },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells between tabs, without a head"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_ask_shown(context,
	    json_pack("{s:s, s:b}", "verb", "privacy-requests", "all", all),
	    &answer);
	if (code >= 0)
		return code;
	show_requests(json_object_get(answer, "requests"), plain);
	json_decref(answer);
	return EX_OK;
}

/* EX_DATAERR when receipts were changed. */
static int
show_verified(struct cmd_context *context, json_t *answer)
{
	const json_t *whole = json_object_get(answer, "whole");
	int code = whole != NULL && !json_is_true(whole) ? EX_DATAERR : EX_OK;

	if (context->json) {
		cmd_json_line(answer);
		return code;
	}
	show_receipt(json_object_get(answer, "request"));
	if (code != EX_OK)
		cmd_complain(
		    "the receipts are broken: %s", cmd_member(answer, "fault"));
	else if (whole != NULL)
		cmd_print("verified: the receipts are as they were made\n");
	json_decref(answer);
	return code;
}

int
cmd_privacy_receipt(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "REQUEST", &argc, &argv);
	json_t *answer = NULL;
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
		    "a request is a number that \"privacy requests --all\" "
		    "tells");
	code = cmd_ask(context,
	    json_pack(
		"{s:s, s:I}", "verb", "privacy-receipt", "id", (json_int_t)id),
	    &answer, NULL);
	return code != EX_OK ? code : show_verified(context, answer);
}
