/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_COLLECT_H
#define DESKGATE_MILTER_COLLECT_H

#include <glib.h>

/*
 * The bytes of one message, put together from what the MTA hands over: a header
 * field and a piece of body at a time.  They end in a memory file, sealed, that
 * goes to the readers and is mapped for the spool, so a message stands in
 * memory once.
 *
 * The bytes are those the client sent, with CRLF line ends, as far as the MTA
 * tells: folded fields come with LF, and an MTA that does not know
 * SMFIP_HDR_LEADSPC eats one blank.
 *
 * Above its ceiling a message is counted but no longer kept.  What fails inside
 * is kept until collect_finish tells it: header and body callbacks have no
 * answer.
 */
struct collect;

/* `most`: the largest message that is kept, in bytes. */
struct collect *collect_new(gsize most);
/* Accepts NULL. */
void collect_free(struct collect **collect);

/* A field; `exact`: the value begins with the blanks that stand behind the
 * colon.  Else one is put there, unless there is one. */
void collect_header(struct collect *collect, const char *name,
    const char *value, gboolean exact);
/* The empty line. */
void collect_end_header(struct collect *collect);
/* The next bytes of the body. */
void collect_body(struct collect *collect, const void *data, gsize length);

/* Bytes so far, kept or not. */
guint64 collect_size(const struct collect *collect);
/* Whether it is more than may be kept. */
gboolean collect_is_over(const struct collect *collect);

/* A whole message. */
struct letter {
	int fd;             /* the sealed memory file */
	const guint8 *data; /* the same, mapped */
	gsize length;
	gsize header; /* bytes of the header, without the empty line */
	gsize body;   /* where the body begins */
};

/*
 * Seals and maps what was collected.  FULL when it is over its ceiling; IO or
 * FULL when memory failed.  On TRUE the caller clears *letter_r; on FALSE it is
 * cleared.  Once.
 */
gboolean collect_finish(struct collect *collect, struct letter *letter_r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A letter of bytes that are there already (the second door).  The header ends
 * at the first empty line; without one all is header. */
gboolean letter_from_bytes(const guint8 *data, gsize length,
    struct letter *letter_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Accepts a cleared one. */
void letter_clear(struct letter *letter);

#endif
