/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_ACK_H
#define DESKGATE_TICKETS_ACK_H

#include <glib.h>

#include "lib/base/conf.h"
#include "tickets/entry.h"
#include "tickets/ticket.h"

/*
 * Acknowledgements (RFC 3834): whether one is due, and what it says.  Pure, but
 * for ack_text, which reads the files of the settings.
 */

/* Why none is due, for the log: "automatic", "not ham", ...; static.  NULL: one
 * is due.  `section` is the inbox's, or NULL when it left the settings. */
const char *ack_refusal(const struct conf_section *section,
    const struct entry *entry, const struct ticket *ticket);

/* {ticket}, {subject}, {inbox} and {name} in a text that people write. */
struct ack_words {
	const char *ticket; /* what people call it */
	const char *subject;
	const char *inbox;
	const char *name; /* the sender's, or "" */
};

/* The template with its words; "{" that begins none stays.  The caller frees
 * it. */
char *ack_fill(const char *template, const struct ack_words *words);

/* Largest file of the settings below (bytes). */
#define ACK_FILE_MOST 65536
/* The text by ack-text-file, or a plain one, filled, with `notice` (NULL: none)
 * below it.  NULL when a file cannot be read.  The caller frees it. */
char *ack_text(const struct conf_section *section,
    const struct ack_words *words, const char *notice, GError **error);
/* The privacy notice of ack-notice-file, and its version: ack-notice-version,
 * or the beginning of the text's SHA-256; both the caller's, NULL when none is
 * set.  FALSE when the file cannot be read. */
gboolean ack_notice(const struct conf_section *section, char **text_r,
    char **version_r, GError **error);

#endif
