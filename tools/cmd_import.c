/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate import: old mail to tickets. */
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/many.h"

struct import {
	guint stored, known;
};

static void
count(void *self, const char *name, const json_t *answer)
{
	struct import *import = self;
	gboolean known = json_is_true(json_object_get(answer, "known"));

	(void)name;
	import->known += known;
	import->stored += !known;
}

static void
tell(const struct cmd_context *context, const struct import *import,
    guint failed)
{
	if (context->json)
		cmd_json_line(json_pack("{s:i, s:i, s:i}", "imported",
		    (int)import->stored, "known", (int)import->known, "failed",
		    (int)failed));
	else
		cmd_print("%u imported, %u known already, %u failed\n",
		    import->stored, import->known, failed);
}

int
cmd_import(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	const GOptionEntry entries[] = {
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &inbox,
		    N_("the inbox it is for"), "INBOX" },
		{ NULL },
	};
	int code = cmd_options(
	    context, entries, "FILE|FOLDER|MBOX|MAILDIR|-...", &argc, &argv);
	struct import import = { 0 };
	struct many many = {
		.context = context, .show = count, .self = &import
	};

	if (code >= 0)
		return code;
	if (inbox == NULL)
		return cmd_usage(context, "say which inbox: -i INBOX");
	if (argc < 2)
		return cmd_usage(
		    context, "say which messages (- is standard input)");
	many.request =
	    json_pack("{s:s, s:s}", "verb", "import", "inbox", inbox);
	code = many_ask(&many, argv + 1);
	tell(context, &import, many.failed);
	return code;
}
