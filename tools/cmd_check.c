/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate check and settings sample. */
#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/owned.h"
#include "tickets/control.h"
#include "tools/cmd.h"
#include "tools/inboxes_lacks.h"
#include "tools/record.h"
#include "tools/paths.h"
#include "tools/settings.h"

/* `list` is taken over. */
static void
warn(const char *path, GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++)
		cmd_complain(
		    "%s: warning: %s", path, (const char *)list->pdata[i]);
	g_ptr_array_unref(list);
}

static void
show_faults(const struct cmd_context *context, const char *path,
    const struct conf *conf, const char *unreadable)
{
	json_t *faults = json_array();

	if (unreadable != NULL)
		json_array_append_new(faults, json_string(unreadable));
	for (guint i = 0; conf != NULL && i < conf_faults(conf); i++)
		json_array_append_new(faults, json_string(conf_fault(conf, i)));
	if (context->json) {
		cmd_json_line(json_pack("{s:s, s:b, s:o}", "file", path, "good",
		    json_array_size(faults) == 0, "faults", faults));
		return;
	}
	for (size_t i = 0; i < json_array_size(faults); i++)
		cmd_complain(
		    "%s", json_string_value(json_array_get(faults, i)));
	if (conf != NULL) {
		warn(path, record_lacks(conf));
		warn(path, inboxes_lacks(conf));
	}
	if (json_array_size(faults) == 0)
		cmd_print("%s: nothing is wrong: %u inboxes, %u desks\n", path,
		    conf_count(conf, "inbox"), conf_count(conf, "desk"));
	json_decref(faults);
}

/* A daemon that runs is asked for what is late; that none does is no fault of
 * the settings. */
static void
warn_of_state(const struct cmd_context *context, const struct conf *conf)
{
	struct paths paths;
	struct control_client *client OWNED(control_client_free) = NULL;
	json_t *question = json_pack("{s:s}", "verb", "stats");
	json_t *answer = NULL;
	const char *unread;
	json_int_t overdue;
	gboolean stale;
	guint n = 0;

	paths_init(&paths, conf);
	client = control_connect(paths.control, NULL);
	paths_fini(&paths);
	if (client != NULL && control_send(client, question, NULL, 0, NULL))
		(void)control_receive(client, &answer, NULL, &n, NULL);
	json_decref(question);
	overdue = json_integer_value(
	    json_object_get(json_object_get(answer, "requests"), "overdue"));
	stale = json_is_true(
	    json_object_get(json_object_get(answer, "backup"), "stale"));
	unread = inboxes_lack_now(conf, json_object_get(answer, "inboxes"));
	json_decref(answer);
	if (unread != NULL && !context->json)
		cmd_complain("%s", unread);
	if (stale && !context->json)
		cmd_complain("there is no copy of the vault since somebody was "
			     "erased, or something was asked for or deleted, "
			     "and an older one undoes that: run "
			     "\"deskgate backup\", and remove others");
	if (overdue > 0 && !context->json)
		cmd_complain("%d requests of people are overdue: see "
			     "\"deskgate privacy requests\"",
		    (int)overdue);
}

int
cmd_check(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	const char *path;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(
		    context, "it takes no words; -c names the file");
	path = context->path != NULL ? context->path : settings_default_path();
	conf = settings_load(path, SETTINGS_DAEMON, &error);
	show_faults(context, path, conf, conf == NULL ? error->message : NULL);
	if (conf != NULL && conf_faults(conf) == 0)
		warn_of_state(context, conf);
	return conf != NULL && conf_faults(conf) == 0 ? EX_OK : EX_CONFIG;
}

int
cmd_settings_sample(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	g_autofree char *sample = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	sample = conf_sample(settings_kinds);
	cmd_print("%s", sample);
	return EX_OK;
}
