/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate run: the keeper and the milter under one supervisor, in the
 * foreground, for a first try and for containers.
 */
#include <signal.h>
#include <sysexits.h>

#include "lib/base/owned.h"
#include "tickets/control.h"
#include "tools/cmd.h"
#include "tools/daemon.h"
#include "tools/paths.h"
#include "tools/settings.h"
#include "tools/supervise.h"

/* The keeper is ready when it answers at its socket: the milter needs the keys
 * it makes. */
static gboolean
keeper_ready(void *self)
{
	const struct paths *paths = self;
	struct control_client *client = control_connect(paths->control, NULL);
	gboolean there = client != NULL;

	control_client_free(&client);
	return there;
}

static gboolean
always_ready(void *self)
{
	(void)self;
	return TRUE;
}

static const struct supervise_program programs[] = {
	{ "deskgate-deliver", SIGHUP, keeper_ready },
	/* libmilter takes SIGHUP as stop. */
	{ "deskgate-milter", SIGUSR1, always_ready },
	{ NULL, 0, NULL },
};

static int
run(const struct conf *conf, const char *path)
{
	const char *arguments[] = { "--supervised", "-c", path, NULL };
	struct paths paths;
	int code;

	paths_init(&paths, conf);
	daemon_log(conf, "deskgate", NULL);
	code =
	    supervise(&(struct supervise_plan){ programs, arguments, &paths });
	paths_fini(&paths);
	return code;
}

int
cmd_run(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	struct conf *conf OWNED(conf_free) = NULL;
	g_autofree char *path = NULL;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	path = g_strdup(
	    context->path != NULL ? context->path : settings_default_path());
	return run(conf, path);
}
