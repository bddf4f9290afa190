/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_VERDICT_H
#define DESKGATE_LIB_MAIL_VERDICT_H

#include <glib.h>
#include <jansson.h>

/*
 * What was judged of a message, and why: the value that the classifier makes
 * and everything else (policy, headers, log, entry, ticket) reads.
 */
enum verdict_class { VERDICT_HAM, VERDICT_UNSURE, VERDICT_SPAM };

enum verdict_basis {
	VERDICT_SCORED, /* by the model */
	VERDICT_COLD,   /* scored, but too little was taught: unsure at most */
	VERDICT_NO_MODEL,   /* no score table: unsure */
	VERDICT_UNREAD,     /* the reader failed on it twice: unsure, raw */
	VERDICT_NOT_SCORED, /* trusted sender or network: ham */
	VERDICT_BY_RULE
};

#define VERDICT_REASONS 8
#define VERDICT_REASON_BYTES 96

struct verdict_reason {
	char part[16]; /* sender, subject, links, wording, structure, history */
	char text[VERDICT_REASON_BYTES]; /* for people: UTF-8, one line */
	double weight;     /* natural logarithm; above 0 speaks for spam */
	guint32 spam, ham; /* lessons of each class that had it */
};

struct verdict {
	enum verdict_class class;
	enum verdict_basis basis;
	double margin; /* what training looks at, spam above 0 */
	double score;  /* unbounded, 0 neutral, spam above: what is published,
			* and what thresholds look at */
	double probability; /* of spam, 0..1, calibrated, for people */
	guint n_reasons;
	struct verdict_reason reasons[VERDICT_REASONS]; /* strongest first */
	char note[VERDICT_REASON_BYTES]; /* why not scored or unread, or "" */
};

/* A verdict of `class` on `basis` with all else zero and `note` (may be NULL).
 */
void verdict_init(struct verdict *verdict, enum verdict_class class,
    enum verdict_basis basis, const char *note);

/* Whether anything stands behind the class: a model, trust, or a rule. */
gboolean verdict_judged(const struct verdict *verdict);

/* What a score is called: spam at `spam_score` or above, else ham at
 * `ham_score` or below, else unsure. */
enum verdict_class verdict_at(
    double score, double spam_score, double ham_score);

/* "ham", "unsure", "spam"; static. */
const char *verdict_word(enum verdict_class class);
/* FALSE when it is none of these words. */
gboolean verdict_parse(const char *word, enum verdict_class *class_r);
/* "scored", "cold", "no-model", "unread", "not-scored", "by-rule". */
const char *verdict_basis_word(enum verdict_basis basis);

/* "sender:news.example.org +4.1 (12:0), wording:casino +3.0 (9:1)": at most
 * `count` reasons with weight and lessons (spam:ham), for log and header.  The
 * caller frees it. */
char *verdict_brief(const struct verdict *verdict, guint count);
/* "sender: news.example.org (12 spam, 0 ham); ...": the same in words, for
 * tickets. */
char *verdict_words(const struct verdict *verdict, guint count);

/* As a JSON object; the caller owns it. */
json_t *verdict_to_json(const struct verdict *verdict);
/* And back; FALSE with BAD when it is none. */
gboolean verdict_from_json(
    const json_t *object, struct verdict *verdict_r, GError **error);

#endif
