/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/seal.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static void
assert_hex(const guint8 *bytes, gsize length, const char *want)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (gsize i = 0; i < length; i++)
		g_string_append_printf(text, "%02x", bytes[i]);
	g_assert_cmpstr(text->str, ==, want);
}

/*
 * Made with another implementation of BLAKE2b (Python's hashlib): the key, then
 * domain and pieces, each behind its length in 8 bytes, little end first.
 */
static void
test_digest_vectors(void)
{
	struct seal_digest *digest;
	guint8 count[256], out[64];

	for (guint i = 0; i < 256; i++)
		count[i] = i;
	digest = seal_digest_new(count, 32, "test");
	seal_digest_add(digest, "ab", 2);
	seal_digest_add(digest, "c", 1);
	seal_digest_end(&digest, out, 64);
	g_assert_null(digest);
	assert_hex(out, 64,
	    "aba31c3d8953777f663188d7b2bb7a4e3d44efa97cb6e4ba43f06a3e3ed51727"
	    "5dc5f9f711ecc8e4849be3ac433293f0f8166f5dc26e3d04927853f409162983");
	digest = seal_digest_new(NULL, 0, "");
	seal_digest_end(&digest, out, 64);
	assert_hex(out, 64,
	    "482ae5a29fbe856c7272f2071b8b0f0359ee2d89ff392b8a900643fbd0836ecc"
	    "d067b8bf41909e206c90d45d6e7d8b6686b93ecaee5fe1a9060d87b672101310");
	digest = seal_digest_new(count, 64, "x");
	seal_digest_add(digest, count, 256);
	seal_digest_end(&digest, out, 16);
	assert_hex(out, 16, "624fe1e1411730141928dfda5474f3a0");
}

static void
digest_of(const char *key, const char *domain, const char *a, const char *b,
    guint8 out[32])
{
	struct seal_digest *digest =
	    seal_digest_new((const guint8 *)key, strlen(key), domain);

	seal_digest_add(digest, a, strlen(a));
	seal_digest_add(digest, b, strlen(b));
	seal_digest_end(&digest, out, 32);
}

/* Whatever differs in what goes in, differs in what comes out. */
static void
test_digest_apart(void)
{
	static const char *const cases[][4] = {
		{ "0123456789abcdef", "d", "ab", "c" },
		{ "0123456789abcdef", "d", "a", "bc" },
		{ "0123456789abcdef", "d", "", "abc" },
		{ "0123456789abcdef", "d", "abc", "" },
		{ "0123456789abcdef", "e", "ab", "c" },
		{ "0123456789abcdef", "da", "b", "c" },
		{ "0123456789abcdeF", "d", "ab", "c" },
		{ "", "d", "ab", "c" },
	};
	guint8 out[G_N_ELEMENTS(cases)][32];

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		digest_of(
		    cases[i][0], cases[i][1], cases[i][2], cases[i][3], out[i]);
		for (gsize j = 0; j < i; j++)
			g_assert_false(seal_equal(out[i], out[j], 32));
	}
}

/* The vectors of SipHash's authors: key 00..0f, message 00, 00 01, ... */
static void
test_short(void)
{
	static const struct {
		gsize length;
		guint64 want;
	} cases[] = {
		{ 0, G_GUINT64_CONSTANT(0x726fdb47dd0e0e31) },
		{ 1, G_GUINT64_CONSTANT(0x74f839c593dc67fd) },
		{ 7, G_GUINT64_CONSTANT(0xab0200f58b01d137) },
		{ 8, G_GUINT64_CONSTANT(0x93f5f5799a932462) },
		{ 15, G_GUINT64_CONSTANT(0xa129ca6149be45e5) },
		{ 63, G_GUINT64_CONSTANT(0x958a324ceb064572) },
	};
	guint8 bytes[64];

	for (guint i = 0; i < 64; i++)
		bytes[i] = i;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmphex(seal_short(bytes, bytes, cases[i].length), ==,
		    cases[i].want);
}

