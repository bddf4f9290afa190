/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lists.  What differs between architectures (open beside openat, say) is
 * named in both forms: libseccomp passes over what this one has not.
 */
#include "lib/base/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"

/* What computes and answers, in a reader and in a daemon. */
static const int common[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv),
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

/* A daemon's files: within its fence and its user's rights. */
static const int files[] = { SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getdents), SCMP_SYS(getdents64),
	SCMP_SYS(getcwd), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
	SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link),
	SCMP_SYS(linkat), SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat),
	SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(fchownat),
	SCMP_SYS(utimensat), SCMP_SYS(truncate), SCMP_SYS(fallocate),
	SCMP_SYS(fadvise64), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(sync_file_range), SCMP_SYS(copy_file_range),
	SCMP_SYS(sendfile), SCMP_SYS(flock), SCMP_SYS(fcntl), SCMP_SYS(umask),
	SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2),
	SCMP_SYS(pwritev2), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
	SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(close_range) };

/* Its threads, memory and time, and its own children's end. */
static const int threads[] = { SCMP_SYS(set_robust_list),
	SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
	SCMP_SYS(membarrier), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getattr), SCMP_SYS(sched_setattr),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
	SCMP_SYS(getpriority), SCMP_SYS(getcpu), SCMP_SYS(getrlimit),
	SCMP_SYS(getrusage), SCMP_SYS(times), SCMP_SYS(sysinfo),
	SCMP_SYS(uname), SCMP_SYS(getppid), SCMP_SYS(getpgrp),
	SCMP_SYS(getpgid), SCMP_SYS(getsid), SCMP_SYS(getgroups),
	SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(msync),
	SCMP_SYS(mlock), SCMP_SYS(mlock2), SCMP_SYS(munlock), SCMP_SYS(mincore),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigsuspend), SCMP_SYS(pause), SCMP_SYS(clock_getres),
	SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(eventfd2), SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime) };

/* Sockets that are there already, and those that come in by them. */
static const int sockets[] = { SCMP_SYS(accept), SCMP_SYS(accept4),
	SCMP_SYS(listen), SCMP_SYS(shutdown), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(recvmmsg), SCMP_SYS(sendmmsg) };

/* What fcntl of a reader may: not F_SETOWN, by which the kernel sends signals
 * to others. */
static const int reader_fcntl[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD,
	F_GETFL, F_SETFL, F_ADD_SEALS, F_GET_SEALS };

static const unsigned long daemon_ioctl[] = { TCGETS, FIONREAD, FIONBIO,
	FIOCLEX };

static int
allow_all(scmp_filter_ctx filter, const int *calls, gsize count)
{
	int code = 0;

	for (gsize i = 0; i < count && code == 0; i++)
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return code;
}

/* Allowed in both with arguments that cannot do harm. */
static int
allow_memory(scmp_filter_ctx filter)
{
	int code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* abort() signals its own thread, nobody else's. */
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, getpid()));
	return code;
}

static int
allow_reader(scmp_filter_ctx filter)
{
	int code = allow_memory(filter);

	for (gsize i = 0; i < G_N_ELEMENTS(reader_fcntl); i++)
		code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, reader_fcntl[i]));
	return code;
}

/* A thread of its own, no process.  The arguments of clone3 cannot be seen from
 * here: the C library takes clone when it is told that there is none. */
static int
allow_threads(scmp_filter_ctx filter)
{
	int code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	code |= seccomp_rule_add(
	    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
	    SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	/* Limits are asked for, not set. */
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
	    SCMP_A2(SCMP_CMP_EQ, 0));
	/* New settings may demand walls: which version the kernel has. */
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SYS_landlock_create_ruleset, 1,
	    SCMP_A2(SCMP_CMP_EQ, LANDLOCK_CREATE_RULESET_VERSION));
	code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair),
	    1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	for (gsize i = 0; i < G_N_ELEMENTS(daemon_ioctl); i++)
		code |= seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, daemon_ioctl[i]));
	return code;
}

static int
allow_family(scmp_filter_ctx filter, int family, int type)
{
	/* Beside the type the argument has flags (SOCK_CLOEXEC). */
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
	    SCMP_A0(SCMP_CMP_EQ, family),
	    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, type));
}

static int
allow_more(scmp_filter_ctx filter, enum calls_more more)
{
	int code = 0;

	if ((more & (CALLS_SYSLOG | CALLS_NETWORK)) != 0) {
		code |= allow_family(filter, AF_UNIX, SOCK_DGRAM);
		code |= seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
	}
	if ((more & CALLS_NETWORK) != 0) {
		code |= allow_family(filter, AF_UNIX, SOCK_STREAM);
		code |= allow_family(filter, AF_INET, SOCK_STREAM);
		code |= allow_family(filter, AF_INET, SOCK_DGRAM);
		code |= allow_family(filter, AF_INET6, SOCK_STREAM);
		code |= allow_family(filter, AF_INET6, SOCK_DGRAM);
		/* Which addresses this host has: getaddrinfo asks. */
		code |= allow_family(filter, AF_NETLINK, SOCK_RAW);
		code |=
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(bind), 0);
	}
	if ((more & CALLS_LIBRARIES) != 0) {
		code |=
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC,
			    PROT_EXEC),
			SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0));
	}
	return code;
}

#ifdef WITH_SANITIZERS
/* Their search for leaks is a process that looks into this one. */
static int
allow_sanitizers(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(clone), SCMP_SYS(prctl),
		SCMP_SYS(ptrace), SCMP_SYS(kill), SCMP_SYS(prlimit64),
		SCMP_SYS(personality), SCMP_SYS(setrlimit) };

	return allow_all(filter, calls, G_N_ELEMENTS(calls));
}
#else
static int
allow_sanitizers(scmp_filter_ctx filter)
{
	(void)filter;
	return 0;
}
#endif

static gboolean
load(scmp_filter_ctx filter, int code, GError **error)
{
	if (code == 0)
		code = seccomp_load(filter);
	seccomp_release(filter);
	return code == 0 ||
	       err_errno(error, -code, "cannot load the seccomp filter");
}

gboolean
calls_possible(void)
{
	/* Answers EINVAL where the kernel has none, EFAULT where it has; a
	 * filter that is there already says EPERM. */
	return prctl(PR_SET_SECCOMP, 2L, 0L, 0L, 0L) == 0 || errno != EINVAL;
}

gboolean
calls_allow_reader(GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int code;

	if (filter == NULL)
		return err_set(error, DG_ERROR_IO, "seccomp_init fails");
	code = allow_all(filter, common, G_N_ELEMENTS(common));
	if (code == 0)
		code = allow_reader(filter);
	return load(filter, code, error);
}

gboolean
calls_allow_daemon(enum calls_more more, GError **error)
{
	scmp_filter_ctx filter;
	int code;

	if (!calls_possible())
		return err_set(error, DG_ERROR_AGAIN, "no seccomp");
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return err_set(error, DG_ERROR_IO, "seccomp_init fails");
	code = allow_all(filter, common, G_N_ELEMENTS(common)) |
	       allow_all(filter, files, G_N_ELEMENTS(files)) |
	       allow_all(filter, threads, G_N_ELEMENTS(threads)) |
	       allow_all(filter, sockets, G_N_ELEMENTS(sockets));
	if (code == 0)
		code = allow_memory(filter) | allow_threads(filter) |
		       allow_more(filter, more) | allow_sanitizers(filter);
	/* Threads that there are already get it too. */
	if (code == 0)
		code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	return load(filter, code, error);
}
