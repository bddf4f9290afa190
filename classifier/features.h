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
};

/* What a feature is about. */
struct feature_kind {
	const char *part;   /* static; see explain.h */
	const char *prefix; /* keeps kinds apart within the digests */
	/* Goes before the text for a person ("link to "); NULL when the text
	 * says nothing to a person. */
	const char *lead;
	gboolean says; /* of the side SCORE_SAYS: what the message says */
};

/* A feature by its name. */
struct feature_name {
	guint64 digest;
	const char *part, *lead; /* of its kind */
	guint32 at;              /* its text, among all */
	guint16 length;
	guint16 text; /* of a gram: which text it is of, from 1 on; else 0 */
};

/*
 * The names of a message's features, in the order in which they were found, for
 * explanations; one that is found again is there again.  The grams of a text
 * follow each other, each one byte further in it.
 */
struct feature_names {
	gboolean all; /* those too that say nothing to a person, as grams do */
	struct feature_name *list;
	guint n, room;
	/* Their texts, of grams the whole, between two NULs. */
	char *texts;
	guint32 bytes, bytes_room;
	guint16 n_texts;
	GStringChunk *leads; /* those that are made of the message */
};
/* Empty ones; to be cleared. */
void feature_names_init(struct feature_names *names, gboolean all);
/* Accepts zeros. */
void feature_names_clear(struct feature_names *names);
/* A name as a person reads it, valid UTF-8; the caller frees it. */
char *feature_name_words(
    const struct feature_names *names, const struct feature_name *name);

/*
 * Parses a message for its features: message_parse, but of its HTML no more
 * structure is read than tells one mail program from another, since that costs
 * more than all else in a letter of 100 KB; text and links are read to the end.
 */
struct message *features_read(const guint8 *data, gsize length,
    const struct message_limits *limits, GError **error);

/* Never fails; an empty message has few features.  `names` (NULL: not asked
 * for) are filled too.  The caller clears *features_r. */
void features_extract(struct message *message,
    const struct features_rules *rules, struct feature_names *names,
    struct features *features_r);
/* Frees the digests. */
void features_clear(struct features *features);

#endif
