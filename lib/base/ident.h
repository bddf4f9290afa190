/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_IDENT_H
#define DESKGATE_LIB_BASE_IDENT_H

#include <glib.h>

/*
 * Identities: 16 bytes, written as 32 lower-case hex digits.  The names of
 * spool entries, subjects (people) and lessons.  A plain value.
 */
#define IDENT_BYTES 16
#define IDENT_TEXT 33 /* with the NUL */

struct ident {
	guint8 bytes[IDENT_BYTES];
};

/* Writes the 32 digits and a NUL. */
void ident_text(const struct ident *ident, char text_r[IDENT_TEXT]);
/* FALSE unless `text` is exactly 32 lower-case hex digits. */
gboolean ident_parse(const char *text, struct ident *ident_r);
/* Whether both are the same; not in constant time. */
gboolean ident_equal(const struct ident *a, const struct ident *b);
/* Whether all bytes are 0, which no made identity is. */
gboolean ident_is_zero(const struct ident *ident);

#endif
