/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_FILETYPE_H
#define DESKGATE_LIB_MAIL_FILETYPE_H

#include <glib.h>

/*
 * What a file is by its content (libmagic; filetype.c alone includes it), and
 * whether that is what its name and its part's header say.  The database is a
 * file: it is opened before a jail closes and used within.  Not shared between
 * threads.
 */
struct filetype;

/* Opens the system's database; IO with libmagic's words when there is none. */
struct filetype *filetype_open(GError **error);
/* Gives it back; accepts NULL. */
void filetype_close(struct filetype **filetype);

/* The media type of these bytes, "application/pdf"; NULL when nothing is known
 * of them.  The caller frees it. */
char *filetype_find(
    struct filetype *filetype, gconstpointer data, gsize length);

/*
 * FALSE when a file whose header says `declared` and whose name is `name` (or
 * NULL) cannot be what its content is found to be.  Says TRUE where it does not
 * know; a program passes only for a program.  Pure.
 */
gboolean filetype_fits(
    const char *declared, const char *name, const char *found);

/*
 * What a part without a name is called by its type, "image.jpg", "file.bin";
 * or by its Content-ID (NULL: none), as Outlook writes it: the left side of
 * "image001.jpg@01CD", where it ends as files of this type do.  Not made safe.
 * The caller frees it.
 */
char *filetype_name(const char *type, const char *id);

#endif
