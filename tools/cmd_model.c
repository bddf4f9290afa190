/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate model: a model as a whole. */
#include <inttypes.h>
#include <sysexits.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/cmd.h"

static gint64
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void
show_report(const json_t *answer, const char *inbox)
{
	gint64 differences = number(answer, "differences");
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(answer, "shown"), i, line)
	    cmd_complain("%s", json_string_value(line));
	if (differences > (gint64)i)
		cmd_complain("and %" PRId64 " more", differences - (gint64)i);
	cmd_print("%" PRId64 " records, %" PRId64 " lessons: ",
	    number(answer, "records"), number(answer, "lessons"));
	if (differences == 0)
		cmd_print("each record is the sum of its lessons\n");
	else
		cmd_print("%" PRId64 " differences; \"deskgate "
			  "model rebuild%s%s\" makes the counts anew\n",
		    differences, inbox != NULL ? " --inbox " : "",
		    inbox != NULL ? inbox : "");
}

/* EX_OK with *answer_r the caller's, or the code of a failure that was told. */
static int
verify(const struct cmd_context *context, const char *inbox, json_t **answer_r)
{
	json_t *body =
	    json_pack("{s:s, s:s*}", "verb", "model-verify", "inbox", inbox);
	json_t *status =
	    json_pack("{s:s, s:s*}", "verb", "verify-status", "inbox", inbox);

	return cmd_ask_job(context, body, status, answer_r);
}

int
cmd_model_verify(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	const GOptionEntry entries[] = { CMD_MODEL_INBOX(&inbox), { NULL } };
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = verify(context, inbox, &answer);
	if (code != EX_OK)
		return code;
	code = number(answer, "differences") == 0 ? EX_OK : EX_DATAERR;
	if (context->json) {
		cmd_json_line(answer);
		return code;
	}
	show_report(answer, inbox);
	json_decref(answer);
	return code;
}

/* The bytes of a memory file to a file that its owner alone reads. */
static int
pour_into(int fd, const char *path)
{
	int owned OWNED(file_close) = fd;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = file_read_fd(owned, G_MAXSSIZE, &error);
	gconstpointer data;
	gsize length;

	if (bytes == NULL)
		return cmd_fail(error);
	data = g_bytes_get_data(bytes, &length);
	return cmd_write(path, data, length, 0600, &error) ? EX_OK
							   : cmd_fail(error);
}

static int
dump(struct cmd_context *context, const char *inbox, const char *kind,
    const char *path)
{
	json_t *answer = NULL;
	int text = -1;
	int code = cmd_ask(context,
	    json_pack("{s:s, s:s, s:s*}", "verb", "model-dump", "kind", kind,
		"inbox", inbox),
	    &answer, &text);

	if (code != EX_OK)
		return code;
	json_decref(answer);
	return path != NULL ? pour_into(text, path) : cmd_pour(text);
}

int
cmd_model_dump(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	gboolean lessons = FALSE;
	const GOptionEntry entries[] = {
		CMD_MODEL_INBOX(&inbox),
		{ "lessons", 0, 0, G_OPTION_ARG_NONE, &lessons,
		    N_("the journal too, so that all can be made of it again"),
		    NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "[FILE]", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 2)
		return cmd_usage(context, "it takes one file");
	return dump(context, inbox, lessons ? "lessons" : "counts", argv[1]);
}

int
cmd_model_export(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	const GOptionEntry entries[] = { CMD_MODEL_INBOX(&inbox), { NULL } };
	int code = cmd_options(context, entries, "[FILE]", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 2)
		return cmd_usage(context, "it takes one file");
	return dump(context, inbox, "own", argv[1]);
}

int
cmd_model_rebuild(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	const GOptionEntry entries[] = { CMD_MODEL_INBOX(&inbox), { NULL } };
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	json_t *answer = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_ask(context,
	    json_pack("{s:s, s:s*}", "verb", "model-rebuild", "inbox", inbox),
	    &answer, NULL);
	json_decref(answer);
	return code;
}
