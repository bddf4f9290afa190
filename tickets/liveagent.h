/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LIVEAGENT_H
#define DESKGATE_TICKETS_LIVEAGENT_H

#include <glib.h>

#include "lib/base/ident.h"
#include "tickets/desk.h"
#include "tickets/ticket.h"

/*
 * LiveAgent's API v3 as values: requests are made and answers are read here,
 * without any call; desk_liveagent.c sends them.
 */

/* Hours around a time of ours within which the desk's clock, in whatever time
 * zone it reports, must lie. */
#define LIVEAGENT_SKEW_HOURS 26
/* How long before a look-up the ticket may have been made: a delivery that was
 * cut is looked up at its next try. */
#define LIVEAGENT_LOOKBACK_HOURS (7 * 24)
#define LIVEAGENT_CANDIDATES 50

/* Begins the last line of each message, before the entry's key. */
#define LIVEAGENT_MARK "Deskgate-Id: "

/* The body of POST /tickets.  `files`: ids of uploaded files; `left_out`: what
 * to tell the reader about files the desk refused, or NULL. */
struct liveagent_post {
	const struct ticket *ticket;
	const struct ident *key;
	const char *department;
	const char *const *files; /* NULL-ended, or NULL */
	const char *left_out;
};
/* Its JSON; the caller frees it. */
char *liveagent_post_json(const struct liveagent_post *post);

/* The body of PUT /tickets/{id}. */
char *liveagent_spam_json(gboolean spam);

/* Paths, encoded.  `now` in microseconds. */
/* The list of the tickets that may be this one. */
char *liveagent_find_path(const struct ticket *ticket, gint64 now);
/* "/tickets/ID" and `tail`. */
char *liveagent_ticket_path(const char *id, const char *tail);

/* What an answer's status means for which kind of call. */
enum liveagent_call {
	LIVEAGENT_MAKE, /* may make a ticket: an unclear end is IO */
	LIVEAGENT_FILE, /* an unclear end is AGAIN: no ticket can have come of
			   it */
	LIVEAGENT_ASK,  /* about one ticket: 404 is NOTFOUND */
};
/* TRUE for 2xx; else *error with the desk's own words. */
gboolean liveagent_accepted(
    enum liveagent_call call, long status, const GString *body, GError **error);

/* The desk's own words in an answer that is not one of success, JSON or HTML or
 * anything: one line of at most 300 bytes, "" when there are none. */
char *liveagent_words(const char *body, gsize length);

/* Answers.  IO when they are not what they should be. */
/* What POST /tickets made; the code is the id where there is none. */
gboolean liveagent_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error);
/* The id of the stored file. */
char *liveagent_read_file(const GString *body, GError **error);
/* BAD when the department is not among them ("default" always is). */
gboolean liveagent_read_departments(
    const GString *body, const char *department, GError **error);

/* Tickets of this owner (struct desk_ticket *), those of the same subject
 * first. */
GPtrArray *liveagent_read_tickets(
    const GString *body, const struct ticket *ticket, GError **error);

/*
 * Whether these messages of a ticket hold ours.  Each message we send ends in a
 * line with the entry's key; where the desk shows one, it decides.  Else the
 * Message-ID does.
 */
gboolean liveagent_read_is_ours(const GString *body, const char *message_id,
    const struct ident *key, gboolean *ours_r, GError **error);

#endif
