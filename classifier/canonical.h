/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_CANONICAL_H
#define DESKGATE_CLASSIFIER_CANONICAL_H

#include <glib.h>

#include "lib/base/ident.h"
#include "lib/mail/message.h"

/*
 * The message as it was sent.  The milter sees it before its MTA has added
 * anything, with CRLF; a mailbox gives it back with fields of delivery and of
 * other filters, with LF, and an mbox with ">" before "From ".  What is taught
 * from one has to be what is scored at the other, so all of classifier/ looks
 * at a message through this.
 *
 * A ticket's mark in the Subject ("[#123]") stays: at the door it comes with
 * the sender's reply and so is his.  No desk of ours puts one into the message
 * that is taught, for what a desk's mark teaches is the stored entry; and a
 * copy that got one elsewhere is still the same lesson, by its Message-ID.
 */

/* A field that mail systems on our side add, or a mailbox keeps. */
gboolean canonical_is_local(const char *name);

/*
 * How many Received fields at the top are our own hosts' (the "by" host is
 * localhost, or is or stands under one of `domains`; a NULL ends them, NULL:
 * none).
 */
guint canonical_local_hops(
    const struct message *message, const char *const *domains);

/* The fields that are left, in order: GArray of guint, for message_header_name
 * and the like; the caller's. */
GArray *canonical_fields(
    const struct message *message, const char *const *domains);

/* The body's bytes without CR, without empty lines at the end, without the ">"
 * that a mailbox puts before "From "; at most `most` bytes.  Appends to `out`.
 */
void canonical_body(const struct message *message, gsize most, GByteArray *out);
/* How many bytes that would be. */
gsize canonical_body_length(const struct message *message, gsize most);

/*
 * The lesson's name: a keyed digest of Message-ID, From, Date and body (Subject
 * too when there is no Message-ID).
 */
void canonical_ident(
    const struct message *message, const guint8 *key, struct ident *ident_r);

#endif
