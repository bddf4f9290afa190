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
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/worker.h"

/* Descriptors of a call and of its answer, and a few. */
#define FILES_MOST (2 * WORKER_MAX_FDS + 64)

static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv),
	SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom),
	SCMP_SYS(sendto), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(lseek),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid), SCMP_SYS(getrandom), SCMP_SYS(sched_yield),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(restart_syscall) };

/* What fcntl may: not F_SETOWN, by which the kernel sends signals to others. */
static const int allowed_fcntl[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD,
	F_GETFL, F_SETFL, F_ADD_SEALS, F_GET_SEALS };

/* Allowed with arguments that cannot do harm. */
static int
add_conditional(scmp_filter_ctx filter)
{
	int code = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(allowed_fcntl); i++)
		code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, allowed_fcntl[i]));

	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* abort() signals its own thread, nobody else's. */
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, getpid()));
	return code;
}

static gboolean
load_filter(GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int code = 0;

	if (filter == NULL)
		return err_set(error, DG_ERROR_IO, "seccomp_init fails");
	for (gsize i = 0; i < G_N_ELEMENTS(allowed) && code == 0; i++)
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (code == 0)
		code = add_conditional(filter);
	if (code == 0)
		code = seccomp_load(filter);
	seccomp_release(filter);
	return code == 0 ||
	       err_errno(error, -code, "cannot load the seccomp filter");
}

/* A ruleset that handles everything and allows nothing.  Kernels without
 * Landlock answer ENOSYS or EOPNOTSUPP: the seccomp filter stands alone there.
 */
static gboolean
forbid_files(GError **error)
{
	const struct landlock_ruleset_attr all = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	int fd = syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	gboolean done;

	if (fd < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ||
		       err_errno(error, errno, "Landlock");
	done = syscall(SYS_landlock_restrict_self, fd, 0) == 0 ||
	       err_errno(error, errno, "Landlock");
	close(fd);
	return done;
}

static gboolean
drop_capabilities(GError **error)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3,
		0 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	return syscall(SYS_capset, &header, none) == 0 ||
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
	       forbid_files(error) && drop_capabilities(error) &&
	       load_filter(error);
}

static gboolean
drop_to(const struct passwd *user, GError **error)
{
	if (initgroups(user->pw_name, user->pw_gid) != 0 ||
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
jail_become(const char *user, GError **error)
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
	return drop_to(found, error);
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
