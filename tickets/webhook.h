/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_WEBHOOK_H
#define DESKGATE_TICKETS_WEBHOOK_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"
#include "lib/base/seal.h"
#include "tickets/desk.h"
#include "tickets/ticket.h"

/*
 * What a webhook's receiver is sent, as values; desk_webhook.c sends it.  The
 * form is described for receivers in contrib/doc/desks.md: a change here is one
 * there, and a break for them.
 */

/* Fields of the header. */
#define WEBHOOK_EVENT "X-Deskgate-Event"
#define WEBHOOK_TIMESTAMP "X-Deskgate-Timestamp"
#define WEBHOOK_SIGNATURE "X-Deskgate-Signature"
#define WEBHOOK_IDEMPOTENCY "Idempotency-Key"

/* "sha256=" and 64 hex digits. */
#define WEBHOOK_SIGNATURE_TEXT (7 + 2 * SEAL_HMAC_BYTES + 1)

/* HMAC-SHA256 of TIMESTAMP "." EVENT "." BODY, as text. */
struct webhook_signed {
	const char *timestamp; /* seconds since 1970, decimal */
	const char *event;
	const void *body;
	gsize length;
};
void webhook_sign(const struct secret *secret,
    const struct webhook_signed *what, char text_r[WEBHOOK_SIGNATURE_TEXT]);

/* Which names the ticket's fields go by. */
struct webhook_template;
/*
 * From "subject=title" (another name) and "-html" (left out); what is not named
 * goes by its own.  BAD for a field there is not, one named twice, and two of
 * one name.
 */
struct webhook_template *webhook_template_new(
    const char *const *fields, GError **error);
/* NULL included. */
void webhook_template_free(struct webhook_template **address);

/* What is sent of a file: all of it, or what the receiver called it. */
struct webhook_post {
	const char *event;       /* "create", "append", "find" */
	const struct ident *key; /* the entry's */
	const char *ticket_id;   /* for append; or NULL */
	const struct ticket *ticket;
	/* char *: what the receiver answered for each file, in order; NULL: the
	 * files' bytes go along, in base64. */
	const GPtrArray *references;
};
/* The body; the caller frees it. */
char *webhook_ticket_json(
    const struct webhook_template *template, const struct webhook_post *post);

/* The body of "change", "note", "erase" and "test"; frees `more`, whose members
 * it gets besides event and ticket_id. */
char *webhook_event_json(
    const char *event, const char *ticket_id, json_t *more);

/* The ticket a receiver made: members "id" and "code"; the key where it names
 * none.  Always whole. */
void webhook_read_made(
    const GString *body, const struct ident *key, struct desk_ticket *made_r);
/* The ticket a receiver found.  NOTFOUND without an "id". */
gboolean webhook_read_found(
    const GString *body, struct desk_ticket *found_r, GError **error);
/* What a receiver calls a file: "id" or "url"; NULL with IO when neither. */
char *webhook_read_file(const GString *body, GError **error);
/* What became of an erasure: members "outcome" (done, open, refused; DONE when
 * not given), "tickets", "message". */
void webhook_read_erased(const GString *body, struct desk_erased *erased_r);

#endif
