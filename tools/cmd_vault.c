/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate vault: the keys of persons. */
#include <sysexits.h>

#include "tools/cmd.h"

int
cmd_vault_rotate(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_ask_shown(
	    context, json_pack("{s:s}", "verb", "vault-rotate"), &answer);
	if (code >= 0)
		return code;
	cmd_print("the vault has a new key, and %" JSON_INTEGER_FORMAT
		  " keys of persons are wrapped by it; copies of the old vault "
		  "and its key should go now\n",
	    json_integer_value(json_object_get(answer, "keys")));
	json_decref(answer);
	return EX_OK;
}
