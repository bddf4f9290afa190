/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies of files.  Links would be cheaper, but a link is the same file: what
 * damages one damages both, and it keeps the rights of the first.
 */
#include "lib/base/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define PIECE 65536

int
copy_new(int dir, const char *name, GError **error)
{
	int fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		err_errno(error, errno, "cannot make %s", name);
	return fd;
}

gboolean
copy_pour(int from, int to, GError **error)
{
	g_autofree guint8 *piece = g_malloc(PIECE);
	ssize_t got;

	while ((got = read(from, piece, PIECE)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(error, errno, "read");
		if (!file_write_all(to, piece, (gsize)got, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
copy_time(int from, int to, GError **error)
{
	struct stat status;

	if (fstat(from, &status) == 0) {
		const struct timespec times[2] = { status.st_mtim,
			status.st_mtim };

		if (futimens(to, times) == 0)
			return TRUE;
	}
	return err_errno(error, errno, "cannot set the time of a copy");
}

gboolean
copy_file(int from, const char *name, int to, const char *copy, GError **error)
{
	int source OWNED(file_close) =
	    openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int target OWNED(file_close) = -1;

	if (source < 0)
		return err_errno(error, errno, "cannot open %s", name);
	target = copy_new(to, copy, error);
	return target >= 0 && copy_pour(source, target, error) &&
	       copy_time(source, target, error);
}
