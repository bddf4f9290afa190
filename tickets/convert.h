/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_CONVERT_H
#define DESKGATE_TICKETS_CONVERT_H

#include <glib.h>

#include "lib/base/worker.h"
#include "lib/mail/filetype.h"
#include "lib/mail/message.h"
#include "tickets/convert_terms.h"
#include "tickets/entry.h"
#include "tickets/rules.h"
#include "tickets/ticket.h"

/*
 * From a stored message to a ticket: a job in a jailed reader and the call to
 * it.
 */
struct convert_context {
	struct message_limits limits;
	const char *const *inboxes; /* titles of all inboxes, NULL-ended: culled
				       from followers */
	guint max_followers;        /* 40 */
	const struct rules *rules;  /* or NULL: none */
	const char *authserv_id; /* our own MTA's, or NULL: none is believed */
	/* Tells files by their content; NULL: they are believed.  Opened before
	 * the jail closes. */
	struct filetype *filetype;
};

/* The job "convert": fds[0] the message, request = {"entry": its JSON, "terms":
 * those of its inbox}; record = the ticket's JSON, files as memory files in
 * order. */
gboolean convert_job(struct convert_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);

/* The caller's side.  A message that no reader could read gives a ticket marked
 * `unread` with the raw source attached as message.eml and the reason in note
 * and text; one of which not all was read or attached is marked `partial`, with
 * the raw source beside its files and the note saying what is missing.  FALSE
 * only with AGAIN. */
gboolean convert_message(struct worker_pool *pool, const struct entry *entry,
    GBytes *message, const struct convert_terms *terms,
    struct ticket **ticket_r, GError **error);

#endif
