/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate train and untrain: many messages through the keeper, some ahead of the
 * answers so that they share commits.
 */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/mail/teacher.h"
#include "tools/ask.h"
#include "tools/cmd.h"
#include "tools/source.h"

struct lessons {
	struct cmd_context *context;
	struct ask *ask;
	const char *class; /* NULL: untrain */
	gboolean force, quiet;
	GQueue names; /* char *: asked, not answered */
	guint outcomes[TEACHER_UNTAUGHT + 1];
	guint asked, failed, refused;
};

static void
show_outcome(struct lessons *lessons, const char *name, const json_t *body)
{
	int outcome = json_integer_value(json_object_get(body, "outcome"));
	double margin = json_real_value(json_object_get(body, "margin"));
	const char *word = json_string_value(json_object_get(body, "word"));

	if (outcome >= 0 && outcome <= TEACHER_UNTAUGHT)
		lessons->outcomes[outcome]++;
	if (outcome == TEACHER_REFUSED)
		lessons->refused++;
	if (lessons->context->json) {
		json_t *row = json_pack("{s:s, s:s, s:f}", "message", name,
		    "outcome", word, "margin", margin);

		cmd_json_line(row);
	} else if (outcome == TEACHER_REFUSED) {
		cmd_complain("%s: refused: the model is sure of the opposite "
			     "(margin %+.1f); --force teaches it all the same",
		    name, margin);
	} else if (!lessons->quiet) {
		cmd_print("%s: %s\n", name, word);
	}
}

static void
show_failure(struct lessons *lessons, const char *name, const GError *error)
{
	lessons->failed++;
	if (lessons->context->json)
		cmd_json_line(json_pack("{s:s, s:s, s:s}", "message", name,
		    "error", err_word(error), "text", error->message));
	else
		cmd_complain("%s: %s", name, error->message);
}

/* Reads one answer; FALSE when the keeper is gone. */
static gboolean
take_answer(struct lessons *lessons, GError **error)
{
	g_autofree char *name = g_queue_pop_head(&lessons->names);
	g_autoptr(GError) fault = NULL;
	json_t *body = ask_receive(lessons->ask, NULL, &fault);

	if (body != NULL) {
		show_outcome(lessons, name, body);
		json_decref(body);
		return TRUE;
	}
	if (ask_lost(lessons->ask)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	show_failure(lessons, name, fault);
	return TRUE;
}

static gboolean
ask_lesson(struct lessons *lessons, GBytes *message, char *name, GError **error)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(message, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, error);
	json_t *body = lessons->class == NULL ?
		  json_pack("{s:s}", "verb", "untrain") :
		  json_pack("{s:s, s:s, s:b}", "verb", "train", "class",
		lessons->class, "force", lessons->force);

	g_queue_push_tail(&lessons->names, name);
	lessons->asked++;
	if (fd < 0) {
		json_decref(body);
		return FALSE;
	}
	if (!ask_send(lessons->ask, body, fd, error))
		return FALSE;
	return lessons->names.length < ASK_AHEAD || take_answer(lessons, error);
}

static gboolean
all_lessons(struct lessons *lessons, char **paths, GError **error)
{
	struct source *source OWNED(source_close) =
	    source_open(paths, CMD_MESSAGE_MOST);

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) fault = NULL;
		char *name;

		if (source_next(source, &message, &name, &fault)) {
			if (!ask_lesson(lessons, message, name, error))
				return FALSE;
		} else if (fault != NULL) {
			show_failure(lessons, name, fault);
			g_free(name);
		} else {
			break;
		}
		cmd_progress(lessons->context, lessons->asked);
	}
	while (lessons->names.length > 0) {
		if (!take_answer(lessons, error))
			return FALSE;
	}
	return TRUE;
}

static void
show_sum(const struct lessons *lessons)
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
	if (lessons->failed > 0)
		g_string_append_printf(line, "%s%u not read",
		    line->len > 0 ? ", " : "", lessons->failed);
	cmd_print("%s: %u messages: %s\n",
	    lessons->class != NULL ? lessons->class : "untrain", lessons->asked,
	    line->len > 0 ? line->str : "none");
}

static int
run(struct lessons *lessons, char **paths)
{
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	int code = cmd_settings(lessons->context, &conf);

	if (code != EX_OK)
		return code;
	lessons->ask = ask_open(conf, &error);
	if (lessons->ask == NULL)
		return cmd_fail(error);
	g_queue_init(&lessons->names);
	if (!all_lessons(lessons, paths, &error)) {
		ask_close(&lessons->ask);
		g_queue_clear_full(&lessons->names, g_free);
		return cmd_fail(error);
	}
	ask_close(&lessons->ask);
	show_sum(lessons);
	if (lessons->refused > 0)
		return EX_NOPERM;
	return lessons->failed > 0 ? EX_DATAERR : EX_OK;
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
	if (argc < 3 || (strcmp(argv[1], "ham") != 0 &&
			    strcmp(argv[1], "spam") != 0))
		return cmd_usage(context,
		    "say ham or spam, then the messages (- is standard input)");
	lessons.class = argv[1];
	return run(&lessons, argv + 2);
}

int
cmd_untrain(struct cmd_context *context, int argc, char **argv)
{
	struct lessons lessons = { .context = context };
	const GOptionEntry entries[] = {
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &lessons.quiet,
		    "only the sum, and what went wrong", NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries,
	    "FILE|FOLDER|MBOX|MAILDIR|-...", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(context, "say which messages");
	return run(&lessons, argv + 1);
}
