/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_GRAM_H
#define DESKGATE_LIB_BASE_GRAM_H

#include <glib.h>

/*
 * Digests of all grams (pieces of GRAM_BYTES bytes, one beginning at each byte)
 * of a text, many at a time.
 *
 * The digest of a gram is SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012) of the byte `kind.name` and the gram: seal_short of
 * those seven bytes, bit for bit but for the lowest, which a test compares.  A
 * message has thousands of them, and seven bytes are a single block, so that
 * eight are worked out side by side here; libsodium's takes four times as long
 * for one after the other.
 */
#define GRAM_BYTES 6

/* How many grams there are in a text of `length` bytes. */
gsize gram_count(gsize length);

/* Of what the grams are, and what is to be their digests' lowest bit. */
struct gram_kind {
	guint8 name, lowest;
};

/* Fills digests_r, of gram_count(length).  `key` has SEAL_SHORT_KEY_BYTES. */
void gram_digests(const guint8 *key, struct gram_kind kind, const char *text,
    gsize length, guint64 *digests_r);

#endif
