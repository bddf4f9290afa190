/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_JAIL_H
#define DESKGATE_LIB_BASE_JAIL_H

#include <glib.h>

/*
 * Closes the jail around the calling process, for good: no_new_privs, not
 * dumpable, RLIMIT_DATA, RLIMIT_FSIZE 0 for real files, RLIMIT_NOFILE, RLIMIT_NPROC 0,
 * RLIMIT_CORE 0; Landlock without any rule where the kernel has it; a seccomp
 * filter that allows memory, time, memfd, and reading, writing and passing of
 * descriptors already there, and answers EPERM to all else (opening files,
 * sockets, ptrace, exec, fork).  `memory_bytes` is above what the process holds
 * now; 0: not limited.  Must be single-threaded.
 */
gboolean jail_close(gsize memory_bytes, GError **error);

/*
 * For daemons: drops root to `user` (and its groups), for good, and checks that
 * it cannot come back.  DENIED when not root and the user is another one.
 * `user` may be NULL when not root.
 */
gboolean jail_become(const char *user, GError **error);

#endif
