/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tokens in packs of equal size.
 */
#include "lib/base/digest_batch.h"

#include "lib/base/seal.h"

SIPHASH_INLINE void
digest_pack_lanes(const struct siphash_key *key, const guint64 *blocks, guint n,
    guint64 *digests_r)
{
	siphash_digest(key, blocks, n, digests_r);
}

SIPHASH_WIDEST(digest_pack,
    (const struct siphash_key *key, const guint64 *blocks, guint n,
	guint64 *digests_r),
    (key, blocks, n, digests_r))

static guint64
with_lowest(guint64 digest, guint8 lowest)
{
	return (digest & ~(guint64)1) | lowest;
}

/* Works out the pack of texts of `blocks` blocks. */
static void
settle(struct digest_batch *batch, guint blocks)
{
	struct digest_pack *pack = &batch->packs[blocks - 1];
	guint64 digests[SIPHASH_LANES];

	if (pack->n == 0)
		return;
	digest_pack(&batch->key, pack->blocks[0], blocks, digests);
	for (guint i = 0; i < pack->n; i++)
		*pack->places[i] = with_lowest(digests[i], pack->lowest[i]);
	pack->n = 0;
}

void
digest_batch_begin(struct digest_batch *batch, const guint8 *key)
{
	*batch = (struct digest_batch){ .bytes = key };
	siphash_key_read(key, &batch->key);
}

static guint64
load(const char *text)
{
	guint64 block;

	memcpy(&block, text, sizeof(block));
	return GUINT64_FROM_LE(block);
}

void
digest_batch_add(struct digest_batch *batch, const char *text, gsize length,
    guint8 lowest, guint64 *place_r)
{
	gsize whole = length / 8, rest = length % 8;
	guint64 last = load(text + 8 * whole) & (((guint64)1 << 8 * rest) - 1);
	struct digest_pack *pack;

	if (whole >= DIGEST_BATCH_BLOCKS) {
		*place_r =
		    with_lowest(seal_short(batch->bytes, text, length), lowest);
		return;
	}
	pack = &batch->packs[whole];
	for (gsize i = 0; i < whole; i++)
		pack->blocks[i][pack->n] = load(text + 8 * i);
	pack->blocks[whole][pack->n] = last | (guint64)length << 56;
	pack->places[pack->n] = place_r;
	pack->lowest[pack->n] = lowest;
	if (++pack->n == SIPHASH_LANES)
		settle(batch, whole + 1);
}

void
digest_batch_end(struct digest_batch *batch)
{
	for (guint blocks = 1; blocks <= DIGEST_BATCH_BLOCKS; blocks++)
		settle(batch, blocks);
}
