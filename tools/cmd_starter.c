/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate model starter: a corpus is taught to a model beside the one in use,
 * ham and spam in turns by how many there are of each, and what that has
 * counted is added under the name "starter" (import.h says how it goes again).
 */
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/mail/teacher.h"
#include "tools/ask.h"
#include "tools/cmd.h"
#include "tools/source.h"

struct making {
	struct cmd_context *context;
	struct ask *ask;
	guint waiting;   /* answers still to come */
	guint taught[2]; /* ham, spam */
	guint learnt, failed;
};

static const char *const classes[2] = { "ham", "spam" };

/* How many messages there are; what cannot be read is told later. */
static guint
count_messages(char **paths)
{
	struct source *source OWNED(source_close) =
	    source_open(paths, CMD_MESSAGE_MOST);
	guint n = 0;

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) fault = NULL;
		g_autofree char *name = NULL;

		if (source_next(source, &message, &name, &fault))
			n++;
		else if (fault == NULL)
			return n;
	}
}

/* FALSE when the keeper is gone. */
static gboolean
take_answer(struct making *making, GError **error)
{
	g_autoptr(GError) fault = NULL;
	json_t *answer = ask_receive(making->ask, NULL, &fault);

	making->waiting--;
	if (answer == NULL) {
		making->failed++;
		if (!ask_lost(making->ask))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	making->learnt += json_integer_value(json_object_get(
			      answer, "outcome")) == TEACHER_LEARNT;
	json_decref(answer);
	return TRUE;
}

static gboolean
send_message(
    struct making *making, guint class, GBytes *message, GError **error)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(message, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, error);

	if (fd < 0 || !ask_send(making->ask,
			  json_pack("{s:s, s:s}", "verb", "starter-train",
			      "class", classes[class]),
			  fd, error))
		return FALSE;
	making->waiting++;
	making->taught[class]++;
	cmd_progress(making->context, making->taught[0] + making->taught[1]);
	return making->waiting < ASK_AHEAD || take_answer(making, error);
}

/* The next message of a class; *left_r: whether there may be more. */
static gboolean
teach_next(struct making *making, struct source *source, guint class,
    gboolean *left_r, GError **error)
{
	g_autoptr(GBytes) message = NULL;
	g_autoptr(GError) fault = NULL;
	g_autofree char *name = NULL;

	*left_r = TRUE;
	if (source_next(source, &message, &name, &fault))
		return send_message(making, class, message, error);
	*left_r = fault != NULL;
	making->failed += fault != NULL;
	return TRUE;
}

/* The class that is behind, by its share. */
static guint
next_class(const struct making *making, const guint *all)
{
	return (guint64)making->taught[0] * all[1] >
	       (guint64)making->taught[1] * all[0];
}

static gboolean
teach_all(struct making *making, char ***paths, GError **error)
{
	struct source *ham OWNED(source_close) =
	    source_open(paths[0], CMD_MESSAGE_MOST);
	struct source *spam OWNED(source_close) =
	    source_open(paths[1], CMD_MESSAGE_MOST);
	struct source *sources[2] = { ham, spam };
	const guint all[2] = { count_messages(paths[0]),
		count_messages(paths[1]) };
	gboolean left[2] = { TRUE, TRUE };

	while (left[0] || left[1]) {
		guint class = next_class(making, all);

		if (!left[class])
			class = !class;
		if (!teach_next(
			making, sources[class], class, &left[class], error))
			return FALSE;
	}
	while (making->waiting > 0) {
		if (!take_answer(making, error))
			return FALSE;
	}
	return TRUE;
}

/* The starter's text. */
static GBytes *
make(struct making *making, char ***paths, GError **error)
{
	int text OWNED(file_close) = -1;
	json_t *answer = ask_call(making->ask,
	    json_pack("{s:s}", "verb", "starter-begin"), -1, NULL, error);

	if (answer == NULL)
		return NULL;
	json_decref(answer);
	if (!teach_all(making, paths, error))
		return NULL;
	answer = ask_call(making->ask,
	    json_pack("{s:s}", "verb", "starter-end"), -1, &text, error);
	if (answer == NULL)
		return NULL;
	json_decref(answer);
	return file_read_fd(text, G_MAXSSIZE, error);
}

static int
run(struct making *making, char ***paths)
{
	struct conf *conf OWNED(conf_free) = NULL;
	g_autoptr(GBytes) text = NULL;
	g_autoptr(GError) error = NULL;
	int code = cmd_settings(making->context, &conf);

	if (code != EX_OK)
		return code;
	making->ask = ask_open(conf, &error);
	if (making->ask != NULL)
		text = make(making, paths, &error);
	cmd_progress(making->context, 0);
	code = text != NULL
		   ? cmd_import_text(making->ask, "starter", TRUE, text)
		   : cmd_fail(error);
	ask_close(&making->ask);
	return code;
}

static int
show(const struct making *making)
{
	if (making->context->json)
		cmd_json_line(json_pack("{s:i, s:i, s:i, s:i}", "ham",
		    (int)making->taught[0], "spam", (int)making->taught[1],
		    "learnt", (int)making->learnt, "failed",
		    (int)making->failed));
	else
		cmd_print("starter: %u ham and %u spam, %u of them learnt, %u "
			  "not read\n",
		    making->taught[0], making->taught[1], making->learnt,
		    making->failed);
	return EX_OK;
}

int
cmd_model_starter(struct cmd_context *context, int argc, char **argv)
{
	struct making making = { .context = context };
	g_auto(GStrv) ham = NULL, spam = NULL;
	const GOptionEntry entries[] = {
		{ "ham", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ham,
		    "good messages; may be given again", "PATH" },
		{ "spam", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &spam,
		    "spam; likewise", "PATH" },
		{ NULL },
	};
	char **paths[2];
	int code = cmd_options(
	    context, entries, "--ham PATH --spam PATH", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc != 1 || ham == NULL || spam == NULL)
		return cmd_usage(
		    context, "say where its ham is and where its spam");
	paths[0] = ham;
	paths[1] = spam;
	code = run(&making, paths);
	return code != EX_OK ? code : show(&making);
}
