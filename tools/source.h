/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SOURCE_H
#define DESKGATE_TOOLS_SOURCE_H

#include <glib.h>

/*
 * Messages from wherever people keep them: a file, an mbox (it begins with
 * "From "), a Maildir (cur and new), a folder of files (with its subfolders;
 * names that begin with a dot are passed over), or "-" for standard input (one
 * message or an mbox).  Files of a folder come in order of name.  mbox lines
 * ">From " lose one ">" (mboxrd).
 */
struct source;

/* `paths` is NULL-ended and must outlive the source.  A message above `max`
 * bytes is an error of that message, not of the source. */
struct source *source_open(char **paths, gsize max);
/* Closes it; accepts NULL. */
void source_close(struct source **source);

/*
 * The next message: its bytes and its name ("FILE" or "FILE:3" for the third of
 * an mbox).  FALSE with *error unset at the end.  FALSE with *error set when
 * one could not be read: *name_r then says which, and the next call goes on
 * behind it.
 */
gboolean source_next(
    struct source *source, GBytes **message_r, char **name_r, GError **error);

/* Where a message lies, to be read again in another order. */
struct source_place {
	char *path;
	guint64 offset; /* of its first line; of an mbox the "From " line */
	guint count;    /* which of an mbox it is, from 1 */
};
/* Where the message lies that source_next gave just now; the caller frees the
 * path. */
void source_where(const struct source *source, struct source_place *place_r);
/* Reads it again; the contract is source_next's.  Not of standard input. */
gboolean source_read(const struct source_place *place, gsize max,
    GBytes **message_r, char **name_r, GError **error);

#endif
