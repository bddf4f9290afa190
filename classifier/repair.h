/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_REPAIR_H
#define DESKGATE_CLASSIFIER_REPAIR_H

#include "classifier/learn.h"

/*
 * Makes a model that lost records, or whose records do not fit each other, one
 * that verify_model finds nothing in: what cannot be read is left out, the
 * index is made anew from the journal, and the counts from base, journal and
 * sources.  The ring of labels that were noted starts anew (their lessons
 * stay).
 */
struct repair_report {
	guint64 lessons; /* of the journal that could not be read */
	guint64 counts;  /* likewise, records of the counts: their base is lost
			  */
	guint64 rows;    /* likewise, of sources, or of none that is known */
};

/* In one transaction; FALSE: nothing has changed.  Lessons wait meanwhile. */
gboolean repair_model(
    struct learn *learn, struct repair_report *report_r, GError **error);

#endif
