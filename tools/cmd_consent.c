/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy consent: what people consented to, for each inbox. */
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

static int
show(struct cmd_context *context, json_t *body)
{
	static const char *const heads[] = { N_("inbox"), N_("consent"),
		N_("version"), N_("granted"), N_("withdrawn"), NULL };
	json_t *answer = NULL, *one;
	struct cmd_list *list;
	size_t i;
	int code = cmd_ask_shown(context, body, &answer);

	if (code >= 0)
		return code;
	list = cmd_list_new(FALSE, heads);
	json_array_foreach(json_object_get(answer, "consents"), i, one)
	{
		const char *const cells[] = { cmd_member(one, "inbox"),
			cmd_member(one, "state"), cmd_member(one, "version"),
			cmd_member(one, "granted"),
			cmd_member(one, "withdrawn") };

		cmd_list_add(list, cells);
	}
	cmd_list_end(&list, "nothing was said");
	json_decref(answer);
	return EX_OK;
}

static int
decide(struct cmd_context *context, const char *decision, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	g_autofree char *version = NULL;
	const GOptionEntry entries[] = {
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &inbox,
		    N_("for which, where there are several"), "INBOX" },
		{ "version", 0, 0, G_OPTION_ARG_STRING, &version,
		    N_("of the text that was agreed to"), "TEXT" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS", &argc, &argv);
	json_t *body;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say whom, by one address");
	body = json_pack("{s:s, s:s, s:[s]}", "verb", "privacy-consent",
	    "decision", decision, "addresses", argv[1]);
	if (body == NULL)
		return cmd_usage(context, "an address is a text in UTF-8");
	if (inbox != NULL)
		json_object_set_new(body, "inbox", json_string(inbox));
	if (version != NULL)
		json_object_set_new(body, "version", json_string(version));
	return show(context, body);
}

int
cmd_privacy_consent_grant(struct cmd_context *context, int argc, char **argv)
{
	return decide(context, "grant", argc, argv);
}

int
cmd_privacy_consent_withdraw(struct cmd_context *context, int argc, char **argv)
{
	return decide(context, "withdraw", argc, argv);
}

int
cmd_privacy_consent_show(struct cmd_context *context, int argc, char **argv)
{
	return decide(context, "show", argc, argv);
}
