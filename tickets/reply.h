/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REPLY_H
#define DESKGATE_TICKETS_REPLY_H

#include <glib.h>

/*
 * What is new in a message, told apart from what it quotes and from its
 * signature, for the common mail programs and the languages of
 * reply_tables.c.  Pure, thread-safe, linear in the text.
 *
 *   - What is cut is never lost: `quoted` has it, in its order.
 *   - Answers between quotes stay with what they answer; only the lines that
 *     say who wrote are cut there.
 *   - Where nothing new would be left, nothing is cut.
 */
struct reply {
	char *text;      /* what is new; without empty lines around it */
	char *quoted;    /* all that was cut, the signature too; or NULL */
	char *signature; /* the part of it that signs what is new; or NULL */
};

/* `text` is UTF-8 with LF; `marks` what its HTML says of it (struct html_mark,
 * lib/mail/html.h), or NULL.  The caller frees it with reply_free. */
struct reply *reply_trim(const char *text, const GArray *marks);
/* Frees it and its texts. */
void reply_free(struct reply **reply);

/* Whether a message answers one: it `refers` to one by its header, or its
 * subject begins with "Re:", "AW:", "SV:" and their like. */
gboolean reply_is(const char *subject, gboolean refers);

#endif
