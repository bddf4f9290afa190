/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each act in a child of its own that has closed the jail.  An act answers what
 * its system call does: negative with errno when it was refused.
 */
#include "lib/base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

#define MEMORY ((gsize)32 << 20)
#define FILE_BYTES ((gsize)1 << 20)

/* What an act may use: made before the jail closed. */
struct hands {
	int folder;   /* a folder, open */
	int file;     /* a file, open for writing */
	int unbound;  /* a socket that is bound nowhere */
	int pair[2];  /* a pair of sockets */
	void *memory; /* a page that can be written */
	pid_t parent;
};

enum { REFUSED = 0, DONE = 10, WRONG_ERRNO = 20, NO_JAIL = 30 };

static int
open_hands(struct hands *hands)
{
	hands->folder = open("/tmp", O_RDONLY | O_DIRECTORY);
	hands->file = open("/dev/null", O_WRONLY);
	hands->unbound = socket(AF_INET, SOCK_STREAM, 0);
	hands->memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hands->parent = getppid();
	return socketpair(AF_UNIX, SOCK_STREAM, 0, hands->pair);
}

/* Runs the act in a jailed child; its exit code, or minus its signal. */
static int
in_jail(long (*act)(const struct hands *hands))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct hands hands;
		long result;

		signal(SIGXFSZ, SIG_IGN);
		if (open_hands(&hands) != 0 ||
		    !jail_close(MEMORY, FILE_BYTES, NULL))
			_exit(NO_JAIL);
		errno = 0;
		result = act(&hands);
		if (result >= 0)
			_exit(DONE);
		_exit(
		    errno == EPERM || errno == EACCES ? REFUSED : WRONG_ERRNO);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* --- what is refused --- */

#define ACT(name, call) \
	static long name(const struct hands *hands) \
	{ \
		(void)hands; \
		return (call); \
	}

static char *const nothing[] = { NULL };

ACT(act_open, open("/etc/passwd", O_RDONLY))
ACT(act_open_at, openat(hands->folder, ".", O_RDONLY))
ACT(act_open_raw, syscall(SYS_open, "/etc/passwd", O_RDONLY))
ACT(act_create, open("/tmp/deskgate-jail", O_WRONLY | O_CREAT, 0600))
ACT(act_unlink, unlink("/tmp/deskgate-jail"))
ACT(act_rename, rename("/tmp/deskgate-a", "/tmp/deskgate-b"))
ACT(act_mkdir, mkdir("/tmp/deskgate-jail", 0700))
ACT(act_chmod, fchmod(hands->file, 0666))
ACT(act_chdir, fchdir(hands->folder))
ACT(act_stat, syscall(SYS_stat, "/", hands->memory))
ACT(act_stat_at, fstatat(hands->folder, ".", hands->memory, 0))
/* The flag for "this descriptor" does not make a path harmless. */
ACT(act_stat_empty,
    fstatat(AT_FDCWD, "/etc/passwd", hands->memory, AT_EMPTY_PATH))
ACT(act_statx, syscall(SYS_statx, AT_FDCWD, "/", 0, 0, hands->memory))
ACT(act_inet, socket(AF_INET, SOCK_STREAM, 0))
ACT(act_inet6, socket(AF_INET6, SOCK_DGRAM, 0))
ACT(act_unix, socket(AF_UNIX, SOCK_STREAM, 0))
ACT(act_netlink, socket(AF_NETLINK, SOCK_RAW, 0))
ACT(act_listen, listen(hands->unbound, 1))
ACT(act_accept, accept(hands->unbound, NULL, NULL))
ACT(act_exec, execve("/bin/true", nothing, nothing))
ACT(act_exec_at, syscall(SYS_execveat, hands->file, "", nothing, nothing, 0))
ACT(act_fork, fork())
ACT(act_clone3, syscall(SYS_clone3, NULL, 0))
ACT(act_kill, kill(hands->parent, 0))
ACT(act_kill_all, kill(-1, 0))
ACT(act_tgkill, syscall(SYS_tgkill, hands->parent, hands->parent, 0))
ACT(act_pidfd, syscall(SYS_pidfd_open, hands->parent, 0))
ACT(act_owner, fcntl(hands->pair[0], F_SETOWN, hands->parent))
ACT(act_ptrace, ptrace(PTRACE_ATTACH, hands->parent, NULL, NULL))
ACT(act_traceme, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
ACT(act_peek, syscall(SYS_process_vm_readv, hands->parent, NULL, 0, NULL, 0, 0))
ACT(act_code, mprotect(hands->memory, 4096, PROT_READ | PROT_EXEC))
ACT(act_setuid, setuid(0))
ACT(act_dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
ACT(act_bpf, syscall(SYS_bpf, 0, NULL, 0))
ACT(act_uring, syscall(SYS_io_uring_setup, 1, hands->memory))
ACT(act_mount, syscall(SYS_mount, "none", "/", NULL, 0, NULL))
ACT(act_unshare, syscall(SYS_unshare, 0x10000000))
ACT(act_ioctl, syscall(SYS_ioctl, hands->pair[0], 0x541B, hands->memory))

static long
act_connect(const struct hands *hands)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return connect(
	    hands->unbound, (struct sockaddr *)&address, sizeof(address));
}

static long
act_bind(const struct hands *hands)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	return bind(
	    hands->unbound, (struct sockaddr *)&address, sizeof(address));
}

