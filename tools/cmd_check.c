/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate check and settings sample. */
#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/owned.h"
#include "tickets/control.h"
#include "tools/backup.h"
#include "tools/cmd.h"
#include "tools/inboxes_lacks.h"
#include "tools/record.h"
#include "tools/paths.h"
#include "tools/settings.h"

/* What is found, for people or for scripts. */
struct check {
	const struct cmd_context *context;
	const char *path;
	json_t *faults, *warnings; /* texts */
};

static void
add_warning(struct check *check, const char *prefix, const char *text)
{
	json_array_append_new(check->warnings, json_string(text));
	if (!check->context->json)
		cmd_complain("%s%s", prefix, text);
}

/* `list` is taken over. */
static void
warn(struct check *check, GPtrArray *list)
{
	g_autofree char *prefix = g_strdup_printf("%s: warning: ", check->path);

	for (guint i = 0; i < list->len; i++)
		add_warning(check, prefix, list->pdata[i]);
	g_ptr_array_unref(list);
}

static void
look_at_settings(
    struct check *check, const struct conf *conf, const char *unreadable)
{
	if (unreadable != NULL)
		json_array_append_new(check->faults, json_string(unreadable));
	for (guint i = 0; conf != NULL && i < conf_faults(conf); i++)
		json_array_append_new(
		    check->faults, json_string(conf_fault(conf, i)));
	for (size_t i = 0;
	     !check->context->json && i < json_array_size(check->faults); i++)
		cmd_complain(
		    "%s", json_string_value(json_array_get(check->faults, i)));
	if (conf != NULL) {
		warn(check, record_lacks(conf));
		warn(check, inboxes_lacks(conf));
	}
	if (json_array_size(check->faults) == 0 && !check->context->json)
		cmd_print("%s: nothing is wrong: %u inboxes, %u desks\n",
		    check->path, conf_count(conf, "inbox"),
		    conf_count(conf, "desk"));
}

/* What a daemon that runs says, the caller's; that none does is no fault of the
 * settings: NULL. */
static json_t *
ask_stats(const struct paths *paths)
{
	struct control_client *client OWNED(control_client_free) =
	    control_connect(paths->control, NULL);
	json_t *question = json_pack("{s:s}", "verb", "stats");
	json_t *answer = NULL;
	guint n = 0;

	if (client != NULL && control_send(client, question, NULL, 0, NULL))
		(void)control_receive(client, &answer, NULL, &n, NULL);
	json_decref(question);
	return answer;
}

/* Without a daemon the files tell, when we may read them. */
static gboolean
is_stale(const struct paths *paths, const json_t *answer)
{
	json_t *known = answer != NULL
			    ? json_incref(json_object_get(answer, "backup"))
			    : backup_known(paths, NULL);
	gboolean stale = json_is_true(json_object_get(known, "stale"));

	json_decref(known);
	return stale;
}

static void
look_at_state(struct check *check, const struct conf *conf)
{
	g_autofree char *late = NULL;
	struct paths paths;
	json_t *answer;
	const char *unread;
	json_int_t overdue;

	paths_init(&paths, conf);
	answer = ask_stats(&paths);
	overdue = json_integer_value(
	    json_object_get(json_object_get(answer, "requests"), "overdue"));
	late = g_strdup_printf("%" JSON_INTEGER_FORMAT
			       " requests of people are overdue: see "
			       "\"deskgate privacy requests\"",
	    overdue);
	unread = inboxes_lack_now(conf, json_object_get(answer, "inboxes"));
	if (unread != NULL)
		add_warning(check, "", unread);
	if (is_stale(&paths, answer))
		add_warning(check, "",
		    "there is no copy of the vault since somebody was erased, "
		    "or something was asked for or deleted, and an older one "
		    "undoes that: run \"deskgate backup\", and remove others");
	if (overdue > 0)
		add_warning(check, "", late);
	json_decref(answer);
	paths_fini(&paths);
}

int
cmd_check(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	struct check check = { .context = context };
	gboolean good;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(
		    context, "it takes no words; -c names the file");
	check.path =
	    context->path != NULL ? context->path : settings_default_path();
	check.faults = json_array();
	check.warnings = json_array();
	conf = settings_load(check.path, SETTINGS_DAEMON, &error);
	look_at_settings(&check, conf, conf == NULL ? error->message : NULL);
	good = json_array_size(check.faults) == 0;
	if (good)
		look_at_state(&check, conf);
	if (context->json)
		cmd_json_line(json_pack("{s:s, s:b, s:O, s:O}", "file",
		    check.path, "good", good, "faults", check.faults,
		    "warnings", check.warnings));
	json_decref(check.faults);
	json_decref(check.warnings);
	return good ? EX_OK : EX_CONFIG;
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
