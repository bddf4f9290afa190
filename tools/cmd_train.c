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
	char *actor; /* in whose name, or NULL */
	guint outcomes[TEACHER_UNTAUGHT + 1];
};

/* "wait": seconds until it can be taught, when that is why it was refused. */
static void
show_row(const char *name, const json_t *body)
{
	json_t *row = json_pack("{s:s, s:s, s:s}", "message", name, "outcome",
	    cmd_member(body, "word"), "text", cmd_member(body, "text"));
	static const char *const figures[] = { "margin", "score", "wait" };

	for (gsize i = 0; i < G_N_ELEMENTS(figures); i++) {
		json_t *figure = json_object_get(body, figures[i]);

		if (figure != NULL)
			json_object_set(row, figures[i], figure);
	}
	cmd_json_line(row);
}

static void
show_outcome(void *self, const char *name, const json_t *body)
{
	struct lessons *lessons = self;
	int outcome = json_integer_value(json_object_get(body, "outcome"));
	const char *word = cmd_member(body, "word");
	const char *text = cmd_member(body, "text");

	if (outcome >= 0 && outcome <= TEACHER_UNTAUGHT)
		lessons->outcomes[outcome]++;
	if (lessons->context->json) {
		show_row(name, body);
	} else if (outcome == TEACHER_REFUSED) {
		cmd_complain("%s: %s: %s", name, word, text);
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

	many.request = lessons->class == NULL
			   ? json_pack("{s:s}", "verb", "untrain")
			   : json_pack("{s:s, s:s, s:b, s:s*}", "verb", "train",
				 "class", lessons->class, "force",
				 lessons->force, "as", lessons->actor);
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
		{ "as", 0, 0, G_OPTION_ARG_STRING, &lessons.actor,
		    "in whose name, for scripts that pass on what others mark; "
		    "the setting train-rate holds for him",
		    "KIND:NAME" },
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
	code = run(&lessons, argv + 2);
	g_free(lessons.actor);
	return code;
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
