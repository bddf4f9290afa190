/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SipHash-2-4 of seven bytes, in lanes.  The compiler makes vector instructions
 * of it, those of the processor at hand where it has wider ones than all have.
 */
#include "lib/base/gram.h"

#include <string.h>

#define LANES 8

typedef guint64 lanes __attribute__((vector_size(LANES * sizeof(guint64))));

struct gram_key {
	guint64 low, high;
};

#define ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

#define ROUND(a, b, c, d) \
	do { \
		(a) += (b); \
		(b) = ROTATE(b, 13) ^ (a); \
		(a) = ROTATE(a, 32); \
		(c) += (d); \
		(d) = ROTATE(d, 16) ^ (c); \
		(a) += (d); \
		(d) = ROTATE(d, 21) ^ (a); \
		(c) += (b); \
		(b) = ROTATE(b, 17) ^ (c); \
		(c) = ROTATE(c, 32); \
	} while (0)

/* One block holds all of it: kind, six bytes of text, and the length, 7. */
static inline __attribute__((always_inline)) void
digest_lanes(const struct gram_key *key, guint8 kind, const char *text,
    guint64 *digests_r)
{
	const lanes zero = { 0 };
	lanes a = zero + (key->low ^ 0x736f6d6570736575);
	lanes b = zero + (key->high ^ 0x646f72616e646f6d);
	lanes c = zero + (key->low ^ 0x6c7967656e657261);
	lanes d = zero + (key->high ^ 0x7465646279746573);
	guint64 blocks[LANES];
	lanes block;

	for (int i = 0; i < LANES; i++) {
		guint64 bytes;

		memcpy(&bytes, text + i, sizeof(bytes));
		bytes = GUINT64_FROM_LE(bytes) << 8 & 0x00ffffffffffff00;
		blocks[i] = bytes | kind | (guint64)7 << 56;
	}
	memcpy(&block, blocks, sizeof(block));
	d ^= block;
	ROUND(a, b, c, d);
	ROUND(a, b, c, d);
	a ^= block;
	c ^= zero + 0xff;
	ROUND(a, b, c, d);
	ROUND(a, b, c, d);
	ROUND(a, b, c, d);
	ROUND(a, b, c, d);
	block = a ^ b ^ c ^ d;
	memcpy(digests_r, &block, sizeof(block));
}

/* As many whole lanes as the text has; returns how many digests. */
static inline __attribute__((always_inline)) gsize
digest_text(const struct gram_key *key, guint8 kind, const char *text,
    gsize length, guint64 *digests_r)
{
	gsize done = 0;

	/* Each gram is read as eight bytes. */
	for (; done + LANES + 7 <= length; done += LANES)
		digest_lanes(key, kind, text + done, digests_r + done);
	return done;
}

static gsize
digest_plain(const struct gram_key *key, guint8 kind, const char *text,
    gsize length, guint64 *digests_r)
{
	return digest_text(key, kind, text, length, digests_r);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static gsize
digest_avx2(const struct gram_key *key, guint8 kind, const char *text,
    gsize length, guint64 *digests_r)
{
	return digest_text(key, kind, text, length, digests_r);
}

__attribute__((target("avx512f,avx512vl"))) static gsize
digest_avx512(const struct gram_key *key, guint8 kind, const char *text,
    gsize length, guint64 *digests_r)
{
	return digest_text(key, kind, text, length, digests_r);
}
#endif

static gsize
digest_widest(const struct gram_key *key, guint8 kind, const char *text,
    gsize length, guint64 *digests_r)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512vl"))
		return digest_avx512(key, kind, text, length, digests_r);
	if (__builtin_cpu_supports("avx2"))
		return digest_avx2(key, kind, text, length, digests_r);
#endif
	return digest_plain(key, kind, text, length, digests_r);
}

gsize
gram_count(gsize length)
{
	return length >= GRAM_BYTES ? length - GRAM_BYTES + 1 : 0;
}

void
gram_digests(const guint8 *key, guint8 kind, const char *text, gsize length,
    guint64 *digests_r)
{
	gsize n = gram_count(length), done;
	struct gram_key words;

	memcpy(&words, key, sizeof(words));
	words.low = GUINT64_FROM_LE(words.low);
	words.high = GUINT64_FROM_LE(words.high);
	done = digest_widest(&words, kind, text, length, digests_r);
	/* The last ones, with room behind them. */
	while (done < n) {
		char rest[LANES + 7] = { 0 };
		guint64 digests[LANES];

		memcpy(rest, text + done, MIN(length - done, sizeof(rest)));
		digest_plain(&words, kind, rest, sizeof(rest), digests);
		memcpy(digests_r + done, digests,
		    MIN(n - done, LANES) * sizeof(*digests));
		done += LANES;
	}
}
