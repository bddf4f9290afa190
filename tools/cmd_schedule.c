/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy schedule: what is kept for how long, and what goes when. */
#include <string.h>
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

/* A run over everything may take its time. */
#define WAIT_SECONDS 600
#define LOOK_USEC (G_USEC_PER_SEC / 5)

struct wish {
	gboolean run, dry, plain;
	char *inbox;
};

static json_int_t
number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static char *
digits(const json_t *row, const char *name)
{
	return g_strdup_printf("%lld", number(row, name));
}

/* "7d", "36h", "90s"; or until when. */
static char *
keep_text(const json_t *row)
{
	static const struct {
		json_int_t seconds;
		char letter;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	json_int_t keep = number(row, "keep");

	for (gsize i = 0; keep > 0 && i < G_N_ELEMENTS(units); i++)
		if (keep % units[i].seconds == 0)
			return g_strdup_printf(
			    "%lld%c", keep / units[i].seconds, units[i].letter);
	return g_strdup_printf("until %s", cmd_member(row, "until"));
}

/* Whose: an inbox, an own model, a desk. */
static const char *
whose(const json_t *row)
{
	const char *inbox = cmd_member(row, "inbox");

	return *inbox != '\0' ? inbox : cmd_member(row, "model");
}

/* Leaves those of the inbox that is asked for. */
static void
choose(json_t *rows, const char *inbox)
{
	for (size_t i = json_array_size(rows); inbox != NULL && i-- > 0;)
		if (g_ascii_strcasecmp(
			cmd_member(json_array_get(rows, i), "inbox"), inbox) !=
		    0)
			json_array_remove(rows, i);
}

/* EX_UNAVAILABLE when a holder could not be asked. */
static int
tell_faults(const json_t *rows)
{
	const json_t *row;
	int code = EX_OK;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (json_object_get(row, "fault") == NULL)
			continue;
		cmd_complain("%s: %s", cmd_member(row, "holder"),
		    cmd_member(row, "fault"));
		code = EX_UNAVAILABLE;
	}
	return code;
}

static void
show_schedule(const json_t *rows, gboolean plain)
{
	static const char *const heads[] = { N_("kind"), N_("inbox"),
		N_("there"), N_("past"), N_("oldest"), N_("next goes"),
		N_("kept"), NULL };
	struct cmd_list *list = cmd_list_new(plain, heads);
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		g_autofree char *count = digits(row, "count");
		g_autofree char *past = digits(row, "past");
		g_autofree char *keep = keep_text(row);
		const char *const cells[] = { cmd_member(row, "kind"),
			whose(row), count, past, cmd_member(row, "oldest"),
			cmd_member(row, "next"), keep };

		if (json_object_get(row, "kind") != NULL)
			cmd_list_add(list, cells);
	}
	cmd_list_end(&list, "nothing is kept");
}

/* Of each row how many: `member` of the row. */
static void
show_numbers(
    const json_t *rows, const char *member, gboolean plain, const char *none)
{
	const char *const heads[] = { N_("kind"), N_("inbox"), member, NULL };
	struct cmd_list *list = cmd_list_new(plain, heads);
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		g_autofree char *count = digits(row, member);
		const char *const cells[] = { cmd_member(row, "kind"),
			whose(row), count };

		if (number(row, member) > 0)
			cmd_list_add(list, cells);
	}
	cmd_list_end(&list, none);
}

/* --- a run --- */

static gboolean
is_same(const json_t *a, const json_t *b)
{
	return strcmp(cmd_member(a, "kind"), cmd_member(b, "kind")) == 0 &&
	       strcmp(cmd_member(a, "holder"), cmd_member(b, "holder")) == 0 &&
	       strcmp(whose(a), whose(b)) == 0;
}

/* What was past before, and is not there any more. */
static void
count_gone(json_t *before, const json_t *after)
{
	const json_t *other;
	json_t *row;
	size_t i, k;

	json_array_foreach(before, i, row)
	{
		json_int_t left = 0;

		json_array_foreach(after, k, other) if (is_same(row, other))
		    left += number(other, "past");
		json_object_set_new(row, "gone",
		    json_integer(MAX(0, number(row, "past") - left)));
		json_object_set_new(row, "past", json_integer(left));
	}
}

