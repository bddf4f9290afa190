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
	gboolean replace = FALSE;
	const GOptionEntry entries[] = {
		{ "replace", 0, 0, G_OPTION_ARG_NONE, &replace,
		    "in the place of the model there is", NULL },
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
	body =
	    json_pack("{s:s, s:b}", "verb", "model-load", "replace", replace);
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
step(const char *name, const char *word, gboolean starter)
{
	return json_pack("{s:s, s:s, s:s, s:b}", "verb", "model-import", "name",
	    name, "step", word, "starter", starter);
}

/* Takes all of a source away. */
static gboolean
forget(struct ask *ask, const char *name, GError **error)
{
	gboolean more = TRUE;

	while (more) {
		json_t *answer = ask_call(ask,
		    json_pack(
			"{s:s, s:s}", "verb", "model-forget", "name", name),
		    -1, NULL, error);

		if (answer == NULL)
			return FALSE;
		more = json_is_true(json_object_get(answer, "more"));
		json_decref(answer);
	}
	return TRUE;
}

static gboolean
import_counts(struct ask *ask, const char *name, gboolean starter,
    const char *counts, const char *end, GError **error)
{
	json_t *answer;

	while (counts < end) {
		const char *next = piece_end(counts, end);

		if (!ask_text(ask, step(name, "rows", starter), counts,
			next - counts, error))
			return FALSE;
		counts = next;
	}
	answer = ask_call(ask, step(name, "end", starter), -1, NULL, error);
	if (answer == NULL)
		return FALSE;
	json_decref(answer);
	return TRUE;
}

static gboolean
import_pieces(struct ask *ask, const char *name, gboolean starter,
    const char *at, const char *end, GError **error)
{
	const char *counts = first_count(at, end);

	if (!ask_text(
		ask, step(name, "begin", starter), at, counts - at, error))
		return FALSE;
	if (import_counts(ask, name, starter, counts, end, error))
		return TRUE;
	/* What has come of it is of no use. */
	(void)forget(ask, name, NULL);
	return FALSE;
}

int
cmd_import_text(
    struct ask *ask, const char *name, gboolean starter, GBytes *text)
{
	static const char mark[] = "\nend\n";
	g_autoptr(GError) error = NULL;
	gsize length, marked = strlen(mark);
	const char *data = g_bytes_get_data(text, &length);

	if (length < marked ||
	    memcmp(data + length - marked, mark, marked) != 0)
		err_set(&error, DG_ERROR_BAD,
		    "this is no model of Deskgate's, or it is cut");
	else if (import_pieces(ask, name, starter, data,
		     data + length - marked + 1, &error))
		return EX_OK;
	return cmd_fail(error);
}

int
cmd_model_import(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *name = NULL;
	const GOptionEntry entries[] = {
		{ "as", 0, 0, G_OPTION_ARG_STRING, &name,
		    "the name by which it can be taken away again", "NAME" },
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
	return code != EX_OK ? code : cmd_import_text(ask, name, FALSE, text);
}

int
cmd_model_forget(struct cmd_context *context, int argc, char **argv)
{
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	g_autoptr(GError) error = NULL;
	int code = cmd_options(context, NULL, "NAME", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc != 2 || !g_utf8_validate(argv[1], -1, NULL))
		return cmd_usage(context, "say a name; \"stats\" tells them");
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	ask = ask_open(conf, &error);
	return ask != NULL && forget(ask, argv[1], &error) ? EX_OK
							   : cmd_fail(error);
}
