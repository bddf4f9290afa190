/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MAPI properties, one after the other.
 */
#include "tickets/mapi.h"

/* Types of values, [MS-OXCDATA] 2.11.1. */
#define MAPI_I2 0x02
#define MAPI_R4 0x04
#define MAPI_DOUBLE 0x05
#define MAPI_CURRENCY 0x06
#define MAPI_APPTIME 0x07
#define MAPI_ERROR 0x0a
#define MAPI_BOOLEAN 0x0b
#define MAPI_I8 0x14
#define MAPI_SYSTIME 0x40
#define MAPI_CLSID 0x48
#define MAPI_MANY 0x1000

/* Properties from here on have a name of their own. */
#define PROP_NAMED 0x8000

gboolean
mapi_take(struct mapi_span *from, gsize length, struct mapi_span *part_r)
{
	if (length > from->left)
		return FALSE;
	*part_r = (struct mapi_span){ from->at, length };
	from->at += length;
	from->left -= length;
	return TRUE;
}

gboolean
mapi_take_number(struct mapi_span *from, guint bytes, guint32 *number_r)
{
	struct mapi_span part;

	if (!mapi_take(from, bytes, &part))
		return FALSE;
	*number_r = 0;
	for (guint i = 0; i < bytes; i++)
		*number_r |= (guint32)part.at[i] << (8 * i);
	return TRUE;
}

/* A piece with its length before it, and what fills it up to four bytes (which
 * the last one may lack). */
static gboolean
take_counted(struct mapi_span *from, struct mapi_span *part_r)
{
	guint32 length;
	struct mapi_span padding;

	if (!mapi_take_number(from, 4, &length) ||
	    !mapi_take(from, length, part_r))
		return FALSE;
	(void)mapi_take(from, MIN((4 - length % 4) % 4, from->left), &padding);
	return TRUE;
}

/* Bytes of one value of this type as it stands, 0: counted, -1: no such type.
 */
static int
fixed_bytes(guint type)
{
	switch (type) {
	case MAPI_I2:
	case MAPI_LONG:
	case MAPI_R4:
	case MAPI_ERROR:
	case MAPI_BOOLEAN:
		return 4;
	case MAPI_DOUBLE:
	case MAPI_CURRENCY:
	case MAPI_APPTIME:
	case MAPI_I8:
	case MAPI_SYSTIME:
		return 8;
	case MAPI_CLSID:
		return 16;
	case MAPI_OBJECT:
	case MAPI_STRING8:
	case MAPI_UNICODE:
	case MAPI_BINARY:
		return 0;
	default:
		return -1;
	}
}

/* The name of a property that a program made up. */
static gboolean
skip_name(struct mapi_span *from)
{
	struct mapi_span part;
	guint32 kind;

	if (!mapi_take(from, MAPI_INTERFACE_BYTES, &part) ||
	    !mapi_take_number(from, 4, &kind))
		return FALSE;
	return kind == 0 ? mapi_take(from, 4, &part)
			 : take_counted(from, &part);
}

gboolean
mapi_take_value(struct mapi_span *from, struct mapi_value *value_r)
{
	guint32 type, id, count = 1;
	int bytes;

	if (!mapi_take_number(from, 2, &type) ||
	    !mapi_take_number(from, 2, &id))
		return FALSE;
	if (id >= PROP_NAMED && !skip_name(from))
		return FALSE;
	value_r->type = type & ~MAPI_MANY;
	value_r->id = id;
	value_r->bytes = (struct mapi_span){ from->at, 0 };
	bytes = fixed_bytes(value_r->type);
	if (bytes < 0 || ((bytes == 0 || (type & MAPI_MANY) != 0) &&
			     !mapi_take_number(from, 4, &count)))
		return FALSE;
	for (guint32 i = 0; i < count; i++) {
		struct mapi_span part;

		if (bytes > 0 ? !mapi_take(from, bytes, &part)
			      : !take_counted(from, &part))
			return FALSE;
		if (i == 0)
			value_r->bytes = part;
	}
	return TRUE;
}
