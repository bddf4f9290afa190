/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EXCHANGE_PRIVATE_H
#define DESKGATE_CLASSIFIER_EXCHANGE_PRIVATE_H

#include "classifier/exchange.h"
#include "classifier/import.h"
#include "classifier/learn_private.h"

/* What exchange.c (writing), exchange_parse.c (lines), exchange_load.c (what
 * they make) and exchange_rebuild.c share. */

struct exchange_place {
	struct ident ident;
	guint32 seq;
};
/* The lessons of the journal in the order they were taught: GArray of struct
 * exchange_place, the caller's. */
GArray *exchange_order(struct store_txn *txn);

/* --- reading --- */
struct exchange_lines {
	const char *at, *end;
	guint number;  /* of the line that was read last */
	GString *line; /* it, without its end */
};

/* Begins; the text is borrowed. */
void exchange_lines_init(
    struct exchange_lines *lines, const char *text, gsize length);
/* Ends. */
void exchange_lines_fini(struct exchange_lines *lines);
/* Reads the next line; FALSE at the end (a last line that is cut is none). */
gboolean exchange_lines_next(struct exchange_lines *lines);
/* Says what is wrong with the line read last.  Answers FALSE. */
gboolean exchange_lines_fault(
    const struct exchange_lines *lines, const char *text, GError **error);

struct exchange_head {
	guint32 features;
	struct ident key;
	gboolean lessons; /* kind */
	struct table_totals totals;
};
/* The lines up to "totals"; BAD also when it is of another version than ours.
 */
gboolean exchange_parse_head(
    struct exchange_lines *lines, struct exchange_head *head_r, GError **error);
/* "DIGEST SPAM HAM"; FALSE when the line is none. */
gboolean exchange_parse_count(const char *line, struct import_row *row_r);
/* "source NAME starter|import TOTALS ROWS"; FALSE when the line is none. */
gboolean exchange_parse_source(const char *line, struct model_source *source_r);
/* "lesson ..."; FALSE when the line is none. */
gboolean exchange_parse_lesson(
    const char *line, struct ident *ident_r, struct model_lesson *lesson_r);
/* `n` digests, sorted, each once; FALSE when the line has others. */
gboolean exchange_parse_digests(const char *line, guint n, guint64 *digests);

/* --- replaying, within a transaction --- */
/* From here on counts are made anew, and the score table after the commit. */
void exchange_clear_counts(struct learn *learn);
/* For model_add when the score table is made anew: does nothing. */
void exchange_unseen(void *self, guint64 digest, guint32 spam, guint32 ham);
/* Adds up. */
void exchange_add_totals(
    struct table_totals *sums, const struct table_totals *part);
/* Puts the base's count into a record that is new. */
void exchange_put_base(
    struct learn *learn, guint64 digest, guint32 spam, guint32 ham);
/* Adds a lesson of the journal to the counts, and one to the totals. */
void exchange_replay(struct learn *learn, const struct model_lesson *lesson,
    const guint64 *digests);
/* All counts anew, as exchange_rebuild does. */
gboolean exchange_recount(struct learn *learn, GError **error);

#endif
