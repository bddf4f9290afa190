/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_DIGEST_BATCH_H
#define DESKGATE_LIB_BASE_DIGEST_BATCH_H

#include "lib/base/siphash.h"

/*
 * Digests of many short texts: seal_short of each, bit for bit but for the
 * lowest, which the caller chooses.  A message has hundreds of tokens, so those
 * that take as many blocks of eight bytes wait until there are eight of them,
 * and are worked out side by side.
 */
#define DIGEST_BATCH_BLOCKS 4 /* of longer texts one after the other */
/* What can be read behind a text, whatever it is. */
#define DIGEST_BATCH_SLACK 8

/* Those that take as many blocks. */
struct digest_pack {
	guint64 blocks[DIGEST_BATCH_BLOCKS][SIPHASH_LANES];
	guint64 *places[SIPHASH_LANES];
	guint8 lowest[SIPHASH_LANES];
	guint n;
};

/* Its insides are digest_batch.c's; of one thread. */
struct digest_batch {
	const guint8 *bytes; /* of the key */
	struct siphash_key key;
	struct digest_pack packs[DIGEST_BATCH_BLOCKS];
};

/* An empty one.  `key` has SEAL_SHORT_KEY_BYTES and outlives it. */
void digest_batch_begin(struct digest_batch *batch, const guint8 *key);
/* The digest is at *place_r after digest_batch_end, or before; `lowest` is its
 * lowest bit.  DIGEST_BATCH_SLACK bytes behind the text can be read. */
void digest_batch_add(struct digest_batch *batch, const char *text,
    gsize length, guint8 lowest, guint64 *place_r);
/* Works out what waits. */
void digest_batch_end(struct digest_batch *batch);

#endif
