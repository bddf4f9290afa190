/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate train and untrain: many messages through the keeper, some ahead of
 * the answers so that they share commits.
 */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "lib/mail/teacher.h"
#include "tools/bulk.h"
#include "tools/many.h"

#define BOTH "ham and spam"

struct lessons {
	struct cmd_context *context;
	const char *class; /* NULL: untrain; BOTH: ham and spam in turn */
	char *inbox;       /* for which it is so, or NULL */
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
	static const char *const figures[] = { "class", "margin", "score",
		"wait" };

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
		cmd_progress(lessons->context, 0);
		cmd_complain("%s: %s: %s", name, word, text);
	} else if (!lessons->quiet) {
		cmd_print("%s: %s\n", name, word);
	}
}

/* The last line of an import for scripts. */
static void
show_sum_row(const struct lessons *lessons, const struct many *many)
{
	json_t *outcomes = json_object();

	for (int i = 0; i < TEACHER_UNTAUGHT; i++)
		json_object_set_new(outcomes, teacher_word(i),
		    json_integer(lessons->outcomes[i]));
	cmd_json_line(json_pack("{s:I, s:I, s:o, s:I}", "messages",
	    (json_int_t)many->asked, "failed", (json_int_t)many->failed,
	    "outcomes", outcomes, "left", (json_int_t)many->left));
}

static void
show_sum(const struct lessons *lessons, const struct many *many)
{
	g_autoptr(GString) line = g_string_new(NULL);

	if (lessons->context->json) {
		if (lessons->class != NULL && strcmp(lessons->class, BOTH) == 0)
			show_sum_row(lessons, many);
		return;
	}
	for (int i = 0; i <= TEACHER_UNTAUGHT; i++) {
		if (lessons->outcomes[i] > 0)
			g_string_append_printf(line, "%s%u %s",
			    line->len > 0 ? ", " : "", lessons->outcomes[i],
			    teacher_word(i));
	}
	if (many->failed > 0)
		g_string_append_printf(line, "%s%u not read",
		    line->len > 0 ? ", " : "", many->failed);
	if (many->left > 0)
		g_string_append_printf(line,
		    "%s%u left out (trashed, or a draft)",
		    line->len > 0 ? ", " : "", many->left);
	cmd_print("%s: %u messages: %s\n",
	    lessons->class != NULL ? lessons->class : "untrain", many->asked,
	    line->len > 0 ? line->str : "none");
}

static json_t *
train_request(const struct lessons *lessons)
{
	return json_pack("{s:s, s:s, s:b, s:s*, s:s*}", "verb", "train",
	    "class", lessons->class, "force", lessons->force, "as",
	    lessons->actor, "inbox", lessons->inbox);
}

static int
end(const struct lessons *lessons, const struct many *many, int code)
{
	if (code != EX_OK && code != EX_DATAERR)
		return code;
	show_sum(lessons, many);
	return lessons->outcomes[TEACHER_REFUSED] > 0 ? EX_NOPERM : code;
}

static int
run(struct lessons *lessons, char **paths)
{
	struct many many = { .context = lessons->context,
		.show = show_outcome,
		.kept = lessons->class != NULL,
		.quiet = lessons->quiet,
		.self = lessons };

	many.request = lessons->class == NULL
			   ? json_pack("{s:s}", "verb", "untrain")
			   : train_request(lessons);
	return end(lessons, &many, many_ask(&many, paths));
}

/* --- ham and spam in turn --- */

struct import {
	struct bulk *bulk;
	const struct cmd_piles *piles; /* or NULL */
	json_t *request; /* the one that many_ask sends, borrowed */
};

static gboolean
next_of_bulk(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct import *import = self;
	enum verdict_class class;

	if (!bulk_next(import->bulk, message_r, name_r, &class, error))
		return FALSE;
	if (import->piles != NULL && import->piles->mend != NULL) {
		g_autoptr(GBytes) message = *message_r;

		*message_r = import->piles->mend(import->piles->self, message);
	}
	json_object_set_new(
	    import->request, "class", json_string(verdict_word(class)));
	return TRUE;
}

/* Looks at all messages of a pile; those that cannot be read are told. */
static void
gather(struct bulk *bulk, char **paths, enum verdict_class class,
    struct many *many)
{
	struct source *source OWNED(source_close) =
	    source_open_kept(paths, CMD_MESSAGE_MOST);

	many->left += source_left(source);
	for (guint count = 1;; count++) {
		g_autoptr(GError) fault = NULL;
		g_autofree char *name = NULL;

		if (bulk_add(bulk, source, class, &name, &fault))
			cmd_progress(many->context, count);
		else if (fault != NULL)
			many_fail(many, name, fault);
		else
			break;
	}
	cmd_progress(many->context, 0);
}

static int
run_bulk(struct lessons *lessons, struct import *import, struct many *many)
{
	many->context = lessons->context;
	many->show = show_outcome;
	many->next = next_of_bulk;
	many->supplier = import;
	many->quiet = TRUE;
	many->self = lessons;
	bulk_arrange(import->bulk);
	many->all = bulk_count(import->bulk);
	many->request = import->request = train_request(lessons);
	return end(lessons, many, many_ask_next(many));
}

