/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate: the administrator's command.  Finds the subcommand and runs it; -c
 * FILE and --json may stand before it as well as behind.
 */
#include <stdio.h>
#include <string.h>
#include <locale.h>
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/memory.h"
#include "lib/base/seal.h"
#include "lib/base/translate.h"
#include "tools/cmd.h"
#include "tools/settings.h"

static void
show_help(void)
{
	cmd_print(
	    "usage: deskgate [-c FILE] [--json] COMMAND ...\n\n"
	    "Deskgate filters the mail of support inboxes and makes help-desk "
	    "tickets of it.\n\n");
	for (const struct cmd *cmd = cmd_table; cmd->name != NULL; cmd++)
		cmd_print("  %-24s  %s\n", cmd->name, translate(cmd->summary));
	cmd_print("\n  -c, --config FILE    settings (default: %s)\n"
		  "      --json           answer in JSON, for scripts\n"
		  "      --version        print the version\n\n"
		  "\"deskgate COMMAND --help\" tells more.\n",
	    settings_default_path());
}

/* How many words of argv name this command: 0 when they do not. */
static int
words_matching(const char *name, int argc, char **argv)
{
	g_auto(GStrv) words = g_strsplit(name, " ", 0);
	int count = 0;

	for (; words[count] != NULL; count++) {
		if (count >= argc || strcmp(words[count], argv[count]) != 0)
			return 0;
	}
	return count;
}

/* "queue": says what can follow. */
static int
complain_command(int argc, char **argv)
{
	gsize length = strlen(argv[0]);
	gboolean group = FALSE;

	for (const struct cmd *cmd = cmd_table; cmd->name != NULL; cmd++) {
		if (strncmp(cmd->name, argv[0], length) != 0 ||
		    cmd->name[length] != ' ')
			continue;
		if (!group)
			cmd_complain(argc > 1 && argv[1][0] != '-'
					 ? N_("deskgate %s: there is no \"%s "
					      "%s\"; there is:")
					 : N_("deskgate %s: say what to do:"),
			    argv[0], argv[0], argc > 1 ? argv[1] : "");
		cmd_complain(
		    "  deskgate %-20s %s", cmd->name, translate(cmd->summary));
		group = TRUE;
	}
	if (!group)
		cmd_complain("deskgate: there is no command \"%s\"; "
			     "\"deskgate --help\" lists them",
		    argv[0]);
	return EX_USAGE;
}

/* Reads what stands before the command; -1 to go on at argv[*at_r]. */
static int
leading_options(struct cmd_context *context, int argc, char **argv, int *at_r)
{
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--help") == 0 ||
		    strcmp(argv[at], "-h") == 0) {
			show_help();
			return EX_OK;
		}
		if (strcmp(argv[at], "--version") == 0) {
			cmd_print("deskgate %s\n", VERSION);
			return EX_OK;
		}
		if (strcmp(argv[at], "--json") == 0)
			context->json = TRUE;
		else if ((strcmp(argv[at], "-c") == 0 ||
			     strcmp(argv[at], "--config") == 0) &&
			 at + 1 < argc) {
			g_free(context->path);
			context->path = g_strdup(argv[++at]);
		} else {
			break;
		}
	}
	*at_r = at;
	return -1;
}

static int
dispatch(struct cmd_context *context, int argc, char **argv)
{
	int at = 1, code = leading_options(context, argc, argv, &at);

	if (code >= 0)
		return code;
	if (at >= argc) {
		show_help();
		return EX_USAGE;
	}
	for (const struct cmd *cmd = cmd_table; cmd->name != NULL; cmd++) {
		int words = words_matching(cmd->name, argc - at, argv + at);

		if (words == 0)
			continue;
		context->name = cmd->name;
		context->summary = cmd->summary;
		return cmd->run(
		    context, argc - at - words + 1, argv + at + words - 1);
	}
	return complain_command(argc - at, argv + at);
}

int
main(int argc, char **argv)
{
	struct cmd_context context = { 0 };
	const char *catalogs = g_getenv("DESKGATE_LOCALES");
	g_autoptr(GError) error = NULL;
	int code;

	setlocale(LC_CTYPE, "C.UTF-8");
	translate_begin(catalogs != NULL ? catalogs : DESKGATE_LOCALEDIR);
	memory_strict();
	if (!seal_init(&error))
		return cmd_fail(error);
	code = dispatch(&context, argc, argv);
	g_free(context.path);
	/* What was too long for the buffer failed before, and left it empty. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == EX_OK) {
		cmd_complain("deskgate: standard output: cannot be written");
		return EX_IOERR;
	}
	return code;
}
