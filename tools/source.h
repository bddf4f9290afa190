/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SOURCE_H
#define DESKGATE_TOOLS_SOURCE_H

#include <glib.h>

/*
 * Messages from wherever people keep them: a file, an mbox (it begins with
 * "From "), a Maildir (cur and new, and Maildirs in it; maildir.h), a folder of
 * files (with its subfolders; names that begin with a dot are passed over), or
 * "-" for standard input (one message or an mbox).  Files of a folder come in
 * order of name.
 *
 * In an mbox a message begins at a line "From " behind an empty one; where the
 * first such line has a date (RFC 4155), the others need one too, since a text
 * may begin so and not every program quotes it.  Lines ">From " lose one ">"
 * (mboxrd).
 *
 * What is found in a folder may be anybody's: links there are not followed, and
 * what is neither a file nor a folder is not opened; each is an error of its
 * own.  What is named may be a link or a pipe.
 */
struct source;

/* `paths` is NULL-ended and must outlive the source.  A message above `max`
 * bytes is an error of that message, not of the source. */
struct source *source_open(char **paths, gsize max);
/* The same, but what a folder's Maildir has marked as trashed or as a draft is
 * left out: it is no example of mail that came and was kept.  Such a file is
 * read when it is named itself. */
struct source *source_open_kept(char **paths, gsize max);
/* How many messages were left out so. */
guint source_left(const struct source *source);
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

/* How much of all has been read, by bytes: 0 to 1; -1 when it cannot be known
 * (standard input, a pipe). */
double source_share(const struct source *source);

/* Where a message lies, to be read again in another order. */
struct source_place {
	char *path;
	gboolean found; /* in a folder */
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
