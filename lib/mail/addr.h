/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_ADDR_H
#define DESKGATE_LIB_MAIL_ADDR_H

#include <glib.h>

/*
 * Mail addresses as values.  Thread-safe.
 */
struct addr {
	char *name;    /* display name, UTF-8, "" when none */
	char *address; /* local@domain, UTF-8, as written */
};

void addr_free(struct addr *addr); /* for GPtrArray free functions */

/* "local@domain" is plausible: one @, non-empty sides, no blanks or controls,
 * at most 254 bytes (RFC 5321 4.5.3.1). */
gboolean addr_valid(const char *address);

/*
 * What is plain though the syntax is not: the first thing in `text` that looks
 * like local@domain.tld, also with blanks around the @, in any brackets; what
 * stands before it is the name.  NULL when there is none.  The caller frees it.
 */
struct addr *addr_repair(const char *text);

/*
 * Who it is by the text of a field that names no address: what stands before
 * an angle bracket, else what stands in brackets behind a word ("MAILER-DAEMON
 * (Mail Delivery System)"), else all of it; quotes are left out.  One line, ""
 * when nothing is there.  The caller frees it.
 */
char *addr_name(const char *text);

/*
 * The canonical form under which a person is known: domain to lower case and
 * ASCII (A-labels) or folded UTF-8, local part case-folded, a "+tag" of the
 * local part kept.  NULL when not valid.  The caller frees it.
 */
char *addr_canonical(const char *address);

/* The part after the last @, or "". Borrowed from `address`. */
const char *addr_domain(const char *address);

/*
 * TRUE when the recipient `address` belongs to the inbox titled `inbox`
 * ("support@example.com", or "@example.com" for all of a domain), plus
 * addresses
 * ("support+x@example.com") included; ASCII case does not matter.
 */
gboolean addr_is_inbox(const char *address, const char *inbox);

/* The text with "(address)" in place of each address in it, for words of others
 * that go to a log.  The caller frees it. */
char *addr_hide(const char *text);

#endif
