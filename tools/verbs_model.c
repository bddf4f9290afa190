/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs about a model as a whole: the installation's, or with "inbox" in
 * the request that inbox's own.
 */
#include <string.h>

#include "classifier/exchange.h"
#include "classifier/import.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tools/keeper.h"
#include "tools/models.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

struct learn *
verb_model(const struct keeper *keeper, const struct control_request *request,
    GError **error)
{
	const struct conf_section *inbox;
	const char *wanted, *name;
	struct learn *learn;

	if (!verb_inbox(keeper, request, &inbox, error))
		return NULL;
	wanted = inbox != NULL ? models_of(inbox) : NULL;
	if (inbox != NULL && wanted == NULL) {
		err_set(error, DG_ERROR_BAD,
		    "the inbox \"%s\" has no model of its own (model = "
		    "shared): leave --inbox out for the installation's",
		    conf_title(inbox));
		return NULL;
	}
	for (guint i = 0;
	     (learn = faculty_model(keeper->faculty, i, &name)) != NULL; i++) {
		if (g_strcmp0(name, wanted) == 0)
			return learn;
	}
	err_set(error, DG_ERROR_BAD,
	    "the model \"%s\" is new in the settings: it is known after a "
	    "restart",
	    wanted);
	return NULL;
}

static gboolean
give_text(const GString *text, struct control_answer *answer, GError **error)
{
	answer->fds[0] = file_memory("model", text->str, text->len, error);
	if (answer->fds[0] < 0)
		return FALSE;
	answer->n_fds = 1;
	return TRUE;
}

/* The request's text, whole. */
static GBytes *
take_text(const struct control_request *request, GError **error)
{
	if (request->n_fds == 1)
		return file_read_fd(request->fds[0], G_MAXSSIZE, error);
	err_set(error, DG_ERROR_BAD, "the request lacks its text");
	return NULL;
}

/* {kind: counts|own|lessons, inbox} -> {} and the text as a memory file */
gboolean
verb_model_dump(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	static const char *const words[] = { [EXCHANGE_COUNTS] = "counts",
		[EXCHANGE_OWN] = "own",
		[EXCHANGE_LESSONS] = "lessons" };
	struct keeper *keeper = self;
	const char *word = verb_text(request, "kind", error);
	struct learn *learn =
	    word != NULL ? verb_model(keeper, request, error) : NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	if (learn == NULL)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return exchange_dump(learn, i, text, error) &&
			       give_text(text, answer, error);
	}
	return err_set(error, DG_ERROR_BAD,
	    "the kind is \"counts\", \"own\" or \"lessons\"");
}

/* {replace: bool, inbox} and the text -> {} */
gboolean
verb_model_load(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct learn *learn = verb_model(keeper, request, error);
	g_autoptr(GBytes) text =
	    learn != NULL ? take_text(request, error) : NULL;
	gconstpointer data;
	gsize length;

	(void)answer;
	if (text == NULL)
		return FALSE;
	data = g_bytes_get_data(text, &length);
	if (!exchange_load(learn, data, length,
		json_is_true(json_object_get(request->body, "replace")), error))
		return FALSE;
	wayback_act(keeper, request, "model-load", NULL);
	return TRUE;
}

/* {inbox} -> {} */
gboolean
verb_model_rebuild(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct learn *learn = verb_model(keeper, request, error);

	(void)answer;
	if (learn == NULL || !exchange_rebuild(learn, error))
		return FALSE;
	wayback_act(keeper, request, "model-rebuild", NULL);
	return TRUE;
}

/* {name, step: begin|rows|end, starter: bool, inbox} and, but for the end, the
 * text of the head or of some counts -> {} */
gboolean
verb_model_import(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *name = verb_text(request, "name", error);
	const char *step =
	    name != NULL ? verb_text(request, "step", error) : NULL;
	struct learn *learn =
	    step != NULL ? verb_model(keeper, request, error) : NULL;
	g_autoptr(GBytes) text = NULL;
	gconstpointer data;
	gsize length;

	(void)answer;
	if (learn == NULL)
		return FALSE;
	if (strcmp(step, "end") == 0) {
		wayback_act(keeper, request, "model-import", NULL);
		return import_end(learn, name, error);
	}
	text = take_text(request, error);
	if (text == NULL)
		return FALSE;
	data = g_bytes_get_data(text, &length);
	if (strcmp(step, "rows") == 0)
		return exchange_import_rows(learn, name, data, length, error);
	return exchange_import_begin(learn, name,
	    json_is_true(json_object_get(request->body, "starter")), data,
	    length, error);
}

/* {name, inbox} -> {more: bool}: ask again while there is more */
gboolean
verb_model_forget(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *name = verb_text(request, "name", error);
	struct learn *learn =
	    name != NULL ? verb_model(keeper, request, error) : NULL;
	gboolean more = FALSE;

	if (learn == NULL || !import_forget(learn, name, &more, error))
		return FALSE;
	if (!more)
		wayback_act(keeper, request, "model-forget", NULL);
	json_object_set_new(answer->body, "more", json_boolean(more));
	return TRUE;
}

/* {} -> {}: an empty model to make a starter of */
gboolean
verb_starter_begin(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct ident key;

	(void)request;
	(void)answer;
	starter_close(&keeper->starter);
	if (import_has(keeper->learn, "starter"))
		return err_set(error, DG_ERROR_BAD,
		    "there is a starter already; \"deskgate model forget "
		    "starter\" first");
	model_key_check(secret_data(keeper->keys.feature),
	    secret_length(keeper->keys.feature), &key);
	keeper->starter = starter_open(keeper->conf, &keeper->paths,
	    readers_pool(keeper->readers), &key, error);
	return keeper->starter != NULL;
}

static gboolean
has_starter(const struct keeper *keeper, GError **error)
{
	return keeper->starter != NULL ||
	       err_set(error, DG_ERROR_BAD, "no starter was begun");
}

/* {class: ham|spam} and a message -> {outcome} */
gboolean
verb_starter_train(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *word = verb_text(request, "class", error);
	int message = word != NULL ? verb_message(request, error) : -1;
	enum teacher_outcome outcome;
	enum verdict_class class;

	if (message < 0 || !has_starter(keeper, error))
		return FALSE;
	if (!verdict_parse(word, &class) || class == VERDICT_UNSURE)
		return err_set(
		    error, DG_ERROR_BAD, "the class is \"ham\" or \"spam\"");
	if (!starter_teach(keeper->starter, message, class, &outcome, error))
		return FALSE;
	json_object_set_new(answer->body, "outcome", json_integer(outcome));
	return TRUE;
}

/* {} -> {} and the text as a memory file; the starter is gone then */
gboolean
verb_starter_end(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean done;

	(void)request;
	done = has_starter(keeper, error) &&
	       starter_text(keeper->starter, text, error) &&
	       give_text(text, answer, error);
	starter_close(&keeper->starter);
	return done;
}
