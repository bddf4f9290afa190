/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_TICKET_H
#define DESKGATE_TICKETS_TICKET_H

#include <glib.h>
#include <jansson.h>

#include "lib/mail/addr.h"
#include "lib/mail/verdict.h"

/*
 * A ticket as a value: what a message becomes before any desk is asked.
 * Made in a jailed reader (convert.c), read by the desks.
 */
struct ticket_file {
	char *name; /* UTF-8, safe, unique within the ticket; never NULL */
	char *type; /* "application/pdf" */
	char *content_id; /* or NULL */
	GBytes *bytes;
};

struct ticket {
	char *inbox;
	char *requester_address; /* never NULL; "unknown@invalid" when there is
				    none */
	char *requester_name;    /* "" when none */
	GPtrArray *followers; /* struct addr *: Cc and To without our inboxes */
	char *subject;        /* "(no subject)" when empty */
	char *text;           /* UTF-8, never NULL, may be "" */
	char *html;           /* or NULL */
	GPtrArray *files;     /* struct ticket_file * */
	char *message_id;     /* client's, without <>, or NULL */
	GPtrArray *references; /* char *, newest first, at most 20 */
	char *subject_tag; /* the desk's tag found in the subject, or NULL */
	gint64 date;       /* seconds since 1970: when it was sent or arrived */
	gboolean automatic; /* written by a program */
	gboolean unread;    /* could not be parsed: raw source is attached */
	gboolean partial;   /* more than could be read or attached: the
			       raw source is attached */
	gboolean spam;      /* goes to the desk marked as spam */
	struct verdict verdict;
	char *note; /* what the desk shows to agents: verdict and reasons, what
		     * was left out; or NULL */
};

/* An empty one. */
struct ticket *ticket_new(void);
/* Frees it and all it holds. */
void ticket_free(struct ticket **address);

/* As JSON without the files' bytes (they go as memory files, in order), and
 * back. */
json_t *ticket_to_json(const struct ticket *ticket);
/* A ticket from what ticket_to_json made; NULL with BAD. */
struct ticket *ticket_from_json(const json_t *object, GError **error);

#endif
