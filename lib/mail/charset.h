/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_CHARSET_H
#define DESKGATE_LIB_MAIL_CHARSET_H

#include <glib.h>

/*
 * Text of any charset as UTF-8: declared charset, else UTF-8, else windows-1252; a bad byte
 * becomes U+FFFD and never costs the rest.  Thread-safe.
 */

/* Opens and keeps a converter for every charset we name: glibc loads their modules
 * from files, which a jailed reader cannot. Once, before the jail closes. */
void charset_prepare(void);

/* `declared` may be NULL or nonsense.  *odd_r is set when it had to be repaired or
 * guessed.  At most `max` bytes of result. The caller frees it. */
char *charset_to_utf8(const void *bytes, gsize length, const char *declared,
    gsize max, gboolean *odd_r);

#endif