static int
run_both(struct lessons *lessons, char **ham, char **spam)
{
	struct bulk *bulk OWNED(bulk_free) = bulk_new();
	struct import import = { .bulk = bulk };
	struct many many = { .context = lessons->context };

	gather(bulk, ham, VERDICT_HAM, &many);
	gather(bulk, spam, VERDICT_SPAM, &many);
	return run_bulk(lessons, &import, &many);
}

int
cmd_train_piles(struct cmd_context *context, const struct cmd_piles *piles)
{
	struct lessons lessons = { .context = context,
		.class = BOTH,
		.inbox = piles->inbox,
		.quiet = TRUE };
	struct import import = { .bulk = piles->bulk, .piles = piles };
	struct many many = { .context = context };

	return run_bulk(&lessons, &import, &many);
}

/* An import tells of thousands: only what went wrong, and the sum. */
static int
import(struct lessons *lessons, char **ham, char **spam, int argc)
{
	char **piles[] = { ham, spam };

	if (argc > 1 || ham == NULL || spam == NULL)
		return cmd_usage(lessons->context,
		    "an import is --ham PATH and --spam PATH, each as often as "
		    "needed, and no other words");
	for (gsize i = 0; i < G_N_ELEMENTS(piles); i++)
		for (char **path = piles[i]; *path != NULL; path++)
			if (strcmp(*path, "-") == 0)
				return cmd_usage(lessons->context,
				    "an import reads its messages twice: "
				    "standard input cannot be");
	lessons->class = BOTH;
	lessons->quiet = TRUE;
	return run_both(lessons, ham, spam);
}

static int
teach(struct lessons *lessons, int argc, char **argv)
{
	if (argc < 3 ||
	    (strcmp(argv[1], "ham") != 0 && strcmp(argv[1], "spam") != 0))
		return cmd_usage(lessons->context,
		    "say ham or spam, then the messages (- is standard "
		    "input); or --ham PATH and --spam PATH for both");
	lessons->class = argv[1];
	return run(lessons, argv + 2);
}

int
cmd_train(struct cmd_context *context, int argc, char **argv)
{
	struct lessons lessons = { .context = context };
	g_auto(GStrv) ham = NULL, spam = NULL;
	const GOptionEntry entries[] = {
		{ "ham", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ham,
		    N_("an import of ham and spam in turn, by date: what is "
		       "ham; "
		       "may be said again"),
		    "PATH" },
		{ "spam", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &spam,
		    N_("and what is spam, likewise; the same command goes on "
		       "where it was broken off"),
		    "PATH" },
		{ "force", 'f', 0, G_OPTION_ARG_NONE, &lessons.force,
		    N_("teach even what the model strongly contradicts"),
		    NULL },
		{ "as", 0, 0, G_OPTION_ARG_STRING, &lessons.actor,
		    N_("in whose name, for scripts that pass on what others "
		       "mark; "
		       "the setting train-rate holds for him"),
		    "KIND:NAME" },
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &lessons.inbox,
		    N_("it is so for this inbox: its own model learns it too"),
		    "ADDRESS" },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &lessons.quiet,
		    N_("only the sum, and what went wrong"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries,
	    "ham|spam FILE|FOLDER|MBOX|MAILDIR|-... | --ham PATH... --spam "
	    "PATH...",
	    &argc, &argv);

	if (code < 0)
		code = ham != NULL || spam != NULL
			   ? import(&lessons, ham, spam, argc)
			   : teach(&lessons, argc, argv);
	g_free(lessons.actor);
	g_free(lessons.inbox);
	return code;
}

int
cmd_untrain(struct cmd_context *context, int argc, char **argv)
{
	struct lessons lessons = { .context = context };
	gboolean ids = FALSE, people = FALSE, teachers = FALSE;
	const GOptionEntry entries[] = {
		{ "id", 'i', 0, G_OPTION_ARG_NONE, &ids,
		    N_("the words are Message-IDs"), NULL },
		{ "person", 'p', 0, G_OPTION_ARG_NONE, &people,
		    N_("the words are senders' addresses: all that was taught "
		       "of "
		       "them"),
		    NULL },
		{ "by", 'b', 0, G_OPTION_ARG_NONE, &teachers,
		    N_("the words are those who taught, such as desk:main:anna "
		       "or imap:alice: all that is theirs"),
		    NULL },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &lessons.quiet,
		    N_("only the sum, and what went wrong"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries,
	    "FILE|FOLDER|MBOX|MAILDIR|-... | --id MESSAGE-ID... | --person "
	    "ADDRESS... | --by KIND:NAME...",
	    &argc, &argv);

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(context, "say which messages");
	if (ids + people + teachers > 1)
		return cmd_usage(context,
		    "the words are ids, or people, or those who taught");
	if (ids || people || teachers)
		return cmd_untrain_named(context,
		    ids      ? "id"
		    : people ? "person"
			     : "by",
		    argv + 1);
	return run(&lessons, argv + 1);
}
