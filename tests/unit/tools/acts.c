/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tools/acts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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

#define ACT(name, call) \
	static long name(const struct hands *hands) \
	{ \
		(void)hands; \
		return (call); \
	}

static char *const nothing[] = { NULL };

ACT(act_exec, execve("/bin/true", nothing, nothing))
ACT(act_exec_at, syscall(SYS_execveat, 0, "", nothing, nothing, 0))
ACT(act_fork, syscall(SYS_fork))
ACT(act_vfork, syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0))
ACT(act_traceme, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
ACT(act_attach, ptrace(PTRACE_ATTACH, hands->parent, NULL, NULL))
ACT(act_peek, syscall(SYS_process_vm_readv, hands->parent, NULL, 0, NULL, 0, 0))
ACT(act_kill, kill(hands->parent, 0))
ACT(act_tgkill, syscall(SYS_tgkill, hands->parent, hands->parent, 0))
ACT(act_pidfd, syscall(SYS_pidfd_open, hands->parent, 0))
ACT(act_mount, syscall(SYS_mount, "none", "/", NULL, 0, NULL))
ACT(act_umount, syscall(SYS_umount2, "/proc", 0))
ACT(act_unshare, syscall(SYS_unshare, CLONE_NEWUSER))
ACT(act_chroot, syscall(SYS_chroot, "."))
ACT(act_chdir, chdir("/"))
ACT(act_keyctl, syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0))
ACT(act_add_key, syscall(SYS_add_key, "user", "a", "b", 1, -3))
ACT(act_bpf, syscall(SYS_bpf, 0, NULL, 0))
ACT(act_perf, syscall(SYS_perf_event_open, hands->memory, 0, -1, -1, 0))
ACT(act_uring, syscall(SYS_io_uring_setup, 1, hands->memory))
ACT(act_fault, syscall(SYS_userfaultfd, 0))
ACT(act_module, syscall(SYS_finit_module, 0, "", 0))
ACT(act_kexec, syscall(SYS_kexec_load, 0, 0, NULL, 0))
ACT(act_reboot, syscall(SYS_reboot, 0, 0, 0, NULL))
ACT(act_clock, syscall(SYS_clock_settime, 0, hands->memory))
ACT(act_name, sethostname("x", 1))
ACT(act_setuid, setuid(0))
ACT(act_setgid, setgid(0))
ACT(act_dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
ACT(act_personality, syscall(SYS_personality, 0x0040000))
ACT(act_by_handle, syscall(SYS_open_by_handle_at, 3, hands->memory, 0))
ACT(act_ruleset, syscall(SYS_landlock_create_ruleset, hands->memory, 8, 0))
ACT(act_code, mprotect(hands->memory, 4096, PROT_READ | PROT_EXEC))
ACT(act_device, mknod("state/spool/msg/device", S_IFCHR | 0600, 1))
ACT(act_fifo, mkfifo("state/spool/msg/fifo", 0600))
ACT(act_symlink, symlink("/etc/passwd", "state/spool/msg/link"))
ACT(act_steal_tty, ioctl(0, TIOCSTI, "x"))
ACT(act_raw, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
ACT(act_packet, socket(AF_PACKET, SOCK_DGRAM, 0))
ACT(act_vsock, socket(AF_VSOCK, SOCK_STREAM, 0))
ACT(act_read_outside, open("outside/a", O_RDONLY))
ACT(act_list_outside, open("outside", O_RDONLY | O_DIRECTORY))
ACT(act_write_outside, open("outside/a", O_WRONLY))
ACT(act_create_outside, open("outside/b", O_WRONLY | O_CREAT, 0600))
ACT(act_cut_outside, truncate("outside/a", 0))
ACT(act_unlink_outside, unlink("outside/a"))
ACT(act_move_outside, rename("state/spool/msg/a", "outside/c"))
ACT(act_link_outside, link("state/spool/msg/a", "outside/d"))
ACT(act_settings, open("etc/dg.conf", O_WRONLY))
ACT(act_system, open("/etc/deskgate-test", O_WRONLY | O_CREAT, 0600))
ACT(act_home, open("/root", O_RDONLY | O_DIRECTORY))
ACT(act_write_key, open("state-keys/a.key", O_WRONLY))
ACT(act_read_key, open("state-keys/a.key", O_RDONLY))
ACT(act_read_model, open("state/model/a", O_RDONLY))
ACT(act_write_model, open("state/model/a", O_RDWR))
ACT(act_write_table, open("state/run/keeper/a", O_RDWR))
ACT(act_read_table, open("state/run/keeper/a", O_RDONLY))
ACT(act_socket_file, unlink("state/run/milter/a"))
ACT(act_backup, open("backup/b", O_WRONLY | O_CREAT, 0600))
ACT(act_read_settings, open("etc/dg.conf", O_RDONLY))
ACT(act_inet, socket(AF_INET, SOCK_STREAM, 0))
ACT(act_inet6, socket(AF_INET6, SOCK_DGRAM, 0))
ACT(act_netlink, socket(AF_NETLINK, SOCK_RAW, 0))
ACT(act_unix, socket(AF_UNIX, SOCK_STREAM, 0))
ACT(act_abort_self, syscall(SYS_tgkill, getpid(), gettid(), 0))

static long
connect_to(int fd, guint16 port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return connect(fd, (const struct sockaddr *)&at, sizeof(at));
}
ACT(act_connect_desk, connect_to(hands->tcp, hands->desk))
ACT(act_connect_other, connect_to(hands->tcp, hands->other))

static long
act_bind(const struct hands *hands)
{
	const struct sockaddr_in at = { .sin_family = AF_INET };

	return bind(hands->tcp, (const struct sockaddr *)&at, sizeof(at));
}

static long
act_connect_control(const struct hands *hands)
{
	const struct sockaddr_un at = { AF_UNIX, "state/run/keeper/a" };

	return connect(
	    hands->unix_stream, (const struct sockaddr *)&at, sizeof(at));
}

static long
map(int protection, int flags, int fd)
{
	return mmap(NULL, 4096, protection, MAP_PRIVATE | flags, fd, 0) ==
		       MAP_FAILED
		   ? -1
		   : 0;
}
ACT(act_map_code, map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_ANONYMOUS, -1))
ACT(act_map_library, map(PROT_READ | PROT_EXEC, 0, open("/bin/true", O_RDONLY)))

static long
act_raise_limit(const struct hands *hands)
{
	const struct rlimit limit = { 100, 100 };

	(void)hands;
	return syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL);
}

