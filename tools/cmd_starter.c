/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate model starter: a corpus is taught to a model beside the one in use,
 * in the order of an import (bulk.h), and what that has counted is added under
 * the name "starter" (import.h says how it goes again).
 */
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "lib/mail/teacher.h"
#include "tools/ask.h"
#include "tools/bulk.h"
#include "tools/cmd.h"
#include "tools/source.h"

struct making {
	struct cmd_context *context;
	struct ask *ask;
	guint waiting;   /* answers still to come */
	guint taught[2]; /* ham, spam */
	guint learnt, failed;
};

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
send_message(struct making *making, enum verdict_class class, GBytes *message,
    GError **error)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(message, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, error);

	if (fd < 0 || !ask_send(making->ask,
			  json_pack("{s:s, s:s}", "verb", "starter-train",
			      "class", verdict_word(class)),
			  fd, error))
		return FALSE;
	making->waiting++;
	making->taught[class == VERDICT_SPAM]++;
	cmd_progress(making->context, making->taught[0] + making->taught[1]);
	return making->waiting < ASK_AHEAD || take_answer(making, error);
}

/* Looks at all messages of a class; what cannot be read is counted. */
static void
gather(struct making *making, struct bulk *bulk, char **paths,
    enum verdict_class class)
{
	struct source *source OWNED(source_close) =
	    source_open(paths, CMD_MESSAGE_MOST);

	for (;;) {
		g_autoptr(GError) fault = NULL;
		g_autofree char *name = NULL;

		if (bulk_add(bulk, source, class, &name, &fault))
			continue;
		if (fault == NULL)
			return;
		making->failed++;
	}
}

static gboolean
teach_in_order(struct making *making, struct bulk *bulk, GError **error)
{
	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) fault = NULL;
		g_autofree char *name = NULL;
		enum verdict_class class;

		if (bulk_next(bulk, &message, &name, &class, &fault)) {
			if (!send_message(making, class, message, error))
				return FALSE;
		} else if (fault != NULL) {
			making->failed++;
		} else {
			break;
		}
	}
	while (making->waiting > 0) {
		if (!take_answer(making, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
teach_all(struct making *making, char ***paths, GError **error)
{
	struct bulk *bulk OWNED(bulk_free) = bulk_new();

	gather(making, bulk, paths[0], VERDICT_HAM);
	gather(making, bulk, paths[1], VERDICT_SPAM);
	bulk_arrange(bulk);
	if (bulk_count(bulk) == 0)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "no message could be read of what was named");
	return teach_in_order(making, bulk, error);
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
		   ? cmd_import_text(making->ask,
			 &(struct cmd_counts){ "starter", NULL, TRUE }, text)
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
		    N_("good messages; may be given again"), "PATH" },
		{ "spam", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &spam,
		    N_("spam; likewise"), "PATH" },
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
