/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate audit: who did what, and whether the trail is whole. */
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

#define SHOWN 50

struct wish {
	gboolean verify, plain;
	char *head;
	int limit;
};

static void
show_records(const json_t *records, gboolean plain)
{
	static const char *const heads[] = { N_("seq"), N_("time"), N_("who"),
		N_("what"), N_("to what"), N_("outcome"), NULL };
	struct cmd_list *list = cmd_list_new(plain, heads);
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		g_autofree char *seq = g_strdup_printf(
		    "%lld", json_integer_value(json_object_get(record, "seq")));
		const char *const cells[] = { seq, cmd_member(record, "time"),
			cmd_member(record, "actor"), cmd_member(record, "act"),
			cmd_member(record, "object"),
			cmd_member(record, "outcome") };

		cmd_list_add(list, cells);
	}
	cmd_list_end(&list, "nothing was done yet");
}

static int
list_records(struct cmd_context *context, const struct wish *wish)
{
	json_t *answer = NULL;
	int code = cmd_ask_shown(context,
	    json_pack("{s:s, s:i}", "verb", "audit-list", "limit",
		wish->limit > 0 ? wish->limit : SHOWN),
	    &answer);

	if (code >= 0)
		return code;
	show_records(json_object_get(answer, "records"), wish->plain);
	json_decref(answer);
	return EX_OK;
}

static int
show_report(const json_t *answer, gboolean asked)
{
	json_int_t records =
	    json_integer_value(json_object_get(answer, "records"));
	gboolean whole = json_is_true(json_object_get(answer, "whole"));

	if (!whole) {
		cmd_complain(
		    "the trail is broken: %s", cmd_member(answer, "fault"));
		return EX_DATAERR;
	}
	cmd_print("whole: %lld records\n", records);
	if (records > 0)
		cmd_print("head: %s\n", cmd_member(answer, "head"));
	if (!asked || json_is_true(json_object_get(answer, "has")))
		return EX_OK;
	cmd_complain("that head is not in it: lines were cut off");
	return EX_DATAERR;
}

static int
verify(struct cmd_context *context, const struct wish *wish)
{
	json_t *answer = NULL;
	int code = cmd_ask(context,
	    json_pack(
		"{s:s, s:s?}", "verb", "audit-verify", "head", wish->head),
	    &answer, NULL);
	gboolean good;

	if (code != EX_OK)
		return code;
	if (!context->json) {
		code = show_report(answer, wish->head != NULL);
		json_decref(answer);
		return code;
	}
	good = json_is_true(json_object_get(answer, "whole")) &&
	       (wish->head == NULL ||
		   json_is_true(json_object_get(answer, "has")));
	cmd_json_line(answer);
	return good ? EX_OK : EX_DATAERR;
}

int
cmd_audit(struct cmd_context *context, int argc, char **argv)
{
	struct wish wish = { 0 };
	const GOptionEntry entries[] = {
		{ "verify", 0, 0, G_OPTION_ARG_NONE, &wish.verify,
		    N_("work the chain out again, and compare"), NULL },
		{ "head", 0, 0, G_OPTION_ARG_STRING, &wish.head,
		    N_("with --verify: whether this one, from the log or an "
		       "earlier --verify, is still there"),
		    "SEQ:CHAIN" },
		{ "limit", 'n', 0, G_OPTION_ARG_INT, &wish.limit,
		    N_("how many of the last ones (50)"), "N" },
		{ "plain", 0, 0, G_OPTION_ARG_NONE, &wish.plain,
		    N_("cells with tabs between, for scripts"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code < 0 && argc > 1)
		code = cmd_usage(context, "it takes no words");
	if (code < 0 && wish.head != NULL && !wish.verify)
		code = cmd_usage(context, "--head goes with --verify");
	if (code < 0)
		code = wish.verify ? verify(context, &wish)
				   : list_records(context, &wish);
	g_free(wish.head);
	return code;
}
