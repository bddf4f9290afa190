/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_UUENCODE_H
#define DESKGATE_TICKETS_UUENCODE_H

#include <glib.h>

/*
 * Files that stand in a text by uuencode, as Lotus Notes and old mailers write
 * them.  A file is one only from its "begin 644 name" to its "end" with nothing
 * between but its lines: a text about uuencode stays as it is.  Pure.
 */
#define UUENCODE_FILES_MOST 100

/* The text without its files, which are added to `files` (struct ticket_file *,
 * their types unknown), at most `most` bytes of them in all; NULL when there is
 * none.  What is more, or no file at all, stays in the text.  The caller frees
 * it. */
char *uuencode_take(const char *text, gsize most, GPtrArray *files);

#endif
