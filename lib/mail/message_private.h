/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_MESSAGE_PRIVATE_H
#define DESKGATE_LIB_MAIL_MESSAGE_PRIVATE_H

#include "lib/mail/message.h"
#include "lib/mail/raw.h"

/* What message.c (GMime) and message_read.c (all else) share; GMime's types by their
 * struct names. */
struct field {
	char *name, *raw, *value; /* value: decoded at first use */
};

struct leaf {
	struct part part;    /* first: what the header shows */
	struct _GMimeObject *object; /* borrowed from the tree */
	char *text;
	guint group;  /* the outermost alternative it is in, from 1; 0: none */
	guint branch; /* which of that one's children it is in */
};

struct message {
	const guint8 *data;
	gsize length;
	struct message_limits limits;
	struct raw raw;
	GArray *fields; /* struct field */
	struct _GMimeParserOptions *options;
	struct _GMimeMessage *tree; /* NULL: GMime made nothing of it */
	GPtrArray *leaves;  /* struct leaf * */
	GHashTable
	    *addresses; /* header name, lower case -> GPtrArray of addr */
	char *id, *text;
	struct html *markup; /* of the first HTML body, once asked for */
	guint groups;	     /* alternatives that were met */
	GPtrArray *references;
	gint64 date;
	gint zone;
	gsize decoded; /* bytes so far, against limits.decoded_bytes */
	guint oddities;
};

/* --- message.c --- */
/* Valid UTF-8, one line, of a raw value: RFC 2047 words decoded, folds undone. */
char *message_decode_value(struct message *message, const char *raw);

/* --- message_read.c --- */
void message_field_clear(gpointer field);
void message_read_fields(struct message *message);
void message_find_doubles(struct message *message);
void message_read_ids(struct message *message);
/* The index of the first field of this name, or -1. */
gint message_find_field(const struct message *message, const char *name);

#endif
