/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_CHARSET_H
#define DESKGATE_LIB_MAIL_CHARSET_H

#include <glib.h>

/*
 * Text of any charset as UTF-8: as declared where that can be, else UTF-8, else
 * windows-1252; a bad byte becomes U+FFFD and never costs the rest.  Labels
 * mean what mail means by them, and the answer does not depend on what iconv
 * has beyond the charsets named in charset.c.  Thread-safe.
 */

/* Opens and keeps a converter for every charset we name: glibc loads their
 * modules from files, which a jailed reader cannot. Once, before the jail
 * closes. */
void charset_prepare(void);

/*
 * `declared` may be NULL or nonsense.  *odd_r is set TRUE (never FALSE) when
 * the text had to be repaired or its charset guessed against what was declared.
 * NUL is dropped, as is a byte order mark.  At most `max` bytes of result.  The
 * caller frees it.
 */
char *charset_to_utf8(const void *bytes, gsize length, const char *declared,
    gsize max, gboolean *odd_r);

#endif
