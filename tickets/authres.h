/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_AUTHRES_H
#define DESKGATE_TICKETS_AUTHRES_H

#include <glib.h>

#include "tickets/origin.h"

/*
 * What our own MTA found about the sender: Authentication-Results (RFC 8601) of
 * the one authserv-id that the settings name.  Pure.
 */
struct authres {
	const char *spf, *dkim, *dmarc; /* "pass", "fail", ...; static; NULL:
					   nothing is said */
	char *domain;                   /* that DKIM passed for, or NULL */
};

/* Adds the results of one field's value, if it is of `authserv_id` (ASCII case
 * does not matter); the topmost field first, since filters add theirs on top:
 * what a field below says by the same method does not count, but a DMARC fail.
 * Of several in one field by one method pass wins, but for DMARC, where fail
 * does. */
void authres_add(
    struct authres *results, const char *value, const char *authserv_id);
/* Frees what it holds. */
void authres_clear(struct authres *results);

/* What DMARC says of it. */
enum origin_auth authres_auth(const struct authres *results);
/* "SPF pass, DKIM pass (example.org), DMARC pass", or NULL when nothing is
 * said.  The caller frees it. */
char *authres_line(const struct authres *results);

#endif
