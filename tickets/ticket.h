/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_TICKET_H
#define DESKGATE_TICKETS_TICKET_H

#include <glib.h>
#include <jansson.h>

#include "lib/mail/addr.h"
#include "lib/mail/verdict.h"
#include "tickets/origin.h"

/*
 * A ticket as a value: what a message becomes before any desk is asked.
 * Made in a jailed reader (convert.c), read by the desks.
 */
struct ticket_file {
	char *name; /* UTF-8, safe, unique within the ticket; never NULL */
	char *type; /* "application/pdf" */
	char *content_id; /* of an image that `html` shows, else NULL */
	GBytes *bytes;
};

/* One of these, with a reference to `bytes` (NULL: none yet). */
struct ticket_file *ticket_file_new(
    const char *name, const char *type, GBytes *bytes);
/* Frees a struct ticket_file; for GLib's containers. */
void ticket_file_free(gpointer data);

/* Who asks where nobody is named. */
#define TICKET_NOBODY "unknown@invalid"

struct ticket {
	char *inbox;
	char *requester_address; /* never NULL; TICKET_NOBODY when there is none
				  */
	char *requester_name;    /* "" when none */
	GPtrArray *followers; /* struct addr *: Cc and To without our inboxes */
	char *subject;        /* "(no subject)" when empty */
	char *text;           /* UTF-8, never NULL, may be "" */
	char *quoted; /* what was cut from the text: quotes, the signature; or
			 NULL */
	char *html;   /* made harmless (html_clean.h), or NULL */
	GPtrArray *files;      /* struct ticket_file * */
	char *message_id;      /* client's, without <>, or NULL */
	GPtrArray *references; /* char *, newest first, at most 20 */
	char *subject_tag; /* the desk's tag found in the subject, or NULL */
	gint64 date;       /* seconds since 1970: when it was sent or arrived */
	gboolean automatic; /* written by a program: not of kind person */
	/* Old mail that somebody brought (entry.h); set after the reading, not
	 * in the JSON. */
	gboolean imported;
	struct origin origin;
	gboolean unread;  /* could not be parsed: raw source is attached */
	gboolean partial; /* more than could be read or attached: the
			     raw source is attached */
	gboolean spam;    /* goes to the desk marked as spam */
	struct verdict verdict;
	GBytes *source; /* the message as it came, for a desk that takes mail;
			 * or NULL; not in the JSON */
	char *from;     /* the first address in From, or NULL */
	/* What the sender may ask for and rules say (marks.h, rules.h). */
	char *priority;   /* "low", "normal", "high", "urgent", or NULL */
	char *department; /* instead of the inbox's, or NULL */
	char *status;     /* "open", "closed", or NULL: as the desk does */
	char *desk;       /* instead of the inbox's, or NULL; not in the JSON */
	GPtrArray *tags;  /* char *, each once */
	GPtrArray *rules; /* char *: titles of the rules that matched */
	/* char *: of those that met a limit; "subject-tag" when that did */
	GPtrArray *undecided;
	char *note; /* what the desk shows to agents: verdict and reasons, what
		     * was left out; or NULL */
};

/* An empty one. */
struct ticket *ticket_new(void);
/* One line more for agents. */
void ticket_add_note(struct ticket *ticket, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* Frees it and all it holds. */
void ticket_free(struct ticket **address);

/* The requester's name for a desk that keeps people by address: "" for nobody,
 * whose one record there must not be called as the first of them was. */
const char *ticket_person_name(const struct ticket *ticket);

/* Whether nobody outside may be told of it: spam, what programs wrote, and old
 * mail. */
gboolean ticket_is_silent(const struct ticket *ticket);

/* The text, and below a line that says so what was cut from it: for a desk that
 * has no place of its own for that.  The caller frees it. */
char *ticket_full_text(const struct ticket *ticket);

/* Adds lines of ours below its text, and below its HTML where it has one. */
void ticket_add_lines(struct ticket *ticket, const char *lines);

/* As JSON without the files' bytes (they go as memory files, in order), and
 * back. */
json_t *ticket_to_json(const struct ticket *ticket);
/* A ticket from what ticket_to_json made; NULL with BAD. */
struct ticket *ticket_from_json(const json_t *object, GError **error);

#endif
