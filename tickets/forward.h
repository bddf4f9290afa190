/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_FORWARD_H
#define DESKGATE_TICKETS_FORWARD_H

#include <glib.h>

/*
 * The message that somebody passed on within the text of his own: its header
 * as the common mail programs write it out (From, Sent or Date, To, Subject, in
 * the languages of reply_tables.c) and its text.  Pure, thread-safe, linear.
 */
struct forward {
	char *before;  /* what was written above it, or "" */
	char *address; /* of From: valid by addr_valid, or NULL */
	char *name;    /* of From, or "" */
	char *date;    /* as it stands there, or NULL */
	char *to;      /* as it stands there, or NULL */
	char *subject; /* as it stands there, or NULL */
	char *body;    /* what follows its header, with LF; may be "" */
	/* A line above it says that it was forwarded; without one, an answer
	 * that quotes looks the same. */
	gboolean marked;
};

/* The first in `text` (UTF-8, LF), also where it is quoted by "> ", as Apple
 * Mail does; NULL when there is none.  The caller frees it with
 * forward_free. */
struct forward *forward_find(const char *text);
/* Frees it and its texts. */
void forward_free(struct forward **forward);

/* Whether a subject begins with "Fwd:", "WG:", "TR:" and their like. */
gboolean forward_subject(const char *subject);

#endif
