/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_CALLS_H
#define DESKGATE_LIB_BASE_CALLS_H

#include <glib.h>

/*
 * Which system calls a process may make from now on, by seccomp (libseccomp in
 * calls.c alone).  Each is an allow-list: all else is answered with EPERM.  For
 * good, for all threads and for what they start; no_new_privs is set before.
 * Thread-safe.
 */

/* Whether the kernel has seccomp; behind a filter too. */
gboolean calls_possible(void);

/* A jailed reader: to compute, and to read and write what is open already. */
gboolean calls_allow_reader(GError **error);

/* What a daemon may beside that. */
enum calls_more {
	CALLS_SYSLOG = 1, /* datagram sockets of this host, for syslog(3) */
	CALLS_NETWORK =
	    2, /* sockets of IPv4, IPv6 and this host, and to connect */
	CALLS_LIBRARIES = 4, /* to map code from files, for dlopen(3) */
};

/*
 * A daemon at work: files, threads, timers, and what comes in at a socket that
 * listens already.  Never another program, another process, another's memory,
 * a mount, a key of the kernel's, or memory that is written and run.
 * AGAIN when the kernel has no seccomp.
 */
gboolean calls_allow_daemon(enum calls_more more, GError **error);

#endif
