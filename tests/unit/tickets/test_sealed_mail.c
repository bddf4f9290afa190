/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signed and encrypted mail told apart, and what is signed made readable.
 */
#include "tickets/sealed_mail.h"

#include <string.h>

#define INSIDE "Content-Type: text/plain; charset=utf-8\r\n\r\nSigned hello\r\n"

/* Made with openssl cms, with a key that is gone: lengths in one piece, and
 * (-stream) open ones. */
static const char whole[] =
    "MIIBAQYJKoZIhvcNAQcCoIHzMIHwAgEBMQ0wCwYJYIZIAWUDBAIBMEgGCSqGSIb3DQEHAaA7"
    "BDlDb250ZW50LVR5cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9dXRmLTgNCg0KU2lnbmVkIGhl"
    "bGxvDQoxgZEwgY4CAQEwJjAOMQwwCgYDVQQDDANhbm4CFD+erTKx1SjbStfUvpAND7Njap7y"
    "MAsGCWCGSAFlAwQCATAKBggqhkjOPQQDAgRIMEYCIQDLqbTmZIXVrNCsm+O7B53M3qv6yOQM"
    "zyM/ybo9m8srGQIhAPSMO/5oUOy1rgH8SUWVRSncOZi911QooNrMMO+XO2w3";
static const char stream[] =
    "MIAGCSqGSIb3DQEHAqCAMIACAQExDTALBglghkgBZQMEAgEwgAYJKoZIhvcNAQcBoIAkgAQ5"
    "Q29udGVudC1UeXBlOiB0ZXh0L3BsYWluOyBjaGFyc2V0PXV0Zi04DQoNClNpZ25lZCBoZWxs"
    "bw0KAAAAAAAAMYGPMIGMAgEBMCYwDjEMMAoGA1UEAwwDYW5uAhQ/nq0ysdUo20rX1L6QDQ+z"
    "Y2qe8jALBglghkgBZQMEAgEwCgYIKoZIzj0EAwIERjBEAiAiZ9T1Otj/1Vd6IrDR/IY/Q2Mv"
    "9Szx6VhMBSr/ScpWMgIgLr+/DXCSFmYwEwUd61Qhx0BIF7tnxFuUUKdBCiIHRVoAAAAAAAA"
    "=";
static const char encrypted[] =
    "MIIBagYJKoZIhvcNAQcDoIIBWzCCAVcCAQAxgewwgekCAQAwUjA6MRgwFgYD";

static void
assert_opens(const char *base64, enum sealed_kind want, const char *inside)
{
	gsize length;
	guint8 *data = g_base64_decode(base64, &length);
	g_autoptr(GBytes) bytes = g_bytes_new_take(data, length);
	enum sealed_kind kind;
	g_autoptr(GBytes) found = sealed_smime_open(bytes, &kind);

	g_assert_cmpint(kind, ==, want);
	if (inside == NULL)
		g_assert_null(found);
	else
		g_assert_cmpmem(g_bytes_get_data(found, NULL),
		    g_bytes_get_size(found), inside, strlen(inside));
}

static void
test_smime(void)
{
	assert_opens(whole, SEALED_SIGNED, INSIDE);
	assert_opens(stream, SEALED_SIGNED, INSIDE);
	assert_opens(encrypted, SEALED_ENCRYPTED, NULL);
	assert_opens("", SEALED_UNKNOWN, NULL);
	assert_opens("SGVsbG8gdGhlcmU=", SEALED_UNKNOWN, NULL);
}

/* Cut anywhere, it is refused. */
static void
test_broken(void)
{
	gsize length;
	g_autofree guint8 *data = g_base64_decode(whole, &length);

	for (gsize cut = 0; cut < length; cut++) {
		g_autoptr(GBytes) bytes = g_bytes_new(data, cut);
		enum sealed_kind kind;
		g_autoptr(GBytes) found = sealed_smime_open(bytes, &kind);

		g_assert_null(found);
	}
}

#define ENCRYPTED \
	"-----BEGIN PGP MESSAGE-----\n\nhQEM\n=abcd\n-----END PGP " \
	"MESSAGE-----\n"
#define SIGNED \
	"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nHello\n- -----\n" \
	"-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"

static void
test_armour(void)
{
	static const struct {
		const char *name, *text;
		enum sealed_kind kind;
		const char *want;
	} cases[] = {
		{ "none", "Hello\n", SEALED_NOT, NULL },
		{ "a key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n",
		    SEALED_NOT, NULL },
		{ "signed", SIGNED, SEALED_SIGNED, "Hello\n-----\n" },
		{ "signed, with text around", "Dear all,\n" SIGNED "Ann\n",
		    SEALED_SIGNED, "Dear all,\nHello\n-----\nAnn\n" },
		{ "signed, CRLF",
		    "-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nHello\r\n",
		    SEALED_SIGNED, "Hello\r\n" },
		{ "signed, without a header",
		    "-----BEGIN PGP SIGNED MESSAGE-----\nHello\nthere\n",
		    SEALED_SIGNED, "Hello\nthere\n" },
		{ "encrypted", "Hi\n" ENCRYPTED "Ann", SEALED_ENCRYPTED,
		    "Hi\nAnn" },
		{ "both", SIGNED ENCRYPTED, SEALED_ENCRYPTED,
		    "Hello\n-----\n" },
		{ "quoted", "> -----BEGIN PGP MESSAGE-----\n> x\n", SEALED_NOT,
		    NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		enum sealed_kind kind;
		g_autofree char *text =
		    sealed_armour_text(cases[i].text, &kind);

		g_test_message("%s", cases[i].name);
		g_assert_cmpint(kind, ==, cases[i].kind);
		g_assert_cmpstr(text, ==, cases[i].want);
	}
}

static void
test_parts(void)
{
	g_assert_true(sealed_is_smime("application/x-pkcs7-mime"));
	g_assert_false(sealed_is_smime("application/pkcs7-signature"));
	g_assert_cmpint(
	    sealed_part("application/pgp-encrypted"), ==, SEALED_ENCRYPTED);
	g_assert_cmpint(
	    sealed_part("application/pgp-signature"), ==, SEALED_SIGNED);
	g_assert_cmpint(sealed_part("application/pdf"), ==, SEALED_NOT);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/sealed/smime", test_smime);
	g_test_add_func("/sealed/broken", test_broken);
	g_test_add_func("/sealed/armour", test_armour);
	g_test_add_func("/sealed/parts", test_parts);
	return g_test_run();
}
