/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_SEAL_H
#define DESKGATE_LIB_BASE_SEAL_H

#include <glib.h>

#include "lib/base/secret.h"

/*
 * The one file that calls libsodium for digests and encryption.
 *
 *  - digests: BLAKE2b (RFC 7693), keyed, with a domain word that separates uses
 *  - short digests: SipHash-2-4 of a few bytes, for features (64 bits)
 *  - boxes: crypto_box_seal (X25519, XSalsa20-Poly1305): who seals needs only
 *    the public key and cannot open what he sealed
 *  - streams: secretstream (XChaCha20-Poly1305) in chunks of 64 KiB with an end
 *    mark, so that a cut stream is told from a whole one
 *  - wraps: crypto_secretbox of a small key under a key, random nonce
 */
#define SEAL_KEY_BYTES 32
#define SEAL_PUBLIC_BYTES 32
#define SEAL_SHORT_KEY_BYTES 16

/* Initialises libsodium.  From main, before anything else here. */
gboolean seal_init(GError **error);

/* Digest of 16 to 64 bytes of several pieces. Each piece goes in with its
 * length, so that ("ab","c") and ("a","bc") differ. */
struct seal_digest;
/* Begins a digest; a key of no bytes is allowed.  seal_digest_end frees it. */
struct seal_digest *seal_digest_new(
    const guint8 *key, gsize key_length, const char *domain);
/* Adds one piece. */
void seal_digest_add(
    struct seal_digest *digest, const void *data, gsize length);
/* Finishes and frees *digest. */
void seal_digest_end(
    struct seal_digest **digest, guint8 *out, gsize out_length);

/* HMAC-SHA256 (RFC 2104, FIPS 180-4) with a key of any length, for talking to
 * programs of others; what is ours alone uses the digests above. */
#define SEAL_HMAC_BYTES 32
void seal_hmac(const struct secret *key, const void *data, gsize length,
    guint8 out[SEAL_HMAC_BYTES]);

/* SipHash-2-4; key of SEAL_SHORT_KEY_BYTES. */
guint64 seal_short(const guint8 *key, const void *data, gsize length);

/* A fresh key pair; *secret_r is freed by the caller. */
gboolean seal_box_pair(
    guint8 public_r[SEAL_PUBLIC_BYTES], struct secret **secret_r);
/* The public key that belongs to a secret one. */
void seal_box_public(
    const struct secret *secret, guint8 public_r[SEAL_PUBLIC_BYTES]);
/* Seals to a public key; whoever seals cannot open it again. */
GBytes *seal_box(
    const guint8 public[SEAL_PUBLIC_BYTES], const void *data, gsize length);
/* NULL with BAD when it was not sealed to this key or was changed. */
struct secret *seal_box_open(const struct secret *secret, const void *data,
    gsize length, GError **error);

/* Encrypts a small secret under a key of SEAL_KEY_BYTES. */
GBytes *seal_wrap(const struct secret *key, const struct secret *inner);
/* Gives the wrapped secret back; NULL with BAD when it was wrapped by another
 * key or was changed. */
struct secret *seal_unwrap(
    const struct secret *key, const void *data, gsize length, GError **error);

/*
 * Encrypts `plain` whole to the stream form (header, then chunks, the last with
 * the end mark), and back.  `context` is authenticated along with it (the
 * file's name, say) and must be the same on opening.  seal_stream_open answers
 * BAD for anything cut, changed or of another key.
 */
GBytes *seal_stream(
    const struct secret *key, const char *context, GBytes *plain);
/* The plain bytes again; NULL with BAD. */
GBytes *seal_stream_open(const struct secret *key, const char *context,
    const void *data, gsize length, GError **error);

/* Fills with random bytes. */
void seal_random(void *out, gsize length);

/* Memory for secrets (lib/base/secret.h alone calls these): locked, guarded,
 * out of core dumps, wiped when freed. */
void *seal_locked(gsize length);
/* Wipes and frees it. */
void seal_locked_free(void *memory);
/* memcmp in constant time: TRUE when equal. */
gboolean seal_equal(const void *a, const void *b, gsize length);

#endif
