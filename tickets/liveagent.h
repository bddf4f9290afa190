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
	const GPtrArray *tags; /* char *: ids; or NULL */
};
/* Its JSON; the caller frees it. */
char *liveagent_post_json(const struct liveagent_post *post);

/* The body of PUT /tickets/{id}. */
/* `status`: open, closed, spam or not-spam. */
char *liveagent_status_json(const char *status);

/* Paths, encoded.  `now` in microseconds. */
/* The list of the tickets that may be this one, by "date_created" or
 * "date_changed". */
char *liveagent_find_path(
    const struct ticket *ticket, const char *column, gint64 now);
/* "/tickets/ID" and `tail`. */
char *liveagent_ticket_path(const char *id, const char *tail);

/* Answers.  IO when they are not what they should be. */
/* What POST /tickets made; the code is the id where there is none. */
gboolean liveagent_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error);
/* The member "id" of a stored file or a tag. */
char *liveagent_read_id(const GString *body, GError **error);
/* The body as JSON of this type, for the caller to drop. */
json_t *liveagent_load(const GString *body, json_type wanted, GError **error);
/* A text of at most 63 bytes without blanks, or a number; else NULL. */
char *liveagent_id(const json_t *value);
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

/*
 * Adding to a ticket, by version 1: POST /conversations/{id}/messages as a
 * form. `type` is 'M' for the customer's message, 'N' for a note.
 */
struct liveagent_v1 {
	const struct secret *key;
	char type;
	const char *user; /* an address; NULL: nobody in particular */
	const char *text;
};
/* The form; it holds the key, so wipe it (liveagent_form_free). */
GString *liveagent_v1_form(const struct liveagent_v1 *post);
/* Wipes and frees it. */
void liveagent_form_free(GString **form);
/* What was written into a message of a ticket: its text, then our mark. */
char *liveagent_text(const struct ticket *ticket, const struct ident *key);
/* BAD when an answer of 2xx says in its body that it was refused. */
gboolean liveagent_read_v1(const GString *body, GError **error);

/* --- tickets as they stand (liveagent_care.c) */

struct liveagent_row {
	char *id, *code;
	char status;     /* one of INTPRXBACWL */
	char *changed;   /* "YYYY-MM-DD HH:MM:SS" in a zone of the desk's, or
			    NULL */
	GPtrArray *tags; /* char *: ids */
};
/* For g_ptr_array_new_with_free_func. */
void liveagent_row_free(gpointer item);
/* One ticket. */
struct liveagent_row *liveagent_read_row(const GString *body, GError **error);
/* A list of them; rows without an id are left out. */
GPtrArray *liveagent_read_rows(const GString *body, GError **error);
/* A row's status in the words of desk.h. */
const char *liveagent_status_word(char status);

/* PUT /tickets/{id} with these ids of tags. */
char *liveagent_tags_json(const GPtrArray *ids);
/* POST /tags. */
char *liveagent_tag_json(const char *name);
/* The id of the tag of this name (case does not matter) in GET /tags; *id_r is
 * NULL when there is none. */
gboolean liveagent_read_tags(
    const GString *body, const char *name, char **id_r, GError **error);

/* Tickets of this address; contacts of it. */
char *liveagent_owned_path(const char *address);
/* The same of contacts. */
char *liveagent_contacts_path(const char *address);
/* "/contacts/ID" */
char *liveagent_contact_look_path(const char *id);
/* "/contacts/ID?deleteTickets=true" */
char *liveagent_contact_path(const char *id);
/* The ids of the contacts that have this very address: char *. */
GPtrArray *liveagent_read_contacts(
    const GString *body, const char *address, GError **error);

/* --- what has changed (liveagent_changes.c) */

/*
 * How far we have come: a place in the order of (changed, id), and whether the
 * second it is in may not have been over, so that it is told once more.
 */
struct liveagent_place {
	char changed[20]; /* "" : nowhere yet */
	char id[64];
	gboolean again;
};
/* From and to the text of a cursor; what is no place of ours is nowhere. */
void liveagent_place_read(
    struct liveagent_place *place_r, const struct desk_cursor *cursor);
/* And back. */
void liveagent_place_write(
    const struct liveagent_place *place, struct desk_cursor *cursor_r);

/* Rows of a page of what was changed last. */
#define LIVEAGENT_PAGE 500
/* The newest of all, or (from a place) one page of those since it. */
char *liveagent_changed_path(const struct liveagent_place *place, guint page);

/*
 * Takes the first `most` rows behind the place, in order, out of `rows` (struct
 * liveagent_row *, in any order, some twice): they are left in it, the others
 * freed, and the place is moved behind them.
 */
void liveagent_take(struct liveagent_place *place, GPtrArray *rows, guint most);
/* Whether any row is behind the place: else later pages have none either. */
gboolean liveagent_any_behind(
    const struct liveagent_place *place, const GPtrArray *rows);

/* Adds the Message-IDs, without <>, of what agents sent, from GET
 * /tickets/{id}/messages. */
gboolean liveagent_read_sent(
    const GString *body, GPtrArray *ids, GError **error);

#endif
