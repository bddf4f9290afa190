/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FEATURES_H
#define DESKGATE_CLASSIFIER_FEATURES_H

#include <glib.h>

#include "lib/mail/message.h"

/*
 * A message as the set of its features: keyed 64-bit digests (SipHash-2-4 with
 * the installation's secret), sorted, each once, at most FEATURES_MAX.  Nothing
 * of the text remains in them.  Sources and shares: byte 6-grams of the
 * canonical raw header and of the readable body, and structured tokens (sender,
 * subject, links, ...).
 */
#define FEATURES_MAX 8192
#define FEATURES_KEY_BYTES 16
#define FEATURES_VERSION 1 /* a model of another version is not opened */

struct features {
	guint64 *digests; /* sorted, unique */
	guint n;
};

/*
 * Told of each structured token (and gram) while it is hashed, for
 * explanations: `part` is sender, subject, links, wording, structure, history
 * or route; `text` need not be NUL-terminated.  NULL when nobody asks.
 */
typedef void (*features_witness)(void *self, guint64 digest, const char *part,
    const char *text, gsize length);

/* Never fails; an empty message has few features. The caller clears
 * *features_r. */
void features_extract(struct message *message, const guint8 *key,
    features_witness witness, void *self, struct features *features_r);
void features_clear(struct features *features);

#endif
