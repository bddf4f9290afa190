/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_ENCODING_H
#define DESKGATE_LIB_MAIL_ENCODING_H

#include <glib.h>

/*
 * Transfer encodings where they are broken: what is wrong, and what can be had
 * all the same.  Pure; thread-safe.
 */

/* Appends what base64 means; signs that are none of it are left out. */
void encoding_base64(const char *bytes, gsize length, GString *out);
/* Behind the first padding: what follows is another text, or no base64. */
gsize encoding_base64_end(const char *bytes, gsize length);

/* Appends what quoted-printable means; what is none stands as it is. */
void encoding_quoted(const char *bytes, gsize length, GString *out);
/* What bytes mean in the encoding of this name ("base64", "quoted-printable",
 * case aside), where all of them are of it; else NULL.  The caller frees it. */
GString *encoding_decode(const char *name, const char *bytes, gsize length);
/* Whether it is the name of one that changes no byte, as these are written: a
 * name that nobody knows is another thing (RFC 2045, 6.4). */
gboolean encoding_is_plain(const char *name);

/* FALSE when bytes of a body in base64 or quoted-printable are not what these
 * allow. */
gboolean encoding_is_base64(const char *bytes, gsize length);
/* The same for quoted-printable. */
gboolean encoding_is_quoted(const char *bytes, gsize length);

#endif
