/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_RTF_H
#define DESKGATE_TICKETS_RTF_H

#include <glib.h>

/*
 * The text of RTF as Outlook packs it ([MS-OXRTFCP]): unpacked, then without
 * its markup; of RTF that was made from HTML ([MS-OXRTFEX]) the text alone.  At
 * most `most` bytes of unpacked RTF and of text.  NULL for what is none.  Pure;
 * the caller frees the text.
 */
char *rtf_text(const char *packed, gsize length, gsize most);

/* The unpacking alone; NULL for what is none. */
GString *rtf_unpack(const char *packed, gsize length, gsize most);

#endif
