/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be said of folders before they are made. */
#include "tools/settings_folders.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tools/paths.h"

/* The name in the settings when the file sets it, so that the fault has its
 * line. */
static const char *
set_option(const struct conf *conf, const char *name)
{
	return conf_is_set(conf_global(conf), name) ? name : NULL;
}

/* The nearest part of the path that is there must be a folder. */
static void
check_place(struct conf *conf, const char *option, const char *path)
{
	g_autofree char *part = g_strdup(path);
	struct stat status;

	for (;;) {
		char *parent;

		if (stat(part, &status) == 0) {
			if (!S_ISDIR(status.st_mode))
				conf_add_fault(conf, conf_global(conf),
				    set_option(conf, option),
				    "%s: %s is there and is not a folder",
				    option, part);
			return;
		}
		if (errno != ENOENT && errno != ENOTDIR) {
			conf_add_fault(conf, conf_global(conf),
			    set_option(conf, option), "%s: %s: %s", option,
			    part, g_strerror(errno));
			return;
		}
		parent = g_path_get_dirname(part);
		g_free(part);
		part = parent;
	}
}

/* Whether `path` lies in `folder` or is it. */
static gboolean
within(const char *folder, const char *path)
{
	gsize length = strlen(folder);

	return strncmp(folder, path, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

static void
check_keys(struct conf *conf, const struct paths *paths)
{
	struct stat status;

	if (within(paths->state, paths->keys))
		conf_add_fault(conf, conf_global(conf),
		    set_option(conf, "key-dir"),
		    "key-dir: %s is within state-dir, so a backup of the state "
		    "would hold the keys to it; put it beside",
		    paths->keys);
	if (stat(paths->keys, &status) == 0 && (status.st_mode & 0007) != 0)
		conf_add_fault(conf, conf_global(conf),
		    set_option(conf, "key-dir"),
		    "key-dir: others can enter %s; run \"chmod o= %s\"",
		    paths->keys, paths->keys);
}

/* A folder that anyone may write is no place for sockets. */
static void
check_runtime(struct conf *conf, const struct paths *paths)
{
	struct stat status;

	if (stat(paths->runtime, &status) == 0 && (status.st_mode & 0002) != 0)
		conf_add_fault(conf, conf_global(conf),
		    set_option(conf, "runtime-dir"),
		    "runtime-dir: anyone may write to %s; run \"chmod o-w %s\"",
		    paths->runtime, paths->runtime);
	if (strlen(paths->control) >=
	    sizeof(((struct sockaddr_un *)0)->sun_path))
		conf_add_fault(conf, conf_global(conf),
		    set_option(conf, "runtime-dir"),
		    "runtime-dir: %s is too long for a socket (107 bytes)",
		    paths->control);
}

/* Below which folder a daemon was started is nobody's business. */
static void
check_backups(struct conf *conf)
{
	const char *const *folder = conf_list(conf_global(conf), "backup-to");

	for (; *folder != NULL; folder++)
		if (**folder != '/')
			conf_add_fault(conf, conf_global(conf), "backup-to",
			    "backup-to: \"%s\" is no whole path; write it "
			    "from / on",
			    *folder);
}

void
settings_check_folders(struct conf *conf)
{
	struct paths paths;

	paths_init(&paths, conf);
	check_place(conf, "state-dir", paths.state);
	check_place(conf, "key-dir", paths.keys);
	check_place(conf, "runtime-dir", paths.runtime);
	check_keys(conf, &paths);
	check_runtime(conf, &paths);
	check_backups(conf);
	paths_fini(&paths);
}
