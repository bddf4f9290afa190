/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_ENTRY_H
#define DESKGATE_TICKETS_ENTRY_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"
#include "lib/mail/envelope.h"
#include "lib/mail/loop.h"
#include "lib/mail/verdict.h"

/*
 * One message for one inbox, as it is stored: what the spool keeps beside the
 * message's bytes, sealed like them.
 */
enum entry_action {
	ENTRY_TICKET,
	ENTRY_TICKET_AS_SPAM,
	ENTRY_QUARANTINE,
	/* Mail that left from the inbox: its header alone, for the ids. */
	ENTRY_OUTGOING,
	/* What somebody sent in to be taught; its attached messages are. */
	ENTRY_TEACH_SPAM,
	ENTRY_TEACH_HAM
};

struct entry {
	struct ident key;
	char *inbox;     /* the inbox's title in the settings */
	char *recipient; /* the envelope recipient as given */
	enum entry_action action;
	struct envelope *envelope;
	struct verdict verdict;
	gint64 received;   /* wall, microseconds */
	guint64 size;      /* bytes of the message */
	gboolean imported; /* old mail: nobody is told of its ticket */
	/* What was scored (the classifier's; looked into nowhere else), kept
	 * between JSON and message; NULL: nothing. */
	GBytes *scored;
	guint32 scored_bytes; /* as the JSON says, before it is there */
};

/* All zero and NULL; the caller fills it and frees it. */
struct entry *entry_new(void);
/* With all it holds; accepts NULL. */
void entry_free(struct entry **entry);
/* As an object that the caller owns; texts that are not UTF-8 are made valid.
 */
json_t *entry_to_json(const struct entry *entry);
/* NULL with BAD when a member is missing or of another kind. */
struct entry *entry_from_json(const json_t *object, GError **error);
/* "ticket", "ticket-as-spam", "quarantine", "outgoing", "teach-spam",
 * "teach-ham"; static. */
const char *entry_action_word(enum entry_action action);
/* FALSE when it is none of these. */
gboolean entry_action_parse(const char *word, enum entry_action *action_r);

/*
 * The key under which a message for an inbox is known (DESIGN, Identity): a
 * keyed digest of inbox, client's Message-ID, From, client's Date, body and how
 * that is to be read (its type and encoding); without a client's Message-ID, or
 * beside a Date that the MTA made, also envelope sender, Subject and
 * `window_start` (the start of the dedupe window that `received` falls in:
 * received / window).  `body` is the bytes after the header, CR removed before
 * LF; the caller passes its digest (entry_body_digest).
 */
struct entry_origin {
	const char *inbox;
	const struct envelope *envelope;
	const struct loop_headers *headers;
	guint8 body_digest[32];
	gint64 window;
};
/* Always succeeds: a missing header is a piece of its own kind. */
void entry_key(const struct secret *key, const struct entry_origin *origin,
    struct ident *key_r);
/* The digest of a body, alike for CRLF and LF. */
void entry_body_digest(const guint8 *body, gsize length, guint8 digest_r[32]);

#endif
