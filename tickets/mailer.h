/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_MAILER_H
#define DESKGATE_TICKETS_MAILER_H

#include <glib.h>

#include "lib/base/conf.h"
#include "lib/base/secret.h"

/*
 * Hands mail to an SMTP server that relays for us (RFC 5321, libcurl): our own
 * mail, and received mail for a desk that threads it itself.  One connection a
 * message.  One thread at a time uses a mailer.
 *
 * Where it is at is told in three ways, since a second copy is as bad as none:
 * the message counts as handed over only after the server's 250, and as maybe
 * handed over once its last byte has been sent.
 */
struct mailer;

enum mailer_tls {
	MAILER_TLS_NONE, /* never, not even when offered */
	MAILER_TLS_MAY,  /* when offered; no certificate is checked */
	MAILER_TLS_MUST  /* or nothing is sent; certificate and name checked */
};

struct mailer_settings {
	/* smtp://HOST[:PORT][/NAME], or smtps:// for TLS from the first byte,
	 * which is always checked; NAME is what we call ourselves (EHLO), this
	 * host's name by default. */
	const char *url;
	enum mailer_tls tls;
	const char *ca_file;           /* PEM; or NULL: the system's CAs */
	const char *user;              /* or NULL: no AUTH */
	const struct secret *password; /* borrowed; NULL without user */
	gint64 timeout;                /* seconds for a whole message */
	/* Atomic; once it is not 0, what the server cannot have ends (AGAIN).
	 * NULL: never. */
	const gint *stopping;
};

/* BAD when the url is none, or a password would go unencrypted over a network.
 */
struct mailer *mailer_new(
    const struct mailer_settings *settings, GError **error);
/* The same from the settings `mail-relay` and its kin; `global` is
 * conf_global(), `stopping` as above.  Reads the password's file. */
struct mailer *mailer_open(
    const struct conf_section *global, const gint *stopping, GError **error);
/* NULL included. */
void mailer_free(struct mailer **mailer);

/* What is wrong with the url of a relay, or NULL (pure; for `check`).  Static
 * text. */
const char *mailer_url_fault(const char *url);

struct mailer_letter {
	/* Where bounces go; NULL or "": the null sender, as automatic mail must
	 * have (RFC 3834 section 3.3). */
	const char *sender;
	const char *const *recipients; /* NULL-ended, at least one */
	/* Header and body; lone LF and CR are sent as CRLF. */
	GBytes *message;
};

/*
 * Hands one message over for all its recipients, or for none.  On FALSE:
 *   AGAIN  the server does not have it: no connection, TLS or login failed for
 *          now, a 4xx, or the connection broke before the end of the message
 *   IO     the whole message was sent and no answer came: it may be on its way
 *   BAD    refused for good (5xx), in the server's words; or an address that is
 *          none
 *   DENIED the server does not take our login, offers no TLS where it must, or
 *          shows a certificate that we do not take: until somebody mends that
 */
gboolean mailer_send(struct mailer *mailer, const struct mailer_letter *letter,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