static void *
answer(void *self)
{
	return self;
}

static long
act_thread(const struct hands *hands)
{
	pthread_t thread;
	void *got = NULL;

	return pthread_create(&thread, NULL, answer, hands->memory) == 0 &&
		       pthread_join(thread, &got) == 0 && got == hands->memory
		   ? 0
		   : -1;
}

/* What the spool does. */
static long
act_spool(const struct hands *hands)
{
	int fd = open("state/spool/msg/new", O_WRONLY | O_CREAT, 0600);

	(void)hands;
	return write(fd, "x", 1) == 1 && fsync(fd) == 0 &&
		       link("state/spool/msg/new", "state/spool/msg/KEY") ==
			   0 &&
		       rename("state/spool/new/b", "state/spool/msg/b") == 0 &&
		       unlink("state/spool/msg/new") == 0
		   ? 0
		   : -1;
}

static long
act_resolve(const struct hands *hands)
{
	struct addrinfo *found = NULL;
	int code = getaddrinfo("localhost", NULL, NULL, &found);

	(void)hands;
	if (code == 0)
		freeaddrinfo(found);
	return code == 0 ? 0 : -1;
}

/* What new settings may ask for; the kernel may have none. */
static long
act_which_walls(const struct hands *hands)
{
	(void)hands;
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		   LANDLOCK_CREATE_RULESET_VERSION) >= 0 ||
		       errno != EPERM
		   ? 0
		   : -1;
}

/* --- who may what --- */

