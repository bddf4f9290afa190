/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_POST_H
#define DESKGATE_TICKETS_POST_H

#include "tickets/deliver_private.h"

/*
 * Mail of our own: acknowledgements to who wrote, digests to the team,
 * steps of inboxes to the operator.  A thread of the keeper's sends them
 * through `mail-relay`, so that a slow server holds up no ticket.  All of it
 * has the null sender, says that a program wrote it (RFC 3834), and has our
 * loop field.
 */

/* After a delivery came to rest: makes an acknowledgement due if one is. */
void post_acknowledge(struct delivery *delivery);

struct post;
/* Starts the thread, unless no inbox wants any such mail (NULL without error).
 */
struct post *post_start(struct deliver *deliver, GError **error);
/* Ends it; accepts NULL. */
void post_stop(struct post **post);

/* --- post_ack.c, post_digest.c, post_life.c: one turn of the thread */
struct mailer;
/* Sends what is due; FALSE when the server could not be had. */
gboolean post_ack_turn(struct deliver *deliver, struct mailer *mailer);
/* Sends the day's digests when their time has come; likewise. */
gboolean post_digest_turn(struct deliver *deliver, struct mailer *mailer);

/* Tells the operator of inboxes' steps; likewise. */
gboolean post_life_turn(struct deliver *deliver, struct mailer *mailer);

/* "X-Deskgate-Loop" of this installation: nothing an outsider could use.  The
 * caller frees it. */
char *post_loop(const struct deliver *deliver);
/* The address that an inbox writes as; `recipient` where it is a whole domain.
 */
const char *post_from(const char *inbox, const char *recipient);

#endif
