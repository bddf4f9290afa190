/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything that libsodium does for us.  Each function is a thin call with our
 * sizes and our errors; nothing here invents cryptography.
 *
 * The stream form: 24 bytes of secretstream header, then chunks of at most
 * CHUNK plain bytes with 17 bytes of tag each; the last chunk (which may be
 * empty) carries TAG_FINAL, so that a file cut at a chunk's edge is told from a
 * whole one. The context is the additional data of every chunk.
 */
#include "lib/base/seal.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/err.h"

#define CHUNK 65536
#define CHUNK_SEALED (CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES)
#define STREAM_HEADER crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define STREAM_TAG crypto_secretstream_xchacha20poly1305_ABYTES

G_STATIC_ASSERT(
    SEAL_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES);
G_STATIC_ASSERT(SEAL_KEY_BYTES == crypto_secretbox_KEYBYTES);
G_STATIC_ASSERT(SEAL_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES);
G_STATIC_ASSERT(SEAL_SHORT_KEY_BYTES == crypto_shorthash_KEYBYTES);

gboolean
seal_init(GError **error)
{
	return sodium_init() >= 0 ||
	       err_set(error, DG_ERROR_IO, "libsodium does not start");
}

G_STATIC_ASSERT(SEAL_HMAC_BYTES == crypto_auth_hmacsha256_BYTES);

