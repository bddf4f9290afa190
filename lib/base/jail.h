/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_JAIL_H
#define DESKGATE_LIB_BASE_JAIL_H

#include <glib.h>
#include <sys/types.h>

/*
 * Closes the jail around the calling process, for good: no capabilities,
 * no_new_privs, not dumpable; RLIMIT_DATA at what it holds now plus
 * `memory_bytes` (not in sanitizer builds), RLIMIT_FSIZE at `file_bytes` (for
 * memory files; real ones cannot be opened), no core, no further process;
 * Landlock without any rule where the kernel has it; a seccomp filter that
 * allows memory, time, memory files, and reading, writing and passing of
 * descriptors already there, and answers EPERM to all else (files, sockets,
 * exec, fork, signals to others, ptrace, executable memory).  The process must
 * be single-threaded.
 */
gboolean jail_close(gsize memory_bytes, gsize file_bytes, GError **error);

/* Gives up every capability, for good (with no_new_privs). */
gboolean jail_drop_capabilities(GError **error);

/*
 * For daemons: drops root to `user` (with its groups, and `shared`, which it
 * need not be a member of), for good, and checks that it cannot come back.
 * DENIED when not root and the user is another one. `user` may be NULL when not
 * root.
 */
gboolean jail_become(const char *user, gid_t shared, GError **error);

/*
 * For whoever holds keys: no core file has them, and no other process of the
 * same user may look into this one (in sanitizer builds it may: theirs does).
 * After jail_become and after each exec, which both change it.
 */
gboolean jail_keep_private(GError **error);

#endif
