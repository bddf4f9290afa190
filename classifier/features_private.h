/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FEATURES_PRIVATE_H
#define DESKGATE_CLASSIFIER_FEATURES_PRIVATE_H

#include "classifier/features.h"
#include "lib/base/digest_batch.h"
#include "lib/mail/html.h"

/* Where features are gathered; shared by features.c (grams) and the tokens_*.c.
 */
#define FEATURES_ROOM ((gsize)3 * FEATURES_MAX)

#define FEATURES_TOKEN_BYTES 128

struct feature_sink {
	const struct features_rules *rules;
	struct feature_names *names; /* or NULL: nobody asks */
	struct message *message;
	const GArray *fields;    /* canonical_fields of it */
	const struct html *html; /* the first HTML body, read; or NULL */
	const char *other_text;  /* the HTML's text when the body is plain text;
				  * or NULL */
	GPtrArray *links;        /* char *: tokens_links */
	struct digest_batch *batch; /* tokens whose digests are to come */
	guint64 *digests;           /* room for FEATURES_ROOM */
	guint n;
	guint most; /* of `n` for what is being added now: no part of a
		     * message takes the room of the others */
};

/* Adds a token (at most FEATURES_TOKEN_BYTES of it); beyond the room it is
 * dropped.  Of `kind` the part and lead have to last as long as the names. */
void feature_add(struct feature_sink *sink, const struct feature_kind *kind,
    const char *text, gsize length);
/* The same for text that ends in a NUL. */
void feature_add_text(struct feature_sink *sink,
    const struct feature_kind *kind, const char *text);
/* The same for a number, as it is written. */
void feature_add_number(
    struct feature_sink *sink, const struct feature_kind *kind, guint number);

/* The suffixes of a domain: "a.b.example.com" gives it, b.example.com,
 * example.com, com. */
void feature_add_domain(struct feature_sink *sink,
    const struct feature_kind *kind, const char *domain, gsize length);

/* The same features of a version ("tls1.3"), whose ends say nothing to a
 * person. */
void feature_add_version(struct feature_sink *sink,
    const struct feature_kind *kind, const char *version, gsize length);

/* The words of `text`, lower-cased; characters of scripts without blanks singly
 * and in pairs.  At most `most` words. */
void feature_add_words(struct feature_sink *sink,
    const struct feature_kind *kind, const char *text, guint most);

/* The form of a text: "Ab12-x" is "Aa00-a"; runs are cut to two. */
void feature_add_shape(struct feature_sink *sink,
    const struct feature_kind *kind, const char *text, gsize length);

/* 0 for 0, else the number of binary digits. */
guint feature_log2(gsize value);

/* Tokens of the header, and of text, links and structure. */
void tokens_header(struct feature_sink *sink);
/* Adds the tokens of text, links, markup and parts. */
void tokens_body(struct feature_sink *sink);

/* The links of the message, of its HTML first, each once: char *, owned by the
 * caller. */
GPtrArray *tokens_links(struct message *message, const struct html *html);

/* --- names (features_names.c) --- */

/* Where a feature's digest will be: its place among those of the message. */
void feature_names_add(struct feature_names *names,
    const struct feature_kind *kind, const char *text, gsize length,
    guint place);
/* The `n` grams of a text, whose digests will be at `place` and behind it. */
void feature_names_add_grams(struct feature_names *names,
    const struct feature_kind *kind, const char *text, guint n, guint place);
/* A lead that lasts: "TITLE: ". */
const char *feature_names_lead(struct feature_names *names, const char *title);
/* The digests are there. */
void feature_names_settle(struct feature_names *names, const guint64 *digests);

#endif
