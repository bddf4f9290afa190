/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_MODEL_H
#define DESKGATE_CLASSIFIER_MODEL_H

#include <glib.h>

#include "classifier/table.h"
#include "lib/base/ident.h"
#include "lib/mail/verdict.h"
#include "lib/store/store.h"

/*
 * The model in LMDB: counts per feature digest, the journal of lessons, the
 * totals.  Everything here works within a transaction of the caller's.
 *
 *   counts   u64 digest -> struct model_count
 *   journal  ident -> struct model_lesson, then the delta-coded digests
 *   meta     "totals" -> struct model_totals;
 *            "source:NAME" -> struct model_source
 *   noted    class, place (u32 each) -> ident, seq (u32) of the lesson
 *   index    kind, keyed digest or time, ident -> nothing: how lessons are
 *            found by person, by Message-ID and by age; "b", ident, keyed
 *            digest -> nothing: the inboxes that a lesson was given for
 *   sources  source, digest (big-endian) -> struct model_row
 *
 * What a record holds:
 *
 *   count = base + its lessons + its rows of sources
 *
 * where a lesson or row counts that is not older than the record (its seq is
 * not below `born`).  The base is what was folded in: lessons that have lost
 * their link to a person.  It lies within the record, not beside it: a record
 * that is let go takes its base along in the same stroke, folding writes one
 * record and changes no count, and a record without a base (most) pays nothing
 * for it.  So a lesson can be taken back exactly at any time, whatever was let
 * go or folded before or after it, and verify.c can work out each record again.
 */
enum model_table {
	MODEL_COUNTS,
	MODEL_JOURNAL,
	MODEL_META,
	MODEL_NOTED,
	MODEL_INDEX,
	MODEL_SOURCES
};

/* Of these records; another one is not opened. */
#define MODEL_RECORDS_VERSION 3

struct model_count {
	guint32 spam, ham;
	guint32 born; /* seq of the lesson that made the record */
	guint32 last; /* seq of the last lesson that changed it */
	guint32 base_spam, base_ham; /* not stored when both are 0 */
};

/* A ring of labels that were noted without need (rehearse.c). */
struct model_ring {
	guint32 noted;  /* so far; the next one's place, by its size */
	guint32 looked; /* likewise of the next to be looked at */
};

/* What a total that comes from elsewhere may be at most: there is room for
 * many of them. */
#define MODEL_TOTAL_MOST (1U << 28)

struct model_totals {
	guint32 version; /* FEATURES_VERSION */
	guint32 records; /* MODEL_RECORDS_VERSION */
	guint32 seq;     /* of the last lesson */
	guint32 aged;    /* seq when records were last let go; 0: never */
	struct table_totals sums;   /* base, lessons, sources */
	struct table_totals base;   /* of lessons that were folded */
	struct model_ring noted[2]; /* ham, spam */
	guint32 doubts; /* bits: which of the last labels were contradicted */
	struct ident doubted; /* the last of them */
	struct ident key;     /* model_key_check of the feature key */
};

/* Sender (From, Reply-To) of a message: whose lesson it is. */
#define MODEL_PEOPLE 2

#define MODEL_ACTOR_BYTES 48

struct model_lesson {
	guint32 seq;
	guint32 class;   /* enum verdict_class: HAM or SPAM */
	guint32 trained; /* 1: in the counts; 0: label noted only */
	guint32 n;       /* digests that follow (0 when they are let go) */
	gint64 taught;   /* wall, microseconds */
	char actor[MODEL_ACTOR_BYTES];
	struct ident people[MODEL_PEOPLE]; /* subjects; zero: none */
	struct ident id;                   /* of the Message-ID, likewise */
};

/* Counts that came from elsewhere, under a name. */
#define MODEL_NAME 33
struct model_source {
	char name[MODEL_NAME];
	guint32 id;                 /* of its rows */
	guint32 starter;            /* outvoted by own labels (import.h) */
	guint32 rows;               /* that it had when it was whole */
	guint32 left;               /* that it has */
	guint32 state;              /* enum model_state */
	struct table_totals totals; /* in force while there is a row of it */
	guint64 last;               /* the last digest that came */
};
enum model_state { MODEL_COMING, MODEL_WHOLE, MODEL_GOING };

struct model_row {
	guint32 spam, ham;
	guint32 seq; /* as of a lesson: see above */
};

/* Opens the store; BAD when its features or its records are of another version.
 */
struct store *model_open(const char *folder, guint64 map_bytes, GError **error);

/* What tells one feature key from another, without giving it away. */
void model_key_check(const guint8 *key, gsize length, struct ident *check_r);

/* All zero in a new model, but for the versions. */
void model_get_totals(struct store_txn *txn, struct model_totals *totals_r);
/* Written with the commit that changed them. */
void model_put_totals(struct store_txn *txn, const struct model_totals *totals);

/* FALSE when there is no such lesson.  *digests_r is the caller's to free. */
gboolean model_get_lesson(struct store_txn *txn, const struct ident *ident,
    struct model_lesson *lesson_r, guint64 **digests_r, GError **error);
