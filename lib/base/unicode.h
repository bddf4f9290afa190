/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_UNICODE_H
#define DESKGATE_LIB_BASE_UNICODE_H

#include <glib.h>

/*
 * Text as UTF-8 (libunistring in unicode.c alone).  Thread-safe.
 */

/* How many of the bytes stand in front of the first that is not ASCII. */
gsize unicode_ascii_run(const char *bytes, gsize length);

/* Valid UTF-8 from any bytes: each bad byte becomes U+FFFD, NUL is dropped. */
char *unicode_repair(const char *bytes, gssize length);

/* NFKC, case folded: for comparing words and addresses. */
char *unicode_fold(const char *text);

/* `text` fit for one line of a person's screen: controls, line ends and
 * bidirectional overrides become one blank, runs of blanks one, ends trimmed;
 * at most `max` bytes, cut at a character. */
char *unicode_line(const char *text, gsize max);

/* Cuts in place to at most `max` bytes at a character's edge. */
void unicode_cut(char *text, gsize max);

#endif
