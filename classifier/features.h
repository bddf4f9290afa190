/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FEATURES_H
#define DESKGATE_CLASSIFIER_FEATURES_H

#include <glib.h>

#include "lib/mail/message.h"

/*
 * A message as the set of its features: keyed 64-bit digests (SipHash-2-4 with
 * the installation's secret), sorted, each once, at most FEATURES_MAX; the
 * lowest bit tells the side (score.h) instead.  Nothing
 * of the text remains in them.  Sources and shares: byte 6-grams of the
 * canonical raw header and of the readable body, and structured tokens (sender,
 * subject, links, ...).
 */
#define FEATURES_MAX 8192
#define FEATURES_KEY_BYTES 16
#define FEATURES_VERSION 3 /* a model of another version is not opened */

struct features {
	guint64 *digests; /* sorted, unique */
	guint n;
};

/* By what an installation reads features. */
struct features_rules {
	const guint8 *key; /* FEATURES_KEY_BYTES */
	/* Our own hosts and domains (canonical.h); a NULL ends them, NULL:
	 * none. */
	const char *const *local_domains;
	/* Nothing of the header, for evaluations: the headers of public corpora
	 * may give the class away. */
	gboolean body_only;
	/* A witness hears nothing of grams. */
	gboolean tell_words;
};

/* What a feature is about. */
struct feature_kind {
	const char *part;   /* static; see explain.h */
	const char *prefix; /* keeps kinds apart within the digests */
	/* Goes before the text for a person ("link to "); NULL when the text
	 * says nothing to a person. */
	const char *lead;
	gboolean says; /* of the side SCORE_SAYS: what the message says */
	gboolean gram; /* a piece of a text, see below */
};

/*
 * Told of each feature while it is hashed, for explanations.  `kind` and `text`
 * (not NUL-terminated) are borrowed for the call, but for kind->part.  The
 * grams of a text come one after the other, each one byte further in it.
 */
typedef void (*features_witness)(void *self, guint64 digest,
    const struct feature_kind *kind, const char *text, gsize length);

/*
 * Parses a message for its features: message_parse, but of its HTML no more
 * structure is read than tells one mail program from another, since that costs
 * more than all else in a letter of 100 KB; text and links are read to the end.
 */
struct message *features_read(const guint8 *data, gsize length,
    const struct message_limits *limits, GError **error);

/* Never fails; an empty message has few features.  `witness` may be NULL.  The
 * caller clears *features_r. */
void features_extract(struct message *message,
    const struct features_rules *rules, features_witness witness, void *self,
    struct features *features_r);
/* Frees the digests. */
void features_clear(struct features *features);

#endif
