/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_SEALED_MAIL_H
#define DESKGATE_TICKETS_SEALED_MAIL_H

#include <glib.h>

/*
 * Mail that is signed or encrypted, by S/MIME (RFC 8551) or PGP (RFC 3156, and
 * text in armour, RFC 9580).  What is signed is made readable, and is not
 * verified; what is encrypted is told from it, and never decrypted: that takes
 * keys, which a reader has not.  GnuTLS unpacks S/MIME (sealed_mail.c alone
 * includes it).
 */
enum sealed_kind {
	SEALED_NOT,
	SEALED_SIGNED,
	SEALED_ENCRYPTED,
	SEALED_UNKNOWN /* S/MIME of another kind, or broken */
};

/* What a part of this type is; for S/MIME the content decides
 * (sealed_smime_open). */
enum sealed_kind sealed_part(const char *type);

/* Whether it is S/MIME in one piece (application/pkcs7-mime). */
gboolean sealed_is_smime(const char *type);

/* Of such a part: its kind, and of a signed one the mail in it (MIME header and
 * body), which the caller frees; NULL for others, and where it cannot be
 * unpacked. */
GBytes *sealed_smime_open(GBytes *bytes, enum sealed_kind *kind_r);

/*
 * Text with PGP armour in it: the kind, and the text without what is no text:
 * signatures and the frame of signed text, encrypted blocks.  Armour counts
 * from the start of a line, so a quoted one does not.  NULL when there is none;
 * the caller frees it.
 */
char *sealed_armour_text(const char *text, enum sealed_kind *kind_r);

#endif
