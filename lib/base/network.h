/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_NETWORK_H
#define DESKGATE_LIB_BASE_NETWORK_H

#include <glib.h>

/*
 * Networks as the settings write them: "192.0.2.0/24", "2001:db8::/32", or one
 * address alone.  An IPv4 address in IPv6 clothes ("::ffff:192.0.2.7") is the
 * IPv4 one.  Immutable once made; thread-safe.
 */
struct networks;

/* Takes those of `list` (NULL-ended) that are valid; the settings were checked
 * before. */
struct networks *networks_new(const char *const *list);
/* Accepts NULL. */
void networks_free(struct networks **networks);

/* Whether `address` ("192.0.2.7") is in one of them; FALSE for NULL and for
 * what is no address. */
gboolean networks_contain(const struct networks *networks, const char *address);

/* A host part that is not all zero ("192.0.2.7/24") is refused: it is a slip
 * more often than not, and nobody should have to guess which was meant. */
gboolean network_valid(const char *text);

#endif
