/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_SIPHASH_H
#define DESKGATE_LIB_BASE_SIPHASH_H

#include <glib.h>
#include <string.h>

/*
 * SipHash-2-4 in lanes (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012): SIPHASH_LANES texts of one length side by side.  The compiler
 * makes vector instructions of it; what is always inlined here becomes those of
 * the function it stands in, which may be compiled for wider ones than every
 * processor has (SIPHASH_WIDEST).  For gram.c and digest_batch.c alone.
 */
#define SIPHASH_LANES 8
#define SIPHASH_INLINE static inline __attribute__((always_inline))

typedef guint64 siphash_lanes
    __attribute__((vector_size(SIPHASH_LANES * sizeof(guint64))));

struct siphash_key {
	guint64 low, high;
};

#define SIPHASH_ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

#define SIPHASH_ROUND(a, b, c, d) \
	do { \
		(a) += (b); \
		(b) = SIPHASH_ROTATE(b, 13) ^ (a); \
		(a) = SIPHASH_ROTATE(a, 32); \
		(c) += (d); \
		(d) = SIPHASH_ROTATE(d, 16) ^ (c); \
		(a) += (d); \
		(d) = SIPHASH_ROTATE(d, 21) ^ (a); \
		(c) += (b); \
		(b) = SIPHASH_ROTATE(b, 17) ^ (c); \
		(c) = SIPHASH_ROTATE(c, 32); \
	} while (0)

/* The key of SEAL_SHORT_KEY_BYTES. */
SIPHASH_INLINE void
siphash_key_read(const guint8 *bytes, struct siphash_key *key_r)
{
	memcpy(key_r, bytes, sizeof(*key_r));
	key_r->low = GUINT64_FROM_LE(key_r->low);
	key_r->high = GUINT64_FROM_LE(key_r->high);
}

/* Of `n` blocks: eight bytes of each lane's text, least significant first; the
 * high byte of the last is the length of the text. */
SIPHASH_INLINE void
siphash_digest(const struct siphash_key *key, const guint64 *blocks, guint n,
    guint64 *digests_r)
{
	const siphash_lanes zero = { 0 };
	siphash_lanes a = zero + (key->low ^ 0x736f6d6570736575);
	siphash_lanes b = zero + (key->high ^ 0x646f72616e646f6d);
	siphash_lanes c = zero + (key->low ^ 0x6c7967656e657261);
	siphash_lanes d = zero + (key->high ^ 0x7465646279746573);
	siphash_lanes block;

	for (guint i = 0; i < n; i++) {
		memcpy(
		    &block, blocks + (gsize)i * SIPHASH_LANES, sizeof(block));
		d ^= block;
		SIPHASH_ROUND(a, b, c, d);
		SIPHASH_ROUND(a, b, c, d);
		a ^= block;
	}
	c ^= zero + 0xff;
	SIPHASH_ROUND(a, b, c, d);
	SIPHASH_ROUND(a, b, c, d);
	SIPHASH_ROUND(a, b, c, d);
	SIPHASH_ROUND(a, b, c, d);
	block = a ^ b ^ c ^ d;
	memcpy(digests_r, &block, sizeof(block));
}

/* Defines `name`, which calls the always inlined `name`_lanes of the same
 * arguments, compiled for the widest vectors this processor has. */
#if defined(__x86_64__)
#define SIPHASH_WIDEST(name, parameters, arguments) \
	static void name##_plain parameters \
	{ \
		name##_lanes arguments; \
	} \
	__attribute__((target("avx2"))) static void name##_avx2 parameters \
	{ \
		name##_lanes arguments; \
	} \
	__attribute__(( \
	    target("avx512f,avx512vl"))) static void name##_avx512 parameters \
	{ \
		name##_lanes arguments; \
	} \
	static void name parameters \
	{ \
		if (__builtin_cpu_supports("avx512vl")) \
			name##_avx512 arguments; \
		else if (__builtin_cpu_supports("avx2")) \
			name##_avx2 arguments; \
		else \
			name##_plain arguments; \
	}
#else
#define SIPHASH_WIDEST(name, parameters, arguments) \
	static void name parameters \
	{ \
		name##_lanes arguments; \
	}
#endif

#endif
