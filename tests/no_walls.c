/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a program as on a kernel that lacks what walls are made of:
 *
 *   no_walls WHAT PROGRAM [WORD...]
 *
 * WHAT is "landlock" (its calls are unknown), "seccomp" (no filter can be
 * loaded), or "both".  By a filter of its own, which whoever is run inherits.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))
#define LOAD(member) \
	BPF_STMT( \
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Goes on behind the next `skip` steps unless what was loaded is `value`. */
#define UNLESS(value, skip) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define LET_PASS BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int
load(struct sock_filter *steps, size_t count)
{
	const struct sock_fprog program = { (unsigned short)count, steps };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

static int
take_landlock(void)
{
	struct sock_filter steps[] = {
		LOAD(nr),
		UNLESS(SYS_landlock_create_ruleset, 1),
		ANSWER(ENOSYS),
		LET_PASS,
	};

	return load(steps, sizeof(steps) / sizeof(steps[0]));
}

/* Last, since nothing can be loaded behind it. */
static int
take_seccomp(void)
{
	struct sock_filter steps[] = {
		LOAD(nr),
		UNLESS(SYS_seccomp, 1),
		ANSWER(ENOSYS),
		UNLESS(SYS_prctl, 3),
		LOAD(args[0]),
		UNLESS(PR_SET_SECCOMP, 1),
		ANSWER(EINVAL),
		LET_PASS,
	};

	return load(steps, sizeof(steps) / sizeof(steps[0]));
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 64;
	if ((strcmp(argv[1], "seccomp") != 0 && take_landlock() != 0) ||
	    (strcmp(argv[1], "landlock") != 0 && take_seccomp() != 0)) {
		perror("no_walls");
		return 77;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
