/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_RT_H
#define DESKGATE_TICKETS_RT_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "tickets/desk.h"
#include "tickets/ticket.h"

/*
 * Request Tracker 5 as values: requests are made and answers are read here,
 * without any call; desk_rt.c sends them.  All of it was tried against RT 5.0.3
 * (tests/line/rt).
 */

/* Before the entry's key in the custom field, so that it is known what it is.
 */
#define RT_KEY "deskgate:"
/* The header field that a follow-up bears with the entry's key. */
#define RT_HEADER "X-Deskgate-Entry"
/* What the mail gateway gets as Message-ID where the message has none: the key,
 * at this domain. */
#define RT_DOMAIN "deskgate.invalid"

/* The words of RT's lifecycle that ours stand for. */
struct rt_states {
	const char *open, *closed, *spam;
};

/* --- requests (texts are the caller's) */

struct rt_post {
	const struct ticket *ticket;
	const struct ident *key;
	const char *queue;
	const char *field;  /* the custom field's name */
	const char *tags;   /* that of the one for tags, or NULL: none */
	const char *status; /* RT's word, or NULL: as tickets begin there */
};
/* The body of POST /ticket.  The field gets the Message-ID and the key; where
 * it holds one value only, RT keeps the last: the key.  A silent ticket is made
 * without people. */
char *rt_post_json(const struct rt_post *post);
/* The body of PUT /ticket/ID that adds the people of a silent one, and marks
 * spam as `spam`.  RT has no way to say that nobody may be mailed (5.0.3 takes
 * SquelchMailTo and forgets it) but to make the ticket first and add its people
 * then. */
char *rt_silent_json(const struct ticket *ticket, const char *spam);
/* The body of PUT /ticket/ID that writes the field alone. */
char *rt_field_json(const struct rt_post *post);
/* The body of POST /ticket/ID/comment. */
char *rt_comment_json(const char *text);
/* What to change; NULL leaves alone. */
struct rt_plan {
	const char *status, *priority;
	const char *field;     /* the custom field for tags */
	const GPtrArray *tags; /* char *: all that it shall have */
};
/* The body of PUT /ticket/ID, or NULL when there is nothing to change. */
char *rt_change_json(const struct rt_plan *plan);
/* The tags that a ticket has and, behind them, those of `more` (NULL-ended)
 * that it has not; NULL when it has all.  Borrows its texts. */
GPtrArray *rt_merge_tags(const GPtrArray *had, const char *const *more);
/* RT's word for the status that a rule asks for a new ticket; NULL: for none,
 * and for spam, which is marked later. */
const char *rt_first_status(
    const struct rt_states *states, const struct ticket *ticket);
/* RT's number for "low", "normal", "high", "urgent" or a number from 0 to 100;
 * -1 for anything else. */
int rt_priority(const char *word);

/* Of old mail: RT mails what a program wrote to nobody but its own users. */
#define RT_QUIET "Auto-Submitted: auto-generated"
/* The message as the gateway gets it: with our field, and a Message-ID where it
 * has none, above all others. */
GBytes *rt_mail(const struct ticket *ticket, const struct ident *key);

/* "/REST/2.0/tickets?query=..." of the tickets with this entry's key, or (NULL)
 * this Message-ID, in the field. */
char *rt_find_path(
    const char *field, const struct ident *key, const char *message_id);
/* The same of the tickets of a person. */
char *rt_person_path(const char *address);
/* One ticket of the user with this number, if he has any. */
char *rt_user_path(const char *id);
/* The body of POST /attachments: what came by mail with the message's id (or
 * the one made of the key). */
char *rt_attachments_json(const struct ticket *ticket, const struct ident *key);
/* "/REST/2.0/ticket/ID" and `tail`; the id is checked: NULL when it is no
 * number. */
char *rt_ticket_path(const char *id, const char *tail);
/* A text in TicketSQL, quotes included. */
char *rt_quote(const char *text);
/* Any text as one part of a path. */
char *rt_part(const char *text);

/* --- answers (BAD or IO when they are not what they should be) */

/* What POST /ticket made. */
gboolean rt_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error);
/* Whether the ticket's field holds the entry's key. */
gboolean rt_read_field(const GString *body, const struct rt_post *post,
    gboolean *there_r, GError **error);
/* The values of its custom field of this name: char *. */
GPtrArray *rt_read_values(
    const GString *body, const char *field, GError **error);
/* Its status, RT's word; the caller frees it. */
char *rt_read_status(const GString *body, GError **error);
/* The ids of a list, in order (char *). */
GPtrArray *rt_read_ids(const GString *body, GError **error);
/* The ids of those that were made until then (seconds since 1970); *later_r:
 * how many were not. */
GPtrArray *rt_read_until(
    const GString *body, gint64 until, guint *later_r, GError **error);
/* The number of a user, which only his hyperlinks tell; the caller frees it. */
char *rt_read_user(const GString *body, GError **error);
/* The transaction that brought the entry by mail; NULL without error when it is
 * not among them.  `key` NULL: any of them. */
char *rt_read_transaction(
    const GString *body, const struct ident *key, GError **error);
/* The ticket of a transaction; NOTFOUND when it is no ticket's. */
gboolean rt_read_owner(
    const GString *body, struct desk_ticket *found_r, GError **error);
/* What the mail gateway said: TRUE for "ok"; AGAIN for "temporary failure";
 * NOTFOUND when it refused (it does not say why). */
gboolean rt_read_gateway(const GString *body, GError **error);

/* The queue: its number of a custom field by name, "" when it has none such. */
char *rt_read_queue_field(
    const GString *body, const char *field, GError **error);
/* Whether a custom field takes several values. */
gboolean rt_read_multiple(
    const GString *body, gboolean *many_r, GError **error);

/* --- what was changed (desk.h, changes) */

/* "/REST/2.0/transactions?query=..." of those after `last` in any of the
 * queues (NULL-ended) that we did not do, oldest first; `sent`: also of mail
 * that was sent (RT counts what we may not see as part of the page, so a page
 * of such only comes empty). */
char *rt_changes_path(const char *const *queues, gint64 last, gboolean sent);
/* The same of the newest one alone. */
char *rt_newest_path(const char *queue);
#define RT_CHANGES_MAX 50

/* struct desk_event, oldest first: those done before `until` (seconds).  What
 * RT does by itself (a ticket opened by its customer's reply) is no decision
 * and left out.  *last is moved past all that were looked at. */
GPtrArray *rt_read_changes(const GString *body, const struct rt_states *states,
    gint64 until, gint64 *last, GError **error);
/* Our word for RT's. */
const char *rt_word(const struct rt_states *states, const char *status);

#endif