static int
wait_done(struct cmd_context *context, json_t **after_r)
{
	int code = EX_OK;

	for (gint64 i = 0; code == EX_OK; i++) {
		code = cmd_ask(context,
		    json_pack("{s:s}", "verb", "privacy-schedule"), after_r,
		    NULL);
		if (code != EX_OK ||
		    !json_is_true(json_object_get(*after_r, "busy")) ||
		    i > WAIT_SECONDS * G_USEC_PER_SEC / LOOK_USEC)
			break;
		json_decref(*after_r);
		*after_r = NULL;
		g_usleep(LOOK_USEC);
	}
	return code;
}

static int
show_run(struct cmd_context *context, const struct wish *wish, json_t *before,
    json_t *after)
{
	json_t *rows = json_object_get(before, "rows");
	int code = tell_faults(json_object_get(after, "rows"));
	const char *doubt = cmd_member(json_object_get(after, "clock"), "text");

	if (*doubt != '\0')
		cmd_complain("%s", doubt);
	count_gone(rows, json_object_get(after, "rows"));
	if (context->json) {
		json_object_set(before, "busy", json_object_get(after, "busy"));
		cmd_json_line(json_incref(before));
	} else {
		show_numbers(
		    rows, "gone", wish->plain, "nothing was past its time");
	}
	if (code == EX_OK && json_is_true(json_object_get(after, "busy"))) {
		cmd_complain("it is still at work: look again later");
		code = EX_TEMPFAIL;
	}
	return code;
}

static int
run(struct cmd_context *context, const struct wish *wish)
{
	json_t *before = NULL, *after = NULL;
	int code = cmd_ask(context,
	    json_pack("{s:s}", "verb", "privacy-expire"), &before, NULL);

	if (code == EX_OK)
		code = wait_done(context, &after);
	if (code == EX_OK)
		code = show_run(context, wish, before, after);
	json_decref(before);
	json_decref(after);
	return code;
}

static int
show(struct cmd_context *context, const struct wish *wish)
{
	json_t *answer = NULL, *rows;
	int code = cmd_ask(context,
	    json_pack("{s:s}", "verb", "privacy-schedule"), &answer, NULL);

	if (code != EX_OK)
		return code;
	rows = json_object_get(answer, "rows");
	choose(rows, wish->inbox);
	if (wish->inbox != NULL && json_array_size(rows) == 0) {
		cmd_complain(
		    "there is no inbox %s, nor anything of one", wish->inbox);
		json_decref(answer);
		return EX_NOINPUT;
	}
	code = tell_faults(rows);
	if (context->json) {
		cmd_json_line(answer);
		return code;
	}
	if (wish->dry) {
		if (!wish->plain)
			cmd_print("nothing was deleted; the next run would "
				  "delete:\n");
		show_numbers(rows, "past", wish->plain, "nothing");
	} else {
		show_schedule(rows, wish->plain);
	}
	json_decref(answer);
	return code;
}

int
cmd_privacy_schedule(struct cmd_context *context, int argc, char **argv)
{
	struct wish wish = { 0 };
	const GOptionEntry entries[] = {
		{ "run", 0, 0, G_OPTION_ARG_NONE, &wish.run,
		    N_("delete what is past its time now; the daemon does it "
		       "every half hour by itself"),
		    NULL },
		{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &wish.dry,
		    N_("only say what the next run would delete"), NULL },
		{ "inbox", 0, 0, G_OPTION_ARG_STRING, &wish.inbox,
		    N_("of this inbox alone"), "INBOX" },
		{ "plain", 'p', 0, G_OPTION_ARG_NONE, &wish.plain,
		    N_("cells between tabs, without a head"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code < 0 && argc > 1)
		code = cmd_usage(context, "it takes no words");
	if (code < 0 && wish.run && !wish.dry && wish.inbox != NULL)
		code = cmd_usage(context,
		    "--run is of all inboxes: leave --inbox out, or add "
		    "--dry-run");
	if (code < 0)
		code = wish.run && !wish.dry ? run(context, &wish)
					     : show(context, &wish);
	g_free(wish.inbox);
	return code;
}
