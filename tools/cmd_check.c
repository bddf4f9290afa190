/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate check and settings sample. */
#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/owned.h"
#include "tools/cmd.h"
#include "tools/settings.h"

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
	if (json_array_size(faults) == 0)
		cmd_print("%s: nothing is wrong: %u inboxes, %u desks\n", path,
		    conf_count(conf, "inbox"), conf_count(conf, "desk"));
	json_decref(faults);
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
