/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_ZAMMAD_H
#define DESKGATE_TICKETS_ZAMMAD_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "tickets/desk.h"
#include "tickets/ticket.h"

/*
 * Zammad's REST API as values, from its manual (docs.zammad.org, API) and the
 * names of its models; it has not been run against a Zammad, only against a
 * stub made from the same (tests/line/desks/zammad.py).  desk_zammad.c sends
 * them.
 */

/* Begins the last line of each message, before the entry's key. */
#define ZAMMAD_MARK "Deskgate-Id: "
/* The tag that says spam: Zammad has no state for it. */
#define ZAMMAD_SPAM "spam"

struct zammad_post {
	const struct ticket *ticket;
	const struct ident *key;
	const char *group; /* of a new ticket */
	gint64 ticket_id;  /* of one that gets an article */
};
/* The body of POST /tickets and of POST /ticket_articles.  The caller frees
 * them. */
char *zammad_ticket_json(const struct zammad_post *post);
/* The second. */
char *zammad_article_json(const struct zammad_post *post);
/* An internal note. */
char *zammad_note_json(gint64 ticket_id, const char *text);

/* The body of PUT /tickets/ID; NULL when there is nothing to put.  `status` by
 * desk.h, `priority` low, normal, high, urgent, or Zammad's own name for one.
 */
char *zammad_change_json(const char *status, const char *priority);
/* The body of POST /tags/add and DELETE /tags/remove. */
char *zammad_tag_json(gint64 ticket_id, const char *tag);
/* The body of POST /data_privacy_tasks. */
char *zammad_erase_json(const char *type, gint64 id);

/* "/tickets/search?query=..." for a Message-ID, or for all of an address. */
char *zammad_search_path(const char *field, const char *value);
/* The same of a customer's, page by page, from 1 on. */
char *zammad_customer_path(const char *address, guint page);
/* "/users/search?query=..." */
char *zammad_users_path(const char *address);

/* An id as the caller keeps it; 0 when it is none. */
gint64 zammad_id(const char *text);

/* The ticket of an answer to POST or PUT; IO when it names none. */
gboolean zammad_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error);
/* Those of a search: struct desk_ticket *, at most 50. */
GPtrArray *zammad_read_found(const GString *body, GError **error);
/* Whether an article of the ticket is ours: our mark decides where there is
 * one, else the Message-ID. */
gboolean zammad_read_is_ours(const GString *body, const struct ticket *ticket,
    const struct ident *key, gboolean *ours_r, GError **error);
/* Tickets of a customer, page by page. */
struct zammad_owned {
	gint64 user, until; /* seconds since 1970 */
	GArray *ids;        /* gint64: those that were made until then */
	guint later;        /* how many were not */
	gboolean full;      /* another page may follow */
};
/* Adds those of a search, but for others' that it found too. */
gboolean zammad_read_owned(
    const GString *body, struct zammad_owned *owned, GError **error);
/* The ids of the users with this very address: an array of gint64. */
GArray *zammad_read_users(
    const GString *body, const char *address, GError **error);
/* Whether it is one of the groups; BAD when not. */
gboolean zammad_read_groups(
    const GString *body, const char *group, GError **error);

#endif
