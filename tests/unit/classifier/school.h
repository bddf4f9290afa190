/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_CLASSIFIER_SCHOOL_H
#define DESKGATE_TESTS_UNIT_CLASSIFIER_SCHOOL_H

#include "classifier/learn.h"
#include "tests/unit/base/folder.h"

/* A model that is there for one test, and lessons without messages. */
struct school {
	struct folder folder; /* first: model and score table lie in it */
	char *table_path;
	struct learn_settings settings;
	struct learn *learn;
};

/* Makes an empty model with the defaults. */
void school_init(struct school *school, gconstpointer unused);
/* Closes it and removes it. */
void school_fini(struct school *school, gconstpointer unused);
/* Closes and opens again, with the settings as they are now. */
void school_reopen(struct school *school);

/* A number as a digest; no two are the same. */
guint64 school_digest(guint64 number);
/* The lesson of this number: features `first` to `first + n - 1` and, of its
 * own, `own` more.  Its margin is 0.  The caller clears it. */
void school_lesson(struct classify_lesson *lesson_r, guint number,
    guint64 first, guint n, guint own);
/* The score table as it is now; the caller unmaps it. */
struct table_reader *school_map(const struct school *school);
/* Gives the lesson the margin that the model has for it now. */
void school_judge(struct school *school, struct classify_lesson *lesson);

/* Teaches; asserts that it went well. */
enum teacher_outcome school_teach(struct school *school,
    const struct classify_lesson *lesson, enum verdict_class class);
/* Takes the lesson of this number back; asserts that it went well. */
void school_take_back(struct school *school, guint number);
/* A group for what is taught between these: one commit. */
void school_begin(struct school *school);
void school_end(struct school *school);
/* One of learn_stats' numbers. */
gint64 school_stat(struct school *school, const char *name);

/* Asserts that each record is the sum of its lessons. */
void school_verify(struct school *school);

/*
 * All counts as text, one "digest spam ham" a line, and the totals.  Asserts
 * that the score table says the same of each, and has no more lessons for a
 * digest than there are.  Reopens the model.  The caller frees it.
 */
char *school_counts(struct school *school);

#endif
