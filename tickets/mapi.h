/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_MAPI_H
#define DESKGATE_TICKETS_MAPI_H

#include <glib.h>

/*
 * MAPI properties as they stand in TNEF ([MS-OXTNEF] 2.1.3.5, [MS-OXCDATA]
 * 2.11): little-endian numbers and counted bytes.  Nothing is copied; nothing
 * outside of a span is read.  Pure.
 */

/* What is left to read. */
struct mapi_span {
	const guint8 *at;
	gsize left;
};

/* Types of values that are asked for. */
#define MAPI_LONG 0x03
#define MAPI_OBJECT 0x0d
#define MAPI_STRING8 0x1e
#define MAPI_UNICODE 0x1f
#define MAPI_BINARY 0x102

/* Before an embedded object stands the id of its interface. */
#define MAPI_INTERFACE_BYTES 16

struct mapi_value {
	guint type, id;
	struct mapi_span bytes;
};

/* The next `length` bytes; FALSE when there are not as many. */
gboolean mapi_take(
    struct mapi_span *from, gsize length, struct mapi_span *part_r);

/* The next number of 1 to 4 bytes. */
gboolean mapi_take_number(
    struct mapi_span *from, guint bytes, guint32 *number_r);

/* The next property; of many values the first.  FALSE at the end, and at what
 * is none. */
gboolean mapi_take_value(struct mapi_span *from, struct mapi_value *value_r);

#endif