void
seal_hmac(const struct secret *key, const void *data, gsize length,
    guint8 out[SEAL_HMAC_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(
	    &state, secret_data(key), secret_length(key));
	crypto_auth_hmacsha256_update(&state, data, length);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

struct seal_digest {
	crypto_generichash_state state;
};

struct seal_digest *
seal_digest_new(const guint8 *key, gsize key_length, const char *domain)
{
	struct seal_digest *digest =
	    g_aligned_alloc(1, sizeof(struct seal_digest), 64);

	/* The digest's length is part of BLAKE2b's parameters: always the
	 * longest, and a shorter one is its beginning. */
	crypto_generichash_init(
	    &digest->state, key, key_length, crypto_generichash_BYTES_MAX);
	seal_digest_add(digest, domain, strlen(domain));
	return digest;
}

void
seal_digest_add(struct seal_digest *digest, const void *data, gsize length)
{
	guint64 size = GUINT64_TO_LE(length);

	crypto_generichash_update(
	    &digest->state, (const guint8 *)&size, sizeof(size));
	crypto_generichash_update(&digest->state, data, length);
}

void
seal_digest_end(struct seal_digest **digest, guint8 *out, gsize out_length)
{
	guint8 whole[crypto_generichash_BYTES_MAX];

	g_assert(out_length <= sizeof(whole));
	crypto_generichash_final(&(*digest)->state, whole, sizeof(whole));
	memcpy(out, whole, out_length);
	sodium_memzero(&(*digest)->state, sizeof((*digest)->state));
	g_aligned_free(*digest);
	*digest = NULL;
}

guint64
seal_short(const guint8 *key, const void *data, gsize length)
{
	guint64 hash;

	crypto_shorthash((guint8 *)&hash, data, length, key);
	return GUINT64_FROM_LE(hash);
}

gboolean
seal_box_pair(guint8 public_r[SEAL_PUBLIC_BYTES], struct secret **secret_r)
{
	guint8 secret[crypto_box_SECRETKEYBYTES];
	gboolean made = crypto_box_keypair(public_r, secret) == 0;

	*secret_r = secret_new(secret, sizeof(secret));
	sodium_memzero(secret, sizeof(secret));
	return made;
}

void
seal_box_public(const struct secret *secret, guint8 public_r[SEAL_PUBLIC_BYTES])
{
	g_assert(secret_length(secret) == crypto_box_SECRETKEYBYTES);
	crypto_scalarmult_base(public_r, secret_data(secret));
}

GBytes *
seal_box(const guint8 public[SEAL_PUBLIC_BYTES], const void *data, gsize length)
{
	guint8 *sealed = g_malloc(length + crypto_box_SEALBYTES);

	crypto_box_seal(sealed, data, length, public);
	return g_bytes_new_take(sealed, length + crypto_box_SEALBYTES);
}

struct secret *
seal_box_open(
    const struct secret *secret, const void *data, gsize length, GError **error)
{
	guint8 public[SEAL_PUBLIC_BYTES];
	struct secret *opened = NULL;
	guint8 *plain;

	if (length < crypto_box_SEALBYTES || length > 65536) {
		err_set(error, DG_ERROR_BAD, "a sealed box of a wrong size");
		return NULL;
	}
	seal_box_public(secret, public);
	plain = seal_locked(length);
	if (crypto_box_seal_open(
		plain, data, length, public, secret_data(secret)) == 0)
		opened = secret_new(plain, length - crypto_box_SEALBYTES);
	else
		err_set(error, DG_ERROR_BAD,
		    "a box that was sealed to another key or was changed");
	seal_locked_free(plain);
	return opened;
}

GBytes *
seal_wrap(const struct secret *key, const struct secret *inner)
{
	gsize length = secret_length(inner) + crypto_secretbox_NONCEBYTES +
		       crypto_secretbox_MACBYTES;
	guint8 *wrapped = g_malloc(length);

	g_assert(secret_length(key) == SEAL_KEY_BYTES);
	randombytes_buf(wrapped, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(wrapped + crypto_secretbox_NONCEBYTES,
	    secret_data(inner), secret_length(inner), wrapped,
	    secret_data(key));
	return g_bytes_new_take(wrapped, length);
}

struct secret *
seal_unwrap(
    const struct secret *key, const void *data, gsize length, GError **error)
{
	const gsize extra =
	    crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
	const guint8 *wrapped = data;
	struct secret *inner = NULL;
	guint8 *plain;

	if (length < extra || length > 65536) {
		err_set(error, DG_ERROR_BAD, "a wrapped key of a wrong size");
		return NULL;
	}
	plain = seal_locked(length);
	if (crypto_secretbox_open_easy(plain,
		wrapped + crypto_secretbox_NONCEBYTES,
		length - crypto_secretbox_NONCEBYTES, wrapped,
		secret_data(key)) == 0)
		inner = secret_new(plain, length - extra);
	else
		err_set(error, DG_ERROR_BAD,
		    "a key that was wrapped by another key or was changed");
	seal_locked_free(plain);
	return inner;
}

GBytes *
seal_stream(const struct secret *key, const char *context, GBytes *plain)
{
	crypto_secretstream_xchacha20poly1305_state state;
	gsize left, chunks, at = STREAM_HEADER;
	const guint8 *data = g_bytes_get_data(plain, &left);
	guint8 *sealed;

	chunks = left / CHUNK + 1;
	sealed = g_malloc(STREAM_HEADER + left + chunks * STREAM_TAG);
	crypto_secretstream_xchacha20poly1305_init_push(
	    &state, sealed, secret_data(key));
	for (gsize i = 0; i < chunks; i++) {
		gsize part = MIN(left, CHUNK);
		guint8 tag =
		    i + 1 == chunks
			? crypto_secretstream_xchacha20poly1305_TAG_FINAL
			: 0;

		crypto_secretstream_xchacha20poly1305_push(&state, sealed + at,
		    NULL, data, part, (const guint8 *)context, strlen(context),
		    tag);
		at += part + STREAM_TAG;
		if (part > 0) /* no bytes: data may be NULL */
			data += part;
		left -= part;
	}
	sodium_memzero(&state, sizeof(state));
	return g_bytes_new_take(sealed, at);
}

GBytes *
seal_stream_open(const struct secret *key, const char *context,
    const void *data, gsize length, GError **error)
{
	crypto_secretstream_xchacha20poly1305_state state;
	const guint8 *at = data, *end = at + length;
	g_autofree guint8 *plain = g_malloc(length + 1);
	gsize filled = 0;
	guint8 tag = 0;
	gboolean good = length >= STREAM_HEADER + STREAM_TAG &&
			crypto_secretstream_xchacha20poly1305_init_pull(
			    &state, at, secret_data(key)) == 0;

	for (at += STREAM_HEADER; good && at < end;) {
		unsigned long long part = 0;
		gsize sealed = MIN((gsize)(end - at), CHUNK_SEALED);

		good = tag == 0 &&
		       crypto_secretstream_xchacha20poly1305_pull(&state,
			   plain + filled, &part, &tag, at, sealed,
			   (const guint8 *)context, strlen(context)) == 0;
		filled += part;
		at += sealed;
	}
	sodium_memzero(&state, sizeof(state));
	if (good && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL)
		return g_bytes_new_take(g_steal_pointer(&plain), filled);
	err_set(error, DG_ERROR_BAD,
	    "sealed bytes that are cut, changed, or of another key");
	return NULL;
}

void
seal_random(void *out, gsize length)
{
	randombytes_buf(out, length);
}

void *
seal_locked(gsize length)
{
	void *memory = sodium_malloc(length);

	if (memory == NULL)
		g_error("no locked memory for a secret of %zu bytes", length);
	return memory;
}

void
seal_locked_free(void *memory)
{
	sodium_free(memory);
}

gboolean
seal_equal(const void *a, const void *b, gsize length)
{
	return sodium_memcmp(a, b, length) == 0;
}
