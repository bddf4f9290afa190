/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SipHash-2-4 of seven bytes, in lanes.
 */
#include "lib/base/gram.h"

#include <string.h>

#include "lib/base/siphash.h"

#define LANES SIPHASH_LANES

/* One block holds all of it: kind, six bytes of text, and the length, 7.  Each
 * gram is read as eight bytes. */
SIPHASH_INLINE void
digest_lanes(const struct siphash_key *key, struct gram_kind kind,
    const char *text, guint64 *digests_r)
{
	guint64 blocks[LANES];

	for (int i = 0; i < LANES; i++) {
		guint64 bytes;

		memcpy(&bytes, text + i, sizeof(bytes));
		bytes = GUINT64_FROM_LE(bytes) << 8 & 0x00ffffffffffff00;
		blocks[i] = bytes | kind.name | (guint64)7 << 56;
	}
	siphash_digest(key, blocks, 1, digests_r);
	for (int i = 0; i < LANES; i++)
		digests_r[i] = (digests_r[i] & ~(guint64)1) | kind.lowest;
}

/* Of `n` grams, a multiple of LANES, with seven bytes behind the first byte of
 * the last. */
SIPHASH_INLINE void
digest_text_lanes(const struct siphash_key *key, struct gram_kind kind,
    const char *text, gsize n, guint64 *digests_r)
{
	for (gsize done = 0; done < n; done += LANES)
		digest_lanes(key, kind, text + done, digests_r + done);
}

SIPHASH_WIDEST(digest_text,
    (const struct siphash_key *key, struct gram_kind kind, const char *text,
	gsize n, guint64 *digests_r),
    (key, kind, text, n, digests_r))

gsize
gram_count(gsize length)
{
	return length >= GRAM_BYTES ? length - GRAM_BYTES + 1 : 0;
}

void
gram_digests(const guint8 *key, struct gram_kind kind, const char *text,
    gsize length, guint64 *digests_r)
{
	gsize n = gram_count(length), done = 0;
	struct siphash_key words;

	siphash_key_read(key, &words);
	if (length >= LANES + 7)
		done = (length - 7) / LANES * LANES;
	digest_text(&words, kind, text, done, digests_r);
	/* The last ones, with room behind them. */
	while (done < n) {
		char rest[LANES + 7] = { 0 };
		guint64 digests[LANES];

		memcpy(rest, text + done, MIN(length - done, sizeof(rest)));
		digest_text(&words, kind, rest, LANES, digests);
		memcpy(digests_r + done, digests,
		    MIN(n - done, LANES) * sizeof(*digests));
		done += LANES;
	}
}
