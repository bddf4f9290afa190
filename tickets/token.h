/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_TOKEN_H
#define DESKGATE_TICKETS_TOKEN_H

#include <glib.h>

#include "lib/base/secret.h"

/*
 * Reply tokens: "dg-TICKET-MAC".  Who has one may write into the ticket it
 * names; nobody makes one who has not the key, so ids may be guessed and tokens
 * not.  A token stands in the Message-ID of what we send, in an address to
 * answer to, and in its text, from where it comes back in what is quoted by
 * mail programs that change ids.
 *
 * Letters' case does not matter and "." does as well as "-", since that is what
 * addresses lose on their way.  Pure; thread-safe.
 */
#define TOKEN_TICKET_MAX 64 /* bytes of a ticket's id, with the NUL */

/* The token of a desk's ticket, by its id at the desk; NULL when the id is
 * empty or too long for one.  `key` is the installation's subject key: the MAC
 * (80 bits) has a domain of its own.  The caller frees it. */
char *token_make(
    const struct secret *key, const char *desk, const char *ticket);

/* "support+dg-TICKET-MAC@example.com"; NULL when that makes the part before
 * the @ longer than the 64 bytes of RFC 5321 4.5.3.1.1, or `inbox` is a whole
 * domain.  The caller frees it. */
char *token_address(const char *token, const char *inbox);

/* "dg.TICKET.MAC.RANDOM@example.com", without <>, never the same twice. The
 * caller frees it. */
char *token_message_id(const char *token, const char *inbox);

/* Adds to `found` (char *, freed by the array) what looks like a token in
 * `text` (NULL: nothing), as "dg-TICKET-MAC", each once, until it holds `most`.
 * No key is needed, so none of them is proven. */
void token_find(const char *text, GPtrArray *found, guint most);

/* TRUE when it is a token of this desk: its ticket's id in `ticket_r`.
 * Constant time. */
gboolean token_proves(const struct secret *key, const char *desk,
    const char *token, char ticket_r[TOKEN_TICKET_MAX]);

#endif
