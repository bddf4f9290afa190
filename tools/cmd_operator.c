/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate operator: the names of those who work with it. */
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

int
cmd_operator_list(struct cmd_context *context, int argc, char **argv)
{
	static const char *const heads[] = { N_("operator"), N_("alias"),
		N_("since"), NULL };
	gboolean plain = FALSE;
	const GOptionEntry entries[] = {
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &plain,
		    N_("cells with tabs between them, no head"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *answer = NULL;
	const json_t *one;
	struct cmd_list *list;
	size_t i;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_ask_shown(
	    context, json_pack("{s:s}", "verb", "operator-list"), &answer);
	if (code >= 0)
		return code;
	list = cmd_list_new(plain, heads);
	json_array_foreach(json_object_get(answer, "operators"), i, one)
	{
		const char *const cells[] = { cmd_member(one, "operator"),
			cmd_member(one, "alias"), cmd_member(one, "since") };

		cmd_list_add(list, cells);
	}
	cmd_list_end(&list, "nobody is known by name");
	json_decref(answer);
	return EX_OK;
}

int
cmd_operator_delete(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "OPERATOR", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(
		    context, "say whom, as \"operator list\" names him");
	code = cmd_ask_shown(context,
	    json_pack(
		"{s:s, s:s}", "verb", "operator-delete", "operator", argv[1]),
	    &answer);
	if (code >= 0)
		return code;
	cmd_print("%s is %s from now on, in all that was done\n", argv[1],
	    cmd_member(answer, "alias"));
	json_decref(answer);
	return EX_OK;
}
