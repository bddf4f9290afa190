/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate vault: the keys of persons. */
#include <sysexits.h>

#include "lib/base/owned.h"
#include "tools/ask.h"
#include "tools/cmd.h"

/* The command that keeps its key may be slow; NULL with the error. */
static json_t *
rotate(const struct conf *conf, GError **error)
{
	struct ask *ask OWNED(ask_close) = ask_open(conf, error);

	if (ask == NULL)
		return NULL;
	return ask_job(ask, json_pack("{s:s}", "verb", "vault-rotate"),
	    json_pack("{s:s}", "verb", "vault-status"), error);
}

int
cmd_vault_rotate(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	struct conf *conf OWNED(conf_free) = NULL;
	g_autoptr(GError) error = NULL;
	json_t *answer;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	answer = rotate(conf, &error);
	if (answer == NULL)
		return cmd_fail(error);
	if (context->json) {
		cmd_json_line(answer);
		return EX_OK;
	}
	cmd_print("the vault has a new key, and %lld keys of persons are "
		  "wrapped by it; copies of the old vault "
		  "and its key should go now\n",
	    json_integer_value(json_object_get(answer, "keys")));
	json_decref(answer);
	return EX_OK;
}
