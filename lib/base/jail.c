/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jails for readers, and the dropping of root for daemons.
 *
 * The seccomp filter is an allow-list: what a reader needs to compute and to
 * answer. Landlock stands behind it where the kernel has it (a file system call
 * let through by mistake still finds no file), limits behind both.  No
 * namespace is used: they need rights that an unprivileged daemon in a
 * container does not have.
 */
#include "lib/base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/calls.h"
#include "lib/base/err.h"
#include "lib/base/fence.h"
#include "lib/base/worker.h"

/* Descriptors of a call and of its answer, and a few. */
#define FILES_MOST (2 * WORKER_MAX_FDS + 64)

gboolean
jail_drop_capabilities(GError **error)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3,
		0 };
	struct __user_cap_data_struct none[2] = { { 0 } }, has[2];

	/* One without any may be forbidden to ask (a service of systemd's). */
	return (syscall(SYS_capget, &header, has) == 0 &&
		   memcmp(has, none, sizeof(has)) == 0) ||
	       syscall(SYS_capset, &header, none) == 0 ||
	       err_errno(error, errno, "cannot drop capabilities");
}

#ifndef WITH_SANITIZERS
/* Bytes of private writable memory that the process has now. */
static gsize
data_bytes(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) fields = NULL;

	if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
		return 0;
	fields = g_strsplit(text, " ", 7);
	if (g_strv_length(fields) < 7)
		return 0;
	return g_ascii_strtoull(fields[5], NULL, 10) *
	       (gsize)sysconf(_SC_PAGESIZE);
}
#endif

static gboolean
limit(int resource, rlim_t most, GError **error)
{
	struct rlimit value = { most, most }, now;

	if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
		value.rlim_cur = value.rlim_max = now.rlim_max;
	return setrlimit(resource, &value) == 0 ||
	       err_errno(error, errno, "setrlimit");
}

static gboolean
set_limits(gsize memory_bytes, gsize file_bytes, GError **error)
{
#ifdef WITH_SANITIZERS
	(void)memory_bytes;
#else
	if (memory_bytes > 0 &&
	    !limit(RLIMIT_DATA, data_bytes() + memory_bytes, error))
		return FALSE;
#endif
	return limit(RLIMIT_FSIZE, file_bytes, error) &&
	       limit(RLIMIT_NOFILE, FILES_MOST, error) &&
	       limit(RLIMIT_NPROC, 0, error) && limit(RLIMIT_CORE, 0, error);
}

gboolean
jail_close(gsize memory_bytes, gsize file_bytes, GError **error)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_errno(error, errno, "prctl");
	return set_limits(memory_bytes, file_bytes, error) &&
	       fence_close(NULL, NULL, NULL, error) &&
	       jail_drop_capabilities(error) && calls_allow_reader(error);
}

static gboolean
drop_to(const struct passwd *user, gid_t shared, GError **error)
{
	if (initgroups(user->pw_name, shared) != 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return err_errno(
		    error, errno, "cannot become %s", user->pw_name);
	if (user->pw_uid != 0 && (setuid(0) == 0 || geteuid() == 0))
		return err_set(error, DG_ERROR_DENIED,
		    "root could be had back after becoming %s", user->pw_name);
	return TRUE;
}

gboolean
jail_become(const char *user, gid_t shared, GError **error)
{
	struct passwd *found;

	if (geteuid() != 0 && user == NULL)
		return TRUE;
	if (user == NULL)
		return err_set(error, DG_ERROR_DENIED,
		    "started as root without a user to become; set user = "
		    "\"deskgate\"");
	found = getpwnam(user);
	if (found == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "there is no user \"%s\"", user);
	if (geteuid() == found->pw_uid)
		return TRUE;
	if (geteuid() != 0)
		return err_set(
		    error, DG_ERROR_DENIED, "only root can become %s", user);
	return drop_to(found, shared, error);
}

gboolean
jail_keep_private(GError **error)
{
#ifndef WITH_SANITIZERS
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_errno(error, errno, "prctl");
#endif
	return limit(RLIMIT_CORE, 0, error);
}
