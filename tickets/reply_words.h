/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REPLY_WORDS_H
#define DESKGATE_TICKETS_REPLY_WORDS_H

#include <glib.h>

/*
 * The words by which mail programs introduce what they quote, in the languages
 * of their users.  All texts here are folded by reply_words_fold.  Pure,
 * thread-safe, in time linear to the text.
 */

/* The fields of a quoted header ("From: ... Sent: ..."). */
enum reply_field {
	REPLY_FIELD_NONE,
	REPLY_FIELD_FROM,
	REPLY_FIELD_DATE,
	REPLY_FIELD_TO,
	REPLY_FIELD_SUBJECT,
	REPLY_FIELD_COPY,
	REPLY_FIELD_OTHER /* Reply-To, Importance and their like */
};

/* What a subject begins with. */
enum reply_prefix {
	REPLY_PREFIX_NONE,
	REPLY_PREFIX_REPLY,  /* "Re:", "AW:", "SV:" ... */
	REPLY_PREFIX_FORWARD /* "Fwd:", "WG:", "TR:" ... */
};

enum reply_mark {
	REPLY_MARK_NONE,
	REPLY_MARK_ORIGINAL, /* "-----Original Message-----" */
	REPLY_MARK_FORWARD   /* "---------- Forwarded message ----------" */
};

/* A line fit for comparing: NFKC, case folded, runs of blanks as one, ends
 * trimmed, without asterisks and invisible characters.  The caller frees it. */
char *reply_words_fold(const char *text, gsize length);

/* The field that a line is, and where in it the value begins. */
enum reply_field reply_words_field(const char *folded, gsize *value_r);

/* A line that stands above a quoted message. */
enum reply_mark reply_words_mark(const char *folded);

/* Whether a line, or a few joined by blanks, says that somebody wrote: "On 1
 * May 2020, Ann <ann@example.com> wrote:".  `sure`: also where no quote sign
 * follows, so that more has to be there. */
gboolean reply_words_attribution(const char *folded, gboolean sure);

/* Whether it begins as such a line does: with "On", "Am", "Le", a weekday or a
 * number, and has a digit. */
gboolean reply_words_leads(const char *folded);

/* "Sent from my iPhone" and its like. */
gboolean reply_words_device(const char *folded);

/* What a subject (folded) begins with. */
enum reply_prefix reply_words_prefix(const char *folded);

#endif
