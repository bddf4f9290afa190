/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_LOOP_H
#define DESKGATE_LIB_MAIL_LOOP_H

#include <glib.h>

/*
 * The identity of a message, read from raw header bytes without a MIME parser,
 * so that the process that speaks to the MTA can compute it.
 */
struct loop_headers {
	char *message_id; /* without <>, or NULL */
	char *from;       /* raw value, unfolded, or NULL */
	char *date;       /* raw value, unfolded, or NULL */
	char *subject;    /* raw value, unfolded, or NULL */
};

/* Finds the first of each in a header block (CRLF or LF). */
void loop_headers_read(
    const char *block, gsize length, struct loop_headers *headers_r);
/* Frees what was found, and leaves it empty. */
void loop_headers_clear(struct loop_headers *headers);

/*
 * TRUE when the Message-ID is the MTA's own making: it contains both the queue
 * id and this host's name.  Such an id changes at every retry and does not
 * count as the client's.
 */
gboolean loop_id_is_mtas(
    const char *message_id, const char *queue_id, const char *mta_name);

#endif
