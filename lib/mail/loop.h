/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_LOOP_H
#define DESKGATE_LIB_MAIL_LOOP_H

#include <glib.h>

/*
 * The identity of a message, read from raw header bytes without a MIME parser,
 * so that the process that speaks to the MTA can compute it.
 */
struct loop_headers {
	char *message_id;   /* without <>, or NULL */
	char *from;         /* raw value, unfolded, or NULL */
	char *date;         /* raw value, unfolded, or NULL */
	char *subject;      /* raw value, unfolded, or NULL */
	char *content;      /* how the body is to be read: the raw values of all
			     * Content-Type and Content-Transfer-Encoding,
			     * unfolded, each behind a line end; or NULL */
	gboolean date_last; /* nothing but From and To stands below Date */
};

/* Finds the first of each in a header block (CRLF or LF); of those that say how
 * the body is to be read all, since readers differ in which one they believe.
 */
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

/*
 * TRUE when the Date is the MTA's making too.  Beside an id of its own it says
 * the moment that the id begins with ("20261129000521." in UTC; Sendmail's ends
 * with the minute); beside a client's id (mtas_id NULL) it stands last, is
 * spelt as Postfix does, and is of the moment when the message was received
 * (microseconds).
 */
gboolean loop_date_is_mtas(
    const struct loop_headers *headers, const char *mtas_id, gint64 received);

/* Seconds since 1970 of a Date that is spelt as MTAs do ("29 Nov 2026 00:05:21
 * +0000", with a day before it or without); 0 for any other. */
gint64 loop_date_moment(const char *date);

#endif
