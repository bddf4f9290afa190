/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Landlock by system call: the C library has no wrapper.  The kernel's numbers
 * that Debian 12's headers do not have yet (versions 3 to 6 of Landlock, Linux
 * 6.2 to 6.12) stand here, from its include/uapi/linux/landlock.h.
 */
#include "lib/base/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX (1ULL << 0)
#define RULE_NET_PORT 2

struct ruleset {
	guint64 files, network, scoped;
};
struct net_port {
	guint64 allowed, port;
};

#define FILE_READ LANDLOCK_ACCESS_FS_READ_FILE
#define FOLDER_READ (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILE_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define FOLDER_WRITE \
	(FILE_WRITE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER)

/* Landlock's own version, 0 where there is none. */
static int
version(void)
{
	long found = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return found > 0 ? (int)found : 0;
}

enum fence_level
fence_level(void)
{
	int found = version();

	return found < 2 ? FENCE_NONE : found < 4 ? FENCE_FILES : FENCE_NETWORK;
}

/* All that this version knows; and the size of what it reads of it. */
static gsize
all_of(int found, struct ruleset *ruleset_r)
{
	*ruleset_r = (struct ruleset){
		.files = (LANDLOCK_ACCESS_FS_REFER << 1) - 1,
	};
	if (found >= 3)
		ruleset_r->files |= FS_TRUNCATE;
	if (found >= 4)
		ruleset_r->network = NET_BIND_TCP | NET_CONNECT_TCP;
	if (found >= 5)
		ruleset_r->files |= FS_IOCTL_DEV;
	if (found >= 6)
		ruleset_r->scoped = SCOPE_ABSTRACT_UNIX;
	return found >= 6   ? sizeof(*ruleset_r)
	       : found >= 4 ? 2 * sizeof(guint64)
			    : sizeof(guint64);
}

static gboolean
allow_path(
    int fence, const struct fence_path *path, guint64 known, GError **error)
{
	int fd OWNED(file_close) = open(path->path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
		       err_errno(error, errno, "%s", path->path);
	if ((path->rights & FENCE_READ) != 0)
		rule.allowed_access |=
		    S_ISDIR(status.st_mode) ? FOLDER_READ : FILE_READ;
	if ((path->rights & FENCE_WRITE) != 0)
		rule.allowed_access |=
		    S_ISDIR(status.st_mode) ? FOLDER_WRITE : FILE_WRITE;
	rule.allowed_access &= known;
	return syscall(SYS_landlock_add_rule, fence, LANDLOCK_RULE_PATH_BENEATH,
		   &rule, 0) == 0 ||
	       err_errno(error, errno, "Landlock: %s", path->path);
}

static gboolean
allow_port(int fence, const struct fence_port *port, GError **error)
{
	const struct net_port rule = {
		port->bind ? NET_BIND_TCP : NET_CONNECT_TCP, port->port
	};

	return syscall(SYS_landlock_add_rule, fence, RULE_NET_PORT, &rule, 0) ==
		   0 ||
	       err_errno(error, errno, "Landlock: port %u", port->port);
}

static gboolean
close_around(int fence, const struct ruleset *all,
    const struct fence_path *paths, const struct fence_port *ports,
    GError **error)
{
	for (; paths != NULL && paths->path != NULL; paths++) {
		if (!allow_path(fence, paths, all->files, error))
			return FALSE;
	}
	for (; all->network != 0 && ports != NULL && ports->port != 0;
	     ports++) {
		if (!allow_port(fence, ports, error))
			return FALSE;
	}
	return syscall(SYS_landlock_restrict_self, fence, 0) == 0 ||
	       err_errno(error, errno, "Landlock");
}

gboolean
fence_close(const struct fence_path *paths, const struct fence_port *ports,
    enum fence_level *level_r, GError **error)
{
	int found = version();
	int fence OWNED(file_close) = -1;
	struct ruleset all;
	gsize size = all_of(found, &all);

	if (level_r != NULL)
		*level_r = fence_level();
	/* The first version forbids what it does not name, moves between
	 * folders; who has no folders does not mind. */
	if (found == 0 || (found == 1 && paths != NULL))
		return TRUE;
	if (found == 1)
		all.files &= ~LANDLOCK_ACCESS_FS_REFER;
	fence = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (fence < 0)
		return err_errno(error, errno, "Landlock");
	return close_around(fence, &all, paths, ports, error);
}
