/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_COMPOSE_H
#define DESKGATE_LIB_MAIL_COMPOSE_H

#include <glib.h>

/*
 * A message of our own (an acknowledgement, a digest) as bytes: one part of
 * plain text in UTF-8.  Nothing of it can end a header field early: names and
 * subject become one line without control characters, addresses and ids that
 * are none are refused.  Thread-safe once message_prepare() has run.
 */
struct compose {
	const char *from_name;   /* UTF-8, or NULL */
	const char *from;        /* "support@example.com" */
	const char *reply_to;    /* where answers go, or NULL: to `from` */
	const char *to;          /* one address */
	const char *subject;     /* UTF-8 */
	const char *text;        /* UTF-8, lines end in LF */
	gint64 date;             /* seconds since 1970; written in UTC */
	const char *message_id;  /* without <>; NULL: a random one is made */
	const char *in_reply_to; /* without <>, for References too, or NULL */
	/* "auto-replied" to an answer, "auto-generated" to what nobody asked
	 * for (RFC 3834 section 5); never NULL. */
	const char *auto_submitted;
	/* Which Deskgate made it: the value of COMPOSE_LOOP. */
	const char *loop;
};

/* By this field we know our own mail again, and make no ticket of it. */
#define COMPOSE_LOOP "X-Deskgate-Loop"

/*
 * The whole message, lines ended by CRLF (RFC 5322), text in quoted-printable
 * (RFC 2045 section 6.7), Subject and name in RFC 2047's words where they need
 * it.  NULL with BAD when an address, an id or one of the two words is not fit
 * to stand in a header.
 */
GBytes *compose_message(const struct compose *mail, GError **error);

/* A Message-ID nobody has used, without <>: random digits at the domain of
 * `address`.  The caller frees it. */
char *compose_new_id(const char *address);

#endif
