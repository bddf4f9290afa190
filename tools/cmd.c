/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all subcommands do alike: read options, read settings, ask the keeper,
 * fail.
 */
#include "tools/cmd.h"

#include <string.h>
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tickets/control.h"
#include "tools/ask.h"
#include "tools/settings.h"

static gboolean
show_help(
    const gchar *option, const gchar *value, gpointer data, GError **error)
{
	(void)option;
	(void)value;
	(void)error;
	*(gboolean *)data = TRUE;
	return TRUE;
}

static const gchar *
translate_option(const gchar *text, gpointer data)
{
	(void)data;
	return translate(text);
}

static GOptionContext *
make_options(struct cmd_context *context, const GOptionEntry *entries,
    const char *words, gboolean *help_r)
{
	const GOptionEntry common[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &context->path,
		    N_("settings file"), "FILE" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &context->json,
		    N_("answer in JSON, for scripts"), NULL },
		{ NULL },
	};
	const GOptionEntry help[] = {
		{ "help", 'h', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
		    (gpointer)show_help, N_("show this"), NULL },
		{ NULL },
	};
	GOptionContext *options = g_option_context_new(words);
	GOptionGroup *group =
	    g_option_group_new("deskgate", "", "", help_r, NULL);

	g_option_context_set_summary(options, translate(context->summary));
	g_option_context_set_help_enabled(options, FALSE);
	if (entries != NULL)
		g_option_group_add_entries(group, entries);
	g_option_group_add_entries(group, common);
	g_option_group_add_entries(group, help);
	g_option_group_set_translate_func(group, translate_option, NULL, NULL);
	g_option_context_set_main_group(options, group);
	return options;
}

int
cmd_options(struct cmd_context *context, const GOptionEntry *entries,
    const char *words, int *argc, char ***argv)
{
	gboolean help = FALSE;
	g_autoptr(GOptionContext) options =
	    make_options(context, entries, words, &help);
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_strdup_printf("deskgate %s", context->name);
	char *path = context->path;
	gboolean parsed;

	g_set_prgname(name);
	parsed = g_option_context_parse(options, argc, argv, &error);
	/* The last one told counts. */
	if (context->path != path)
		g_free(path);
	if (context->json)
		translate_stop();
	if (!parsed)
		return cmd_usage(context, error->message);
	if (help) {
		g_autofree char *text =
		    g_option_context_get_help(options, TRUE, NULL);

		cmd_print("%s", text);
		return EX_OK;
	}
	/* A "--" that ended the options is not a word. */
	if (*argc > 1 && strcmp((*argv)[1], "--") == 0) {
		(*argv)[1] = (*argv)[0];
		(*argv)++;
		(*argc)--;
	}
	return -1;
}

int
cmd_usage(const struct cmd_context *context, const char *text)
{
	cmd_complain("deskgate %s: %s", context->name, translate(text));
	cmd_complain(
	    "\"deskgate %s --help\" tells how it is used", context->name);
	return EX_USAGE;
}

int
cmd_settings(const struct cmd_context *context, struct conf **conf_r)
{
	return cmd_settings_for(context, SETTINGS_COMMAND, conf_r);
}

int
cmd_settings_for(const struct cmd_context *context, enum settings_use use,
    struct conf **conf_r)
{
	const char *path =
	    context->path != NULL ? context->path : settings_default_path();
	g_autoptr(GError) error = NULL;

	*conf_r = settings_load(path, use, &error);
	if (*conf_r == NULL) {
		cmd_complain("deskgate: %s", error->message);
		return EX_CONFIG;
	}
	if (conf_faults(*conf_r) == 0)
		return EX_OK;
	for (guint i = 0; i < conf_faults(*conf_r); i++)
		cmd_complain("%s", conf_fault(*conf_r, i));
	conf_free(conf_r);
	return EX_CONFIG;
}

int
cmd_fail(const GError *error)
{
	cmd_complain("deskgate: %s", error->message);
	return err_exit_code(error);
}

/* EX_OK with *ask_r, the caller's, or the code of a failure that was told. */
static int
open_for(const struct cmd_context *context, const json_t *body,
    struct conf **conf_r, struct ask **ask_r)
{
	g_autoptr(GError) error = NULL;
	int code;

	/* What JSON cannot hold. */
	if (body == NULL)
		return cmd_usage(
		    context, "words and values are to be in UTF-8");
	code = cmd_settings(context, conf_r);
	if (code != EX_OK)
		return code;
	*ask_r = ask_open(*conf_r, &error);
	return *ask_r != NULL ? EX_OK : cmd_fail(error);
}

int
cmd_ask(const struct cmd_context *context, json_t *body, json_t **answer_r,
    int *message_r)
{
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	int code = open_for(context, body, &conf, &ask);

	if (code != EX_OK) {
		json_decref(body);
		return code;
	}
	*answer_r = ask_call(ask, body, -1, message_r, &error);
	return *answer_r != NULL ? EX_OK : cmd_fail(error);
}

int
cmd_ask_job(const struct cmd_context *context, json_t *body, json_t *status,
    json_t **answer_r)
{
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	int code = open_for(context, body, &conf, &ask);

	if (code != EX_OK) {
		json_decref(body);
		json_decref(status);
		return code;
	}
	*answer_r = ask_job(ask, body, status, &error);
	if (*answer_r == NULL)
		return cmd_fail(error);
	json_object_del(*answer_r, "busy");
	return EX_OK;
}

json_t *
cmd_ask_running(const char *socket, json_t *body, GError **error)
{
	struct control_client *client OWNED(control_client_free) =
	    control_connect(socket, error);
	json_t *answer = NULL;
	guint files = 0;

	if (client != NULL && control_send(client, body, NULL, 0, error))
		(void)control_receive(client, &answer, NULL, &files, error);
	json_decref(body);
	return answer;
}

int
cmd_ask_shown(
    const struct cmd_context *context, json_t *body, json_t **answer_r)
{
	int code = cmd_ask(context, body, answer_r, NULL);

	if (code != EX_OK)
		return code;
	if (!context->json)
		return -1;
	cmd_json_line(*answer_r);
	return EX_OK;
}

/* Desks are asked behind the answer, and mostly that is done in a moment. */
#define WAIT_SECONDS 20
#define LOOK_USEC (G_USEC_PER_SEC / 5)

int
cmd_wait_settled(struct cmd_context *context, json_t **answer)
{
	const json_t *request = json_object_get(*answer, "request");
	json_int_t id = json_integer_value(json_object_get(request, "id"));
	int code = EX_OK;

	for (guint i = 0;
	     code == EX_OK && json_is_true(json_object_get(*answer, "busy")) &&
	     i < WAIT_SECONDS * G_USEC_PER_SEC / LOOK_USEC;
	     i++) {
		if (i > 0)
			g_usleep(LOOK_USEC);
		json_decref(*answer);
		*answer = NULL;
		code = cmd_ask(context,
		    json_pack(
			"{s:s, s:I}", "verb", "privacy-receipt", "id", id),
		    answer, NULL);
	}
	return code;
}

const char *
cmd_member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}
