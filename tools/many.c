/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking ahead: see many.h. */
#include "tools/many.h"

#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tools/ask.h"
#include "tools/source.h"

struct walk {
	struct many *many;
	struct ask *ask;
	GQueue names; /* char *: asked, not answered */
};

void
many_fail(struct many *many, const char *name, const GError *error)
{
	many->failed++;
	cmd_progress(many->context, 0);
	if (many->context->json)
		cmd_json_line(json_pack("{s:s, s:s, s:s}", "message", name,
		    "error", err_word(error), "text", error->message));
	else
		cmd_complain("%s: %s", name, error->message);
}

/* Reads one answer; FALSE when the keeper is gone. */
static gboolean
take_answer(struct walk *walk, GError **error)
{
	g_autofree char *name = g_queue_pop_head(&walk->names);
	g_autoptr(GError) fault = NULL;
	json_t *answer = ask_receive(walk->ask, NULL, &fault);

	if (answer != NULL) {
		walk->many->show(walk->many->self, name, answer);
		json_decref(answer);
		return TRUE;
	}
	if (ask_lost(walk->ask)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	many_fail(walk->many, name, fault);
	return TRUE;
}

/* Takes `name` over. */
static gboolean
ask_one(struct walk *walk, GBytes *message, char *name, GError **error)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(message, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, error);

	g_queue_push_tail(&walk->names, name);
	walk->many->asked++;
	return fd >= 0 &&
	       ask_send(
		   walk->ask, json_incref(walk->many->request), fd, error) &&
	       (walk->names.length < ASK_AHEAD || take_answer(walk, error));
}

/* Lines on the same terminal would stand in its midst. */
static void
show_progress(const struct many *many)
{
	double share = many->share != NULL ? many->share(many->supplier) : -1;

	if (!many->quiet && isatty(STDOUT_FILENO))
		return;
	if (share >= 0)
		cmd_progress_share(many->context, many->asked, share);
	else
		cmd_progress_of(many->context, many->asked, many->all);
}

static gboolean
ask_all(struct walk *walk, GError **error)
{
	struct many *many = walk->many;

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) fault = NULL;
		char *name = NULL;

		if (many->next(many->supplier, &message, &name, &fault)) {
			if (!ask_one(walk, message, name, error))
				return FALSE;
		} else if (fault != NULL) {
			many_fail(many, name, fault);
			g_free(name);
		} else {
			break;
		}
		show_progress(many);
	}
	while (walk->names.length > 0)
		if (!take_answer(walk, error))
			return FALSE;
	return TRUE;
}

static int
walk_all(struct many *many)
{
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	struct walk walk = { .many = many, .names = G_QUEUE_INIT };
	int code = cmd_settings(many->context, &conf);
	gboolean done;

	if (code != EX_OK)
		return code;
	walk.ask = ask_open(conf, &error);
	if (walk.ask == NULL)
		return cmd_fail(error);
	done = ask_all(&walk, &error);
	cmd_progress(many->context, 0);
	ask_close(&walk.ask);
	g_queue_clear_full(&walk.names, g_free);
	if (!done)
		return cmd_fail(error);
	return many->failed > 0 ? EX_DATAERR : EX_OK;
}

int
many_ask_next(struct many *many)
{
	int code = walk_all(many);

	json_decref(many->request);
	many->request = NULL;
	return code;
}

static gboolean
next_of_source(void *self, GBytes **message_r, char **name_r, GError **error)
{
	return source_next(self, message_r, name_r, error);
}

static double
share_of_source(void *self)
{
	return source_share(self);
}

int
many_ask(struct many *many, char **paths)
{
	struct source *source OWNED(source_close) =
	    many->kept ? source_open_kept(paths, CMD_MESSAGE_MOST)
		       : source_open(paths, CMD_MESSAGE_MOST);

	many->next = next_of_source;
	many->share = share_of_source;
	many->supplier = source;
	many->left = source_left(source);
	return many_ask_next(many);
}