/* The same from a record of the journal; FALSE with BAD. */
gboolean model_read_lesson(const struct store_value *value,
    struct model_lesson *lesson_r, guint64 **digests_r, GError **error);
/* Writes or replaces the lesson and its places in the index; `digests` are
 * sorted.  One that is replaced keeps its people, id and time. */
void model_put_lesson(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests);
/* With its places in the index.  Nothing to do when there is none. */
void model_del_lesson(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson);

/* Whether the index has all places of this lesson; how many those are. */
gboolean model_is_indexed(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson, guint *places_r);

/* By what lessons are found. */
enum model_kind { MODEL_BY_PERSON = 'p', MODEL_BY_ID = 'i' };
/* The lessons of this person or Message-ID: GArray of struct ident, the
 * caller's. */
GArray *model_find(
    struct store_txn *txn, enum model_kind kind, const struct ident *key);
/* The same of who has taught them, by a walk over the journal: the first `most`
 * of them. */
GArray *model_find_actor(struct store_txn *txn, const char *actor, guint most);
/* Adds everybody that a lesson is of. */
struct people;
void model_people(struct store_txn *txn, struct people *people);
/* The inboxes that a lesson was given for, as keyed digests; they stay when it
 * is moved, and go with model_del_inboxes. */
void model_put_inbox(struct store_txn *txn, const struct ident *ident,
    const struct ident *inbox);
/* Whether it was given for this one. */
gboolean model_has_inbox(struct store_txn *txn, const struct ident *ident,
    const struct ident *inbox);
/* Forgets one of them; answers whether others are left. */
gboolean model_del_inbox(struct store_txn *txn, const struct ident *ident,
    const struct ident *inbox);
/* Forgets all of them. */
void model_del_inboxes(struct store_txn *txn, const struct ident *ident);
/* The lessons that were given for it: GArray of struct ident, the caller's. */
GArray *model_find_inbox(struct store_txn *txn, const struct ident *inbox);
/* Whether a place in the index is one of these; *ident_r: whose. */
gboolean model_is_inbox(const struct store_value *key, struct ident *ident_r);

/* The lesson that was taught longest ago, if that was before `until`. */
gboolean model_oldest(
    struct store_txn *txn, gint64 until, struct ident *ident_r);
/* Who has taught when. */
struct model_taught {
	gint64 taught; /* wall, microseconds */
	char actor[MODEL_ACTOR_BYTES];
};
/* The lessons taught since then, oldest first: GArray of struct model_taught,
 * the caller's. */
GArray *model_taught_since(struct store_txn *txn, gint64 since);
/* When each lesson was taught, oldest first: GArray of gint64, the caller's. */
GArray *model_times(struct store_txn *txn);

/* --- sources --- */
/* FALSE when there is none of this name. */
gboolean model_get_source(
    struct store_txn *txn, const char *name, struct model_source *source_r);
/* Adds or replaces it, by its name. */
void model_put_source(struct store_txn *txn, const struct model_source *source);
/* Removes it; its rows are gone already. */
void model_del_source(struct store_txn *txn, const struct model_source *source);
/* All of them, by name: GArray of struct model_source, the caller's. */
GArray *model_sources(struct store_txn *txn);

/* The key of a row. */
#define MODEL_ROW_KEY 12
void model_row_key(guint32 source, guint64 digest, guint8 key_r[MODEL_ROW_KEY]);
/* A record of the rows; FALSE when it is none. */
gboolean model_read_row(const struct store_value *key,
    const struct store_value *value, guint32 *source_r, guint64 *digest_r,
    struct model_row *row_r);

/* --- counts --- */
/* A record of the counts; FALSE when it is none. */
gboolean model_read_count(
    const struct store_value *value, struct model_count *count_r);
/* All zero when there is none. */
void model_get_count(
    struct store_txn *txn, guint64 digest, struct model_count *count_r);
/* Writes it; one without counts is removed. */
void model_put_count(
    struct store_txn *txn, guint64 digest, const struct model_count *count);
/* Whether nothing is counted. */
gboolean model_count_is_empty(const struct model_count *count);

/*
 * Adds or (`sign` -1) takes the digests of a lesson from the counts, and tells
 * `changed` of each record's new counts.  Returns by how many there are more
 * records than before.
 */
typedef void (*model_changed)(
    void *self, guint64 digest, guint32 spam, guint32 ham);
/* Answers by how much the number of records changed. */
gint64 model_add(struct store_txn *txn, const struct model_lesson *lesson,
    const guint64 *digests, int sign, model_changed changed, void *self);
/* Adds or takes a row of a source from its record; likewise. */
gint64 model_add_row(struct store_txn *txn, guint64 digest,
    const struct model_row *row, int sign, model_changed changed, void *self);
/* Moves a lesson's part of the records into their base: counts stay. */
void model_fold(struct store_txn *txn, const struct model_lesson *lesson,
    const guint64 *digests);

#endif
