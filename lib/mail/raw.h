/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_RAW_H
#define DESKGATE_LIB_MAIL_RAW_H

#include <glib.h>

#include "lib/mail/message.h"

/*
 * A message's bytes before any MIME parser sees them: where the header ends,
 * its fields, and how much may be handed on.  Pure; thread-safe.
 */
struct raw_field {
	const char *name; /* not NUL-terminated */
	gsize name_length;
	const char *value; /* behind the colon, folds and line end included */
	gsize value_length;
};

struct raw {
	gsize header_length; /* bytes of the header, without the empty line */
	gsize body_start;    /* where the body begins; the length when there is
				none */
	gsize usable;        /* bytes that may be parsed: a ceiling cuts here */
	GArray *fields;      /* struct raw_field, within limits->headers */
	guint oddities;      /* of enum message_oddity, as far as bytes tell */
};

/* Finds fields, body and oddities; borrows `data`. */
void raw_read(const guint8 *data, gsize length,
    const struct message_limits *limits, struct raw *raw_r);
/* Frees what was found. */
void raw_clear(struct raw *raw);

/* The message ids ("a@b", without <> and without blanks) in a field's value,
 * until `ids` has `max`, appended to `ids` (char *, valid UTF-8). */
void raw_ids(const char *value, guint max, GPtrArray *ids);

/*
 * A file name that is safe anywhere: no path, no control, bidirectional or
 * invisible characters, no dots or blanks at its ends, at most 200 bytes with
 * its ending kept.  NULL when nothing is left.  The caller frees it.
 */
char *raw_safe_name(const char *name);

/*
 * A part's type in lower case, from what the parser made of it and the field's
 * value as it stands (or NULL): always of the form a/b, unknown bytes where it
 * makes no sense.  The caller frees it.
 */
char *raw_type(const char *type, const char *field);

/* Whether a field's value as it stands (NULL: none) has the parameter more than
 * once, so that two readers may each take another; its pieces (RFC 2231) are
 * one. */
gboolean raw_twice(const char *field, const char *parameter);

#endif
