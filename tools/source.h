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

#endif
