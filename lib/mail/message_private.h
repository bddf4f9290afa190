/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_MESSAGE_PRIVATE_H
#define DESKGATE_LIB_MAIL_MESSAGE_PRIVATE_H

#include "lib/mail/message.h"
#include "lib/mail/raw.h"

/* A header value is cut here. */
#define VALUE_MOST 65536

/* What message.c (GMime) and message_read.c (all else) share; GMime's types by
 * their struct names. */
struct field {
	const char *name, *raw; /* in message->header, or `repaired` */
	char *repaired, *value; /* value: decoded at first use */
	guint64 key;            /* of the name: message_read.c */
};

struct leaf {
	struct part part;            /* first: what the header shows */
	struct _GMimeObject *object; /* borrowed from the tree, or NULL */
	const guint8 *bytes; /* as they stand in the message, or NULL: what the
			      * object says */
	gsize length;
	char *text;
	gboolean named_text; /* no body only since it has a name */
	guint group;  /* the outermost alternative it is in, from 1; 0: none */
	guint branch; /* which of that one's children it is in */
};

struct message {
	const guint8 *data;
	gsize length;
	struct message_limits limits;
	struct raw raw;
	GArray *fields; /* struct field */
	char *header;   /* their names and values, each ended by a NUL */
	struct _GMimeParserOptions *options;
	struct _GMimeObject *tree; /* NULL: GMime made nothing of it */
	guint8 *own; /* the bytes, where they had to be changed, or NULL */
	GPtrArray *leaves; /* struct leaf * */
	GHashTable
	    *addresses; /* header name, lower case -> GPtrArray of addr */
	char *id, *text;
	const char *hint; /* the first text's charset, for raw bytes, or NULL */
	struct html *markup; /* of the first HTML body, once asked for */
	guint groups;        /* alternatives that were met */
	GPtrArray *references;
	gint64 date;
	gint zone;
	gsize decoded; /* bytes so far, against limits.decoded_bytes */
	guint oddities;
};

/* --- message.c --- */
void message_open_tree(struct message *message);
/* Gives back all of it that is GMime's. */
void message_close_tree(struct message *message);
/* Adds the leaves, described; their text is not read yet. */
void message_parse_tree(struct message *message);
/* The decoded bytes of a leaf, not counted against the ceiling. */
GBytes *message_decode_leaf(struct message *message, const struct leaf *leaf);
/* Adds the addresses of a field's raw value to `list` (struct addr *). */
void message_parse_addresses(
    const struct message *message, const char *raw, GPtrArray *list);

/* --- message_single.c --- */
/* Adds the one leaf, described, of a message that is one text and not encoded;
 * FALSE when it may be anything else, and nothing was done. */
gboolean message_read_single(struct message *message);

/* --- message_read.c --- */
/* Takes the fields from the raw header. */
void message_read_fields(struct message *message);
/* Notes fields that may stand once and stand more often. */
void message_find_doubles(struct message *message);
/* Adds one (struct addr *), repaired where the meaning is plain; not one that
 * is none.  Both texts may be NULL. */
void message_add_address(
    GPtrArray *list, const char *name, const char *address);
/* Reads In-Reply-To and References. */
void message_read_ids(struct message *message);
/* The index of the first field of this name, or -1; the same from an index on.
 */
gint message_find_field(const struct message *message, const char *name);
/* The same, from an index on. */
gint message_next_field(
    const struct message *message, const char *name, guint from);

#endif
