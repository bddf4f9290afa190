/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_CONVERT_PRIVATE_H
#define DESKGATE_TICKETS_CONVERT_PRIVATE_H

#include "tickets/convert.h"

/* What the files of the conversion share: convert.c (the calls), convert_make.c
 * (who and when), convert_content.c (what it says), convert_files.c (what is
 * attached). */

/* Files of one ticket at most: those of a worker's answer, one left for the raw
 * source. */
#define CONVERT_FILES_MOST (WORKER_MAX_FDS - 1)

/* The ticket of a message that was read; never fails. */
struct ticket *convert_make(const struct convert_context *context,
    struct message *message, const struct entry *entry,
    const struct convert_terms *terms);

/* Text and quoted text, of all that a message says; after `automatic` is known.
 */
void convert_set_text(struct ticket *ticket, struct message *message,
    const char *text, const struct convert_terms *terms);
/* What a ticket is made of, for the files that make it. */
struct convert_case {
	const struct convert_context *context;
	struct message *message;
	const struct entry *entry;
	const struct convert_terms *terms;
};

/* --- convert_origin.c */
/* Fills `origin`, and puts before the references what a delivery report is
 * about; before convert_people. */
void convert_origin(struct ticket *ticket, const struct convert_case *of);
/* Lines for agents, or "".  The caller frees it. */
char *convert_origin_note(const struct origin *origin);
/* The first that `pattern` (NULL: none) finds in the text and that may be a
 * ticket's code, one line of 63 bytes at most: its first group, if it has one,
 * else all of the match; or NULL.  A limit met is told in the ticket's
 * `undecided`.  The caller frees it. */
char *convert_find_tag(
    struct ticket *ticket, const char *text, const char *pattern);

/* --- convert_people.c */
/* Requester and followers. */
void convert_people(struct ticket *ticket, const struct convert_case *of);

/* What every ticket has of its entry: inbox, verdict, spam mark. */
struct ticket *convert_begin(const struct entry *entry);

/* `name`, or "name (2).ext" and so on where the ticket has such a file.  The
 * caller frees it. */
char *convert_file_name(const struct ticket *ticket, const char *name);

/* "Deskgate: unsure ...", with the reasons, and `more` (may be NULL) on further
 * lines. */
char *convert_note(const struct entry *entry, const char *more);

/* --- what it says --- */

/* What is gathered of a message while its ticket is made; all but the first
 * three begin empty (convert_content_new). */
struct convert_content {
	const struct convert_context *context;
	const struct convert_terms *terms;
	struct ticket *ticket; /* gets the files; borrowed */
	GString *text;         /* what the person wrote */
	char *html;            /* the HTML part's source, or NULL */
	GString *shown;        /* lines of ours for the ticket's text */
	GString *noted;        /* lines of ours for the agents' note */
	gboolean left_out;     /* something is in the raw source alone */
	gboolean blocked;      /* something is not wanted at all */
	gsize unpacked;        /* bytes of packed mail, see UNPACKED_MOST */
};

/*
 * Reads all of a message that a ticket shows: the text, packed or signed as it
 * may be, and the files, which go to `ticket`.  The caller frees the result.
 */
struct convert_content *convert_content_new(
    const struct convert_context *context, const struct convert_terms *terms,
    struct ticket *ticket, struct message *message);
/* Frees it; accepts NULL. */
void convert_content_free(struct convert_content **content);

/* Sets the ticket's HTML and what is left out, and adds the lines of ours below
 * the ticket's text, which stands already. */
void convert_content_end(struct convert_content *content);

/* --- what is attached --- */

/*
 * Gives `file` to the ticket, or says what became of it: blocked, or one too
 * many.  Takes it over.  Its name may be NULL or unsafe, here it becomes a safe
 * and unique one; what its content is against what is said of it is noted.
 */
void convert_add_file(
    struct convert_content *content, struct ticket_file *file);

/* What these bytes are by their content, or NULL: unknown, or not to be told.
 * The caller frees it. */
char *convert_found_type(const struct convert_content *content, GBytes *bytes);

/* Names what is in the raw source alone, and why. */
void convert_leave_out(struct convert_content *content, const char *name,
    const char *type, const char *why);

#endif
