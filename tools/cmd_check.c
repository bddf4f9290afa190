/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate check and settings sample. */
#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tickets/control.h"
#include "tools/backup.h"
#include "tools/cmd.h"
#include "tools/cmd_check_deep.h"
#include "tools/damage.h"
#include "tools/daybook.h"
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
	for (guint i = 0; conf != NULL && i < conf_warnings(conf); i++)
		add_warning(check, "", conf_warning(conf, i));
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

/* As stats tells of them. */
static void
look_at_damaged(
    struct check *check, const struct paths *paths, const json_t *answer)
{
	json_t *list = answer != NULL
			   ? json_incref(json_object_get(answer, "damaged"))
			   : damage_list(paths);
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		g_autofree char *text = g_strdup_printf(
		    "the %s was damaged (%s) and mended; what stood there is "
		    "kept as %s/%s: see \"deskgate check --deep --help\"",
		    cmd_member(one, "store"), cmd_member(one, "when"),
		    cmd_member(one, "folder"), cmd_member(one, "name"));

		add_warning(check, "", text);
	}
	json_decref(list);
}

/* Without a daemon the file tells, when we may read it. */
static void
look_at_clock(struct check *check, const struct conf *conf,
    const struct paths *paths, const json_t *answer)
{
	gint64 gap =
	    conf_duration(conf_global(conf), "clock-gap") * G_USEC_PER_SEC;
	json_t *clock = answer != NULL
			    ? json_incref(json_object_get(answer, "clock"))
			    : daybook_look(paths->keys, gap, &clock_system);
	const char *text = cmd_member(clock, "text");

	if (*text != '\0')
		add_warning(check, "", text);
	json_decref(clock);
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
	late = g_strdup_printf("%lld requests of people are overdue: see "
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
	look_at_damaged(check, &paths, answer);
	look_at_clock(check, conf, &paths, answer);
	json_decref(answer);
	paths_fini(&paths);
}

static int
end(struct check *check, struct check_deep *deep, int code)
{
	json_t *answer;

	if (check->context->json) {
		answer = json_pack("{s:s, s:b, s:O, s:O}", "file", check->path,
		    "good", code == EX_OK, "faults", check->faults, "warnings",
		    check->warnings);
		if (deep->steps != NULL)
			json_object_set(answer, "deep", deep->steps);
		cmd_json_line(answer);
	}
	json_decref(deep->steps);
	json_decref(check->faults);
	json_decref(check->warnings);
	return code;
}

static int
confirm_clock(const struct cmd_context *context)
{
	json_t *answer = NULL;
	int code = cmd_ask(context, json_pack("{s:s}", "verb", "clock-confirm"),
	    &answer, NULL);

	json_decref(answer);
	return code;
}

int
cmd_check(struct cmd_context *context, int argc, char **argv)
{
	struct check_deep deep = { .context = context };
	gboolean deeply = FALSE, clock_right = FALSE;
	const GOptionEntry entries[] = {
		{ "deep", 0, 0, G_OPTION_ARG_NONE, &deeply,
		    N_("look at every store too: whether it is whole, and fits "
		       "the others"),
		    NULL },
		{ "mend", 0, 0, G_OPTION_ARG_NONE, &deep.mend,
		    N_("with --deep: mend what can be, and keep what cannot in "
		       "STATE/damaged"),
		    NULL },
		{ "clock-is-right", 0, 0, G_OPTION_ARG_NONE, &clock_right,
		    N_("the clock of this host is right, though it was in "
		       "doubt "
		       "(clock-gap): what is past its time may go"),
		    NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) = NULL;
	struct check check = { .context = context };

	if (code >= 0)
		return code;
	if (argc > 1 || (deep.mend && !deeply))
		return cmd_usage(context,
		    argc > 1 ? N_("it takes no words; -c names the file")
			     : N_("--mend goes with --deep"));
	check.path =
	    context->path != NULL ? context->path : settings_default_path();
	check.faults = json_array();
	check.warnings = json_array();
	conf = settings_load(check.path, SETTINGS_DAEMON, &error);
	look_at_settings(&check, conf, conf == NULL ? error->message : NULL);
	code = json_array_size(check.faults) == 0 ? EX_OK : EX_CONFIG;
	if (code == EX_OK && clock_right)
		code = confirm_clock(context);
	/* Before what else is told, since it may be mended. */
	if (code == EX_OK && deeply)
		code = check_deep(&deep, conf);
	if (code != EX_CONFIG)
		look_at_state(&check, conf);
	return end(&check, &deep, code);
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
