/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where everything is.  The runtime folder has one part for each program, since
 * each runs as its own user and makes its own files there.
 */
#include "tools/paths.h"

#include <string.h>

static char *
below(const char *folder, const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static char *
runtime_dir(const struct conf_section *global)
{
	const char *set = conf_string(global, "runtime-dir");

	if (set != NULL)
		return g_strdup(set);
	if (!conf_is_set(global, "state-dir"))
		return g_strdup(DESKGATE_RUNDIR);
	return below(conf_string(global, "state-dir"), "run");
}

void
paths_init(struct paths *paths, const struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *keys = conf_string(global, "key-dir");

	paths->state = g_strdup(conf_string(global, "state-dir"));
	paths->keys = keys != NULL ? g_strdup(keys)
				   : g_strconcat(paths->state, "-keys", NULL);
	paths->runtime = runtime_dir(global);
	paths->spool = below(paths->state, "spool");
	paths->model = below(paths->state, "model");
	paths->ledger = below(paths->state, "ledger");
	paths->audit = below(paths->state, "audit");
	paths->privacy = below(paths->state, "privacy");
	paths->operators = below(paths->state, "operator");
	paths->standing = below(paths->state, "standing");
	paths->vault = below(paths->keys, "vault");
	paths->intake = below(paths->keys, "intake");
	paths->erased = below(paths->keys, "erased");
	paths->keeper = below(paths->runtime, "keeper");
	paths->milter = below(paths->runtime, "milter");
	paths->watch = below(paths->runtime, "watch");
	paths->table = below(paths->keeper, "score.table");
	paths->control = below(paths->keeper, "control.sock");
}

void
paths_fini(struct paths *paths)
{
	char **all[] = { &paths->state, &paths->keys, &paths->runtime,
		&paths->spool, &paths->model, &paths->ledger, &paths->audit,
		&paths->privacy, &paths->operators, &paths->standing,
		&paths->vault, &paths->intake, &paths->erased, &paths->table,
		&paths->control, &paths->keeper, &paths->milter,
		&paths->watch };

	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		g_clear_pointer(all[i], g_free);
}

char *
paths_socket(const struct conf *conf)
{
	const char *set = conf_string(conf_global(conf), "milter-socket");
	struct paths paths;
	char *socket;

	if (set != NULL && g_str_has_prefix(set, "local:"))
		return g_strconcat("unix:", set + strlen("local:"), NULL);
	if (set != NULL)
		return g_strdup(set);
	paths_init(&paths, conf);
	socket = g_strdup_printf("unix:%s/milter.sock", paths.milter);
	paths_fini(&paths);
	return socket;
}
