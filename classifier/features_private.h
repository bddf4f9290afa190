/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FEATURES_PRIVATE_H
#define DESKGATE_CLASSIFIER_FEATURES_PRIVATE_H

#include "classifier/features.h"

/* Where features are gathered; shared by features.c (grams) and the tokens_*.c.
 */
#define FEATURES_ROOM ((gsize)3 * FEATURES_MAX)

struct feature_sink {
	const guint8 *key;
	features_witness witness;
	void *self;
	guint64 *digests; /* room for FEATURES_ROOM */
	guint n;
};

/*
 * Adds the token `prefix` + `text` (at most 128 bytes of it); `part` is what
 * people are told.  Beyond the room, tokens are dropped.
 */
void feature_add(struct feature_sink *sink, const char *part,
    const char *prefix, const char *text, gsize length);

/* The suffixes of a domain: "a.b.example.com" gives it, b.example.com,
 * example.com. */
void feature_add_domain(struct feature_sink *sink, const char *part,
    const char *prefix, const char *domain, gsize length);

/* The words of `text`, lower-cased; characters of scripts without blanks singly
 * and in pairs.  At most `most` words. */
void feature_add_words(struct feature_sink *sink, const char *part,
    const char *prefix, const char *text, guint most);

/* A local header is not part of the message as it was sent (features.c). */
gboolean feature_is_local(const char *name);

/* Tokens of the header, and of links and structure. */
void tokens_header(struct feature_sink *sink, struct message *message);
void tokens_body(struct feature_sink *sink, struct message *message);

/* The links of the text and of its HTML, at most `most`: GPtrArray of char *,
 * owned by the caller. */
GPtrArray *tokens_links(struct message *message, guint most);

#endif
