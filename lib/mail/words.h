/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_WORDS_H
#define DESKGATE_LIB_MAIL_WORDS_H

#include <glib.h>

/*
 * Encoded words of header fields (RFC 2047), as mail has them: with blanks
 * inside, a language, raw signs, characters cut between two words, charsets by
 * other names. Thread-safe.
 */

/* Whether the value has at most `max` bytes, and is ASCII that the functions
 * below give back as it is. */
gboolean words_are_plain(const char *value, gsize max);

/* The bytes of a header value as UTF-8, words decoded: at most `max` bytes. Raw
 * bytes that are no UTF-8 are read as `hint`, the charset of the message's
 * text, or NULL. Folds stay.  The caller frees it. */
char *words_decode(const char *value, const char *hint, gsize max);

/* The same, but each run of words is written as one word of UTF-8 in base64, so
 * that a parser of structured fields sees the signs in it as what they are:
 * text. */
char *words_recode(const char *value, const char *hint, gsize max);

#endif
