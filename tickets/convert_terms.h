/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_CONVERT_TERMS_H
#define DESKGATE_TICKETS_CONVERT_TERMS_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/conf.h"

/*
 * What an inbox's settings say about reading its mail, as a value that goes to
 * the jailed reader with each message.
 */
struct convert_terms {
	gboolean keep_quotes; /* quoted text stays in the ticket's text */
	char *subject_tag;    /* a regular expression, or NULL */
	gboolean reply_to;    /* Reply-To is the requester */
	GPtrArray *agents; /* char *: addresses, and "@example.com"; or NULL */
	/* Patterns with * and ?, NULL-ended; NULL: none.  Files whose name or
	 * type is like one are taken out. */
	char **blocked_files, **blocked_types;
};

/* Of an inbox's section; NULL: of an inbox that left the settings. */
struct convert_terms *convert_terms_new(const struct conf_section *inbox);
/* Frees *terms, NULL included. */
void convert_terms_free(struct convert_terms **terms);

/* As JSON, which the caller owns, and back; a member that is missing is not
 * set. */
json_t *convert_terms_to_json(const struct convert_terms *terms);
/* Never NULL; from what convert_terms_to_json made, or NULL. */
struct convert_terms *convert_terms_from_json(const json_t *object);

#endif
