/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate train and untrain: many messages through the keeper, some ahead of
 * the answers so that they share commits.
 */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/mail/teacher.h"
#include "tools/many.h"

struct lessons {
	struct cmd_context *context;
	const char *class; /* NULL: untrain */
	gboolean force, quiet;
	guint outcomes[TEACHER_UNTAUGHT + 1];
};

static const char *
opposite(const char *class)
{
	return strcmp(class, "spam") == 0 ? "ham" : "spam";
}

static void
show_outcome(void *self, const char *name, const json_t *body)
{
	struct lessons *lessons = self;
	int outcome = json_integer_value(json_object_get(body, "outcome"));
	double margin = json_real_value(json_object_get(body, "margin"));
	const char *word = json_string_value(json_object_get(body, "word"));

	if (outcome >= 0 && outcome <= TEACHER_UNTAUGHT)
		lessons->outcomes[outcome]++;
	if (lessons->context->json) {
		json_t *row = json_pack("{s:s, s:s, s:f}", "message", name,
		    "outcome", word, "margin", margin);

		cmd_json_line(row);
	} else if (outcome == TEACHER_REFUSED) {
		cmd_complain("%s: refused: the model is sure it is %s "
			     "(margin %+.1f); train --force overrides",
		    name, opposite(lessons->class), margin);
	} else if (!lessons->quiet) {
		cmd_print("%s: %s\n", name, word);
	}
}

static void
show_sum(const struct lessons *lessons, const struct many *many)
{
	g_autoptr(GString) line = g_string_new(NULL);

	if (lessons->context->json)
		return;
	for (int i = 0; i <= TEACHER_UNTAUGHT; i++) {
		if (lessons->outcomes[i] > 0)
			g_string_append_printf(line, "%s%u %s",
			    line->len > 0 ? ", " : "", lessons->outcomes[i],
			    teacher_word(i));
	}
	if (many->failed > 0)
		g_string_append_printf(line, "%s%u not read",
		    line->len > 0 ? ", " : "", many->failed);
	cmd_print("%s: %u messages: %s\n",
	    lessons->class != NULL ? lessons->class : "untrain", many->asked,
	    line->len > 0 ? line->str : "none");
}

static int
run(struct lessons *lessons, char **paths)
{
	struct many many = { .context = lessons->context,
		.show = show_outcome,
		.self = lessons };
	int code;

	many.request =
	    lessons->class == NULL
		? json_pack("{s:s}", "verb", "untrain")
		: json_pack("{s:s, s:s, s:b}", "verb", "train", "class",
		      lessons->class, "force", lessons->force);
	code = many_ask(&many, paths);
	if (code != EX_OK && code != EX_DATAERR)
		return code;
	show_sum(lessons, &many);
	return lessons->outcomes[TEACHER_REFUSED] > 0 ? EX_NOPERM : code;
}

int
cmd_train(struct cmd_context *context, int argc, char **argv)
{
	struct lessons lessons = { .context = context };
	const GOptionEntry entries[] = {
		{ "force", 'f', 0, G_OPTION_ARG_NONE, &lessons.force,
		    "teach even what the model strongly contradicts", NULL },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &lessons.quiet,
		    "only the sum, and what went wrong", NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries,
	    "ham|spam FILE|FOLDER|MBOX|MAILDIR|-...", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc < 3 ||
	    (strcmp(argv[1], "ham") != 0 && strcmp(argv[1], "spam") != 0))
		return cmd_usage(context,
		    "say ham or spam, then the messages (- is standard input)");
	lessons.class = argv[1];
	return run(&lessons, argv + 2);
}

int
cmd_untrain(struct cmd_context *context, int argc, char **argv)
{
	struct lessons lessons = { .context = context };
	gboolean ids = FALSE, people = FALSE;
	const GOptionEntry entries[] = {
		{ "id", 'i', 0, G_OPTION_ARG_NONE, &ids,
		    "the words are Message-IDs", NULL },
		{ "person", 'p', 0, G_OPTION_ARG_NONE, &people,
		    "the words are senders' addresses: all that was taught of "
		    "them",
		    NULL },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &lessons.quiet,
		    "only the sum, and what went wrong", NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries,
	    "FILE|FOLDER|MBOX|MAILDIR|-... | --id MESSAGE-ID... | --person "
	    "ADDRESS...",
	    &argc, &argv);

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(context, "say which messages");
	if (ids && people)
		return cmd_usage(
		    context, "the words are ids or people, not both");
	if (ids || people)
		return cmd_untrain_named(
		    context, ids ? "id" : "person", argv + 1);
	return run(&lessons, argv + 1);
}
