/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REPLY_LINES_H
#define DESKGATE_TICKETS_REPLY_LINES_H

#include <glib.h>

#include "tickets/reply_words.h"

/*
 * A message's text line by line, each line told what it is: what reply.c and
 * forward.c decide by.  Pure; linear in the text.
 */
enum reply_kind {
	REPLY_EMPTY,
	REPLY_TEXT,
	REPLY_QUOTE,       /* "> ...", or a quote of the HTML */
	REPLY_ATTRIBUTION, /* "On ..., Ann wrote:", each of its lines */
	REPLY_MARK,        /* "-----Original Message-----" */
	REPLY_HEADER,      /* "From: ...", in a block of at least three */
	REPLY_RULE,        /* a line of dashes and their like */
	REPLY_DELIMITER,   /* "-- " */
	REPLY_DEVICE       /* "Sent from my iPhone" */
};

struct reply_line {
	const char *at; /* borrowed from the text */
	gsize length;   /* without the line end */
	char *folded;   /* reply_words_fold; NULL where it is too long for
			   anything but text */
	enum reply_kind kind;
	enum reply_field field; /* of a header line; NONE: it continues one */
	enum reply_mark mark;
};

struct reply_lines {
	struct reply_line *line;
	guint count;
};

/* `text` is UTF-8 with LF and outlives the result; `marks` are what its HTML
 * says of it (struct html_mark, lib/mail/html.h), or NULL.  The caller frees it
 * with reply_lines_free. */
struct reply_lines *reply_lines_read(const char *text, const GArray *marks);
/* Frees it. */
void reply_lines_free(struct reply_lines **lines);

#endif
