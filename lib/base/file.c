/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Talking to the disk so that "done" means done.  What is promised: after a
 * crash at any point a file is the old one or the new one, whole.  What is not
 * here: buffering, and any second try of fsync on the same descriptor (after a
 * failure the kernel has forgotten what was not written).
 */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

int
file_open_dir(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		err_errno(error, errno, "cannot open the folder %s", path);
	return fd;
}

gboolean
file_make_dir(
    const char *path, mode_t mode, uid_t owner, gid_t group, GError **error)
{
	int fd OWNED(file_close) = -1;

	if (mkdir(path, 0700) != 0) {
		struct stat status;

		if (errno != EEXIST)
			return err_errno(
			    error, errno, "cannot make the folder %s", path);
		if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
			return err_errno(error, ENOTDIR, "%s", path);
		return TRUE;
	}
	fd = file_open_dir(path, error);
	if (fd < 0)
		return FALSE;
	/* A service of systemd's may not even ask for what it has. */
	if (((owner != (uid_t)-1 || group != (gid_t)-1) &&
		fchown(fd, owner, group) != 0) ||
	    fchmod(fd, mode) != 0)
		return err_errno(error, errno,
		    "cannot give the folder %s its owner and mode", path);
	return TRUE;
}

gboolean
file_write_all(int fd, const void *data, gsize length, GError **error)
{
	const char *at = data;

	while (length > 0) {
		ssize_t written = write(fd, at, MIN(length, (gsize)1 << 30));

		if (written < 0) {
			if (errno == EINTR)
				continue;
			return err_errno(error, errno, "write");
		}
		at += written;
		length -= written;
	}
	return TRUE;
}

gboolean
file_sync(int fd, GError **error)
{
	return fsync(fd) == 0 || err_errno(error, errno, "fsync");
}

/* Writes and syncs `name` in `dir`, which must not exist; removes it on
 * failure. */
static gboolean
write_new(int dir, const char *name, const void *data, gsize length,
    mode_t mode, GError **error)
{
	int fd OWNED(file_close) = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_errno(error, errno, "cannot make %s", name);
	if (fchmod(fd, mode) != 0)
		err_errno(error, errno, "cannot set the mode of %s", name);
	else if (file_write_all(fd, data, length, error) &&
		 file_sync(fd, error)) {
		if (close(g_steal_fd(&fd)) == 0)
			return TRUE;
		err_errno(error, errno, "close %s", name);
	}
	unlinkat(dir, name, 0);
	return FALSE;
}

/* A name beside `name` that nobody else uses. */
static char *
temporary_name(const char *name)
{
	return g_strdup_printf(
	    ".%s.%08x%08x", name, g_random_int(), g_random_int());
}

gboolean
file_replace(int dir, const char *name, const void *data, gsize length,
    mode_t mode, GError **error)
{
	g_autofree char *temporary = temporary_name(name);

	if (!write_new(dir, temporary, data, length, mode, error))
		return FALSE;
	if (renameat(dir, temporary, dir, name) != 0) {
		err_errno(error, errno, "cannot rename to %s", name);
		unlinkat(dir, temporary, 0);
		return FALSE;
	}
	return file_sync(dir, error);
}

gboolean
file_create(int dir, const char *name, const void *data, gsize length,
    mode_t mode, GError **error)
{
	g_autofree char *temporary = temporary_name(name);
	int failed, number;

	if (!write_new(dir, temporary, data, length, mode, error))
		return FALSE;
	failed = linkat(dir, temporary, dir, name, 0);
	number = errno;
	unlinkat(dir, temporary, 0);
	if (failed != 0 && number == EEXIST)
		return err_set(
		    error, DG_ERROR_BAD, "%s is there already", name);
	if (failed != 0)
		return err_errno(error, number, "cannot link %s", name);
	return file_sync(dir, error);
}

GBytes *
file_read_fd(int fd, gsize max, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	gboolean seekable = lseek(fd, 0, SEEK_CUR) >= 0;
	guint8 buffer[65536];

	for (;;) {
		ssize_t got = seekable
				  ? pread(fd, buffer, sizeof(buffer), all->len)
				  : read(fd, buffer, sizeof(buffer));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err_errno(error, errno, "read");
			return NULL;
		}
		if (got == 0)
			return g_byte_array_free_to_bytes(
			    g_steal_pointer(&all));
		if ((gsize)got > max - all->len) {
			err_set(error, DG_ERROR_FULL,
			    "it is larger than %zu bytes", max);
			return NULL;
		}
		g_byte_array_append(all, buffer, got);
	}
}

GBytes *
file_read(int dir, const char *name, gsize max, GError **error)
{
	int fd OWNED(file_close) = openat(dir, name, O_RDONLY | O_CLOEXEC);
	GBytes *bytes;

	if (fd < 0) {
		err_errno(error, errno, "cannot open %s", name);
		return NULL;
	}
	bytes = file_read_fd(fd, max, error);
	if (bytes == NULL)
		g_prefix_error(error, "%s: ", name);
	return bytes;
}

gboolean
file_status(int fd, struct stat *status_r, GError **error)
{
	/* The kernel's struct is glibc's where a long has 64 bits. */
	G_STATIC_ASSERT(sizeof(long) == 8);
	return syscall(SYS_fstat, fd, status_r) == 0 ||
	       err_errno(error, errno, "fstat");
}

int
file_memory(const char *name, const void *data, gsize length, GError **error)
{
	int fd OWNED(file_close) =
	    memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		err_errno(error, errno, "memfd_create");
		return -1;
	}
	if (!file_write_all(fd, data, length, error))
		return -1;
	if (lseek(fd, 0, SEEK_SET) != 0 ||
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) !=
		0) {
		err_errno(error, errno, "cannot seal a memory file");
		return -1;
	}
	return g_steal_fd(&fd);
}

int
file_lock(int dir, const char *name, GError **error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd OWNED(file_close) =
	    openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		err_errno(error, errno, "cannot open %s", name);
		return -1;
	}
	if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
		if (errno == EACCES)
			errno = EAGAIN;
		err_errno(error, errno, "cannot lock %s", name);
		return -1;
	}
	return g_steal_fd(&fd);
}

gboolean
file_lock_folder(int dir, gboolean alone, GError **error)
{
	if (flock(dir, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return TRUE;
	return err_errno(error, errno, "cannot lock a folder");
}

void
file_close(int *fd)
{
	int number = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = number;
}
