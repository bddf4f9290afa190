/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_ORIGIN_H
#define DESKGATE_TICKETS_ORIGIN_H

#include <glib.h>
#include <jansson.h>

/*
 * Where a message comes from, beside who is named as its sender: whether a
 * person wrote it, what says that it belongs to a ticket, and what our MTA
 * found about its sender.  Read in the jailed reader (origin_read.c), judged by
 * the keeper (triage.c, thread.c): nothing in here is proven.
 */
enum ticket_kind {
	TICKET_PERSON,
	TICKET_AUTOMATIC, /* written by a program */
	TICKET_ABSENCE,   /* out of office */
	TICKET_REPORT     /* tells what became of another message */
};

enum origin_auth {
	ORIGIN_UNKNOWN,
	ORIGIN_PASSED, /* DMARC: From's domain stands for it */
	ORIGIN_FAILED  /* DMARC: From's domain disowns it */
};

/* An address that a delivery report is about. */
struct origin_failed {
	char *address;
	char *status; /* RFC 3463, "5.1.1"; "5.0.0" and "4.0.0" where only so
			 much is known */
};

#define ORIGIN_TOKENS_MOST 8
#define ORIGIN_HINTS_MOST 2
#define ORIGIN_FAILED_MOST 10

struct origin {
	enum ticket_kind kind;
	enum origin_auth auth;
	char *results; /* "SPF pass, DKIM pass (example.org)", or NULL */
	char *loop;    /* the value of X-Deskgate-Loop, "" too, or NULL */
	char *own;     /* what looks like a token in its own Message-ID, or NULL
			  (tickets/token.h) */
	GPtrArray *tokens; /* char *: the same in recipients, ids it refers to
			      and text, in this order */
	GPtrArray *hints;  /* char *: weak signs of a thread */
	char *marker;      /* the desk's tag found in the text, or NULL */
	char *agent; /* who forwarded it to us, or NULL: the requester is whom
			the forwarded message is from */
	GPtrArray *failed; /* struct origin_failed *, of a report */
};

/* Empty, of a person. */
void origin_init(struct origin *origin);
/* Frees what it holds. */
void origin_clear(struct origin *origin);
/* Adds an address to a report, once, while there is room; copies both. */
void origin_add_failed(
    struct origin *origin, const char *address, const char *status);

/* "person", "automatic", "absence", "report"; static. */
const char *ticket_kind_word(enum ticket_kind kind);

/* As a JSON object, which the caller owns. */
json_t *origin_to_json(const struct origin *origin);
/* Fills an empty one; NULL leaves it empty.  FALSE with BAD when it is not what
 * origin_to_json makes, or more of it. */
gboolean origin_from_json(
    const json_t *object, struct origin *origin, GError **error);

#endif
