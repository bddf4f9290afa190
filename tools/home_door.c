/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the MTA comes in. */
#include "tools/home_door.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MODE 02750

static gboolean
give(const char *path, const struct home_owners *owners, GError **error)
{
	int fd OWNED(file_close) =
	    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return err_errno(error, errno, "%s", path);
	if (status.st_gid == owners->mta_group)
		return TRUE;
	if (fchown(fd, owners->milter, owners->mta_group) != 0 ||
	    fchmod(fd, MODE) != 0)
		return err_errno(error, errno,
		    "cannot give the folder %s its owner and mode", path);
	return TRUE;
}

gboolean
home_door_prepare(const struct conf *conf, const struct paths *paths,
    const struct home_owners *owners, GError **error)
{
	g_autofree char *socket = paths_socket(conf);
	g_autofree char *folder = NULL, *parent = NULL;

	if (geteuid() != 0 || !g_str_has_prefix(socket, "unix:"))
		return TRUE;
	folder = g_path_get_dirname(socket + strlen("unix:"));
	if (strcmp(folder, paths->milter) == 0)
		return give(folder, owners, error);
	parent = g_path_get_dirname(folder);
	if (g_mkdir_with_parents(parent, 0755) != 0)
		return err_errno(
		    error, errno, "cannot make the folder %s", parent);
	return file_make_dir(
	    folder, MODE, owners->milter, owners->mta_group, error);
}
