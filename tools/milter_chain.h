/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_MILTER_CHAIN_H
#define DESKGATE_TOOLS_MILTER_CHAIN_H

#include <glib.h>

/*
 * The chain of milters as Postfix writes it (postconf(5), smtpd_milters):
 * elements with commas or blanks between, each an address, or in braces an
 * address and settings of its own:
 *
 *	unix:/run/a.sock, { inet:127.0.0.1:8891, default_action=tempfail }
 *
 * Pure.
 */

/* Where a milter stands in an MTA's chain. */
struct milter_place {
	gboolean there;
	gboolean last;  /* none is asked behind it */
	gboolean waits; /* mail waits while it does not answer */
};

/* The elements as they are written, "char *" freed by the array. */
GPtrArray *milter_chain_split(const char *value);

/* The address of one element; the caller frees it. */
char *milter_chain_address(const char *element);

/* What the element itself sets, or NULL; the caller frees it. */
char *milter_chain_setting(const char *element, const char *name);

/*
 * A socket in our own settings (unix:/PATH, inet:PORT@HOST, inet6:PORT@HOST) as
 * Postfix names it: unix:PATH and inet:HOST:PORT.  A path below `queue`, the
 * queue_directory, is told relative to it: all daemons of Postfix work there,
 * those in a chroot as well.  The caller frees it.
 */
char *milter_chain_socket(const char *socket, const char *queue);

#endif