static void
test_box(void)
{
	guint8 public[SEAL_PUBLIC_BYTES], again[SEAL_PUBLIC_BYTES];
	struct secret *secret OWNED(secret_free) = NULL;
	struct secret *other OWNED(secret_free) = NULL;
	struct secret *opened OWNED(secret_free) = NULL;
	g_autoptr(GBytes) box = NULL, twin = NULL;
	g_autofree guint8 *changed = NULL;
	const void *data;
	gsize length;

	g_assert_true(seal_box_pair(public, &secret));
	seal_box_public(secret, again);
	g_assert_true(seal_equal(public, again, sizeof(public)));
	box = seal_box(public, "message key", 11);
	twin = seal_box(public, "message key", 11);
	g_assert_false(g_bytes_equal(box, twin));
	data = g_bytes_get_data(box, &length);
	opened = seal_box_open(secret, data, length, NULL);
	g_assert_cmpstr(secret_text(opened), ==, "message key");
	g_assert_true(seal_box_pair(again, &other));
	g_assert_null(seal_box_open(other, data, length, NULL));
	changed = g_memdup2(data, length);
	for (gsize i = 0; i < length; i++) {
		g_autoptr(GError) error = NULL;

		changed[i] ^= 0x40;
		g_assert_null(seal_box_open(secret, changed, length, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		changed[i] ^= 0x40;
		g_assert_null(seal_box_open(secret, changed, i, NULL));
	}
}

static void
test_wrap(void)
{
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct secret *other OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct secret *inner OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct secret *back OWNED(secret_free) = NULL;
	g_autoptr(GBytes) wrapped = seal_wrap(key, inner);
	g_autoptr(GBytes) twin = seal_wrap(key, inner);
	g_autoptr(GError) error = NULL;
	g_autofree guint8 *changed = NULL;
	gsize length;
	const void *data = g_bytes_get_data(wrapped, &length);

	g_assert_false(g_bytes_equal(wrapped, twin));
	back = seal_unwrap(key, data, length, &error);
	g_assert_no_error(error);
	g_assert_true(secret_equal(secret_data(back), secret_length(back),
	    secret_data(inner), secret_length(inner)));
	g_assert_null(seal_unwrap(other, data, length, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	changed = g_memdup2(data, length);
	for (gsize i = 0; i < length; i++) {
		changed[i] ^= 1;
		g_assert_null(seal_unwrap(key, changed, length, NULL));
		changed[i] ^= 1;
		g_assert_null(seal_unwrap(key, changed, i, NULL));
	}
}

#define CHUNK 65536

static GBytes *
plain_of(gsize length)
{
	guint8 *bytes = g_malloc(length + 1);

	for (gsize i = 0; i < length; i++)
		bytes[i] = (i * 7 + i / CHUNK) & 0xff;
	return g_bytes_new_take(bytes, length);
}

static void
assert_refused(const struct secret *key, const char *context, const void *data,
    gsize length)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(seal_stream_open(key, context, data, length, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

/* Sizes at the edges of chunks: there and back, and cut anywhere in between. */
static void
test_stream(void)
{
	static const gsize sizes[] = { 0, 1, CHUNK - 1, CHUNK, CHUNK + 1,
		2 * CHUNK, 3 * CHUNK + 5 };
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	struct secret *other OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(GBytes) plain = plain_of(sizes[i]);
		g_autoptr(GBytes) sealed = seal_stream(key, "name", plain);
		g_autoptr(GBytes) back = NULL;
		g_autoptr(GError) error = NULL;
		gsize length;
		const guint8 *data = g_bytes_get_data(sealed, &length);

		g_test_message("%" G_GSIZE_FORMAT " bytes", sizes[i]);
		back = seal_stream_open(key, "name", data, length, &error);
		g_assert_no_error(error);
		g_assert_true(back != NULL && g_bytes_equal(plain, back));
		assert_refused(other, "name", data, length);
		assert_refused(key, "nam", data, length);
		assert_refused(key, "", data, length);
		for (gsize cut = 0; cut < length; cut += 1 + length / 97)
			assert_refused(key, "name", data, cut);
		assert_refused(key, "name", data, length - 1);
		/* At a chunk's edge, where every piece is whole. */
		for (gsize at = 24; at < length; at += CHUNK + 17)
			assert_refused(key, "name", data, at);
	}
}

static void
test_stream_changed(void)
{
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	g_autoptr(GBytes) plain = plain_of(2 * CHUNK + 9);
	g_autoptr(GBytes) sealed = seal_stream(key, "", plain);
	const gsize piece = CHUNK + 17;
	gsize length;
	const guint8 *data = g_bytes_get_data(sealed, &length);
	g_autofree guint8 *copy = g_malloc(2 * length);

	for (gsize i = 0; i < length; i += 1 + length / 211) {
		memcpy(copy, data, length);
		copy[i] ^= 0x80;
		assert_refused(key, "", copy, length);
	}
	/* Two chunks change places; one is left out; one more at the end. */
	memcpy(copy, data, length);
	memcpy(copy + 24, data + 24 + piece, piece);
	memcpy(copy + 24 + piece, data + 24, piece);
	assert_refused(key, "", copy, length);
	memcpy(copy, data, length);
	memmove(copy + 24, copy + 24 + piece, length - 24 - piece);
	assert_refused(key, "", copy, length - piece);
	memcpy(copy, data, length);
	memcpy(copy + length, data + 24, piece);
	assert_refused(key, "", copy, length + piece);
}

/* RFC 4231, cases 1, 2 and 6. */
static void
test_hmac(void)
{
	static const struct {
		guint8 fill;
		gsize length;
		const char *key, *data, *want;
	} cases[] = {
		{ 0x0b, 20, NULL, "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c"
		    "2e32cff7" },
		{ 0, 4, "Jefe", "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b9"
		    "64ec3843" },
		{ 0xaa, 131, NULL,
		    "Test Using Larger Than Block-Size Key - Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f"
		    "0ee37f54" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint8 bytes[131], out[SEAL_HMAC_BYTES];
		char hex[2 * SEAL_HMAC_BYTES + 1];
		struct secret *key OWNED(secret_free) = NULL;

		memset(bytes, cases[i].fill, sizeof bytes);
		if (cases[i].key != NULL)
			memcpy(bytes, cases[i].key, cases[i].length);
		key = secret_new(bytes, cases[i].length);
		seal_hmac(key, cases[i].data, strlen(cases[i].data), out);
		for (gsize j = 0; j < sizeof out; j++)
			g_snprintf(hex + 2 * j, 3, "%02x", out[j]);
		g_assert_cmpstr(hex, ==, cases[i].want);
	}
}

static void
test_random(void)
{
	guint8 a[32] = { 0 }, b[32] = { 0 };

	seal_random(a, sizeof(a));
	seal_random(b, sizeof(b));
	g_assert_false(seal_equal(a, b, sizeof(a)));
	g_assert_true(seal_equal(a, a, sizeof(a)));
	g_assert_true(seal_equal(a, b, 0));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_assert_true(seal_init(NULL));
	g_test_add_func("/base/seal/digest-vectors", test_digest_vectors);
	g_test_add_func("/base/seal/digest-apart", test_digest_apart);
	g_test_add_func("/base/seal/short", test_short);
	g_test_add_func("/base/seal/box", test_box);
	g_test_add_func("/base/seal/wrap", test_wrap);
	g_test_add_func("/base/seal/stream", test_stream);
	g_test_add_func("/base/seal/stream-changed", test_stream_changed);
	g_test_add_func("/base/seal/hmac", test_hmac);
	g_test_add_func("/base/seal/random", test_random);
	return g_test_run();
}