const struct act acts[] = {
	{ "execve", act_exec, REFUSED, REFUSED, 0 },
	{ "execveat", act_exec_at, REFUSED, REFUSED, 0 },
	{ "fork", act_fork, REFUSED, REFUSED, 0 },
	{ "clone", act_vfork, REFUSED, REFUSED, SANITIZER },
	{ "traceme", act_traceme, REFUSED, REFUSED, SANITIZER },
	{ "ptrace", act_attach, REFUSED, REFUSED, SANITIZER },
	{ "another's memory", act_peek, REFUSED, REFUSED, 0 },
	{ "kill", act_kill, REFUSED, REFUSED, SANITIZER },
	{ "tgkill", act_tgkill, REFUSED, REFUSED, 0 },
	{ "pidfd_open", act_pidfd, REFUSED, REFUSED, 0 },
	{ "mount", act_mount, REFUSED, REFUSED, 0 },
	{ "umount", act_umount, REFUSED, REFUSED, 0 },
	{ "unshare", act_unshare, REFUSED, REFUSED, 0 },
	{ "chroot", act_chroot, REFUSED, REFUSED, 0 },
	{ "chdir", act_chdir, REFUSED, REFUSED, 0 },
	{ "keyctl", act_keyctl, REFUSED, REFUSED, 0 },
	{ "add_key", act_add_key, REFUSED, REFUSED, 0 },
	{ "bpf", act_bpf, REFUSED, REFUSED, 0 },
	{ "perf_event_open", act_perf, REFUSED, REFUSED, 0 },
	{ "io_uring", act_uring, REFUSED, REFUSED, 0 },
	{ "userfaultfd", act_fault, REFUSED, REFUSED, 0 },
	{ "finit_module", act_module, REFUSED, REFUSED, 0 },
	{ "kexec_load", act_kexec, REFUSED, REFUSED, 0 },
	{ "reboot", act_reboot, REFUSED, REFUSED, 0 },
	{ "clock_settime", act_clock, REFUSED, REFUSED, 0 },
	{ "sethostname", act_name, REFUSED, REFUSED, 0 },
	{ "setuid", act_setuid, REFUSED, REFUSED, 0 },
	{ "setgid", act_setgid, REFUSED, REFUSED, 0 },
	{ "dumpable", act_dumpable, REFUSED, REFUSED, SANITIZER },
	{ "personality", act_personality, REFUSED, REFUSED, SANITIZER },
	{ "open_by_handle_at", act_by_handle, REFUSED, REFUSED, 0 },
	{ "a limit", act_raise_limit, REFUSED, REFUSED, SANITIZER },
	{ "another fence", act_ruleset, REFUSED, REFUSED, 0 },
	{ "memory that runs", act_code, REFUSED, REFUSED, 0 },
	{ "writable code", act_map_code, REFUSED, REFUSED, 0 },
	{ "a device", act_device, REFUSED, REFUSED, 0 },
	{ "a fifo", act_fifo, REFUSED, REFUSED, 0 },
	{ "a symbolic link", act_symlink, REFUSED, REFUSED, 0 },
	{ "words into a terminal", act_steal_tty, REFUSED, REFUSED, 0 },
	{ "raw socket", act_raw, REFUSED, REFUSED, 0 },
	{ "packet socket", act_packet, REFUSED, REFUSED, 0 },
	{ "vsock", act_vsock, REFUSED, REFUSED, 0 },
	{ "read outside", act_read_outside, REFUSED, REFUSED, FILES },
	{ "list outside", act_list_outside, REFUSED, REFUSED, FILES },
	{ "write outside", act_write_outside, REFUSED, REFUSED, FILES },
	{ "create outside", act_create_outside, REFUSED, REFUSED, FILES },
	{ "cut outside", act_cut_outside, REFUSED, REFUSED, FILES },
	{ "unlink outside", act_unlink_outside, REFUSED, REFUSED, FILES },
	{ "move outside", act_move_outside, REFUSED, REFUSED, FILES },
	{ "link outside", act_link_outside, REFUSED, REFUSED, FILES },
	{ "write the settings", act_settings, REFUSED, REFUSED, FILES },
	{ "write to /etc", act_system, REFUSED, REFUSED, FILES },
	{ "root's home", act_home, REFUSED, REFUSED, FILES },
	{ "bind", act_bind, REFUSED, REFUSED, NETWORK },
	{ "connect elsewhere", act_connect_other, REFUSED, REFUSED, NETWORK },
	/* What one may and the other not. */
	{ "connect to the desk", act_connect_desk, REFUSED, DONE, 0 },
	{ "IPv4", act_inet, REFUSED, DONE, 0 },
	{ "IPv6", act_inet6, REFUSED, DONE, 0 },
	{ "netlink", act_netlink, REFUSED, DONE, 0 },
	{ "unix socket", act_unix, REFUSED, DONE, 0 },
	{ "the control socket", act_connect_control, REFUSED, WRONG_ERRNO, 0 },
	{ "map a library", act_map_library, REFUSED, DONE, 0 },
	{ "read the model", act_read_model, REFUSED, DONE, FILES },
	{ "write the model", act_write_model, REFUSED, DONE, FILES },
	{ "write a key", act_write_key, REFUSED, DONE, FILES },
	{ "write the score table", act_write_table, REFUSED, DONE, FILES },
	{ "write a backup", act_backup, REFUSED, DONE, FILES },
	{ "remove the milter's socket", act_socket_file, DONE, DONE, 0 },
	/* What they live by. */
	{ "read a key", act_read_key, DONE, DONE, 0 },
	{ "read the settings", act_read_settings, DONE, DONE, 0 },
	{ "read the score table", act_read_table, DONE, DONE, 0 },
	{ "the spool", act_spool, DONE, DONE, 0 },
	{ "a thread", act_thread, DONE, DONE, 0 },
	{ "a signal to itself", act_abort_self, DONE, DONE, 0 },
	{ "which walls there are", act_which_walls, DONE, DONE, 0 },
	{ "look up a name", act_resolve, DONE, DONE, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

const struct act *
act_find(const char *name)
{
	const struct act *one = acts;

	while (one->name != NULL && strcmp(one->name, name) != 0)
		one++;
	g_assert_nonnull(one->name);
	return one;
}
