/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate desk: looks at a help desk as a whole. */
#include <string.h>
#include <sysexits.h>

#include "tools/cmd.h"

/* What the first check that failed means to a script. */
static int
code_of(const json_t *checks)
{
	static const struct {
		const char *check;
		int code;
	} codes[] = { { "credentials", EX_NOPERM }, { "rights", EX_NOPERM },
		{ "reach", EX_UNAVAILABLE }, { "tls", EX_UNAVAILABLE } };
	const json_t *one;
	size_t i;

	json_array_foreach(checks, i, one)
	{
		if (strcmp(cmd_member(one, "level"), "fail") != 0)
			continue;
		for (gsize j = 0; j < G_N_ELEMENTS(codes); j++)
			if (strcmp(cmd_member(one, "check"), codes[j].check) ==
			    0)
				return codes[j].code;
		return EX_CONFIG;
	}
	return EX_OK;
}

static void
show_checks(const json_t *checks)
{
	const json_t *one;
	size_t i;

	json_array_foreach(checks, i, one)
	{
		const char *mend = cmd_member(one, "mend");

		cmd_print("%-4s  %-11s  %s\n", cmd_member(one, "level"),
		    cmd_member(one, "check"), cmd_member(one, "text"));
		if (mend[0] != '\0')
			cmd_print("%19s%s\n", "to mend: ", mend);
	}
}

int
cmd_desk_test(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, "DESK", &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(
		    context, "say which desk: the title of its section");
	code = cmd_ask(context,
	    json_pack("{s:s, s:s}", "verb", "desk-test", "desk", argv[1]),
	    &answer, NULL);
	if (code != EX_OK)
		return code;
	code = code_of(json_object_get(answer, "checks"));
	if (context->json) {
		cmd_json_line(answer);
		return code;
	}
	show_checks(json_object_get(answer, "checks"));
	json_decref(answer);
	return code;
}
