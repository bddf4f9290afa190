/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_PUSH_H
#define DESKGATE_TICKETS_PUSH_H

#include "lib/base/secret.h"
#include "tickets/feedback.h"

/*
 * The push listener: a desk's rule, scrip, trigger or webhook says that a
 * ticket changed, so that nobody waits for the next poll.
 *
 *   POST /push/DESK     or POST /push with "desk" in the body
 *
 * with the token in X-Deskgate-Token, as "Authorization: Bearer", or as the
 * password of "Authorization: Basic".  The body is JSON or a form, and may be
 * anything a desk likes to send: of it we take "desk", "ticket", "status" and
 * "who", each a text or a number, if they are there.
 *
 * A push is never believed: the desk is asked.  Only for a desk that cannot be
 * asked the body counts, and then it must be signed:
 *
 *   X-Deskgate-Timestamp: seconds since 1970, at most PUSH_WINDOW old or ahead
 *   X-Deskgate-Signature: sha256=HEX, the HMAC-SHA256 (RFC 2104) with the token
 *                         as its key, of TIMESTAMP ".push." BODY: as we sign
 *                         what a webhook desk is sent (webhook.h)
 *
 * or, as Zammad does, by X-Hub-Signature: sha1=HEX, the HMAC-SHA1 of the body.
 * An old push sent once more is a decision older than the one we know; by
 * X-Hub-Signature it has no time and counts as of now.
 *
 * Answers: 202 the desk is being asked; 200 the signed decision was kept (of a
 * ticket that is not ours: 404); 400 no such desk, or nothing to go by; 401 no
 * such token, or signature; 405; 413; 429 with Retry-After; 503 try again.  Who
 * is not in push-from is hung up on.
 */
#define PUSH_BODY_MOST ((gsize)64 << 10)
#define PUSH_WINDOW 300 /* seconds */
#define PUSH_EVENT "push"

struct push;
/* *push_r NULL when push-listen is not set.  Answers from then on until
 * push_close, before which `feedback` must live. */
gboolean push_open(const struct conf *conf, struct feedback *feedback,
    struct push **push_r, GError **error);
/* Accepts NULL. */
void push_close(struct push **address);

/* What a push says; each may be NULL.  Pure. */
struct push_word {
	char *desk, *ticket, *status, *who;
};
/* FALSE when the body is neither JSON nor a form, or has no ends in sight. */
gboolean push_read(const char *body, struct push_word *word_r);
/* Frees what it holds. */
void push_word_clear(struct push_word *word);
/* Whether these are the headers of a push that carries the token.  Pure. */
gboolean push_has_token(const struct secret *token, const char *own_header,
    const char *authorization);
/* Whether the signature is of this body and of about now (seconds).  Pure. */
gboolean push_is_signed(const struct secret *token, const char *timestamp,
    const char *signature, const char *body, gint64 now);
/* Whether X-Hub-Signature is of this body.  Pure. */
gboolean push_is_hub_signed(
    const struct secret *token, const char *signature, const char *body);

#endif
