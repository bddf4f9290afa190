/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_ANSWER_H
#define DESKGATE_TICKETS_ANSWER_H

#include <glib.h>
#include <jansson.h>

#include "tickets/http.h"

/*
 * What a help desk's answer means, as far as it is the same for all of them
 * (pure; the adapters' own files read the rest).
 */

/* What hangs on a call. */
enum answer_call {
	ANSWER_MAKE, /* may make something: an unclear end is IO */
	ANSWER_FILE, /* an unclear end is AGAIN: no ticket can have come of it
		      */
	ANSWER_ADD,  /* adds to one thing: 404 is NOTFOUND, an unclear end IO */
	ANSWER_ASK,  /* about one thing: 404 is NOTFOUND, an unclear end AGAIN
		      */
};

/* TRUE for 2xx; else *error by desk.h with the desk's own words. */
gboolean answer_accepted(
    enum answer_call call, const struct http_answer *answer, GError **error);

/* One request whose answer is one of success.  On FALSE *retry_after_r is what
 * the desk asked for (0: nothing), and the answer is cleared. */
struct answer_ask {
	struct http *http;
	enum answer_call call;
	gint64 *retry_after_r;
};
gboolean answer_get(const struct answer_ask *ask,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The desk's own words in an answer that is not one of success: "message",
 * "error" or the first of "errors" of JSON, the text of HTML, or what else
 * there is: one line of at most 300 bytes, "" when there is none. */
char *answer_words(const char *body, gsize length);

/* The answer as JSON of this type; NULL with IO when it is not (`what`: "a
 * Request Tracker"). The caller frees it. */
json_t *answer_json(
    const GString *body, json_type type, const char *what, GError **error);

/* A text of at most 63 bytes, or a whole number as one; NULL when it is
 * neither.  The caller frees it. */
char *answer_id(const json_t *object, const char *name);

/* A text of the object, or "". Borrowed. */
const char *answer_text(const json_t *object, const char *name);

#endif
