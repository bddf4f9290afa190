/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_TERMS_H
#define DESKGATE_MILTER_TERMS_H

#include <glib.h>

#include "lib/base/conf.h"
#include "lib/base/network.h"
#include "milter/policy.h"

/*
 * The terms on which mail is taken: the settings as values, immutable and
 * counted.  A connection keeps those that were in force when it began, so that
 * one conversation has one set of rules; a reload makes new ones.
 */

/* Where `deskgate setup` sends its own message: a domain that mail can neither
 * come from nor go to (RFC 2606 section 2), so nobody else's does.  It is an
 * inbox of mode tag, of which no list tells. */
#define TERMS_PROBE_DOMAIN "deskgate-probe.invalid"

struct terms {
	gint references;    /* terms_ref and terms_unref alone */
	GPtrArray *inboxes; /* struct policy_inbox *; the address first, then
			       domains */
	struct policy_inbox *probe; /* of TERMS_PROBE_DOMAIN */
	struct networks *own, *relay;
	gsize max_size; /* never above what the spool takes */
	guint max_recipients, max_connections;
	gint64 timeout; /* microseconds for a whole message */
	gint64 window;  /* dedupe-window, microseconds */
	guint64 spool_entries, spool_bytes, reserve;
	gboolean scan_authenticated, strip_results, spam_headers;
	char *authserv_id; /* or NULL */
	char *reject_text;
	char *reject_contact; /* or NULL */
};

/* Of settings without faults. */
struct terms *terms_new(const struct conf *conf);
/* One holder more; `terms` again. */
struct terms *terms_ref(struct terms *terms);
/* Accepts NULL. */
void terms_unref(struct terms **address);

/* The inbox that a recipient belongs to, or NULL; one of the very address
 * before one of its whole domain.  Lives as long as the terms. */
const struct policy_inbox *terms_inbox(
    const struct terms *terms, const char *address);

#endif
