/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_MESSAGE_H
#define DESKGATE_LIB_MAIL_MESSAGE_H

#include <glib.h>

#include "lib/mail/addr.h"

/*
 * One message, read: headers, addresses, parts and their text.  GMime stands
 * behind it, in message.c and nowhere else.  Only jailed readers (and tests)
 * call this.  A struct message is immutable once parsed; not shared between
 * threads.
 *
 * Every ceiling is counted on the raw bytes before GMime sees them.  A message
 * over a ceiling is read as far as the ceiling allows and marked `truncated`
 * (with which ceiling); it is never an error.  message_parse fails only with
 * BAD when there is nothing that can be called a message at all (no bytes).
 */
struct message_limits {
	gsize scan_bytes;    /* bytes that are read; the rest is left alone */
	guint headers;       /* header fields of the message */
	gsize header_bytes;  /* bytes of its header */
	guint parts;         /* MIME parts */
	guint depth;         /* nesting */
	guint addresses;     /* addresses per header field, and ids */
	gsize text_bytes;    /* decoded text of one part */
	gsize markup_bytes;  /* of HTML whose structure is read; the rest is
			      * read for text and links alone */
	gsize decoded_bytes; /* decoded bytes of all parts */
};
extern const struct message_limits message_limits_default;

enum message_oddity {                   /* bits */
	MESSAGE_ODD_TRUNCATED = 1 << 0, /* a ceiling was met */
	MESSAGE_ODD_DUPLICATE = 1 << 1, /* a header that must stand once, or a
					 * boundary, stands twice */
	MESSAGE_ODD_CHARSET = 1 << 2,   /* unknown or wrong charset, repaired */
	MESSAGE_ODD_BOUNDARY = 1 << 3,  /* missing or unclosed boundary */
	MESSAGE_ODD_ENCODING =
	    1 << 4, /* bad base64, quoted-printable or encoding name */
	MESSAGE_ODD_NUL = 1 << 5,
	MESSAGE_ODD_BARE_LF =
	    1 << 6, /* CRLF and bare LF side by side in the body */
	MESSAGE_ODD_DATE = 1
			   << 7 /* missing, broken, a day behind its Received */
};

struct part {
	char *type;       /* "text/plain", lower case */
	char *charset;    /* as declared, lower case, or NULL */
	char *filename;   /* UTF-8, safe: no path, control, bidi; or NULL */
	char *content_id; /* without <>, or NULL */
	gboolean
	    attachment; /* Content-Disposition: attachment, or not showable */
	gboolean inline_image;
	guint depth;          /* 0: the message itself */
	gboolean alternative; /* a direct child of multipart/alternative */
	const char
	    *text; /* text parts: decoded UTF-8 within the ceiling, else NULL */
	gsize
	    size; /* decoded bytes (0 until message_part_bytes for non-text) */
};

struct html;
struct message;

/*
 * Opens the charset converters and GMime; called once before the jail closes
 * (iconv cannot load modules inside).
 */
void message_prepare(void);

/* `data` must outlive the message.  CRLF and LF line ends are both read. */
struct message *message_parse(const guint8 *data, gsize length,
    const struct message_limits *limits, GError **error);
/* Frees it and all that was borrowed from it. */
void message_free(struct message **address);

/* Bits of enum message_oddity. */
guint message_oddities(const struct message *message);

/* Header fields in order, repeated ones too; values unfolded and decoded to
 * UTF-8 (RFC 2047), raw ones as they came without line end.  Borrowed. */
guint message_header_count(const struct message *message);
/* The name of the field at `index`, as it was written. */
const char *message_header_name(const struct message *message, guint index);
/* Its value, unfolded and decoded. */
const char *message_header_value(const struct message *message, guint index);
/* Its value as it came, without the line end. */
const char *message_header_raw(const struct message *message, guint index);
/* The first of this name (ASCII case does not matter), or NULL. */
const char *message_header(const struct message *message, const char *name);

/* The header's bytes as they came, without the empty line. */
const guint8 *message_header_block(
    const struct message *message, gsize *length_r);
/* The body's bytes as they came. */
const guint8 *message_body_block(
    const struct message *message, gsize *length_r);

/* Message-ID without <>, or NULL; ids of In-Reply-To then References, newest
 * first, at most 20, without <>: GPtrArray of char *, borrowed. */
const char *message_id(const struct message *message);
/* The ids this one refers to. */
const GPtrArray *message_references(const struct message *message);

/* Addresses of From, Sender, Reply-To, To, Cc: GPtrArray of struct addr *,
 * borrowed, broken ones repaired where the meaning is plain, empty when none.
 */
const GPtrArray *message_addresses(
    const struct message *message, const char *header);

/* Subject, one line, decoded; "" when none. */
const char *message_subject(const struct message *message);
/* Seconds since 1970, and the zone in minutes east; 0 when missing or broken.
 */
gint64 message_date(const struct message *message, gint *zone_r);
/* The same of the text of a Date field, without its message. */
gint64 message_decode_date(const char *text, gint *zone_r);

/* Leaf parts in order.  A message within the message (message/rfc822 and its
 * kin) is one leaf, its bytes as they came; what is in it is not walked. */
guint message_part_count(const struct message *message);
/* The part at `index`, described; borrowed. */
const struct part *message_part(const struct message *message, guint index);
/* The decoded bytes of a part; NULL with FULL above the ceiling. */
GBytes *message_part_bytes(
    struct message *message, guint index, GError **error);

/*
 * The best body as plain text: of an alternative, text/plain where it has
 * content, else HTML made readable (lib/mail/html.h); all that stands outside
 * of one, in order.  Line ends are LF.  Never NULL.  Borrowed.  message_html:
 * the first HTML body part's source as UTF-8, or NULL.
 */
const char *message_text(struct message *message);
/* The first HTML body part's source. */
const char *message_html(const struct message *message);

/* The same HTML part, read (lib/mail/html.h): text, links, tags; NULL when
 * there is none. Read once. Borrowed. */
const struct html *message_markup(struct message *message);

#endif