static long
act_map_code(const struct hands *hands)
{
	(void)hands;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		   ? -1
		   : 0;
}

/* The limits were set for good. */
static long
act_raise_limit(const struct hands *hands)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	(void)hands;
	return setrlimit(RLIMIT_FSIZE, &limit);
}

static void
test_refused(void)
{
	static const struct {
		const char *name;
		long (*act)(const struct hands *hands);
	} cases[] = {
		{ "open", act_open },
		{ "openat", act_open_at },
		{ "open, the old call", act_open_raw },
		{ "create", act_create },
		{ "unlink", act_unlink },
		{ "rename", act_rename },
		{ "mkdir", act_mkdir },
		{ "chmod", act_chmod },
		{ "chdir", act_chdir },
		{ "stat", act_stat },
		{ "fstatat", act_stat_at },
		{ "fstatat, empty path", act_stat_empty },
		{ "statx", act_statx },
		{ "inet", act_inet },
		{ "inet6", act_inet6 },
		{ "unix", act_unix },
		{ "netlink", act_netlink },
		{ "connect", act_connect },
		{ "bind", act_bind },
		{ "listen", act_listen },
		{ "accept", act_accept },
		{ "execve", act_exec },
		{ "execveat", act_exec_at },
		{ "fork", act_fork },
		{ "clone3", act_clone3 },
		{ "kill", act_kill },
		{ "kill all", act_kill_all },
		{ "tgkill", act_tgkill },
		{ "pidfd", act_pidfd },
		{ "a descriptor's owner", act_owner },
		{ "ptrace", act_ptrace },
		{ "traceme", act_traceme },
		{ "another's memory", act_peek },
		{ "mprotect", act_code },
		{ "mmap", act_map_code },
		{ "setuid", act_setuid },
		{ "dumpable", act_dumpable },
		{ "limit", act_raise_limit },
		{ "bpf", act_bpf },
		{ "io_uring", act_uring },
		{ "mount", act_mount },
		{ "unshare", act_unshare },
		{ "ioctl", act_ioctl },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(in_jail(cases[i].act), ==, REFUSED);
	}
}

/* --- what a reader needs --- */

static long
act_allocate(const struct hands *hands)
{
	char *memory = g_malloc0(1 << 20);

	(void)hands;
	memory = g_realloc(memory, 4 << 20);
	memset(memory, 1, 4 << 20);
	g_free(memory);
	return 0;
}

static long
act_memory_file(const struct hands *hands)
{
	int fd = memfd_create("answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char back[4];

	(void)hands;
	return fd >= 0 && write(fd, "abc", 3) == 3 &&
		       lseek(fd, 0, SEEK_SET) == 0 && read(fd, back, 3) == 3 &&
		       fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0
		   ? close(fd)
		   : -1;
}

static long
act_talk(const struct hands *hands)
{
	struct pollfd ready = { hands->pair[1], POLLIN, 0 };
	char byte = 'x';

	return send(hands->pair[0], &byte, 1, 0) == 1 &&
		       poll(&ready, 1, 1000) == 1 &&
		       recv(hands->pair[1], &byte, 1, 0) == 1
		   ? 0
		   : -1;
}

static long
act_map_file(const struct hands *hands)
{
	int fd = memfd_create("table", MFD_CLOEXEC);
	void *memory = ftruncate(fd, 4096) == 0
			   ? mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0)
			   : MAP_FAILED;

	(void)hands;
	return memory != MAP_FAILED ? munmap(memory, 4096) : -1;
}

static long
act_status(const struct hands *hands)
{
	struct stat st;

	return file_status(hands->file, &st, NULL) && S_ISCHR(st.st_mode) ? 0
									  : -1;
}

static long
act_time(const struct hands *hands)
{
	(void)hands;
	return g_get_monotonic_time() > 0 && g_get_real_time() > 0 &&
		       getpid() > 0
		   ? 0
		   : -1;
}

