/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_TNEF_H
#define DESKGATE_TICKETS_TNEF_H

#include <glib.h>

#include "tickets/ticket.h"

/*
 * winmail.dat: what Outlook packs a mail and its attachments into ([MS-OXTNEF],
 * [MS-OXCDATA] for the properties in it).  Read by us and not by libytnef: that
 * one keeps state in the library, prints to standard output, copies
 * uncompressed RTF by a length that the file alone gives, and gives up at a
 * text of 100 kB; it would have to be fed with what is checked already.
 *
 * Pure; nothing here reads outside of the bytes it is given.
 */
struct tnef {
	char *text; /* the body as text (of its RTF where there is no other),
		       "" when there is none */
	char *html; /* its HTML as UTF-8, or NULL */
	/* struct ticket_file *: names as they came, or NULL; at most
	 * TNEF_FILES_MOST. */
	GPtrArray *files;
	gboolean cut; /* there was more than the ceilings allow */
};

/* Files that are taken out of one winmail.dat. */
#define TNEF_FILES_MOST 100

/* Whether a part is of this kind, by its type or, where that says nothing, its
 * name (or NULL). */
gboolean tnef_is(const char *type, const char *name);

/*
 * Unpacks it, `most` bytes of files and bodies together.  One that is cut off
 * is read as far as it goes; NULL with BAD for what is none.  The caller frees
 * it with tnef_free.
 */
struct tnef *tnef_read(GBytes *bytes, gsize most, GError **error);
/* Frees it and all it holds. */
void tnef_free(struct tnef **tnef);

#endif
