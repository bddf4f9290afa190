/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_REPLY_H
#define DESKGATE_MILTER_REPLY_H

#include <glib.h>

/*
 * What the SMTP client is told.  Here, and nowhere else, does an error become
 * an SMTP answer, and what is not known to be final is a temporary failure.  A
 * client learns what it can do, never a path, an address or an errno: those
 * stand in the log.
 */
#define REPLY_TEXT 400

struct reply {
	char code[4];   /* "451" */
	char status[8]; /* "4.3.0" */
	char text[REPLY_TEXT];
};

/* A 4xx for any error. */
void reply_for_error(const GError *error, struct reply *reply_r);
/* The text is made fit for one line of ASCII, and cut. */
void reply_set(struct reply *reply_r, const char *code, const char *status,
    const char *text);

#endif