static void
test_allowed(void)
{
	g_assert_cmpint(in_jail(act_allocate), ==, DONE);
	g_assert_cmpint(in_jail(act_memory_file), ==, DONE);
	g_assert_cmpint(in_jail(act_talk), ==, DONE);
	g_assert_cmpint(in_jail(act_map_file), ==, DONE);
	g_assert_cmpint(in_jail(act_status), ==, DONE);
	g_assert_cmpint(in_jail(act_time), ==, DONE);
}

/* --- limits --- */

static long
act_too_much_memory(const struct hands *hands)
{
	void *memory = malloc(2 * MEMORY);

	(void)hands;
	errno = EPERM;
	return memory == NULL ? -1 : 0;
}

static long
act_memory_in_pieces(const struct hands *hands)
{
	(void)hands;
	for (gsize got = 0; got < 2 * MEMORY; got += 1 << 16) {
		if (malloc(1 << 16) == NULL) {
			errno = got > MEMORY / 4 ? EPERM : ENOMEM;
			return -1;
		}
	}
	return 0;
}

static void
test_memory(void)
{
#ifdef WITH_SANITIZERS
	g_test_skip("sanitizers need their own memory; the pool watches it");
	return;
#endif
	g_assert_cmpint(in_jail(act_too_much_memory), ==, REFUSED);
	g_assert_cmpint(in_jail(act_memory_in_pieces), ==, REFUSED);
}

static long
act_big_file(const struct hands *hands)
{
	static const char block[1 << 16];
	int fd = memfd_create("big", MFD_CLOEXEC);

	(void)hands;
	for (gsize sum = 0; sum < FILE_BYTES; sum += sizeof(block)) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return 0;
	}
	if (write(fd, "x", 1) == -1 && errno == EFBIG)
		errno = EPERM;
	else
		return 0;
	return -1;
}

static long
act_many_files(const struct hands *hands)
{
	(void)hands;
	for (guint i = 0; i < 1000; i++) {
		if (memfd_create("many", MFD_CLOEXEC) < 0) {
			errno = errno == EMFILE ? EPERM : errno;
			return -1;
		}
	}
	return 0;
}

static void
test_files(void)
{
	g_assert_cmpint(in_jail(act_big_file), ==, REFUSED);
	g_assert_cmpint(in_jail(act_many_files), ==, REFUSED);
}

/* abort() still ends the process, so that a broken promise is seen. */
static long
act_abort(const struct hands *hands)
{
	(void)hands;
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void
test_abort(void)
{
	g_assert_cmpint(in_jail(act_abort), ==, -SIGABRT);
}

/* --- daemons --- */

#define SHARED ((gid_t)65534)

/* In a child: after becoming `first` (NULL: as it is), what jail_become says to
 * `user`: 0, or 1 + the error's code; 99 when root could be had back. */
static int
become(const char *first, const char *user)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		g_autoptr(GError) error = NULL;

		if (first != NULL && !jail_become(first, SHARED, NULL))
			_exit(98);
		if (!jail_become(user, SHARED, &error))
			_exit(1 + error->code);
		if (first != NULL || user != NULL)
			_exit(
			    setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0
				? 99
				: 0);
		_exit(0);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
test_become_root(void)
{
	if (geteuid() != 0) {
		g_test_skip("not root");
		return;
	}
	g_assert_cmpint(become(NULL, "nobody"), ==, 0);
	g_assert_cmpint(become(NULL, NULL), ==, 1 + DG_ERROR_DENIED);
	g_assert_cmpint(become(NULL, "no-such-user"), ==, 1 + DG_ERROR_BAD);
	g_assert_cmpint(become("nobody", NULL), ==, 0);
	g_assert_cmpint(become("nobody", "nobody"), ==, 0);
	g_assert_cmpint(become("nobody", "root"), ==, 1 + DG_ERROR_DENIED);
	g_assert_cmpint(become("nobody", "daemon"), ==, 1 + DG_ERROR_DENIED);
}

static void
test_become_other(void)
{
	struct passwd *own = getpwuid(geteuid());

	if (geteuid() == 0) {
		g_test_skip("root");
		return;
	}
	g_assert_cmpint(become(NULL, NULL), ==, 0);
	if (own != NULL)
		g_assert_cmpint(become(NULL, own->pw_name), ==, 0);
	g_assert_cmpint(become(NULL, "root"), ==, 1 + DG_ERROR_DENIED);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/jail/refused", test_refused);
	g_test_add_func("/base/jail/allowed", test_allowed);
	g_test_add_func("/base/jail/memory", test_memory);
	g_test_add_func("/base/jail/files", test_files);
	g_test_add_func("/base/jail/abort", test_abort);
	g_test_add_func("/base/jail/become-root", test_become_root);
	g_test_add_func("/base/jail/become-other", test_become_other);
	return g_test_run();
}
