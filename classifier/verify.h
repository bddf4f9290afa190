/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_VERIFY_H
#define DESKGATE_CLASSIFIER_VERIFY_H

#include "classifier/learn.h"

/*
 * Works each record out again, from base, lessons and sources (model.h says
 * how they add up), and compares: counts, totals, index, score table.
 */
#define VERIFY_SHOWN 10

struct verify_report {
	guint64 records;     /* of the counts */
	guint64 lessons;     /* of the journal */
	guint64 differences; /* in all */
	GPtrArray *shown;    /* char *: the first VERIFY_SHOWN of them */
};

/*
 * FALSE when the model cannot be read; else the report says what was found.
 * It takes a second per million of the lessons' features; others teach and
 * score meanwhile, but for those who wait for the group in which it is called.
 */
gboolean verify_model(
    struct learn *learn, struct verify_report *report_r, GError **error);
/* Frees what it holds. */
void verify_report_clear(struct verify_report *report);

#endif
