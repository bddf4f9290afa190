/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate model load, import, forget: what takes a model's text.  Imports are
 * sent in pieces, so that lessons of others are taught between them.
 */
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/ask.h"
#include "tools/cmd.h"

#define DIGEST_DIGITS 16
/* Of text sent at once: some ten thousand counts. */
#define PIECE_BYTES (256 << 10)

/* Reads the file ("-": standard input) and opens a way to the keeper. */
static int
begin(const struct cmd_context *context, const char *path, GBytes **text_r,
    struct conf **conf_r, struct ask **ask_r)
{
	g_autoptr(GError) error = NULL;
	int code = cmd_settings(context, conf_r);

	if (code != EX_OK)
		return code;
	*text_r = strcmp(path, "-") == 0
		      ? file_read_fd(STDIN_FILENO, G_MAXSSIZE, &error)
		      : file_read(AT_FDCWD, path, G_MAXSSIZE, &error);
	if (*text_r != NULL)
		*ask_r = ask_open(*conf_r, &error);
	return *ask_r != NULL ? EX_OK : cmd_fail(error);
}

/* Asks with a text; `body` is taken over. */
static gboolean
ask_text(struct ask *ask, json_t *body, const char *text, gsize length,
    GError **error)
{
	int fd OWNED(file_close) = file_memory("model", text, length, error);
	json_t *answer;

	if (fd < 0) {
		json_decref(body);
		return FALSE;
	}
	answer = ask_call(ask, body, fd, NULL, error);
	if (answer == NULL)
		return FALSE;
	json_decref(answer);
	return TRUE;
}

int
cmd_model_load(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL;
	gboolean replace = FALSE;
	const GOptionEntry entries[] = {
		CMD_MODEL_INBOX(&inbox),
		{ "replace", 0, 0, G_OPTION_ARG_NONE, &replace,
		    N_("in the place of the model there is"), NULL },
		{ NULL },
	};
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	g_autoptr(GBytes) text = NULL;
	g_autoptr(GError) error = NULL;
	int code = cmd_options(context, entries, "FILE|-", &argc, &argv);
	json_t *body;
	gconstpointer data;
	gsize length;

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say which file");
	code = begin(context, argv[1], &text, &conf, &ask);
	if (code != EX_OK)
		return code;
	data = g_bytes_get_data(text, &length);
	body = json_pack("{s:s, s:b, s:s*}", "verb", "model-load", "replace",
	    replace, "inbox", inbox);
	return ask_text(ask, body, data, length, &error) ? EX_OK
							 : cmd_fail(error);
}

/* Where the counts begin: after the lines that start with a word. */
static const char *
first_count(const char *at, const char *end)
{
	while (at < end) {
		const char *line = memchr(at, '\n', end - at);

		if (line == NULL)
			return end;
		if (line - at > DIGEST_DIGITS && at[DIGEST_DIGITS] == ' ' &&
		    strspn(at, "0123456789abcdef") == DIGEST_DIGITS)
			return at;
		at = line + 1;
	}
	return end;
}

/* The end of a piece that begins at `at`: whole lines. */
static const char *
piece_end(const char *at, const char *end)
{
	const char *line;

	if (end - at <= PIECE_BYTES)
		return end;
	line = memrchr(at, '\n', PIECE_BYTES);
	return line != NULL ? line + 1 : end;
}

static json_t *
step(const struct cmd_counts *counts, const char *word)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s*}", "verb", "model-import",
	    "name", counts->name, "step", word, "starter", counts->starter,
	    "inbox", counts->inbox);
}

/* Takes all of them away. */
static gboolean
forget(struct ask *ask, const struct cmd_counts *counts, GError **error)
{
	gboolean more = TRUE;

	while (more) {
		json_t *answer = ask_call(ask,
		    json_pack("{s:s, s:s, s:s*}", "verb", "model-forget",
			"name", counts->name, "inbox", counts->inbox),
		    -1, NULL, error);

		if (answer == NULL)
			return FALSE;
		more = json_is_true(json_object_get(answer, "more"));
		json_decref(answer);
	}
	return TRUE;
}

static gboolean
import_rows(struct ask *ask, const struct cmd_counts *counts, const char *at,
    const char *end, GError **error)
{
	json_t *answer;

	while (at < end) {
		const char *next = piece_end(at, end);

		if (!ask_text(ask, step(counts, "rows"), at, next - at, error))
			return FALSE;
		at = next;
	}
	answer = ask_call(ask, step(counts, "end"), -1, NULL, error);
	if (answer == NULL)
		return FALSE;
	json_decref(answer);
	return TRUE;
}

static gboolean
import_pieces(struct ask *ask, const struct cmd_counts *counts, const char *at,
    const char *end, GError **error)
{
	const char *rows = first_count(at, end);

	if (!ask_text(ask, step(counts, "begin"), at, rows - at, error))
		return FALSE;
	if (import_rows(ask, counts, rows, end, error))
		return TRUE;
	/* What has come of it is of no use. */
	(void)forget(ask, counts, NULL);
	return FALSE;
}

int
cmd_import_text(struct ask *ask, const struct cmd_counts *counts, GBytes *text)
{
	static const char mark[] = "\nend\n";
	g_autoptr(GError) error = NULL;
	gsize length, marked = strlen(mark);
	const char *data = g_bytes_get_data(text, &length);

	if (length < marked ||
	    memcmp(data + length - marked, mark, marked) != 0)
		err_set(&error, DG_ERROR_BAD,
		    "this is no model of Deskgate's, or it is cut");
	else if (import_pieces(
		     ask, counts, data, data + length - marked + 1, &error))
		return EX_OK;
	return cmd_fail(error);
}

int
cmd_model_import(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *name = NULL;
	g_autofree char *inbox = NULL;
	const GOptionEntry entries[] = {
		CMD_MODEL_INBOX(&inbox),
		{ "as", 0, 0, G_OPTION_ARG_STRING, &name,
		    N_("the name by which it can be taken away again"),
		    "NAME" },
		{ NULL },
	};
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	g_autoptr(GBytes) text = NULL;
	int code =
	    cmd_options(context, entries, "--as NAME FILE|-", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc != 2 || name == NULL)
		return cmd_usage(context, "say a name and a file");
	code = begin(context, argv[1], &text, &conf, &ask);
	if (code != EX_OK)
		return code;
	return cmd_import_text(
	    ask, &(struct cmd_counts){ name, inbox, FALSE }, text);
}

int
cmd_model_forget(struct cmd_context *context, int argc, char **argv)
{
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	g_autofree char *inbox = NULL;
	const GOptionEntry entries[] = { CMD_MODEL_INBOX(&inbox), { NULL } };
	g_autoptr(GError) error = NULL;
	struct cmd_counts counts = { 0 };
	int code = cmd_options(context, entries, "NAME", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc != 2 || !g_utf8_validate(argv[1], -1, NULL))
		return cmd_usage(context, "say a name; \"stats\" tells them");
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	ask = ask_open(conf, &error);
	counts = (struct cmd_counts){ argv[1], inbox, FALSE };
	return ask != NULL && forget(ask, &counts, &error) ? EX_OK
							   : cmd_fail(error);
}
