/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate backup: a copy of all, while everything runs. */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/ask.h"
#include "tools/cmd.h"

#define LOOK_USEC (G_USEC_PER_SEC / 10)

/* What is being copied, on a terminal's standard error; NULL wipes it away. */
static void
show_stage(const struct cmd_context *context, const json_t *status)
{
	json_int_t done =
	    json_integer_value(json_object_get(status, "entries"));
	json_int_t all = json_integer_value(json_object_get(status, "all"));

	if (context->json || !isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	if (status == NULL)
		return;
	fprintf(stderr, "copying: %s", cmd_member(status, "stage"));
	if (done < all)
		fprintf(stderr, " %lld of %lld", done, all);
	fflush(stderr);
}

/* One that fails at once tells so, too. */
static json_t *
wait_for(const struct cmd_context *context, struct ask *ask, json_t *status,
    GError **error)
{
	while (
	    status != NULL && json_is_true(json_object_get(status, "busy"))) {
		show_stage(context, status);
		json_decref(status);
		g_usleep(LOOK_USEC);
		status =
		    ask_call(ask, json_pack("{s:s}", "verb", "backup-status"),
			-1, NULL, error);
	}
	show_stage(context, NULL);
	return status;
}

static void
tell(const struct cmd_context *context, json_t *report)
{
	if (context->json) {
		cmd_json_line(json_incref(report));
		return;
	}
	cmd_print("%s has the state as it was at %s, with %lld messages\n",
	    cmd_member(report, "state"), cmd_member(report, "made"),
	    json_integer_value(json_object_get(report, "entries")));
	if (json_integer_value(json_object_get(report, "unread")) > 0)
		cmd_print("of these, %lld could not be read yet: they open "
			  "with this copy of "
			  "the keys alone\n",
		    json_integer_value(json_object_get(report, "unread")));
	cmd_print(
	    "%s has the keys that open it; the copy that was there before "
	    "is gone\n",
	    cmd_member(report, "vault"));
}

static int
make(const struct cmd_context *context, json_t *body)
{
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	g_autoptr(GError) error = NULL;
	json_t *status;
	int code = cmd_settings(context, &conf);

	if (code == EX_OK) {
		ask = ask_open(conf, &error);
		code = ask == NULL ? cmd_fail(error) : EX_OK;
	}
	if (code != EX_OK) {
		json_decref(body);
		return code;
	}
	status = wait_for(
	    context, ask, ask_call(ask, body, -1, NULL, &error), &error);
	if (status == NULL)
		return cmd_fail(error);
	tell(context, json_object_get(status, "backup"));
	json_decref(status);
	return EX_OK;
}

int
cmd_backup(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *vault = NULL;
	const GOptionEntry entries[] = {
		{ "vault", 0, 0, G_OPTION_ARG_FILENAME, &vault,
		    N_("where the keys go, apart from the state; the copy "
		       "there "
		       "is "
		       "replaced"),
		    "DIR2" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "DIR", &argc, &argv);
	g_autofree char *state_path = NULL;
	g_autofree char *vault_path = NULL;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say where: a new folder");
	if (vault == NULL)
		return cmd_usage(context,
		    "say by --vault where the keys go: another folder, best of "
		    "another disk");
	/* The keeper is in another folder. */
	state_path = g_canonicalize_filename(argv[1], NULL);
	vault_path = g_canonicalize_filename(vault, NULL);
	return make(context, json_pack("{s:s, s:s, s:s}", "verb", "backup",
				 "state", state_path, "vault", vault_path));
}
