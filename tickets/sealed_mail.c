/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signed and encrypted mail.
 */
#include "tickets/sealed_mail.h"

#include <gnutls/gnutls.h>
#include <gnutls/pkcs7.h>
#include <string.h>

/* Object identifiers of CMS content (RFC 5652, 5083), as they stand at the
 * beginning. */
static const guint8 cms_prefix[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	0x0d, 0x01, 0x07 };
static const guint8 cms_auth_enveloped[] = { 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86,
	0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17 };
#define CMS_SIGNED 2
#define CMS_ENVELOPED 3
#define CMS_ENCRYPTED 6
/* The identifier follows a tag and a length. */
#define CMS_LOOK 32

enum sealed_kind
sealed_part(const char *type)
{
	if (strcmp(type, "application/pgp-encrypted") == 0)
		return SEALED_ENCRYPTED;
	if (strcmp(type, "application/pgp-signature") == 0 ||
	    strcmp(type, "application/pkcs7-signature") == 0 ||
	    strcmp(type, "application/x-pkcs7-signature") == 0)
		return SEALED_SIGNED;
	return SEALED_NOT;
}

gboolean
sealed_is_smime(const char *type)
{
	return strcmp(type, "application/pkcs7-mime") == 0 ||
	       strcmp(type, "application/x-pkcs7-mime") == 0;
}

static enum sealed_kind
smime_kind(const guint8 *data, gsize length)
{
	gsize look = MIN(length, CMS_LOOK);
	const guint8 *found =
	    memmem(data, look, cms_prefix, sizeof(cms_prefix));

	if (memmem(data, look, cms_auth_enveloped,
		sizeof(cms_auth_enveloped)) != NULL)
		return SEALED_ENCRYPTED;
	if (found == NULL || found + sizeof(cms_prefix) >= data + look)
		return SEALED_UNKNOWN;
	switch (found[sizeof(cms_prefix)]) {
	case CMS_SIGNED:
		return SEALED_SIGNED;
	case CMS_ENVELOPED:
	case CMS_ENCRYPTED:
		return SEALED_ENCRYPTED;
	default:
		return SEALED_UNKNOWN;
	}
}

GBytes *
sealed_smime_open(GBytes *bytes, enum sealed_kind *kind_r)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	gnutls_datum_t packed = { (guint8 *)data, (guint)length }, inside;
	gnutls_pkcs7_t pkcs7;
	GBytes *mail = NULL;

	*kind_r = length > 0 && length <= G_MAXINT32 ? smime_kind(data, length)
						     : SEALED_UNKNOWN;
	if (*kind_r != SEALED_SIGNED || gnutls_pkcs7_init(&pkcs7) < 0)
		return NULL;
	if (gnutls_pkcs7_import(pkcs7, &packed, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_pkcs7_get_embedded_data(pkcs7, 0, &inside) == 0) {
		mail = g_bytes_new(inside.data, inside.size);
		gnutls_free(inside.data);
	}
	gnutls_pkcs7_deinit(pkcs7);
	return mail;
}

/* --- armour --- */

enum place { OUTSIDE, SIGNED_HEADER, SIGNED_TEXT, SIGNATURE, ENCRYPTED };

static gboolean
is_line(const char *line, gsize length, const char *what)
{
	while (length > 0 && g_ascii_isspace(line[length - 1]))
		length--;
	return length == strlen(what) && memcmp(line, what, length) == 0;
}

/* Where the line after this one stands; FALSE: it is not shown. */
static gboolean
step(
    const char *line, gsize length, enum place *place, enum sealed_kind *kind_r)
{
	switch (*place) {
	case OUTSIDE:
		if (is_line(
			line, length, "-----BEGIN PGP SIGNED MESSAGE-----")) {
			*place = SIGNED_HEADER;
			*kind_r = MAX(*kind_r, SEALED_SIGNED);
			return FALSE;
		}
		if (is_line(line, length, "-----BEGIN PGP MESSAGE-----")) {
			*place = ENCRYPTED;
			*kind_r = SEALED_ENCRYPTED;
			return FALSE;
		}
		return TRUE;
	case SIGNED_HEADER: /* Hash: SHA256, then an empty line */
		if (length > 5 && g_ascii_strncasecmp(line, "Hash:", 5) == 0)
			return FALSE;
		*place = SIGNED_TEXT;
		return !is_line(line, length, "");
	case SIGNED_TEXT:
		if (!is_line(line, length, "-----BEGIN PGP SIGNATURE-----"))
			return TRUE;
		*place = SIGNATURE;
		return FALSE;
	case SIGNATURE:
		if (is_line(line, length, "-----END PGP SIGNATURE-----"))
			*place = OUTSIDE;
		return FALSE;
	case ENCRYPTED:
	default:
		if (is_line(line, length, "-----END PGP MESSAGE-----"))
			*place = OUTSIDE;
		return FALSE;
	}
}

char *
sealed_armour_text(const char *text, enum sealed_kind *kind_r)
{
	enum place place = OUTSIDE;
	GString *out;

	*kind_r = SEALED_NOT;
	if (strstr(text, "-----BEGIN PGP ") == NULL)
		return NULL;
	out = g_string_new(NULL);
	while (*text != '\0') {
		gsize length = strcspn(text, "\n");

		length += text[length] == '\n';
		if (step(text, length, &place, kind_r)) {
			/* RFC 9580 7.2: lines that begin with a dash. */
			gsize dash =
			    place == SIGNED_TEXT && g_str_has_prefix(text, "- ")
				? 2
				: 0;

			g_string_append_len(
			    out, text + dash, (gssize)(length - dash));
		}
		text += length;
	}
	if (*kind_r != SEALED_NOT)
		return g_string_free(out, FALSE);
	g_string_free(out, TRUE);
	return NULL;
}
