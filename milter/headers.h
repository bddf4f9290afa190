/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_HEADERS_H
#define DESKGATE_MILTER_HEADERS_H

#include <glib.h>

#include "lib/mail/verdict.h"

/*
 * Which header fields of a message are taken out and which are added.  Pure:
 * header fields are noted as they come, then the edits are asked for.
 *
 * Taken out: every X-Deskgate-*, whoever wrote it; for inboxes of ours
 * X-Spam-Flag and X-Spam-Status where we add them ourselves; and, where
 * authserv-id says which are our own MTA's, the Authentication-Results of
 * others: of another name, or below the first Received, where only the client
 * can have put them.  Without authserv-id nothing tells a true one from a
 * forged one, and taking out our MTA's would do harm: they stay, and nothing
 * believes them.
 */
struct headers;

/* Of no field yet. */
struct headers *headers_new(void);
/* Accepts NULL. */
void headers_free(struct headers **headers);
/* The next field of the message, from the top. */
void headers_note(struct headers *headers, const char *name, const char *value);

/* Fields to be taken out of one message at most.  No honest message comes near;
 * each costs the MTA a walk through its queue file. */
#define HEADERS_MOST 100
/* Whether there is anything that is taken out of any message, whoever it is
 * for. */
gboolean headers_forged(const struct headers *headers);

struct headers_plan {
	gboolean ours;                 /* some recipient is an inbox of ours */
	gboolean spam_headers;         /* add-spam-headers */
	gboolean strip_results;        /* strip-authentication-results */
	const char *authserv_id;       /* or NULL */
	const struct verdict *verdict; /* NULL: nothing is added */
	const char *ids; /* with a verdict: the entries' ids, ", " between */
};

struct headers_edit {
	char *name;
	guint index; /* 1-based among those of this name: take out; 0: add */
	char *value; /* NULL: take out */
};

/*
 * struct headers_edit, freed by the array.  Those that take out come with
 * falling index, since MTAs differ in whether the rest moves up; then those
 * that add.  NULL when more than HEADERS_MOST would be taken out.
 */
GPtrArray *headers_edits(
    const struct headers *headers, const struct headers_plan *plan);

#endif
